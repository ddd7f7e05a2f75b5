/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparisons as JSON and HTML: valid whatever the names are, and "not measured" is no zero. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "report/json-write.h"
#include "report/report-compare.h"
#include "vt-test-schema.h"
#include "vt-test.h"

#include <locale.h>

#define HOSTILE "<script>alert(1)</script>\"onmouseover=x ]]>\x1b[31m"

static VtProfile *new_profile(guint64 mmio, const char *only)
{
    VtProfile *profile = vt_profile_new();

    for (guint i = 0; i < 3; i++) {
        vt_profile_add_window(profile, 1000000000, 1);
        vt_profile_add(profile, i, "exits", "libvirt", mmio + 100);
        vt_profile_add(profile, i, "exit.hlt", "libvirt", 90 + i);
        vt_profile_add(profile, i, "exit.mmio", "libvirt", mmio);
        vt_profile_add(profile, i, only, "libvirt", 7);
    }
    vt_profile_add_source(profile, "libvirt");
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static VtCause *new_cause(const char *device, VtVerifyVerdict verdict, guint64 change)
{
    VtCause *cause = g_new0(VtCause, 1);

    cause->rule = g_strdup(HOSTILE);
    cause->device = g_strdup(device);
    cause->verdict = verdict;
    cause->change = change;
    cause->reason = g_strdup(HOSTILE);
    return cause;
}

static void free_cause(gpointer data)
{
    VtCause *cause = data;

    g_free(cause->rule);
    g_free(cause->device);
    g_free(cause->reason);
    g_free(cause);
}

/* @n comparisons: with all there can be, then with next to nothing. */
static char *write_report(const VtReportCompareFormat *format, guint n, gboolean verbose)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_autoptr(VtProfile) before = new_profile(1000, "pio.0x1f7"),
                         after = new_profile(10, "exit.cpuid");
    gpointer report = format->begin(term, verbose);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < n; i++) {
        g_auto(VtReportCompare) compare = {.domain = HOSTILE,
                                           .before_is = HOSTILE,
                                           .after_is = HOSTILE,
                                           .before = before,
                                           .after = after,
                                           .causes_note = i ? HOSTILE : NULL};

        vt_report_compare_measure(&compare);
        if (i == 0) {
            compare.causes = g_ptr_array_new_with_free_func(free_cause);
            g_ptr_array_add(compare.causes, new_cause(NULL, VT_VERIFY_WORKED, 3));
            g_ptr_array_add(compare.causes, new_cause(HOSTILE, VT_VERIFY_WORSE, 0));
            ((VtCause *)compare.causes->pdata[1])->against = TRUE;
            compare.facts = g_ptr_array_new_with_free_func(g_free);
            g_ptr_array_add(compare.facts, g_strdup(HOSTILE));
            compare.mismatch = g_strdup(HOSTILE);
            compare.diff = g_strdup("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-" HOSTILE "\n+" HOSTILE "\n");
        }
        format->write(report, &compare);
    }
    format->end(report);
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        g_string_append_c(text, (char)c);
    fclose(file);
    return g_string_free(text, FALSE);
}

static void test_json(void **state)
{
    vt_test_schema_or_skip();
    for (guint n = 0; n <= 2; n++) {
        g_autofree char *text = write_report(&vt_report_compare_json, n, FALSE);

        vt_test_validate("comparison.schema.json", text);
        if (n == 0)
            continue;
        assert_non_null(strstr(
            text,
            "{\"metric\":\"exit.mmio\",\"before\":{\"median\":1000,\"min\":1000,\"max\":1000,"
            "\"source\":\"libvirt\"},\"after\":{\"median\":10,\"min\":10,\"max\":10,\"source\":"
            "\"libvirt\"},\"change_pct\":-99,\"chance\":0.10000000000000001,\"outcome\":\"fewer\"}"));
        assert_non_null(strstr(
            text,
            "{\"metric\":\"pio.0x1f7\",\"before\":{\"median\":7,\"min\":7,\"max\":7,\"source\":"
            "\"libvirt\"},\"after\":null,\"change_pct\":null,\"outcome\":\"unknown\","
            "\"reason\":\"not measured after\"}"));
    }
}

