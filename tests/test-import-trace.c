/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces of KVM's events. */
#include "vt-test-import.h"

#include "model/profile-vcpu.h"

/* Events of thread 115 on CPU 0. */
#define AT(time, text) " CPU 0/KVM   115 [000] " time ": kvm:" text "\n"
#define AT1(time, text) " CPU 1/KVM   116 [001] " time ": kvm:" text "\n"
#define EXIT(reason)                                                                    \
    "kvm_exit: vcpu 0 reason " reason                                                   \
    " rip 0xf0 info1 0x0000000000000000 info2 0x0000000000000000 intr_info 0x00000000 " \
    "error_code 0x00000000"
#define SVM_EXIT(reason, info) \
    "kvm_exit: vcpu 0 reason " reason " rip 0xf0 info1 " info " info2 0x0"
#define ENTRY "kvm_entry: vcpu 0, rip 0xf0"

static void check_recorded(const char *name)
{
    const VtImportOptions options = {.vcpus = 1};
    g_autoptr(VtProfile) profile = vt_test_import_recording(name, &options);

    assert_int_equal(profile->isa, VT_ISA_SVM);
    assert_int_equal(profile->windows->len, 1);
    assert_true(profile->duration_ns > 100000 && profile->duration_ns < 1000000000);
    assert_true(profile->lost == 0);
    assert_true(vt_test_count(profile, "exit.msr-write") > 0);
    assert_true(vt_profile_get(profile, "exit.msr-write")->has_time);
    assert_non_null(vt_profile_get(profile, "exit.msr-write")->histogram);
    assert_true(vt_test_count(profile, "exit.mmio") > 0);
    assert_true(vt_test_count(profile, "exit.mmio") == vt_test_count(profile, "mmio.0xfeb00008"));
    assert_true(vt_test_count(profile, "exit.io") == vt_test_count(profile, "pio.0x1f7"));
    assert_true(vt_test_count(profile, "msr.write.0x80b") > 0);
    assert_null(vt_profile_get(profile, "exit.msr"));
    assert_string_equal(vt_profile_get(profile, "exits")->source, "trace");
    for (const char *const *cover =
             (const char *const[]){"exit.pause", "msr.read.0x1", "msr.write.0x1", "pio.0x1",
                                   "mmio.0x1", NULL};
         *cover; cover++)
        assert_true(vt_profile_covers(profile, *cover));
}

static void test_recorded(void **state)
{
    check_recorded("perf-script.txt");
    check_recorded("perf-script-ns.txt");
    check_recorded("trace-cmd.txt");
    check_recorded("trace-cmd-plain.txt");
    check_recorded("ftrace.txt");
}

/* The two ways in which trace-cmd prints one recording. */
static void test_plugin(void **state)
{
    const VtImportOptions options = {.vcpus = 1};
    g_autoptr(VtProfile) with = vt_test_import_recording("trace-cmd.txt", &options);
    g_autoptr(VtProfile) without = vt_test_import_recording("trace-cmd-plain.txt", &options);
    const char *const metrics[] = {"exit.msr-write", "exit.mmio", "exit.io", "exits"};

    for (guint i = 0; i < G_N_ELEMENTS(metrics); i++)
        assert_true(vt_profile_get(with, metrics[i])->time_ns >=
                    vt_profile_get(without, metrics[i])->time_ns);
}

static void test_vmx(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AT("1.000000", EXIT("EPT_MISCONFIG")) AT("1.000010", ENTRY) AT("1.000020", EXIT("HLT"))
            AT("1.000520", ENTRY) AT("1.000530", EXIT("INVALID_STATE FAILED_VMENTRY"))
                AT("1.000540", EXIT("0x5b")) AT("1.000550", ENTRY),
        NULL);

    assert_int_equal(profile->isa, VT_ISA_VMX);
    assert_true(vt_test_count(profile, "exits") == 4);
    assert_true(vt_profile_get(profile, "exit.mmio")->time_ns == 10000);
    assert_true(vt_profile_get(profile, "exit.hlt")->time_ns == 500000);
    assert_true(vt_test_count(profile, "exit.failed-entry") == 1);
    /* There was no entry after it. */
    assert_false(vt_profile_get(profile, "exit.failed-entry")->has_time);
    assert_true(vt_test_count(profile, "exit.vmx-91") == 1);
    assert_true(profile->duration_ns == 550000);
    assert_true(vt_test_has_note(profile, "events of: 1."));
}

