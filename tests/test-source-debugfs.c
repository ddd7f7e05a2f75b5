/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source "debugfs" on a domain of libvirt's test driver and a made-up tree that changes while it is
 * sampled. Real counters are tested in the nested host. */
#include "config.h"

#include "base/clock.h"
#include "source/source.h"
#include "vt-test-tree.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define QEMU "qemu-system-x86_64\0-uuid\0" UUID "\0"
#define KVM "sys/kernel/debug/kvm/"

typedef struct {
    char *dir;
    VtVirt *virt;
    VtRoot *root;
    VtHost *host;
    GPtrArray *domains;
    virDomainPtr handle;
    guint windows;
    guint64 step; /* what the counter grows by in each window */
    guint64 exits;
    char *vm;
    void (*meanwhile)(gpointer fixture); /* called once, within the second window */
} Fixture;

static void remove_path(const Fixture *f, const char *path)
{
    g_autofree char *full = g_build_filename(f->dir, path, NULL);

    vt_test_tree_remove(full);
}

static void write_counter(Fixture *f)
{
    g_autofree char *path = g_strconcat(KVM, f->vm, "/exits", NULL);
    g_autofree char *io = g_strconcat(KVM, f->vm, "/io_exits", NULL);
    g_autofree char *pages = g_strconcat(KVM, f->vm, "/pages_4k", NULL);
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT "\n", f->exits);
    g_autofree char *falling = g_strdup_printf("%u\n", 1000 - f->windows);

    vt_test_tree_write(f->dir, path, text, -1);
    vt_test_tree_write(f->dir, io, "0\n", -1);
    vt_test_tree_write(f->dir, pages, falling, -1);
}

static void add_process(Fixture *f, guint pid)
{
    g_autofree char *cmdline = g_strdup_printf("proc/%u/cmdline", pid);
    g_autofree char *comm = g_strdup_printf("proc/%u/task/%u/comm", pid, pid + 1);
    g_autofree char *vm = g_strdup_printf("%u-11", pid);

    vt_test_tree_write(f->dir, cmdline, QEMU, sizeof QEMU - 1);
    vt_test_tree_write(f->dir, comm, "CPU 0/KVM\n", -1);
    g_free(f->vm);
    f->vm = g_steal_pointer(&vm);
    write_counter(f);
}

static int set_up(void **state)
{
    static const char *const names[] = { "exits", "io_exits", "pages_4k" };
    Fixture *f = g_new0(Fixture, 1);
    VtDomain *domain = vt_domain_new("test", UUID);

    vt_clock_simulate(TRUE);
    f->dir = vt_test_tree_new();
    f->root = vt_root_new(f->dir);
    f->virt = vt_virt_open("test:///default", TRUE, FALSE, NULL);
    assert_non_null(f->virt);
    f->handle = vt_virt_lookup(f->virt, "test", NULL);
    assert_non_null(f->handle);
    f->domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    domain->vcpus = 7;
    g_ptr_array_add(f->domains, domain);
    f->host = vt_host_new();
    vt_test_tree_write(f->dir, "proc/self/mountinfo",
                       "36 27 0:8 / /sys/kernel/debug rw - debugfs none rw\n", -1);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strconcat(KVM, names[i], NULL);

        vt_test_tree_write(f->dir, path, "5000\n", -1);
    }
    f->exits = 100;
    f->step = 50;
    add_process(f, 41);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_host_unref(f->host);
    virDomainFree(f->handle);
    g_ptr_array_unref(f->domains);
    vt_root_free(f->root);
    vt_virt_close(f->virt);
    vt_test_tree_free(f->dir);
    g_free(f->vm);
    g_free(f);
    vt_clock_simulate(FALSE);
    return 0;
}

static void on_progress(guint64 elapsed_ns, guint64 total_ns, gpointer data)
{
    Fixture *f = data;

    f->windows++;
    f->exits += f->step;
    if (f->vm)
        write_counter(f);
    if (f->windows == 1 && f->meanwhile)
        f->meanwhile(f);
}

