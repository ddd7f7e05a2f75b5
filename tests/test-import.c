/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recognising formats, and input that is none. */
#include "vt-test-import.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE "[ EXIT_REASON_HLT] [12] count = 9617\n"

static void test_recognises(void **state)
{
    g_autoptr(VtProfile) table = vt_test_import_good("\n----------\n" LINE, NULL);
    g_autoptr(VtProfile) stat = vt_test_import_good("kvm statistics\n\n exits 5 1\n", NULL);
    g_autoptr(VtProfile) batch =
        vt_test_import_good("a_counter 1 0\nexits                 5         1\n", NULL);

    assert_string_equal(table->sources->pdata[0], "systemtap");
    assert_string_equal(stat->sources->pdata[0], "kvm-stat-text");
    assert_string_equal(batch->sources->pdata[0], "kvm-stat-text");
}

static void test_names_of_formats(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) profile = NULL;

    for (guint i = 0; vt_import_table()[i]; i++)
        assert_non_null(vt_import_table()[i]->summary);
    profile = vt_test_import(LINE, strlen(LINE), "systemtap", NULL, &error);
    assert_no_error(error);
    assert_non_null(profile);
    assert_null(vt_test_import(LINE, strlen(LINE), "perf\x1b", NULL, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_USAGE));
    assert_non_null(strstr(error->message, "systemtap"));
    assert_null(strchr(error->message, '\x1b'));
    vt_test_import_bad(LINE, "kvm-stat-text", "r.txt:1: ", "kvm_stat");
}

static void test_no_format(void **state)
{
    g_autofree char *many = g_strnfill(200, '\n');

    vt_test_import_bad("", NULL, "r.txt: ", "empty");
    vt_test_import_bad("", "systemtap", "r.txt: ", "no table");
    vt_test_import_bad("hello\nworld\n", NULL, "r.txt: ", "systemtap");
    vt_test_import_bad("{\"format\": 1}\n", NULL, "r.txt: ", "no known format");
    vt_test_import_bad(many, NULL, "r.txt: ", "no known format");
    vt_test_import_bad("\x7f"
                       "ELF\x02\x01\xff\xfe\n",
                       NULL, "r.txt: ", "no known format");
}

static void test_binary(void **state)
{
    static const char zero[] = LINE "[ EXIT\0\n";
    g_autoptr(GError) error = NULL;

    assert_null(vt_test_import(zero, sizeof(zero) - 1, NULL, NULL, &error));
    assert_true(g_str_has_prefix(error->message, "r.txt:2: "));
    assert_non_null(strstr(error->message, "NUL"));
    g_clear_error(&error);
    assert_null(vt_test_import("\0", 1, NULL, NULL, &error));
    assert_true(g_str_has_prefix(error->message, "r.txt:1: "));
}

static void test_long_lines(void **state)
{
    g_autofree char *longest = g_strnfill(65536, ' ');
    g_autofree char *longer = g_strnfill(65537, ' ');
    g_autofree char *good = g_strconcat(LINE, longest, "\n", NULL);
    g_autofree char *bad = g_strconcat(LINE, longer, "\n", NULL);
    g_autoptr(VtProfile) profile = vt_test_import_good(good, NULL);

    assert_true(vt_test_count(profile, "exit.hlt") == 9617);
    vt_test_import_bad(bad, NULL, "r.txt:2: ", "64 KiB");
}

static void test_dos(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        "----\r\n[ EXIT_REASON_HLT] [12] count = 1\r\n[ EXIT_REASON_CPUID] [10] count = 2\r\n", NULL);

    assert_true(vt_test_count(profile, "exit.hlt") == 1);
    assert_true(vt_test_count(profile, "exit.cpuid") == 2);
}

/* Columns of a web page. */
static void test_no_break_spaces(void **state)
{
    g_autoptr(VtProfile) stat =
        vt_test_import_good("kvm statistics\n\n exits\xc2\xa0 \xc2\xa0 9\xc2\xa0\xc2\xa0"
                            "7\n hypercalls\xc2\xa0 1 0\xc2\xa0\n",
                            NULL);
    g_autoptr(VtProfile) table =
        vt_test_import_good("[\xc2\xa0"
                            "EXIT_REASON_HLT]\xc2\xa0[12] count\xc2\xa0=\xc2\xa0"
                            "5\n",
                            NULL);

    assert_true(vt_test_count(stat, "exits") == 7);
    assert_true(vt_test_count(stat, "exit.hypercall") == 0);
    assert_true(vt_test_count(table, "exit.hlt") == 5);
}