static void test_svm_directions(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AT("1.000000", SVM_EXIT("msr", "0x1")) AT("1.000010", SVM_EXIT("msr", "0x0"))
            AT("1.000020", SVM_EXIT("npf", "0x10000000c"))
                AT("1.000030", SVM_EXIT("npf", "0x100000004"))
                    AT("1.000040", "kvm_exit: reason msr rip 0xf0")
                        AT("1.000050", "kvm_exit: reason EXIT_EXCP_DE rip 0xf0 info 0 0")
                            AT("1.000060", "kvm_exit: reason UNKNOWN (1023) rip 0xf0 info 0 0"),
        NULL);

    assert_true(vt_test_count(profile, "exit.msr-write") == 1);
    assert_true(vt_test_count(profile, "exit.msr-read") == 1);
    assert_true(vt_test_count(profile, "exit.mmio") == 1);
    assert_true(vt_test_count(profile, "exit.ept-violation") == 1);
    assert_true(vt_test_count(profile, "exit.msr") == 1);
    assert_true(vt_test_count(profile, "exit.exception") == 1);
    assert_true(vt_test_count(profile, "exit.svm-0x3ff") == 1);
}

static void test_arm64(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AT("1.000000", "kvm_exit: TRAP: HSR_EC: 0x0001 (WFx), PC: 0xffff800008012345")
            AT("1.000050", "kvm_entry: PC: 0xffff800008012345")
                AT("1.000060", "kvm_exit: IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: 0xffff800008012345")
                    AT("1.000070", "kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0xffff80000801"),
        NULL);

    assert_int_equal(profile->isa, VT_ISA_ARM64);
    assert_true(vt_profile_get(profile, "exit.hlt")->time_ns == 50000);
    assert_true(vt_test_count(profile, "exit.external-interrupt") == 1);
    assert_true(vt_test_count(profile, "exit.ept-violation") == 1);
}

static void test_details(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AT("1.000000", "kvm_msr: msr_write 80b = 0x0") AT("1.000001",
                                                          "kvm_msr: msr_read 1b = 0xfee00900 (#GP)")
            AT("1.000002", "kvm_pio: pio_write at 0x80 size 1 count 1 val 0x0 ")
                AT("1.000003", "kvm_mmio: mmio unsatisfied-read len 4 gpa 0xfeb00008 val 0x0")
                    AT("1.000004", "kvm_mmio: mmio read len 4 gpa 0xfeb00008 val 0x1")
                        AT("1.000005", "kvm_mmio: mmio write len 4 gpa 0xfeb00008 val 0x1")
                            AT("1.000006", EXIT("EPT_MISCONFIG")) AT(
                                "1.000007", "kvm_fast_mmio: fast mmio at gpa 0xfebf0000")
                                AT("1.000010", ENTRY) AT("1.000011", "kvm_eoi: apicid 0 vector 236")
                                    AT("1.000012", "kvm_userspace_exit: reason KVM_EXIT_IO (2)"),
        NULL);

    assert_true(vt_test_count(profile, "msr.write.0x80b") == 1);
    assert_true(vt_test_count(profile, "msr.read.0x1b") == 1);
    assert_true(vt_test_count(profile, "pio.0x80") == 1);
    assert_true(vt_test_count(profile, "mmio.0xfeb00008") == 2);
    assert_true(vt_test_count(profile, "mmio.0xfebf0000") == 1);
    assert_true(vt_profile_get(profile, "exit.mmio-fast")->time_ns == 4000);
    assert_null(vt_profile_get(profile, "exit.mmio"));
    assert_true(vt_test_count(profile, "kvm.eoi") == 1);
    assert_true(vt_test_count(profile, "kvm.userspace_exits") == 1);
}

/* What was not traced is not zero. */
/* Cut within an address, a line still reads like one. */
static void test_cut(void **state)
{
    vt_test_import_bad(AT("1.000000", EXIT("HLT")) "qemu-115 [000] 1.000007: kvm_fast_mmio: fast mmio at gpa 0xfeb", NULL,
                       "r.txt:2: ", "has no end");
}