/* Samples four windows, in the first of which nothing happens: the profile or NULL, and the note. */
static VtProfile *sample_by(Fixture *f, const VtSource *const *sources, char **ret_note)
{
    VtSampleOptions options = {
        .duration_ns = G_GUINT64_CONSTANT(4000000000),
        .interval_ns = 1000000000,
        .progress = on_progress,
        .progress_data = f,
    };
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(GPtrArray) notes = NULL;
    g_autoptr(GError) error = NULL;

    if (!vt_sample_run(sources, f->virt, f->root, f->domains, f->host, &options, &profiles, &notes,
                       &error))
        fail_msg("%s", error->message);
    *ret_note = g_strdup(g_ptr_array_index(notes, 0));
    return g_ptr_array_index(profiles, 0) ? vt_profile_ref(g_ptr_array_index(profiles, 0)) : NULL;
}

static VtProfile *sample(Fixture *f, char **ret_note)
{
    static const VtSource *const sources[] = { &vt_source_debugfs, NULL };

    return sample_by(f, sources, ret_note);
}

/* Samples; all windows but @dropped count @exits together, and a note holds @reason (NULL: none). */
static void assert_sample(Fixture *f, guint dropped, guint64 exits, const char *reason)
{
    g_autofree char *note = NULL;
    g_autoptr(VtProfile) profile = sample(f, &note);
    const VtMetric *metric;

    if (!profile)
        fail_msg("%s", note);
    assert_int_equal(profile->windows->len, 4 - dropped);
    metric = vt_profile_get(profile, "exits");
    assert_non_null(metric);
    assert_string_equal(metric->source, "debugfs");
    assert_int_equal(metric->count, exits);
    for (guint i = 0; reason && i < profile->notes->len; i++)
        if (strstr(g_ptr_array_index(profile->notes, i), reason))
            return;
    if (reason)
        fail_msg("no note says “%s”", reason);
    assert_int_equal(profile->notes->len, 0);
}

static void test_counts(void **state)
{
    Fixture *f = *state;
    g_autofree char *note = NULL;
    g_autoptr(VtProfile) profile = sample(f, &note);
    const VtMetric *metric;

    assert_non_null(profile);
    assert_int_equal(profile->vcpus, 1);
    metric = vt_profile_get(profile, "kvm.exits");
    assert_int_equal(g_array_index(metric->counts, guint64, 0), 0);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), 50);
    assert_int_equal(metric->count, 150);
    assert_int_equal(vt_profile_get(profile, "exit.io")->count, 0);
    assert_null(vt_profile_get(profile, "kvm.pages_4k"));
    assert_false(vt_profile_covers(profile, "exit.hlt"));
    assert_false(profile->exits_low);
    assert_int_equal(profile->notes->len, 0);
}

/* The test driver has no statistics, as an old libvirt or QEMU. */
static void test_stands_in(void **state)
{
    static const VtSource *const sources[] = { &vt_source_libvirt, &vt_source_debugfs, NULL };
    Fixture *f = *state;
    g_autofree char *note = NULL;
    g_autoptr(VtProfile) profile = sample_by(f, sources, &note);

    if (!profile)
        fail_msg("%s", note);
    assert_int_equal(profile->sources->len, 1);
    assert_string_equal(g_ptr_array_index(profile->sources, 0), "debugfs");
    assert_int_equal(vt_profile_get(profile, "exits")->count, 150);
    assert_int_equal(profile->notes->len, 0);
}

/* Its zero is no zero. */
static void test_software_back_end(void **state)
{
    Fixture *f = *state;
    g_autofree char *note = NULL;
    g_autoptr(VtProfile) profile = NULL;

    vt_host_set(f->host, "kvm.backend", "pvm");
    profile = sample(f, &note);
    assert_non_null(profile);
    assert_null(vt_profile_get(profile, "exit.io"));
    assert_null(vt_profile_get(profile, "kvm.io_exits"));
    assert_true(profile->exits_low);
    assert_int_equal(profile->notes->len, 1);
}

static void reset(gpointer data)
{
    Fixture *f = data;

    f->exits = 10;
    write_counter(f);
}

static void test_counter_goes_back(void **state)
{
    Fixture *f = *state;

    f->meanwhile = reset;
    assert_sample(f, 1, 100, "1 of 4. A counter went back.");
}

