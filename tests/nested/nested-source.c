/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs in the nested host: the sampler on a virtual machine of this process, which stands for a domain of
 * libvirt's test driver. What its sources count must be what the kernel's own histogram trigger counts
 * meanwhile; the guest runs in the middle of the sample only, so that all have the same to count. */
#include "config.h"

#include <errno.h>
#include <sys/prctl.h>

#include "base/error.h"
#include "source/source.h"
#include "vt-test-guest.h"
#include "vt-test-hist.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define TRIGGER "hist:keys=exit_reason,isa"
#define RUNS 4
#define SVM_INTR 0x60
#define SVM_HLT 0x78
#define SVM_IOIO 0x7b
#define SVM_MSR 0x7c
#define ANY G_MAXUINT /* all exits together */
#define WINDOW_NS G_GUINT64_CONSTANT(500000000)

typedef struct {
    VtTestGuest guest;
    VtVirt *virt;
    VtRoot *root;
    GPtrArray *domains;
    GAsyncQueue *named; /* the thread has its name */
    GAsyncQueue *go;    /* the first window is over */
    GCancellable *enough;
    gboolean started;
    gint ran;        /* how many runs of the guest have ended */
    gboolean before; /* all of them before the last window */
    char *hist;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    VtDomain *domain = vt_domain_new("test", UUID);

    domain->vcpus = 1;
    f->domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    g_ptr_array_add(f->domains, domain);
    f->root = vt_root_new(NULL);
    f->virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    assert_non_null(f->virt);
    f->named = g_async_queue_new();
    f->go = g_async_queue_new();
    f->enough = g_cancellable_new();
    if (!vt_test_guest_open(&f->guest))
        fail_msg("/dev/kvm: %s", g_strerror(errno));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_test_guest_close(&f->guest);
    g_async_queue_unref(f->named);
    g_async_queue_unref(f->go);
    g_object_unref(f->enough);
    g_ptr_array_unref(f->domains);
    vt_virt_close(f->virt);
    vt_root_free(f->root);
    g_free(f->hist);
    g_free(f);
    return 0;
}

/* A vCPU thread, as QEMU names them. */
static gpointer run_guest(gpointer data)
{
    Fixture *f = data;

    prctl(PR_SET_NAME, "CPU 0/KVM");
    g_async_queue_push(f->named, f);
    g_async_queue_pop(f->go);
    for (guint i = 0; i < RUNS && vt_test_guest_run(&f->guest); i++)
        g_atomic_int_inc(&f->ran);
    g_async_queue_pop(f->go);
    return NULL;
}

/* Lets the guest run after the first window, and ends the sample one window after it did. */
static void on_progress(guint64 elapsed_ns, guint64 total_ns, gpointer data)
{
    Fixture *f = data;

    if (f->before)
        g_cancellable_cancel(f->enough);
    f->before = g_atomic_int_get(&f->ran) == RUNS;
    if (!f->started)
        g_async_queue_push(f->go, f);
    f->started = TRUE;
}

/* The profile of these sources, and the kernel's counts over the same runs in @f->hist. */
static VtProfile *sample(Fixture *f, const VtSource *const *sources)
{
    VtSampleOptions options = {
        .duration_ns = 100 * WINDOW_NS,
        .interval_ns = WINDOW_NS,
        .cancel = f->enough,
        .progress = on_progress,
        .progress_data = f,
    };
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(GPtrArray) notes = NULL;
    g_autoptr(GError) error = NULL;
    VtProfile *profile;
    GThread *thread;

    vt_test_hist_trigger(TRIGGER);
    thread = g_thread_new("guest", run_guest, f);
    g_async_queue_pop(f->named);
    if (!vt_sample_run(sources, f->virt, f->root, f->domains, NULL, &options, &profiles, &notes,
                       &error))
        fail_msg("%s", error->message);
    g_async_queue_push(f->go, f);
    g_thread_join(thread);
    f->hist = vt_test_hist_read();
    vt_test_hist_trigger("!" TRIGGER);

    profile = g_ptr_array_index(profiles, 0);
    if (!profile)
        fail_msg("%s", (char *)g_ptr_array_index(notes, 0));
    for (guint i = 0; i < profile->notes->len; i++)
        print_message("# %s\n", (char *)g_ptr_array_index(profile->notes, i));
    assert_true(g_cancellable_is_cancelled(f->enough));
    assert_int_equal(profile->vcpus, 1);
    return vt_profile_ref(profile);
}

