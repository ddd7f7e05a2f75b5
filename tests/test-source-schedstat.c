/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for a CPU in the windows of a sample, from files that change meanwhile. */
#include "config.h"

#include "base/clock.h"
#include "model/profile-vcpu.h"
#include "source/source.h"
#include "vt-test-tree.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define METRIC "sched.run-delay-ns"
#define CMDLINE "qemu\0-uuid\0" UUID

/* What the two vCPU threads show at each snapshot. */
static const char *const (*script)[2];
static char *dir;

static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    *ret_state = g_new0(guint, 1);
    return TRUE;
}

/* Opens every window, as long as the clock says, and writes the files that are read next. */
static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    guint *n = state;

    *ret_when_ns = vt_clock_now_us() * 1000;
    if (*n > 0)
        vt_sample_ready(sample, g_ptr_array_index(vt_sample_domains(sample), 0), 2);
    vt_test_tree_write(dir, "proc/41/task/42/schedstat", script[*n][0], -1);
    vt_test_tree_write(dir, "proc/41/task/43/schedstat", script[*n][1], -1);
    (*n)++;
    return TRUE;
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    vt_profile_add(domain->profile, domain->window, "exits", "windows", 1);
}

static void stop(VtSample *sample, gpointer state)
{
    g_free(state);
}

static const VtSource windows = {
    .name = "windows", .start = start, .snapshot = snapshot, .collect = collect, .stop = stop};

/* Two windows of a second. */
static VtProfile *run(const char *const (*texts)[2], gboolean per_vcpu)
{
    const VtSource *const sources[] = {&windows, &vt_source_schedstat, NULL};
    const VtSampleOptions options = {.duration_ns = 2000000000, .interval_ns = 1000000000, .per_vcpu = per_vcpu};
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    g_autoptr(GPtrArray) profiles = NULL, notes = NULL;
    g_autoptr(GError) error = NULL;

    assert_non_null(virt);
    vt_clock_simulate(TRUE);
    script = texts;
    g_ptr_array_add(domains, vt_domain_new("test", UUID));
    if (!vt_sample_run(sources, virt, root, domains, NULL, &options, &profiles, &notes, &error))
        fail_msg("%s", error->message);
    assert_non_null(g_ptr_array_index(profiles, 0));
    return vt_profile_ref(g_ptr_array_index(profiles, 0));
}

static int set_up(void **state)
{
    dir = vt_test_tree_new();
    vt_test_tree_write(dir, "proc/self/schedstat", "1 1 1\n", -1);
    vt_test_tree_write(dir, "proc/41/cmdline", CMDLINE, sizeof(CMDLINE));
    vt_test_tree_write(dir, "proc/41/task/41/comm", "qemu-system-x86\n", -1);
    vt_test_tree_write(dir, "proc/41/task/42/comm", "CPU 0/KVM\n", -1);
    vt_test_tree_write(dir, "proc/41/task/43/comm", "CPU 3/KVM\n", -1);
    return 0;
}

static int tear_down(void **state)
{
    vt_test_tree_free(dir);
    return 0;
}

static void test_windows(void **state)
{
    static const char *const texts[][2] = {
        {"500 100 7\n", "900 1000 9\n"}, {"600 150 8\n", "950 1000 9\n"}, {"700 150 9\n", "1000 4000 9\n"}};
    g_autoptr(VtProfile) profile = run(texts, TRUE);
    const VtMetric *metric = vt_profile_get(profile, METRIC);

    assert_non_null(metric);
    assert_string_equal(metric->source, "schedstat");
    assert_int_equal(g_array_index(metric->counts, guint64, 0), 50);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), 3000);
    assert_int_equal(vt_profile_vcpu_get(metric, 0)->count, 50);
    assert_int_equal(vt_profile_vcpu_get(metric, 3)->count, 3000);
    assert_string_equal(profile->sources->pdata[1], "schedstat");
}

static void test_not_asked_for_vcpus(void **state)
{
    static const char *const texts[][2] = {{"5 1 7", "9 1 9"}, {"6 2 8", "9 1 9"}, {"7 2 9", "9 1 9"}};
    g_autoptr(VtProfile) profile = run(texts, FALSE);

    assert_int_equal(vt_profile_get(profile, METRIC)->count, 1);
    assert_null(profile->numbered);
}

/* Where the kernel does not count, or the files are no such files, nothing is known, and not zero. */
static void test_unknown(void **state)
{
    static const char *const cases[][3][2] = {
        {{"0 0 0\n", "0 0 0\n"}, {"0 0 0\n", "0 0 0\n"}, {"0 0 0\n", "0 0 0\n"}},
        {{"", ""}, {"", ""}, {"", ""}},
        {{"5 1", "5 1"}, {"5 1", "5 1"}, {"5 1", "5 1"}},
        {{"5 -1 1", "5 -1 1"}, {"5 -1 1", "5 -1 1"}, {"5 -1 1", "5 -1 1"}},
        {{"5 99999999999999999999 1", "5 1 1"}, {"5 1 1", "5 x 1"}, {"5 1 1 1", "5 1 1"}},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtProfile) profile = run(cases[i], FALSE);

        assert_null(vt_profile_get(profile, METRIC));
        assert_int_equal(profile->sources->len, 1);
        assert_int_equal(profile->windows->len, 2);
    }
}

/* libvirt tells the same where it is used. */
static void test_stands_in(void **state)
{
    assert_ptr_equal(vt_source_schedstat.stands_in_for, &vt_source_libvirt);
    assert_true(vt_source_schedstat.companion);
    assert_null(vt_source_find("schedstat"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_windows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_asked_for_vcpus, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown, set_up, tear_down),
        cmocka_unit_test(test_stands_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