static void test_html(void **state)
{
    g_autofree char *page = write_report(&vt_report_compare_html, 2, FALSE);
    g_autofree char *none = write_report(&vt_report_compare_html, 0, FALSE);

    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "\x1b"));
    assert_non_null(
        strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;onmouseover=x ]]&gt;\\x1b[31m"));
    assert_non_null(strstr(page, "id=\"comparison-2\""));
    assert_non_null(strstr(page, "not measured after"));
    assert_non_null(strstr(page, "What moved most"));
    assert_non_null(strstr(page, "<span>against &lt;script"));
    assert_null(strstr(page, "Nothing was changed"));
    assert_non_null(strstr(page, "exits but HLT: 1,009 → 19;"));
    assert_non_null(strstr(page, "<details><summary>"));
    assert_true(g_str_has_suffix(page, "</html>\n"));
    assert_true(g_str_has_suffix(none, "</html>\n"));
}

/* The report of two profiles that are finished. */
static char *report_on(const VtReportCompareFormat *format, VtProfile *before, VtProfile *after)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_auto(VtReportCompare) compare = {
        .domain = "d", .before_is = "b", .after_is = "a", .before = before, .after = after};
    gpointer report = format->begin(term, FALSE);
    GString *text = g_string_new(NULL);

    vt_report_compare_measure(&compare);
    format->write(report, &compare);
    format->end(report);
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        g_string_append_c(text, (char)c);
    fclose(file);
    return g_string_free(text, FALSE);
}

/* Of exits but HLT before and after, and of others of which each moves to nothing; @low: the exits from
 * before are a lower bound. */
static char *report_of(const VtReportCompareFormat *format, guint windows, guint64 then,
                       guint64 now, const char *const *gone, gboolean low)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();

    for (guint i = 0; i < windows; i++) {
        vt_profile_add_window(before, 1000000000, 1);
        vt_profile_add_window(after, 1000000000, 1);
        vt_profile_add(before, i, "exits", "bpf", then);
        vt_profile_add(after, i, "exits", "bpf", now);
        vt_profile_add(before, i, "exit.hlt", "bpf", 0);
        vt_profile_add(after, i, "exit.hlt", "bpf", 0);
        for (const char *const *name = gone; *name; name++) {
            vt_profile_add(before, i, *name, "bpf", 1000);
            vt_profile_add(after, i, *name, "bpf", 0);
        }
    }
    before->exits_low = low;
    assert_true(vt_profile_finish(before, NULL) && vt_profile_finish(after, NULL));
    return report_on(format, before, after);
}

static char *page_of(guint64 then, guint64 now, const char *const *gone)
{
    return report_of(&vt_report_compare_html, 10, then, now, gone, FALSE);
}