static void test_covers(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AT("1.000000", "kvm_pio: pio_write at 0x80 size 1 count 1 val 0x0 ")
            AT("1.000001", "kvm_pio: pio_write at 0x80 size 1 count 1 val 0x0 "),
        NULL);

    assert_null(vt_profile_get(profile, "exits"));
    assert_true(vt_profile_covers(profile, "pio.0x81"));
    assert_false(vt_profile_covers(profile, "exit.io"));
    assert_false(vt_profile_covers(profile, "msr.write.0x80b"));
}

static void test_vcpus(void **state)
{
    const VtImportOptions told = {.vcpus = 4};
    const char *text = AT("1.000000", EXIT("HLT"))
        AT1("1.100000", "kvm_exit: vcpu 1 reason HLT rip 0x0") AT("1.200000", ENTRY)
            AT1("1.300000", "kvm_entry: vcpu 1, rip 0x0") AT("2.000000", EXIT("CPUID"));
    g_autoptr(VtProfile) counted = vt_test_import_good(text, NULL);
    g_autoptr(VtProfile) given = vt_test_import_good(text, &told);

    assert_int_equal(counted->vcpus, 2);
    assert_true(vt_profile_get(counted, "exit.hlt")->rate == 1);
    assert_true(vt_profile_get(counted, "exit.hlt")->time_ns == 400000000);
    assert_int_equal(given->vcpus, 4);
    assert_false(vt_test_has_note(given, "--vcpus"));
}

/* What each vCPU has is what both have, also in a window that is merged with the one before, and of events that come
 * before one that tells the vCPU. */
static void test_per_vcpu(void **state)
{
    const VtImportOptions apart = {.per_vcpu = TRUE};
    const char *text = "qemu  10/20 [000] 1.000000: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n"
                       "qemu  10/20 [000] 1.000010: kvm:kvm_exit: vcpu 0 reason HLT rip 0x1 info 0 0\n"
                       "qemu  10/20 [000] 1.000020: kvm:kvm_entry: vcpu 0, rip 0x1\n"
                       "qemu  10/21 [001] 1.000030: kvm:kvm_exit: vcpu 7 reason CPUID rip 0x1 info 0 0\n"
                       "qemu  10/21 [001] 1.000034: kvm:kvm_entry: vcpu 7, rip 0x1\n"
                       "qemu  10/21 [001] 2.100000: kvm:kvm_exit: vcpu 7 reason CPUID rip 0x1 info 0 0\n";
    const char *named = "CPU 3/KVM 10/20 [000] 1.000000: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n"
                        "CPU 3/KVM 10/20 [000] 2.000000: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n";
    const char *untold = "qemu 10/20 [000] 1.000000: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n"
                         "qemu 10/20 [000] 2.000000: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n";
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &apart), sums = vt_test_import_good(text, NULL),
                         by_name = vt_test_import_good(named, &apart), without = vt_test_import_good(untold, &apart);
    const VtMetric *cpuid = vt_profile_get(profile, "exit.cpuid"), *pio = vt_profile_get(profile, "pio.0x1f7");

    assert_int_equal(profile->numbered->len, 2);
    assert_int_equal(profile->windows->len, 1);
    assert_true(vt_profile_vcpu_get(cpuid, 7)->count == 2 && cpuid->count == 2);
    assert_true(vt_profile_vcpu_get(cpuid, 7)->time_ns == 4000 && cpuid->time_ns == 4000);
    assert_null(vt_profile_vcpu_get(cpuid, 0));
    assert_true(vt_profile_vcpu_get(pio, 0)->count == 1);
    assert_true(vt_profile_vcpu_get(vt_profile_get(profile, "exits"), 0)->count == 1);
    assert_true(vt_profile_vcpu_get(vt_profile_get(profile, "exits"), 7)->count == 2);
    assert_false(vt_test_has_note(profile, "--vcpu)"));
    assert_null(sums->numbered);
    assert_true(vt_profile_vcpu_get(vt_profile_get(by_name, "pio.0x1f7"), 3)->count == 2);
    assert_null(without->numbered);
    assert_true(vt_test_has_note(without, "does not tell which vCPU"));
}

