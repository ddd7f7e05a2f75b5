/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns of kvm_stat. */
#include "vt-test-import.h"

/* Names as kvm_stat had them in 2010. */
static const char screen[] = "kvm statistics\n"
                             "\n"
                             " efer_reload                  0       0\n"
                             " exits                401230913    2152\n"
                             " halt_exits           133189538     757\n"
                             " halt_wakeup            5259576      15\n"
                             " insn_emulation       252392427    1359\n"
                             " invlpg                 2684292       0\n"
                             " io_exits               4130425      17\n"
                             " irq_exits              8935347      39\n"
                             " irq_injections         3195682       0\n"
                             " irq_window                   0       0\n"
                             " largepages                   0       0\n"
                             " mmio_exits            28482276     179\n"
                             " mmu_pte_write          1931218       0\n"
                             " mmu_unsync                 877       0\n"
                             " nmi_window                   0       0\n"
                             " request_irq                  0       0\n";

static void test_screen(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(screen, NULL);
    guint64 busy;

    assert_int_equal(profile->windows->len, 1);
    assert_true(profile->duration_ns == 1000000000);
    assert_true(vt_test_count(profile, "exits") == 2152);
    assert_true(vt_test_count(profile, "kvm.exits") == 2152);
    assert_true(vt_test_count(profile, "exit.hlt") == 757);
    assert_true(vt_test_count(profile, "kvm.insn_emulation") == 1359);
    assert_true(vt_test_count(profile, "exit.mmio") == 179);
    assert_true(vt_test_count(profile, "exit.external-interrupt") == 39);
    assert_true(vt_profile_busy_count(profile, &busy));
    assert_true(busy == 2152 - 757);
    assert_string_equal(vt_profile_get(profile, "exits")->source, "kvm-stat-text");
}

/* Zero is measured; the total is not. */
static void test_history(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(screen, NULL);

    assert_true(vt_test_count(profile, "kvm.invlpg") == 0);
    assert_true(vt_test_count(profile, "kvm.mmu_pte_write") == 0);
    assert_true(
        vt_test_has_note(profile, "invlpg 2684292, irq_injections 3195682, mmu_pte_write 1931218"));
    assert_false(vt_test_has_note(profile, "efer_reload"));
    assert_false(vt_test_has_note(profile, "halt_exits"));
    assert_true(vt_test_has_note(profile, "-p or -g"));
    assert_false(vt_profile_covers(profile, "exit.cpuid"));
    assert_false(vt_profile_covers(profile, "kvm.halt_poll_invalid"));
}

/* Where nothing grows at all there is no rate, not one of zero. */
static void test_history_alone(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        "kvm statistics\n exits 401230913 0\n halt_exits 133189538 0\n invlpg 2684292 0\n", NULL);
    g_autoptr(VtProfile) screens = vt_test_import_good(
        "kvm statistics\n exits 100 0\nkvm statistics\n exits 130 30\n", NULL);

    assert_null(vt_profile_get(profile, "exits"));
    assert_null(vt_profile_get(profile, "exit.hlt"));
    assert_true(vt_test_has_note(profile, "exits 401230913"));
    assert_true(vt_test_has_note(profile, "measured nothing"));
    assert_true(vt_profile_get(screens, "exits")->min == 0);
    assert_false(vt_test_has_note(screens, "measured nothing"));
}

static void test_old_names(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        "kvm statistics\nirq_window 9 3\nnmi_window 9 4\nrequest_irq 9 5\n", NULL);

    assert_true(vt_test_count(profile, "kvm.irq_window_exits") == 3);
    assert_true(vt_test_count(profile, "exit.interrupt-window") == 3);
    assert_true(vt_test_count(profile, "exit.nmi-window") == 4);
    assert_true(vt_test_count(profile, "kvm.request_irq_exits") == 5);
    assert_null(vt_profile_get(profile, "kvm.irq_window"));
    vt_test_import_bad("irq_window 9 3\nirq_window_exits 9 3\n", "kvm-stat-text",
                       "r.txt:2: ", "stands twice");
}

