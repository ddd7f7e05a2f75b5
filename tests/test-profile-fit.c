/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a recording that is of another domain or host. */
#include "vt-test.h"

#include <string.h>

#include "model/profile-fit.h"

static void check(VtIsa isa, guint vcpus, guint of_domain, const char *fact, const char *value, const char *first,
                  const char *second)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(VtDomain) domain = vt_domain_new("web", NULL);
    g_autoptr(VtHost) host = value ? vt_host_new() : NULL;
    const char *const words[] = {first, second};
    guint n = (first != NULL) + (second != NULL);

    profile->isa = isa;
    profile->vcpus = vcpus;
    domain->vcpus = of_domain;
    if (host)
        vt_host_set(host, fact, value);
    /* They are of the last use, and after the recording's own. */
    vt_profile_note(profile, "own");
    vt_profile_fit(profile, domain, host);
    vt_profile_fit(profile, domain, host);
    assert_int_equal(profile->n_fit_notes, n);
    assert_string_equal(profile->notes->pdata[0], "own");
    g_ptr_array_remove_index(profile->notes, 0);
    assert_int_equal(profile->notes->len, n);
    for (guint i = 0; i < n; i++)
        if (!strstr(g_ptr_array_index(profile->notes, i), words[i]))
            fail_msg("“%s” does not say “%s”", (char *)g_ptr_array_index(profile->notes, i), words[i]);
}

static void test_same(void **state)
{
    check(VT_ISA_VMX, 2, 2, "kvm.backend", "vmx", NULL, NULL);
    check(VT_ISA_ARM64, 2, 2, "arch", "aarch64", NULL, NULL);
}

static void test_not_known(void **state)
{
    check(VT_ISA_UNKNOWN, 2, 2, "kvm.backend", "svm", NULL, NULL);
    check(VT_ISA_VMX, 2, 0, NULL, NULL, NULL, NULL);
    check(VT_ISA_VMX, 2, 2, "kvm.backend", "none", NULL, NULL);
    check(VT_ISA_VMX, 2, 2, "kvm.backend", "pvm", NULL, NULL);
    check(VT_ISA_VMX, 2, 2, "arch", "x86_64", NULL, NULL);
}

static void test_other(void **state)
{
    check(VT_ISA_VMX, 4, 2, "kvm.backend", "vmx", "is 4 in the recording and 2 in the domain", NULL);
    check(VT_ISA_VMX, 2, 2, "kvm.backend", "svm", "with vmx, and this host has svm", NULL);
    check(VT_ISA_SVM, 2, 2, "arch", "aarch64", "with svm, and this host has arm64", NULL);
    check(VT_ISA_SVM, 1, 3, "kvm.backend", "vmx", "is 1 in", "with svm, and this host has vmx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_not_known),
        cmocka_unit_test(test_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
