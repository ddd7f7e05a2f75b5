/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which architecture a name of an exit reason is of. */
#include "vt-test.h"

#include <string.h>

#include "base/error.h"
#include "source/import-reason.h"

static void check(VtIsa before, const char *name, VtIsa after, guint64 code)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    GError *error = NULL;
    guint64 found = G_MAXUINT64;

    profile->isa = before;
    if (!vt_import_reason_find(profile, name, &found, &error))
        fail_msg("%s", error->message);
    assert_int_equal(profile->isa, after);
    assert_true(found == code);
}

static void test_guess(void **state)
{
    check(VT_ISA_UNKNOWN, "HLT", VT_ISA_VMX, 12);
    check(VT_ISA_UNKNOWN, "hlt", VT_ISA_SVM, 0x78);
    check(VT_ISA_UNKNOWN, "EXIT_REASON_HLT", VT_ISA_VMX, 12);
    check(VT_ISA_UNKNOWN, "EXIT_IOIO", VT_ISA_SVM, 0x7b);
    check(VT_ISA_UNKNOWN, "EXIT_EXCP_PF", VT_ISA_SVM, 0x4e);
    check(VT_ISA_UNKNOWN, "PENDING_INTERRUPT", VT_ISA_VMX, 7);
    check(VT_ISA_UNKNOWN, "DABT_LOW", VT_ISA_ARM64, VT_EXIT_ARM64_CLASS(0x24));
    check(VT_ISA_UNKNOWN, "IRQ", VT_ISA_ARM64, 0);
    check(VT_ISA_SVM, "HLT", VT_ISA_SVM, 0x78);
}

static void test_cut(void **state)
{
    check(VT_ISA_UNKNOWN, "avic_unaccelerated_", VT_ISA_SVM, 0x402);
    check(VT_ISA_UNKNOWN, "vmgexit_page_state_", VT_ISA_SVM, 0x80000010);
    assert_false(vt_import_reason_is_name("avic_unaccelerated"));
    assert_false(vt_import_reason_is_name("vmgexit_"));
    assert_false(vt_import_reason_is_name(""));
}

static void test_wrong(void **state)
{
    static const struct {
        VtIsa isa;
        const char *name, *message;
    } wrong[] = {
        {VT_ISA_VMX, "npf", "“npf” does not belong to a recording of vmx"},
        {VT_ISA_SVM, "DABT_LOW", "does not belong to a recording of svm"},
        {VT_ISA_VMX, "HLTX", "“HLTX” is not an exit reason"},
        {VT_ISA_UNKNOWN, "\x1b[2J", "“\\x1b[2J” is not"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(VtProfile) profile = vt_profile_new();
        g_autoptr(GError) error = NULL;
        guint64 code = 99;

        profile->isa = wrong[i].isa;
        assert_false(vt_import_reason_find(profile, wrong[i].name, &code, &error));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        assert_non_null(strstr(error->message, wrong[i].message));
        assert_true(code == 99 && profile->isa == wrong[i].isa);
    }
}

static void test_isa(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(GError) error = NULL;

    assert_true(vt_import_reason_set_isa(profile, VT_ISA_VMX, NULL));
    assert_true(vt_import_reason_set_isa(profile, VT_ISA_VMX, NULL));
    assert_false(vt_import_reason_set_isa(profile, VT_ISA_SVM, &error));
    assert_string_equal(error->message, "an exit of svm does not belong to a recording of vmx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guess),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_isa),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