/* Each thread has its own counts of each window. */
static void test_per_vcpu_too_large(void **state)
{
    const VtImportOptions apart = {.per_vcpu = TRUE};
    g_autoptr(GString) text = g_string_new(AT("1.000000", EXIT("HLT")));
    g_autoptr(VtProfile) sums = NULL;
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 210; i++)
        g_string_append_printf(text, " a 10/%u [000] 80001.500000: kvm:kvm_eoi: apicid 0 vector 236\n", 1000 + i);
    sums = vt_test_import_good(text->str, NULL);
    assert_true(vt_test_count(sums, "kvm.eoi") == 210);
    assert_null(vt_test_import(text->str, text->len, NULL, &apart, &error));
    assert_non_null(strstr(error->message, "too many metrics"));
}

/* Exits of AMD without what tells their direction: the sum is made apart. */
static void test_per_vcpu_svm(void **state)
{
    const VtImportOptions apart = {.per_vcpu = TRUE};
    g_autoptr(VtProfile) profile = vt_test_import_good(
        " CPU 0/KVM 115 [000] 1.000000: kvm:kvm_exit: vcpu 0 reason EXIT_MSR rip 0xf0\n"
        " CPU 1/KVM 116 [001] 1.500000: kvm:kvm_exit: vcpu 1 reason EXIT_HLT rip 0xf0\n"
        " CPU 1/KVM 116 [001] 2.000000: kvm:kvm_exit: vcpu 1 reason EXIT_MSR rip 0xf0\n",
        &apart);
    const VtMetric *exits = vt_profile_get(profile, "exits");

    assert_int_equal(profile->isa, VT_ISA_SVM);
    assert_true(exits->count == 3);
    assert_true(vt_profile_vcpu_get(exits, 0)->count == 1);
    assert_true(vt_profile_vcpu_get(exits, 1)->count == 2);
}

static void test_several_domains(void **state)
{
    const char *text = " a 10/115 [000] 1.000000: kvm:" EXIT(
        "HLT") "\n"
               " b 20/240 [000] 1.000010: kvm:" EXIT("CPUID") "\n"
                                                              " b 20/240 [000] 1.000020: kvm:" ENTRY
                                                              "\n";
    const VtImportOptions process = {.domain = "20"}, thread = {.domain = "115"},
                          both = {.domain = "7,115"}, absent = {.domain = "3"},
                          name = {.domain = "web"};
    g_autoptr(VtProfile) by_process = vt_test_import_good(text, &process);
    g_autoptr(VtProfile) by_thread = vt_test_import_good(text, &thread);
    g_autoptr(VtProfile) by_threads = vt_test_import_good(text, &both);
    g_autoptr(GError) nobody = NULL, no_number = NULL;

    vt_test_import_bad(text, NULL, "r.txt:2: ", "thread 115 and thread 240 both are vCPU 0");
    assert_true(vt_test_count(by_process, "exit.cpuid") == 1);
    assert_null(vt_profile_get(by_process, "exit.hlt"));
    assert_true(vt_test_count(by_thread, "exits") == 1);
    assert_true(vt_test_count(by_threads, "exit.hlt") == 1);
    assert_null(vt_test_import(text, strlen(text), NULL, &absent, &nobody));
    assert_string_equal(nobody->message, "r.txt: there is no event of KVM of that domain in it");
    assert_null(vt_test_import(text, strlen(text), NULL, &name, &no_number));
    assert_true(g_str_has_prefix(no_number->message, "r.txt:1: the recording knows domains by"));
}

/* Ports tell no vCPU, threads have the name of their programs: only the process tells. */
static void test_several_processes(void **state)
{
    const char *text = " qemu 10/115 [000] 1.000000: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n"
                       " qemu 20/240 [001] 1.000010: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n"
                       " qemu 20/240 [001] 1.000020: kvm:kvm_eoi: apicid 0 vector 236\n";
    const VtImportOptions process = {.domain = "20"};
    g_autoptr(VtProfile) one = vt_test_import_good(text, &process);

    vt_test_import_bad(text, NULL, "r.txt: ", "--domain”: 10, 20");
    assert_true(vt_test_count(one, "pio.0x1f7") == 1);
    assert_int_equal(one->vcpus, 1);
}

#define PIO(thread, cpu, time) \
    " qemu " thread " [" cpu "] " time ": kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50\n"