/* What is less work is no gain, and less idle time is none either. */
static void test_colours(void **state)
{
    static const struct {
        const char *metric;
        gboolean cost;
    } rows[] = {
        {"exit.mmio", TRUE},     {"msr.write.0x80b", TRUE},     {"pio.0x1f7", TRUE},
        {"mmio.0xfee00000", TRUE}, {"sched.run-delay-ns", TRUE}, {"exit.hlt", FALSE},
        {"exits", FALSE},        {"net.packets", FALSE},        {"block.requests", FALSE},
        {"qemu.busy-ns", FALSE}, {"kvm.halt_wait_ns", FALSE},   {"irq.24", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *const gone[] = {rows[i].metric, NULL};
        g_autofree char *page = page_of(2000, 2000, gone);
        g_autofree char *cell = g_strdup_printf("<code>%s</code>", rows[i].metric);
        const char *row = strstr(page, cell), *end = row ? strstr(row, "</tr>") : NULL;
        g_autofree char *text = end ? g_strndup(row, (gsize)(end - row)) : NULL;

        assert_non_null(text);
        if (!strstr(text, rows[i].cost ? "badge none" : "badge info"))
            fail_msg("%s", text);
    }
}

/* @rates: of exit.mmio in the windows before and after; exit.io stays as it is. */
static char *differing(const VtReportCompareFormat *format, const guint64 (*rates)[4])
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    VtProfile *const profiles[] = {before, after};

    for (guint i = 0; i < 2; i++) {
        for (guint j = 0; j < 4; j++) {
            vt_profile_add_window(profiles[i], 1000000000, 1);
            vt_profile_add(profiles[i], j, "exit.mmio", "bpf", rates[i][j]);
            vt_profile_add(profiles[i], j, "exit.io", "bpf", 50000);
        }
        assert_true(vt_profile_finish(profiles[i], NULL));
    }
    return g_strdelimit(report_on(format, before, after), "\n", ' ');
}

/* What may be chance is no proof that nothing differs. */
static void test_none_moved(void **state)
{
    static const char none[] = "No metric differs by more than the windows do among themselves.",
                      maybe[] = "No difference is certain: the windows are too few or too varied "
                                "to rule out chance.";
    static const struct {
        guint64 rates[2][4];
        const char *says;
    } rows[] = {
        {{{1000, 1001, 1002, 1003}, {1000, 1001, 1002, 1003}}, none},
        {{{1000, 1001, 1002, 1003}, {1904, 1905, 1905, 1906}}, maybe}, /* apart, not by enough */
        {{{1000, 1001, 1002, 1003}, {100, 5000, 5000, 100}}, maybe}, /* by enough, not apart at all */
        {{{1000, 1001, 1002, 1003}, {3000, 3001, 3002, 3003}}, NULL},
    };
    const VtReportCompareFormat *const formats[] = {&vt_report_compare_text,
                                                    &vt_report_compare_html};

    for (gsize i = 0; i < G_N_ELEMENTS(rows) * G_N_ELEMENTS(formats); i++) {
        const char *says = rows[i / 2].says;
        g_autofree char *text = differing(formats[i % 2], rows[i / 2].rates);

        if ((strstr(text, none) != NULL) != (says == none) ||
            (strstr(text, maybe) != NULL) != (says == maybe))
            fail_msg("%zu: %s", i, text);
        assert_null(strstr(text, "There is no metric of which"));
    }
}

/* Three digits, a number in JSON, and never nothing. */
static void test_chance_written(void **state)
{
    static const double rows[][2] = {{0.1, 0.1},       {1.0 / 126, 0.00794}, {4.1234e-4, 4.12e-4},
                                     {1e-8, 1e-8},     {1e-10, 1e-10},       {3.004e-9, 3e-9},
                                     {1e-200, 1e-200}, {0, 2.23e-308},       {0.99996, 1}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(JsonBuilder) builder = json_builder_new();
        g_autofree char *text = NULL;
        g_autoptr(VtJson) json = NULL;
        g_autoptr(GError) error = NULL;
        double written;

        json_builder_begin_object(builder);
        vt_json_write_chance(builder, "chance", rows[i][0]);
        json_builder_end_object(builder);
        text = vt_json_write_generate(builder);
        json = vt_json_parse(text, strlen(text), NULL, &error);
        if (!json)
            fail_msg("%s: %s", text, error->message);
        written = g_ascii_strtod(text + strlen("{\"chance\":"), NULL);
        assert_true(fabs(written / rows[i][1] - 1) < 1e-12);
    }
}

