/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to files on their way, done to every recording of a real tool: line ends of DOS, an end that is missing,
 * and lines of another recording between. Never does a number come out of it that the recording does not have. */
#include "vt-test-import.h"

#include "source/native.h"

#define STEP 23     /* between the places where a recording is cut; */
#define EVERY 300   /* at its end every place is tried */

/* @name: which recording it was. */
static VtProfile *import(const char *name, const char *text, gsize length, GError **error)
{
    const VtImportOptions options = {.vcpus = 1,
                                     .duration_ns = 1000000000,
                                     .domain = g_str_has_prefix(name, "domstats") ? "e1000-ide" : NULL};

    return vt_test_import(text, length, NULL, &options, error);
}

static void with_dos_lines(const char *name, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autofree char *dos = g_strjoinv("\r\n", lines);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) good = import(name, text, strlen(text), NULL), same = import(name, dos, strlen(dos), &error);
    g_autofree char *a = NULL, *b = NULL;

    assert_non_null(good);
    if (!same)
        fail_msg("%s with line ends of DOS: %s", name, error->message);
    a = vt_native_format(good);
    b = vt_native_format(same);
    assert_string_equal(a, b);
}

/* A count of one window that is still there is the same, or less where it is a sum over lines; more, or another metric, it
 * never is. */
static void check_cut(const char *name, gsize at, const VtProfile *whole, const VtProfile *part, gboolean sums)
{
    GHashTableIter iter;
    const VtMetric *metric;

    g_hash_table_iter_init(&iter, part->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        const VtMetric *full = vt_profile_get(whole, metric->name);

        if (!full)
            fail_msg("%s cut at %zu has %s", name, (size_t)at, metric->name);
        if (metric->count > full->count)
            fail_msg("%s cut at %zu has more of %s", name, (size_t)at, metric->name);
        if (!sums && metric->count != full->count)
            fail_msg("%s cut at %zu has %" G_GUINT64_FORMAT " of %s, not %" G_GUINT64_FORMAT, name, (size_t)at,
                     metric->count, metric->name, full->count);
    }
}

static void cut(const char *name, const char *text)
{
    gsize length = strlen(text);
    g_autoptr(VtProfile) whole = import(name, text, length, NULL);
    /* Of events or windows one after the other a part is a shorter recording. */
    gboolean sums = whole->windows->len > 1 || g_str_has_prefix(name, "perf-script") ||
                    g_str_has_prefix(name, "trace") || g_str_has_prefix(name, "ftrace");

    for (gsize at = 0; at < length; at += at + EVERY < length ? STEP : 1) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VtProfile) part = import(name, text, at, &error);

        if (part)
            check_cut(name, at, whole, part, sums);
        else
            assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    }
}

/* Two recordings written to one file at a time. What does not belong to the one that was recognised is an error or is
 * passed over as talk of its tool is; a number of it never counts. */
static void interleave(const char *name, const char *text, const char *other)
{
    g_auto(GStrv) a = g_strsplit(text, "\n", -1), b = g_strsplit(other, "\n", -1);
    g_autoptr(GString) mixed = g_string_new(NULL);
    g_autoptr(VtProfile) whole = import(name, text, strlen(text), NULL), part = NULL;
    g_autoptr(GError) error = NULL;
    gsize i = 0, j = 0;

    while (a[i] || b[j]) {
        if (a[i])
            g_string_append_printf(mixed, "%s\n", a[i++]);
        if (b[j])
            g_string_append_printf(mixed, "%s\n", b[j++]);
    }
    part = import(name, mixed->str, mixed->len, &error);
    if (part && g_str_equal(part->sources->pdata[0], whole->sources->pdata[0]))
        check_cut(name, mixed->len, whole, part, TRUE);
    else if (!part)
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
}

static void each_recording(void (*check)(const char *name, const char *text))
{
    g_autofree char *path = vt_test_src("tests/data/recordings");
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    guint n = 0;

    assert_non_null(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *text = NULL;

        assert_true(g_file_get_contents(file, &text, NULL, NULL));
        check(name, text);
        n++;
    }
    assert_true(n >= 10);
}

static void test_dos(void **state)
{
    each_recording(with_dos_lines);
}

static void test_cut(void **state)
{
    each_recording(cut);
}

static void mix_with_stat(const char *name, const char *text)
{
    static const char other[] = "\n Performance counter stats for process id '1':\n\n   12345678      kvm:kvm_exit\n\n"
                                "   1.0 seconds time elapsed\n";

    if (!g_str_has_prefix(name, "perf-stat"))
        interleave(name, text, other);
}

static void mix_with_table(const char *name, const char *text)
{
    interleave(name, text, "[ EXIT_REASON_HLT] [12] count = 987654321\n[ EXIT_REASON_CPUID] [10] count = 987654321\n");
}

static void test_interleaved(void **state)
{
    each_recording(mix_with_stat);
    each_recording(mix_with_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dos),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_interleaved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