/* Each time is that since the event before, as perf script --deltatime prints it. */
static void test_order(void **state)
{
    g_autoptr(VtProfile) disorder = vt_test_import_good(
        PIO("115", "000", "1.000030") PIO("116", "001", "1.000010") PIO("116", "000", "1.000009") PIO(
            "115", "000", "1.000030") PIO("115", "001", "2.000000"),
        NULL);

    assert_true(vt_test_count(disorder, "pio.0x1f7") == 5);
    vt_test_import_bad(PIO("115", "000", "0.000000") PIO("115", "000", "0.000013") PIO("116", "001", "0.000005")
                           PIO("115", "000", "0.000011"),
                       NULL, "r.txt:4: ", "perf script --deltatime");
    vt_test_import_bad(PIO("115", "000", "3.000030") PIO("116", "001", "2.900000"), NULL, "r.txt:2: ",
                       "different clocks");
}

static void test_histogram(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AT("1.000000", EXIT("HLT")) AT("1.000000", ENTRY) AT("1.000010", EXIT("HLT")) AT("1.000011", ENTRY)
            AT("1.000020", EXIT("HLT")) AT("1.000021", ENTRY) AT("1.100000", EXIT("HLT"))
                AT("9.100000", ENTRY) AT("9.200000", EXIT("CPUID")),
        NULL);
    const guint64 *hlt = vt_profile_get(profile, "exit.hlt")->histogram;

    assert_non_null(hlt);
    assert_true(hlt[0] == 1 && hlt[9] == 2 && hlt[31] == 1);
    assert_null(vt_profile_get(profile, "exit.cpuid")->histogram);
}

static void test_windows(void **state)
{
    g_autoptr(VtProfile) three =
        vt_test_import_good(AT("1.000000", EXIT("HLT")) AT("1.500000", EXIT("HLT"))
                                AT("3.000000", EXIT("HLT")) AT("3.600000", EXIT("HLT")),
                            NULL);
    g_autoptr(VtProfile) joined = vt_test_import_good(
        AT("1.000000", EXIT("HLT")) AT("2.000000", EXIT("HLT")) AT("2.400000", EXIT("HLT")), NULL);

    assert_int_equal(three->windows->len, 3);
    assert_true(three->duration_ns == 2600000000);
    assert_true(vt_profile_get(three, "exit.hlt")->min == 0);
    assert_true(vt_profile_get(three, "exit.hlt")->count == 4);
    assert_int_equal(joined->windows->len, 1);
    assert_true(joined->duration_ns == 1400000000);
    assert_true(vt_profile_get(joined, "exit.hlt")->count == 3);
}

static void test_lost(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        AT("1.000000", EXIT("HLT")) "CPU:0 [LOST 12 EVENTS]\n" AT("9.000000", ENTRY)
            AT("9.000010", EXIT("CPUID")) AT("9.000020", ENTRY) "CPU:1 [LOST EVENTS]\n",
        NULL);

    assert_true(profile->lost == 13);
    assert_true(vt_test_count(profile, "exit.hlt") == 1);
    assert_false(vt_profile_get(profile, "exit.hlt")->has_time);
    assert_true(vt_profile_get(profile, "exit.cpuid")->time_ns == 10000);
}

/* Full buffers keep the latest events of each CPU, which do not begin at the same time. */
static void test_buffers(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        "# tracer: nop\n#\n##### CPU 0 buffer started ####\n" AT("1.000000", EXIT("HLT"))
            AT("1.500000", EXIT("HLT")) "##### CPU 1 buffer started ####\n" AT1(
                "2.000000", "kvm_exit: vcpu 1 reason HLT rip 0x0") AT("2.100000", EXIT("HLT")),
        NULL);

    assert_true(vt_test_count(profile, "exit.hlt") == 2);
    assert_true(profile->duration_ns == 100000000);
}

static void test_other_events(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        " swapper 0 [000] 1.000000: sched:sched_switch: prev_comm=x\n" AT(
            "1.500000", EXIT("HLT")) "\tffffffffc0b2a5c1 kvm_arch_vcpu_ioctl_run+0x5a1 "
                                     "([kvm])\n\n" AT("1.600000", "kvm_set_irq: gsi 4 level 1 "
                                                                  "source 0") " swapper 0 [000] "
                                                                              "2.000000: "
                                                                              "sched:sched_switch: "
                                                                              "prev_comm=x\r\n",
        NULL);

    assert_true(profile->duration_ns == 1000000000);
    assert_true(vt_test_count(profile, "exits") == 1);
    assert_int_equal(profile->vcpus, 1);
}