/* Unlikely is not impossible, however long both samples are. */
static void test_json_chance(void **state)
{
    static const struct {
        guint windows;
        const char *chance;
    } rows[] = {{10, "1.08e-05"}, {1500, "2.23e-308"}};

    vt_test_schema_or_skip();
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        static const char *const gone[] = {"exit.mmio", NULL};
        g_autofree char *text =
            report_of(&vt_report_compare_json, rows[i].windows, 2000, 2000, gone, FALSE);
        const char *chance;

        vt_test_validate("comparison.schema.json", text);
        chance = strstr(text, "\"chance\":");
        assert_non_null(chance);
        assert_true(g_ascii_strtod(chance + strlen("\"chance\":"), NULL) ==
                    g_ascii_strtod(rows[i].chance, NULL));
    }
}

/* What did not move is not what moved most. */
static void test_chart(void **state)
{
    static const char *const mmio[] = {"exit.mmio", NULL}, *const none[] = {NULL};
    g_autofree char *moved = page_of(2000, 2000, mmio), *both = page_of(2000, 20, mmio);
    g_autofree char *still = page_of(2000, 2000, none);

    assert_non_null(strstr(moved, "What moved most"));
    assert_non_null(strstr(moved, "exit.mmio: 1,000 → 0"));
    assert_null(strstr(moved, "exits but HLT: 2,000 → 2,000"));
    assert_non_null(strstr(both, "exits but HLT: 2,000 → 20"));
    assert_null(strstr(still, "What moved most"));
    assert_non_null(strstr(still, "exits but HLT: 2,000 → 2,000"));
}

static void test_text(void **state)
{
    g_autofree char *text = write_report(&vt_report_compare_text, 2, FALSE);
    g_autofree char *verbose = write_report(&vt_report_compare_text, 1, TRUE);

    for (const char *p = text; *p; p++)
        assert_true((guchar)*p >= 0x20 || *p == '\n');
    assert_non_null(
        strstr(text, "exit.mmio      1,000 1,000 to 1,000    10     10 to 10  -99 %\n"));
    assert_null(strstr(text, "pio.0x1f7"));
    assert_non_null(strstr(text, "those of which nothing can be told (2)"));
    assert_non_null(strstr(verbose, "Nothing can be told (not measured after): pio.0x1f7."));
    assert_non_null(strstr(verbose, "exit.hlt"));
}

/* Never nothing, and empty where the medians hardly differ. */
static void test_chance_shown(void **state)
{
    static const struct {
        double chance;
        const char *text;
    } rows[] = {{1, ""},           {0.99, "99 %"},     {0.1, "10 %"},       {1.0 / 126, "0.79 %"},
                {1e-4, "0.01 %"}, {1.08e-5, "< 0.01 %"}, {0, "< 0.01 %"}};
    static const char *const gone[] = {"exit.mmio", NULL};
    g_autofree char *brief = NULL, *page = NULL, *verbose = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        const VtCompareRow row = {.metric = (char *)"exit.mmio", .chance = rows[i].chance};
        g_autofree char *text = vt_report_compare_chance(&row);

        assert_string_equal(text, rows[i].text);
    }
    brief = report_of(&vt_report_compare_text, 10, 2000, 2000, gone, FALSE);
    assert_null(strstr(brief, "CHANCE"));
    page = report_of(&vt_report_compare_html, 10, 2000, 2000, gone, FALSE);
    assert_non_null(strstr(page, ">Chance</th>"));
    assert_non_null(strstr(page, "<td class=\"number rest\">&lt; 0.01 %</td>"));
    verbose = write_report(&vt_report_compare_text, 1, TRUE);
    assert_non_null(strstr(verbose, "CHANCE\n"));
    assert_non_null(strstr(verbose, "-99 %   10 %\n"));
}