/* What Excel and Notepad begin a text with; the same bytes anywhere else belong to the line. */
static void test_byte_order_mark(void **state)
{
    g_autoptr(VtProfile) log = vt_test_import_good(
        "\xef\xbb\xbf" "timestamp,exits\r\n2026-11-21 10:22:31,100\r\n2026-11-21 10:22:32,100\r\n", NULL);

    assert_true(vt_test_count(log, "exits") == 200);
    vt_test_import_bad(LINE "\xef\xbb\xbf" LINE, NULL, "r.txt:2: ", "cut short");
}

static void test_options(void **state)
{
    const VtImportOptions options = {4, 7000000001, VT_ISA_UNKNOWN};
    g_autoptr(VtProfile) told = vt_test_import_good("----\n" LINE "----\n" LINE, &options);
    g_autoptr(VtProfile) untold = vt_test_import_good("----\n" LINE "----\n" LINE, NULL);

    assert_int_equal(told->vcpus, 4);
    assert_true(told->duration_ns == 7000000001);
    assert_true(g_array_index(told->windows, VtWindow, 0).duration_ns == 3500000001);
    assert_false(vt_test_has_note(told, "--vcpus"));
    assert_false(vt_test_has_note(told, "--duration"));
    assert_true(fabs(vt_profile_get(told, "exit.hlt")->rate - 9617 / 3.5 / 4) < 1e-3);

    assert_int_equal(untold->vcpus, 1);
    assert_true(untold->duration_ns == 2000000000);
    assert_true(vt_test_has_note(untold, "--vcpus"));
    assert_true(vt_test_has_note(untold, "--duration"));
}

/* What would be another domain's figures, were --domain not obeyed. Each recording has two domains, or is one of a format
 * that does not tell. */
static void test_domain(void **state)
{
    static const struct {
        const char *format, *text, *message; /* of the refusal; NULL: the domain has 7 exits */
    } recordings[] = {
        {"systemtap", LINE, "--domain: “systemtap”"},
        {"kvm-stat-text", "exits 9 7\n", "--domain: “kvm-stat-text”"},
        {"perf-kvm-stat", "Analyze events for all VMs, all VCPUs:\n", "--domain: “perf-kvm-stat”"},
        {"trace", "qemu  10/11  1.000000: kvm:kvm_exit: reason HLT rip 0x1 info 0 0\n", "no event of KVM of that domain"},
        {"domstats", "Domain: '11'\n  vcpu.0.exits.sum=1\n", "that domain is not in it"},
        {"hist",
         "# trigger info: hist:keys=common_pid,exit_reason,isa [active]\n"
         "{ common_pid: 4720, exit_reason: 12, isa: 1 } hitcount: 7\n"
         "{ common_pid: 11, exit_reason: 12, isa: 1 } hitcount: 900\n"
         "Totals:\nHits: 907\nEntries: 2\nDropped: 0\n",
         NULL},
        {"kvm-stat-log", "exits halt_exits\n7 0\n", "--domain: “kvm-stat-log”"},
        {"kvmexit", "PID TID KVM_EXIT_REASON COUNT\n4720 1 HLT 7\n11 2 HLT 900\n", NULL},
        {"kvm-service-time", "# reason: count sum(us) min(us) avg(us) max(us)\n", "--domain: “kvm-service-time”"},
        {"perf-stat", " Performance counter stats for 'system wide':\n 7 kvm:kvm_exit\n", "--domain: “perf-stat”"},
        {"bpftrace", "@exit[4720, 12]: 7\n@exit[11, 12]: 900\n", NULL},
    };
    const VtImportOptions options = {.domain = "4720", .duration_ns = 1000000000, .isa = VT_ISA_VMX};

    for (guint i = 0; vt_import_table()[i]; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VtProfile) profile = NULL;

        assert_true(i < G_N_ELEMENTS(recordings));
        assert_string_equal(vt_import_table()[i]->name, recordings[i].format);
        profile = vt_test_import(recordings[i].text, strlen(recordings[i].text), recordings[i].format, &options, &error);
        if (!recordings[i].message) {
            assert_no_error(error);
            assert_true(vt_test_count(profile, "exits") == 7);
            continue;
        }
        assert_null(profile);
        if (!strstr(error->message, recordings[i].message))
            fail_msg("%s: %s", recordings[i].format, error->message);
    }
}