static void test_duration(void **state)
{
    const VtImportOptions options = {.vcpus = 1, .duration_ns = 2000000000};
    g_autoptr(VtProfile) profile = vt_test_import_good(AT("1.000000", EXIT("HLT")), &options);

    assert_true(vt_profile_get(profile, "exit.hlt")->rate == 0.5);
    vt_test_import_bad(AT("1.000000", EXIT("HLT")), NULL, "r.txt: ", "one instant");
}

static void test_bad(void **state)
{
    static const struct {
        const char *line, *message;
    } bad[] = {
        {" CPU 0/KVM   115 [000] 1.00", "cut short"},
        {" CPU 0/KVM   115 [000] 1.000010: kvm:kvm_ex", "cut short"},
        {AT("1.000010", "kvm_exit:"), "cut short"},
        {AT("1.000010", "kvm_exit: vcpu 0 reason"), "cut short"},
        {AT("1.000010", "kvm_exit: vcpu 0 reason HL"), "cut short"},
        {AT("1.000010", "kvm_exit: vcpu 0 reason  rip 0x0"), "cut short"},
        {AT("1.000010", "kvm_exit: vcpu 0 reason HLTX rip 0x0"), "“HLTX” is not an exit reason"},
        {AT("1.000010", "kvm_exit: vcpu 0 reason npf rip 0x0"), "recording of vmx"},
        {AT("1.000010", "kvm_exit: vcpu x reason HLT rip 0x0"), "cut short"},
        {AT("1.000010", "kvm_exit: vcpu 0 reason UNKNOWN (x) rip 0x0"),
         "“UNKNOWN” does not belong"},
        {AT("1.000010", "kvm_exit: TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x1"), "recording of vmx"},
        {AT("1.000010", "kvm_msr: msr_write 80b"), "cut short"},
        {AT("1.000010", "kvm_msr: msr_write 1ffffffff = 0x0"), "cut short"},
        {AT("1.000010", "kvm_msr: msr_wri"), "cut short"},
        {AT("1.000010", "kvm_pio: pio_write at 0x8"), "cut short"},
        {AT("1.000010", "kvm_pio: pio_write at 0x10000 size 1 count 1 val 0"), "cut short"},
        {AT("1.000010", "kvm_mmio: mmio read len 4 gpa 0xfeb"), "cut short"},
        {AT("1.000010", "kvm_mmio: mmio fetch len 4 gpa 0xfeb val 0"), "cut short"},
        {AT("1.000010", "kvm_fast_mmio: fast mmio at gpa"), "cut short"},
        {AT("0.900000", EXIT("HLT")), "time goes back"},
        {AT("0.999999", EXIT("HLT")), "the time of thread 115 goes back"},
        {" CPU 0/KVM  116 [001] 1.000001: kvm:kvm_pio: pio_read at 0x1f7 size 1 count 1 val 0x50",
         "thread 115 and thread 116 both are vCPU 0"},
        {" CPU 0/KVM [000] 1.000010: kvm:" ENTRY, "comm,tid,cpu,time"},
        {AT1("1.000010", EXIT("HLT")), "there are several domains"},
        {"hello world", "cut short"},
        {" CPU 0/KVM   115 [000] 1,000010: kvm:kvm_exit: x", "cut short"},
        {"\x1b[2J", "\\x1b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strconcat(AT("1.000000", EXIT("HLT")), bad[i].line, "\n", NULL);

        vt_test_import_bad(text, NULL, "r.txt:2: ", bad[i].message);
    }
    vt_test_import_bad(AT("1.000010", EXIT("0x5b")), NULL, "r.txt:1: ", "--isa");
    vt_test_import_bad("# tracer: nop\n", NULL, "r.txt: ", "no event of KVM in it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_plugin),
        cmocka_unit_test(test_vmx),
        cmocka_unit_test(test_svm_directions),
        cmocka_unit_test(test_arm64),
        cmocka_unit_test(test_details),
        cmocka_unit_test(test_cut), cmocka_unit_test(test_covers),
        cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_per_vcpu),
        cmocka_unit_test(test_per_vcpu_svm),
        cmocka_unit_test(test_per_vcpu_too_large),
        cmocka_unit_test(test_several_domains),
        cmocka_unit_test(test_several_processes),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_buffers),
        cmocka_unit_test(test_other_events),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