/* However many they are: what is not named seems not to have moved. */
static void test_all_moved(void **state)
{
    const VtReportCompareFormat *const formats[] = {
        &vt_report_compare_text, &vt_report_compare_html, &vt_report_compare_json};
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < 60; i++)
        g_ptr_array_add(names, g_strdup_printf("mmio.0xfe0%02x000", i));
    g_ptr_array_add(names, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_autofree char *text = report_of(formats[i], 10, 2000, 2000,
                                          (const char *const *)(gpointer)names->pdata, FALSE);

        for (guint j = 0; j < names->len - 1; j++)
            if (!strstr(text, g_ptr_array_index(names, j)))
                fail_msg("%s has no %s:\n%s", formats[i]->name,
                         (const char *)g_ptr_array_index(names, j), text);
    }
}

/* What is left of many is not nothing, and growth from nothing has no percentage. */
static void test_change(void **state)
{
    VtCompareRow row = {.metric = (char *)"exit.mmio",
                        .before = {.known = TRUE, .median = 100000, .windows = 3},
                        .after = {.known = TRUE, .median = 1, .windows = 3},
                        .outcome = VT_COMPARE_FEWER};
    g_autofree char *almost = vt_report_compare_change(&row), *gone = NULL, *more = NULL,
                    *times = NULL, *same = NULL, *none = NULL;

    assert_string_equal(almost, "-99.9 %");
    row.after.median = 0;
    gone = vt_report_compare_change(&row);
    assert_string_equal(gone, "-100 %");
    row.after.median = 250000;
    row.outcome = VT_COMPARE_MORE;
    more = vt_report_compare_change(&row);
    assert_string_equal(more, "+150 %");
    row.before.median = 10;
    row.after.median = 15500;
    times = vt_report_compare_change(&row);
    assert_string_equal(times, "× 1,550");
    row.after.median = 10.02;
    row.outcome = VT_COMPARE_SAME;
    same = vt_report_compare_change(&row);
    assert_string_equal(same, "0 %");
    row.before.median = 0;
    none = vt_report_compare_change(&row);
    assert_string_equal(none, "");
}

/* A factor or a percentage of what is shown as 0 would not follow from what is shown. */
static void test_change_of_zero(void **state)
{
    VtCompareRow row = {.metric = (char *)"exits",
                        .before = {.known = TRUE, .median = 0.5, .windows = 3},
                        .after = {.known = TRUE, .median = 1000, .windows = 3},
                        .outcome = VT_COMPARE_MORE};
    g_autofree char *before = vt_report_compare_value(&row, &row.before);
    g_autofree char *factor = vt_report_compare_change(&row), *percent = NULL, *some = NULL,
                    *time = NULL;

    assert_string_equal(before, "0");
    assert_string_equal(factor, "");
    row.after.median = 3;
    percent = vt_report_compare_change(&row);
    assert_string_equal(percent, "");
    row.before.median = 0.6;
    row.after.median = 600;
    some = vt_report_compare_change(&row);
    assert_string_equal(some, "× 1,000");
    row.metric = (char *)"sched.run-delay-ns";
    row.before.median = 100e3;
    row.after.median = 30e6;
    time = vt_report_compare_change(&row);
    assert_string_equal(time, "× 300");
}

/* Times as everywhere, and bounds with their mark. */
static void test_values(void **state)
{
    VtCompareRow row = {.metric = (char *)"sched.run-delay-ns",
                        .before = {.known = TRUE, .median = 30e6, .min = 1e5, .max = 25e7},
                        .after = {.known = TRUE, .bound = VT_BOUND_AT_LEAST, .median = 1234.5}};
    g_autofree char *time = vt_report_compare_value(&row, &row.before);
    g_autofree char *range = vt_report_compare_range(&row, &row.before);
    g_autofree char *bound = NULL, *most = NULL;

    assert_string_equal(time, "30 ms");
    assert_string_equal(range, "100 us to 250 ms");
    row.metric = (char *)"exits-hlt";
    bound = vt_report_compare_value(&row, &row.after);
    assert_string_equal(bound, "≥ 1,234");
    row.after.bound = VT_BOUND_AT_MOST;
    most = vt_report_compare_value(&row, &row.after);
    assert_string_equal(most, "≤ 1,234");
}