static void spoil(gpointer data)
{
    vt_test_tree_write(((Fixture *)data)->dir, KVM "41-11/io_exits", "many\n", -1);
}

static void test_counter_unreadable(void **state)
{
    Fixture *f = *state;

    f->meanwhile = spoil; /* it is there again after the second window, which leaves two without it */
    assert_sample(f, 2, 50, "2 of 4. A counter could not be read.");
}

static void restart(gpointer data)
{
    Fixture *f = data;

    remove_path(f, "proc/41");
    remove_path(f, KVM "41-11");
    f->exits = 100000;
    add_process(f, 55);
}

static void test_restart(void **state)
{
    Fixture *f = *state;

    f->meanwhile = restart;
    assert_sample(f, 1, 100, "1 of 4. The domain was started anew");
}

/* The process id of the old run, given to the new one at once. */
static void restart_same_pid(gpointer data)
{
    Fixture *f = data;

    remove_path(f, KVM "41-11");
    f->exits = 100000;
    g_free(f->vm);
    f->vm = g_strdup("41-9");
    write_counter(f);
}

static void test_restart_same_pid(void **state)
{
    Fixture *f = *state;

    f->meanwhile = restart_same_pid;
    assert_sample(f, 1, 100, "1 of 4. The domain was started anew");
}

static void vanish(gpointer data)
{
    Fixture *f = data;

    remove_path(f, "proc/41");
    remove_path(f, KVM "41-11");
    g_clear_pointer(&f->vm, g_free);
}

static void test_vanishes(void **state)
{
    Fixture *f = *state;

    f->meanwhile = vanish;
    assert_sample(f, 3, 0, "3 of 4. The domain was not running.");
}

static void plug(gpointer data)
{
    vt_test_tree_write(((Fixture *)data)->dir, "proc/41/task/50/comm", "CPU 1/KVM\n", -1);
}

static void test_vcpu_plugged(void **state)
{
    Fixture *f = *state;

    f->meanwhile = plug;
    assert_sample(f, 1, 100, "1 of 4. The number of vCPUs changed");
}

static void pause_domain(gpointer data)
{
    assert_int_equal(virDomainSuspend(((Fixture *)data)->handle), 0);
}

static void test_paused(void **state)
{
    Fixture *f = *state;

    f->meanwhile = pause_domain;
    assert_sample(f, 3, 0, "3 of 4. The domain was paused.");
}

static void assert_nothing(Fixture *f, const char *reason)
{
    g_autofree char *note = NULL;

    assert_null(sample(f, &note));
    if (!strstr(note, reason))
        fail_msg("“%s” does not say “%s”", note, reason);
    assert_int_equal(f->windows, 0);
}

static void test_no_process(void **state)
{
    Fixture *f = *state;

    vanish(f);
    assert_nothing(f, "no process with “-uuid " UUID "” can be seen");
}

static void test_no_vm(void **state)
{
    Fixture *f = *state;

    remove_path(f, KVM "41-11");
    assert_nothing(f, "KVM has no counters of process 41 in debugfs (they need Linux 4.7)");
}

static void test_emulated(void **state)
{
    Fixture *f = *state;

    remove_path(f, KVM "41-11");
    vt_test_tree_write(f->dir, "proc/41/task/42/comm", "CPU 0/TCG\n", -1);
    assert_nothing(f, "The domain does not use KVM");
}

static void test_not_running(void **state)
{
    Fixture *f = *state;

    vanish(f);
    assert_int_equal(virDomainDestroy(f->handle), 0);
    assert_nothing(f, "The domain was not running.");
}

static void test_other_machine(void **state)
{
    Fixture *f = *state;
    g_autofree char *why = NULL;

    assert_ptr_equal(vt_source_find("debugfs"), &vt_source_debugfs);
    assert_false(vt_source_debugfs.probe(f->virt, f->root, &why));
    assert_non_null(strstr(why, "run virt-tune there"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stands_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_software_back_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_counter_goes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_counter_unreadable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restart_same_pid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_vanishes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_vcpu_plugged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_vm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_emulated, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_running, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_machine, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