/* kvm_stat -1: no heading, wider columns. */
static void test_batch(void **state)
{
    const VtImportOptions options = {2, 2000000000, VT_ISA_SVM};
    g_autoptr(VtProfile) profile =
        vt_test_import_good("exits                                        5000      2000\n"
                            "halt_poll_success_ns                   9999999    100000\n"
                            "pages_4k                                  1000       -12\n",
                            &options);

    assert_int_equal(profile->isa, VT_ISA_SVM);
    assert_true(vt_profile_get(profile, "exits")->rate == 500);
    assert_true(vt_test_count(profile, "kvm.halt_poll_success_ns") == 100000);
    /* The value of a gauge is no count of events. */
    assert_null(vt_profile_get(profile, "kvm.pages_4k"));
}

static void test_screens(void **state)
{
    g_autoptr(VtProfile) profile =
        vt_test_import_good("kvm statistics\n exits 100 10\n\nkvm statistics - pid 42 (web)\n"
                            " exits 130 30\nkvm statistics\n exits 150 20\n",
                            NULL);

    assert_int_equal(profile->windows->len, 3);
    assert_true(vt_profile_get(profile, "exits")->rate == 20);
    assert_true(vt_profile_get(profile, "exits")->max == 30);
}

/* Named as in kvm_stat, and with all its blanks. */
static void test_tracepoints(void **state)
{
    const VtImportOptions told = {.vcpus = 1, .isa = VT_ISA_SVM};
    g_autoptr(VtProfile) vmx = vt_test_import_good(
        "kvm_entry                                     401230      2152\n"
        "kvm_exit                                      401230      2152\n"
        "kvm_exit(EPT_MISCONFIG)                           10         2\n"
        "kvm_exit(EXTERNAL_INTERRUPT)                    1000       100\n"
        "kvm_exit(HLT)                                   9000      1500\n"
        "kvm_exit(VMOFF)                                    0         0\n"
        "kvm_userspace_exit                                50         5\n"
        "kvm_userspace_exit(IO)                            50         5\n",
        NULL);
    g_autoptr(VtProfile) svm = vt_test_import_good(
        "kvm_exit 100 90\nkvm_exit(CPUID) 10 1\nkvm_exit(EXCP_BASE) 10 1\nkvm_exit(HLT) 50 20\n"
        "kvm_exit(INTR) 50 30\nkvm_exit(IOIO) 50 4\nkvm_exit(MSR) 9 9\nkvm_exit(NPF) 5 5\n",
        NULL);
    g_autoptr(VtProfile) arm64 = vt_test_import_good(
        "kvm_exit 100 90\nkvm_exit(DABT) 10 1\nkvm_exit(UNKNOWN) 50 20\nkvm_exit(WFI) 50 30\n", NULL);
    g_autoptr(VtProfile) alike = vt_test_import_good("kvm_exit(HLT) 100 10\n", &told);

    assert_int_equal(vmx->isa, VT_ISA_VMX);
    assert_true(vt_test_count(vmx, "exits") == 2152);
    assert_true(vt_test_count(vmx, "exit.hlt") == 1500);
    assert_true(vt_test_count(vmx, "exit.mmio") == 2);
    assert_true(vt_test_count(vmx, "exit.nested") == 0);
    assert_true(vt_test_count(vmx, "kvm.userspace_exits") == 5);
    assert_false(vt_profile_covers(vmx, "exit.cpuid"));
    assert_null(vt_profile_get(vmx, "kvm.kvm_entry"));
    assert_true(vt_test_has_note(vmx, "were about: kvm_entry, kvm_userspace_exit(IO)."));
    assert_false(vt_test_has_note(vmx, "stood still"));
    assert_false(vt_test_has_note(vmx, "-1 -d"));
    assert_int_equal(svm->isa, VT_ISA_SVM);
    assert_true(vt_test_count(svm, "exit.external-interrupt") == 30);
    assert_true(vt_test_count(svm, "exit.io") == 4);
    assert_true(vt_test_count(svm, "exit.msr") == 9);
    assert_true(vt_test_count(svm, "exit.ept-violation") == 5);
    assert_false(vt_profile_covers(svm, "exit.exception"));
    assert_int_equal(arm64->isa, VT_ISA_ARM64);
    assert_true(vt_test_count(arm64, "exit.hlt") == 30);
    assert_true(vt_test_count(arm64, "exit.ept-violation") == 1);
    assert_false(vt_profile_covers(arm64, "exit.exception"));
    assert_true(vt_test_count(alike, "exit.hlt") == 10);
    assert_null(vt_profile_get(alike, "exits"));
    assert_true(vt_test_has_note(alike, "-1 -d"));
    vt_test_import_bad("kvm_exit(HLT) 100 10\n", NULL, "r.txt: ", "give --isa");
    vt_test_import_bad("kvm_exit(HL 100 10\n", "kvm-stat-text", "r.txt:1: ", "cut short");
    vt_test_import_bad("kvm_exit(HLT)x 100 10\n", "kvm-stat-text", "r.txt:1: ", "cut short");
    vt_test_import_bad("kvm_exit 100 10\nkvm_exit 100 10\n", NULL, "r.txt:2: ", "stands twice");
}

