/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting for a CPU in the windows of a sample, from files that change meanwhile. */
#include "config.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "model/profile-vcpu.h"
#include "source/source.h"
#include "vt-test-tree.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define METRIC "sched.run-delay-ns"
#define CMDLINE "qemu\0-uuid\0" UUID

/* What the two vCPU threads show at each snapshot. */
static const char *const (*script)[2];
static void (*meanwhile)(guint snapshot); /* changes the files further; NULL */
static gboolean tells_vcpus;              /* the source of the windows does, as BPF does */
static guint vcpus;
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
    if (script[*n][0])
        vt_test_tree_write(dir, "proc/41/task/42/schedstat", script[*n][0], -1);
    if (script[*n][1])
        vt_test_tree_write(dir, "proc/41/task/43/schedstat", script[*n][1], -1);
    if (meanwhile)
        meanwhile(*n);
    if (*n > 0)
        vt_sample_ready(sample, g_ptr_array_index(vt_sample_domains(sample), 0), tells_vcpus ? vcpus : 0);
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

/* So many windows of a second; one text more is read. */
static VtProfile *run_windows(const char *const (*texts)[2], guint n, gboolean per_vcpu)
{
    const VtSource *const sources[] = {&windows, &vt_source_schedstat, NULL};
    const VtSampleOptions options = {
        .duration_ns = n * G_GUINT64_CONSTANT(1000000000), .interval_ns = 1000000000, .per_vcpu = per_vcpu};
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    g_autoptr(GPtrArray) profiles = NULL, notes = NULL;
    g_autoptr(GError) error = NULL;

    assert_non_null(virt);
    vt_clock_simulate(TRUE);
    script = texts;
    g_ptr_array_add(domains, vt_domain_new("test", UUID));
    ((VtDomain *)domains->pdata[0])->vcpus = 2;
    if (!vt_sample_run(sources, virt, root, domains, NULL, &options, &profiles, &notes, &error))
        fail_msg("%s", error->message);
    assert_non_null(g_ptr_array_index(profiles, 0));
    return vt_profile_ref(g_ptr_array_index(profiles, 0));
}

static VtProfile *run(const char *const (*texts)[2], gboolean per_vcpu)
{
    return run_windows(texts, 2, per_vcpu);
}

static int set_up(void **state)
{
    meanwhile = NULL;
    tells_vcpus = TRUE;
    vcpus = 2;
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

static void remove_below(const char *path)
{
    g_autofree char *full = g_build_filename(dir, path, NULL);

    vt_test_tree_remove(full);
}

/* Files as a thread leaves them, and one that waited for 1000 ns more at each snapshot. */
static void write_thread(guint pid, guint thread, const char *comm, guint snapshot)
{
    g_autofree char *name = g_strdup_printf("proc/%u/task/%u/comm", pid, thread);
    g_autofree char *file = g_strdup_printf("proc/%u/task/%u/schedstat", pid, thread);
    g_autofree char *text = g_strdup_printf("9 %u 9\n", (snapshot + 1) * 1000);

    vt_test_tree_write(dir, name, comm, -1);
    vt_test_tree_write(dir, file, text, -1);
}

/* FALSE where a file system's directories have one link, whatever is in them (btrfs), as those of /proc have not. */
static gboolean has_links(void)
{
    struct stat status;

    return stat(dir, &status) == 0 && status.st_nlink > 1;
}

static const char *const steady[][2] = {{"1 100 1", "1 100 1"}, {"2 110 1", "2 120 1"}, {"3 120 1", "3 140 1"},
                                        {"4 130 1", "4 160 1"}, {"5 140 1", "5 180 1"}};

static void plug_at_2(guint snapshot)
{
    if (snapshot >= 2)
        write_thread(41, 44, "CPU 1/KVM\n", snapshot);
    vcpus = snapshot >= 3 ? 3 : 2;
}

static guint vcpus_in(const VtProfile *profile, guint window)
{
    return g_array_index(profile->windows, VtWindow, window).vcpus;
}

/* The window in which a vCPU is plugged in is not counted; from the next one on it is, with the others. */
static void assert_plugged(const VtProfile *profile)
{
    const VtMetric *metric = vt_profile_get(profile, METRIC);
    g_autofree char *notes = NULL;

    assert_non_null(metric);
    assert_int_equal(metric->counts->len, 3);
    assert_int_equal(g_array_index(metric->counts, guint64, 0), 30);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), 1030);
    assert_int_equal(g_array_index(metric->counts, guint64, 2), 1030);
    assert_int_equal(vt_profile_vcpu_get(metric, 1)->count, 2000);
    assert_int_equal(vcpus_in(profile, 0), 2);
    assert_int_equal(vcpus_in(profile, 2), 3);
    assert_int_equal(profile->vcpus, 3);
    assert_int_equal(profile->notes->len, 1);
    assert_string_equal(g_ptr_array_index(profile->notes, 0), "Windows that are not counted: 1 of 4. "
                                                              "The number of vCPUs changed during the sample.");
}