/* An empty choice, as of an empty variable of a script, is not all domains. */
static void test_no_domain(void **state)
{
    static const struct {
        const char *format, *text;
    } recordings[] = {
        {"trace", "qemu  10/11  1.000000: kvm:kvm_exit: reason HLT rip 0x1 info 0 0\n"},
        {"hist",
         "# trigger info: hist:keys=common_pid,exit_reason,isa [active]\n"
         "{ common_pid: 4720, exit_reason: 12, isa: 1 } hitcount: 7\n"
         "Totals:\nHits: 7\nEntries: 1\nDropped: 0\n"},
        {"kvmexit", "PID TID KVM_EXIT_REASON COUNT\n4720 1 HLT 7\n"},
        {"bpftrace", "@exit[4720, 12]: 7\n"},
        {"domstats", "Domain: '11'\n  vcpu.0.exits.sum=1\n"},
    };
    const VtImportOptions options = {.domain = "", .duration_ns = 1000000000, .isa = VT_ISA_VMX};

    for (guint i = 0; i < G_N_ELEMENTS(recordings); i++) {
        const char *text = recordings[i].text;
        g_autoptr(GError) error = NULL;
        g_autoptr(VtProfile) profile = vt_test_import(text, strlen(text), recordings[i].format, &options, &error);

        if (profile)
            fail_msg("taken: %s", text);
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        if (i < 4 && !strstr(error->message, "--domain is empty"))
            fail_msg("%s: %s", recordings[i].format, error->message);
    }
}

/* A recording that would fill the memory is refused, whatever it is full of. */
static void test_too_large(void **state)
{
    g_autoptr(GString) metrics = g_string_new(NULL), windows = g_string_new(NULL),
                       stats = g_string_new(NULL);

    for (guint i = 0; i < 65537; i++)
        g_string_append_printf(metrics, "[ ] [0x%x] count = 1\n", i);
    vt_test_import_bad(metrics->str, NULL, "r.txt:65537: ", "too many metrics");
    for (guint i = 0; i < 86401; i++)
        g_string_append(windows, "----\n" LINE);
    vt_test_import_bad(windows->str, NULL, "r.txt:172802: ", "too long");
    g_string_append(stats, "kvm statistics\n");
    for (guint i = 0; i < 65537; i++)
        g_string_append_printf(stats, "s%u 1 1\n", i);
    vt_test_import_bad(stats->str, NULL, "r.txt:65538: ", "too many metrics");
}

static void test_files(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("vt-import-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "r.txt", NULL);
    g_autofree char *pipe_path = NULL;
    g_autoptr(VtProfile) profile = NULL, piped = NULL;
    g_autoptr(GError) error = NULL;
    int ends[2];

    assert_null(vt_import_file(path, NULL, NULL, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_non_null(strstr(error->message, path));
    g_clear_error(&error);
    assert_null(vt_import_file(dir, NULL, NULL, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_non_null(strstr(error->message, "directory"));
    g_clear_error(&error);

    assert_true(g_file_set_contents(path, LINE, -1, NULL));
    profile = vt_import_file(path, NULL, NULL, &error);
    assert_no_error(error);
    assert_true(vt_test_count(profile, "exits") == 9617);
    assert_true(g_file_set_contents(path, LINE "x\n", -1, NULL));
    assert_null(vt_import_file(path, NULL, NULL, &error));
    assert_true(g_str_has_prefix(error->message, path));
    g_clear_error(&error);

    /* As of a process substitution. */
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], LINE, strlen(LINE)), strlen(LINE));
    close(ends[1]);
    pipe_path = g_strdup_printf("/dev/fd/%d", ends[0]);
    piped = vt_import_file(pipe_path, NULL, NULL, &error);
    assert_no_error(error);
    assert_non_null(piped);
    close(ends[0]);

    g_unlink(path);
    g_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recognises), cmocka_unit_test(test_names_of_formats),
        cmocka_unit_test(test_no_format),  cmocka_unit_test(test_binary),
        cmocka_unit_test(test_long_lines), cmocka_unit_test(test_dos),
        cmocka_unit_test(test_byte_order_mark),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_domain),     cmocka_unit_test(test_no_domain),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_files),      cmocka_unit_test(test_no_break_spaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