static guint64 count(const VtProfile *profile, const char *name)
{
    const VtMetric *metric = vt_profile_get(profile, name);

    return metric ? metric->count : 0;
}

/* That @ours is within 1 % of what the kernel counts of a reason. */
static void assert_near(const Fixture *f, const char *name, guint64 ours, guint reason)
{
    guint64 theirs = reason == ANY ? vt_test_hist_hits(f->hist) : vt_test_hist_count(f->hist, reason);

    print_message("# %s: %" G_GUINT64_FORMAT ", the kernel counts %" G_GUINT64_FORMAT "\n", name,
                  ours, theirs);
    assert_true(theirs > 0);
    assert_true(ABS((gint64)(theirs - ours)) <= (gint64)MAX(1, theirs / 100));
}

static void test_bpf(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = sample(f, (const VtSource *const[]){ &vt_source_bpf, NULL });

    assert_near(f, "exits", count(profile, "exits"), ANY);
    assert_near(f, "exit.io", count(profile, "exit.io"), SVM_IOIO);
    assert_near(f, "exit.hlt", count(profile, "exit.hlt"), SVM_HLT);
    assert_near(f, "exit.msr-read", count(profile, "exit.msr-read"), SVM_MSR);
    assert_near(f, "exit.external-interrupt", count(profile, "exit.external-interrupt"), SVM_INTR);
    assert_int_equal(count(profile, "pio.0x80"), RUNS * VT_GUEST_ROUNDS);
    assert_int_equal(count(profile, "mmio.0x9000"), 2 * RUNS * VT_GUEST_ROUNDS);
    assert_int_equal(profile->lost, 0);
}

static void test_debugfs(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = sample(f, (const VtSource *const[]){ &vt_source_debugfs, NULL });

    assert_near(f, "exits", count(profile, "exits"), ANY);
    assert_near(f, "kvm.io_exits", count(profile, "kvm.io_exits"), SVM_IOIO);
    assert_near(f, "kvm.halt_exits", count(profile, "kvm.halt_exits"), SVM_HLT);
    assert_near(f, "kvm.irq_exits", count(profile, "kvm.irq_exits"), SVM_INTR);
    assert_int_equal(count(profile, "exit.io"), RUNS * VT_GUEST_ROUNDS);
    assert_int_equal(count(profile, "exit.mmio"), 2 * RUNS * VT_GUEST_ROUNDS);
    assert_null(vt_profile_get(profile, "kvm.pages_4k"));
}

/* What there is without --source: the statistics come from debugfs, since the test driver has none. */
static void test_all(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = sample(f, vt_source_table());

    assert_int_equal(profile->sources->len, 2);
    assert_string_equal(g_ptr_array_index(profile->sources, 0), "bpf");
    assert_string_equal(g_ptr_array_index(profile->sources, 1), "debugfs");
    assert_near(f, "exit.io", count(profile, "exit.io"), SVM_IOIO);
    assert_near(f, "kvm.io_exits", count(profile, "kvm.io_exits"), SVM_IOIO);
    assert_string_equal(vt_profile_get(profile, "pio.0x80")->source, "bpf");
    assert_string_equal(vt_profile_get(profile, "kvm.io_exits")->source, "debugfs");
}

/* The domain of a process is known by its command line. */
static void become_qemu(char **argv)
{
    if (argv[1])
        return;
    execl(argv[0], argv[0], "-uuid", UUID, NULL);
    g_error("%s: %s", argv[0], g_strerror(errno));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bpf, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_debugfs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all, set_up, tear_down),
    };

    become_qemu(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