static void test_plugged(void **state)
{
    g_autoptr(VtProfile) profile = NULL;

    if (!has_links())
        skip();
    meanwhile = plug_at_2;
    profile = run_windows(steady, 4, TRUE);
    assert_plugged(profile);
}

static void worker_until_2(guint snapshot)
{
    if (snapshot == 0)
        write_thread(41, 50, "worker\n", 0);
    if (snapshot == 2)
        remove_below("proc/41/task/50");
    plug_at_2(snapshot);
}

/* As many threads as before: one that is no vCPU's ended meanwhile. The source that opens the windows heard of the new
 * vCPU, one window later. */
static void test_plugged_as_a_worker_ends(void **state)
{
    g_autoptr(VtProfile) profile = NULL;
    const VtMetric *metric;

    meanwhile = worker_until_2;
    profile = run_windows(steady, 4, TRUE);
    metric = vt_profile_get(profile, METRIC);
    assert_int_equal(metric->counts->len, 3);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), 30);
    assert_int_equal(g_array_index(metric->counts, guint64, 2), 1030);
    assert_int_equal(vcpus_in(profile, 1), 2);
    assert_int_equal(vcpus_in(profile, 2), 3);
}

static void unplug_at_2(guint snapshot)
{
    if (snapshot == 2)
        remove_below("proc/41/task/43");
}

/* Nobody else says how many there are. */
static void test_unplugged(void **state)
{
    static const char *const texts[][2] = {
        {"1 100 1", "1 100 1"}, {"2 110 1", "2 120 1"}, {"3 120 1", NULL}, {"4 130 1", NULL}, {"5 140 1", NULL}};
    g_autoptr(VtProfile) profile = NULL;
    const VtMetric *metric;

    meanwhile = unplug_at_2;
    tells_vcpus = FALSE;
    profile = run_windows(texts, 4, TRUE);
    metric = vt_profile_get(profile, METRIC);
    assert_int_equal(metric->counts->len, 3);
    assert_int_equal(g_array_index(metric->counts, guint64, 0), 30);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), 10);
    assert_int_equal(g_array_index(metric->counts, guint64, 2), 10);
    assert_int_equal(vcpus_in(profile, 0), 2);
    assert_int_equal(vcpus_in(profile, 1), 1);
    assert_int_equal(profile->vcpus, 1);
    assert_non_null(strstr(g_ptr_array_index(profile->notes, 0), "The number of vCPUs changed"));
}

static void swap_at_2(guint snapshot)
{
    unplug_at_2(snapshot);
    if (snapshot >= 2)
        write_thread(41, 44, "CPU 1/KVM\n", snapshot);
}

/* As many vCPUs as before, but not the same ones. */
static void test_swapped(void **state)
{
    static const char *const texts[][2] = {
        {"1 100 1", "1 100 1"}, {"2 110 1", "2 120 1"}, {"3 120 1", NULL}, {"4 130 1", NULL}};
    g_autoptr(VtProfile) profile = NULL;
    const VtMetric *metric;

    meanwhile = swap_at_2;
    profile = run_windows(texts, 3, TRUE);
    metric = vt_profile_get(profile, METRIC);
    assert_int_equal(metric->counts->len, 2);
    assert_int_equal(g_array_index(metric->counts, guint64, 0), 30);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), 1010);
    assert_int_equal(vt_profile_vcpu_get(metric, 3)->count, 20);
    assert_int_equal(vt_profile_vcpu_get(metric, 1)->count, 1000);
}

static void restart_at_2(guint snapshot)
{
    if (snapshot == 2)
        remove_below("proc/41");
    if (snapshot < 2)
        return;
    vt_test_tree_write(dir, "proc/61/cmdline", CMDLINE, sizeof(CMDLINE));
    write_thread(61, 62, "CPU 0/KVM\n", snapshot);
    write_thread(61, 63, "CPU 3/KVM\n", snapshot);
}

/* The domain runs in another process: what the others count of it later is not lost for the lack of this. */
static void test_restarted(void **state)
{
    static const char *const texts[][2] = {
        {"1 100 1", "1 100 1"}, {"2 110 1", "2 120 1"}, {NULL, NULL}, {NULL, NULL}, {NULL, NULL}};
    g_autoptr(VtProfile) profile = NULL;
    const VtMetric *metric;

    meanwhile = restart_at_2;
    profile = run_windows(texts, 4, TRUE);
    metric = vt_profile_get(profile, METRIC);
    assert_int_equal(metric->counts->len, 3);
    assert_int_equal(g_array_index(metric->counts, guint64, 0), 30);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), 2000);
    assert_int_equal(g_array_index(metric->counts, guint64, 2), 2000);
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
        cmocka_unit_test_setup_teardown(test_plugged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_plugged_as_a_worker_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unplugged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_swapped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restarted, set_up, tear_down),
        cmocka_unit_test(test_stands_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