/* What KVM's statistics count, tracepoints do not count again. */
static void test_both(void **state)
{
    g_autoptr(VtProfile) both = vt_test_import_good(
        "exits 500 100\nhalt_exits 100 20\nkvm_exit 500 101\nkvm_exit(CPUID) 9 3\nkvm_exit(HLT) 100 21\n"
        "kvm_exit(PENDING_INTERRUPT) 0 0\n",
        NULL);
    g_autoptr(VtProfile) silent = vt_test_import_good("kvm_exit 0 0\nkvm_exit(NPF) 0 0\nkvm_eoi 7 7\n", NULL);
    g_autoptr(VtProfile) faults =
        vt_test_import_good("mmio_exits 50 10\nkvm_exit 90 50\nkvm_exit(NPF) 90 50\n", NULL);

    assert_int_equal(both->isa, VT_ISA_VMX);
    assert_true(vt_test_count(both, "exits") == 100);
    assert_true(vt_test_count(both, "exit.hlt") == 20);
    assert_true(vt_test_count(both, "exit.cpuid") == 3);
    assert_null(vt_profile_get(silent, "exits"));
    assert_null(vt_profile_get(silent, "exit.ept-violation"));
    assert_true(vt_test_count(silent, "kvm.eoi") == 7);
    assert_true(vt_test_has_note(silent, "never counted"));
    assert_true(vt_test_count(faults, "exit.mmio") == 10);
    assert_null(vt_profile_get(faults, "exit.ept-violation"));
}