/* In all formats, and of the total only. */
static void test_lower_bounds(void **state)
{
    const VtReportCompareFormat *const formats[] = {
        &vt_report_compare_text, &vt_report_compare_html, &vt_report_compare_json};
    static const char *const marks[] = {"≥ 1,000", "≥ 1,000", "\"at_least\":true"};

    vt_test_schema_or_skip();
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        for (guint low = 0; low <= 1; low++) {
            const char *const gone[] = {"exit.mmio", NULL};
            g_autofree char *text = report_of(formats[i], 10, 1000, 1000, gone, low);

            assert_int_equal(strstr(text, marks[i]) != NULL, low);
            assert_non_null(strstr(text, "exit.mmio"));
            if (formats[i] == &vt_report_compare_json)
                vt_test_validate("comparison.schema.json", text);
        }
    }
}

/* Interrupts of more CPUs than the vCPUs ran on: no change is told of them, and the figures have a mark where they are. */
static void test_upper_bounds(void **state)
{
    const VtReportCompareFormat *const formats[] = {
        &vt_report_compare_text, &vt_report_compare_html, &vt_report_compare_json};
    static const char *const marks[] = {NULL, "≤ 400", "\"at_most\":true"},
                      *const moves[] = {"× 100", "× 100", "\"outcome\":\"more\""},
                      *const reasons[] = {"nothing can be told (1)", "counted on all CPUs", "counted on all CPUs"};

    vt_test_schema_or_skip();
    for (gsize i = 0; i < G_N_ELEMENTS(formats) * 2; i++) {
        g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
        VtProfile *const profiles[] = {before, after};
        g_autofree char *report = NULL, *text = NULL;
        const gsize format = i / 2;

        for (guint j = 0; j < 2; j++) {
            for (guint k = 0; k < 10; k++) {
                vt_profile_add_window(profiles[j], 1000000000, 1);
                vt_profile_add(profiles[j], k, "exits", "bpf", 1000);
                vt_profile_add(profiles[j], k, "exit.hlt", "bpf", 0);
                vt_profile_add(profiles[j], k, "irq.24", "interrupts", j ? 40000 : 400);
            }
            profiles[j]->irqs_at_most = i % 2;
            assert_true(vt_profile_finish(profiles[j], NULL));
        }
        report = report_on(formats[format], before, after);
        text = g_strdelimit(g_strdup(report), "\n", ' ');
        assert_int_equal(marks[format] && strstr(text, marks[format]) != NULL, marks[format] && i % 2);
        assert_int_equal(strstr(text, moves[format]) == NULL, i % 2);
        assert_int_equal(strstr(text, reasons[format]) != NULL, i % 2);
        if (formats[format] == &vt_report_compare_json)
            vt_test_validate("comparison.schema.json", report);
    }
}

static void test_formats(void **state)
{
    assert_ptr_equal(vt_report_compare_format("text"), &vt_report_compare_text);
    assert_ptr_equal(vt_report_compare_format("json"), &vt_report_compare_json);
    assert_ptr_equal(vt_report_compare_format("html"), &vt_report_compare_html);
    assert_null(vt_report_compare_format("csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),   cmocka_unit_test(test_html),    cmocka_unit_test(test_text),
        cmocka_unit_test(test_change), cmocka_unit_test(test_formats),
        cmocka_unit_test(test_change_of_zero), cmocka_unit_test(test_values),
        cmocka_unit_test(test_lower_bounds), cmocka_unit_test(test_upper_bounds),
        cmocka_unit_test(test_colours), cmocka_unit_test(test_chart),
        cmocka_unit_test(test_none_moved), cmocka_unit_test(test_chance_written),
        cmocka_unit_test(test_json_chance), cmocka_unit_test(test_all_moved),
        cmocka_unit_test(test_chance_shown),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