static void test_bad_lines(void **state)
{
    static const struct {
        const char *line, *message;
    } bad[] = {
        {"io_exits", "cut short"},
        {"io_exits 5", "cut short"},
        {"io_exits 5 1 2", "cut short"},
        {"io_ex", "cut short"},
        {"IO_EXITS 5 1", "cut short"},
        {"5 1 2", "cut short"},
        {"some other words", "“other” is not a count"},
        {"\x1b[2J 5 1", "\\x1b"},
        {"io_exits -5 0", "io_exits: “-5” is not a count"},
        {"io_exits 5 -1", "io_exits: “-1” is not a count"},
        {"io_exits 9223372036854775808 0", "is not a count"},
        {"io_exits 0x5 0", "is not a count"},
        {"io_exits 5 1.5", "is not a count"},
        {"io_exits 5k 1", "is not a count"},
        {"io_exits 5 6", "more than its total"},
        {"exits 5 1", "exits stands twice"},
        {"pages_2m 5 --1", "is not a count"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text =
            g_strconcat("kvm statistics\n\n exits 5 1\n", bad[i].line, "\n", NULL);

        vt_test_import_bad(text, NULL, "r.txt:4: ", bad[i].message);
    }
}

/* "%-42s%10d%10d": a growth of ten digits has no blank before it. Where the total may end in one place only, it ends
 * there. */
static void test_joined(void **state)
{
    static const struct {
        const char *digits;
        guint64 growth; /* 0: cannot be told */
    } numbers[] = {
        {"11234567891000100100", 1000100100},    {"112345678921000100100", 1000100100},
        {"1123456789210001001000", 10001001000}, {"1234567890121234567890", 1234567890},
        {"1234567890199234567890", 9234567890},  {"9999999999911111111111", 0},
        {"12345678901234510234567890", 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autofree char *text = g_strdup_printf("%-42s%10d%10d\n%-42s%s\n%-42s%10d%10d\n", "exits", 401230913, 2152,
                                                "halt_wait_ns", numbers[i].digits, "io_exits", 400000, 17);
        g_autoptr(VtProfile) profile = vt_test_import_good(text, NULL);

        assert_true(vt_test_count(profile, "exits") == 2152);
        assert_true(vt_test_count(profile, "exit.io") == 17);
        assert_true(vt_test_has_note(profile, "unknown: halt_wait_ns.") == (numbers[i].growth == 0));
        if (numbers[i].growth > 0)
            assert_true(vt_test_count(profile, "kvm.halt_wait_ns") == numbers[i].growth);
        else
            assert_null(vt_profile_get(profile, "kvm.halt_wait_ns"));
    }
}

/* Nor can it be told on the whole what is unknown on one screen. */
static void test_joined_once(void **state)
{
    const char *column = "halt_exits                                ";
    g_autofree char *text = g_strdup_printf("kvm statistics\n exits 900 10\n%s%s\n"
                                            "kvm statistics\n exits 910 10\n halt_exits 5 5\n",
                                            column, "12345678901234510234567890");
    g_autofree char *exits = g_strdup_printf("%-42s%s\nhalt_exits 5 5\n", "exits", "12345678901234510234567890");
    g_autofree char *none = g_strdup_printf(" exits 900 10\n%s%s\n", column, "10000000002000000000");
    g_autofree char *cut = g_strdup_printf(" exits 900 10\n%s%s\n", column, "1000000000200000000");
    g_autofree char *event = g_strdup_printf(" exits 900 10\n%-42s%s\n", "kvm_exit(HLT)", "12345678901234510234567890");
    g_autoptr(VtProfile) profile = vt_test_import_good(text, NULL), without = vt_test_import_good(exits, NULL);

    assert_true(vt_test_count(profile, "exits") == 20);
    assert_null(vt_profile_get(profile, "exit.hlt"));
    assert_null(vt_profile_get(without, "exits"));
    assert_true(vt_test_has_note(without, "number of exits is not in the recording"));
    vt_test_import_bad(none, NULL, "r.txt:2: ", "cut short");
    vt_test_import_bad(cut, NULL, "r.txt:2: ", "cut short");
    vt_test_import_bad(event, NULL, "r.txt:2: ", "cut short");
}

static void test_no_counter(void **state)
{
    vt_test_import_bad("kvm statistics\n\n", NULL, "r.txt: ", "no counter");
    vt_test_import_bad("kvm statistically\n", NULL, "r.txt: ", "no known format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screen),    cmocka_unit_test(test_history),
        cmocka_unit_test(test_history_alone),
        cmocka_unit_test(test_old_names), cmocka_unit_test(test_batch),
        cmocka_unit_test(test_screens),   cmocka_unit_test(test_tracepoints), cmocka_unit_test(test_both),
        cmocka_unit_test(test_bad_lines), cmocka_unit_test(test_joined),
        cmocka_unit_test(test_joined_once),
        cmocka_unit_test(test_no_counter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
