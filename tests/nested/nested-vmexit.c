/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs in the nested host, whose KVM has kvm_exit and kvm_entry: what the BPF programs count of a
 * guest must be what the kernel's own histogram trigger counts of it meanwhile, reason by reason.
 */
#include "config.h"

#include <errno.h>
#include <sys/syscall.h>

#include "base/error.h"
#include "source/bpf-meter.h"
#include "vt-test-guest.h"
#include "vt-test-hist.h"

#define RUNS 4
#define SVM_MSR 0x7c
#define SVM_NPF 0x400

typedef struct {
    VtTestGuest guest;
    VtRoot *root;
    GHashTable *ours; /* exit code -> number */
    guint64 timed, time_ns, msr_reads, mmio, pio;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->root = vt_root_new(NULL);
    f->ours = g_hash_table_new(NULL, NULL);
    if (!vt_test_guest_open(&f->guest))
        fail_msg("/dev/kvm: %s", g_strerror(errno));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_test_guest_close(&f->guest);
    g_hash_table_unref(f->ours);
    vt_root_free(f->root);
    g_free(f);
    return 0;
}

static void each(guint target, guint32 thread, guint64 what, guint64 count,
                 const struct vt_vmexit_stat *grown, gpointer data)
{
    guint64 number = VT_VMEXIT_NUMBER(what);
    guint32 code = VT_VMEXIT_REASON_CODE(number), detail = VT_VMEXIT_REASON_DETAIL(number);
    Fixture *f = data;

    if (what == VT_VMEXIT_WHAT(VT_VMEXIT_PIO_WRITE, VT_GUEST_PORT))
        f->pio += count;
    if (VT_VMEXIT_KIND(what) != VT_VMEXIT_EXIT)
        return;
    assert_int_equal(VT_VMEXIT_REASON_ISA(number), VT_VMEXIT_ISA_SVM);
    g_hash_table_insert(
        f->ours, GUINT_TO_POINTER(code),
        GSIZE_TO_POINTER(GPOINTER_TO_SIZE(g_hash_table_lookup(f->ours, GUINT_TO_POINTER(code))) +
                         count));
    f->timed += grown->timed;
    f->time_ns += grown->time_ns;
    if (code == SVM_MSR && !(detail & VT_VMEXIT_DETAIL_WRITE))
        f->msr_reads += count;
    if (code == SVM_NPF && (detail & VT_VMEXIT_DETAIL_MMIO))
        f->mmio += count;
}

/* Runs the guest under both and compares. Of each run the last exit, the hlt, ends in user space:
 * the next kvm_entry comes with the next run, or never. */
static void compare(Fixture *f, const VtBtfLayout *layout)
{
    g_autofree char *trigger = g_strdup_printf("hist:keys=exit_reason,isa if common_pid == %ld",
                                               (long)syscall(SYS_gettid));
    g_autofree char *off = g_strconcat("!", trigger, NULL);
    g_autofree char *hist = NULL;
    g_autoptr(VtBpfMeter) meter = NULL;
    g_autoptr(GError) error = NULL;
    GHashTableIter iter;
    gpointer code, count;
    guint64 sum = 0, theirs_sum = 0, missed;

    meter = vt_bpf_meter_new(f->root, layout, 1, 1, &error);
    if (!meter || !vt_bpf_meter_add(meter, 0, (guint32)getpid(), &error) ||
        !vt_bpf_meter_start(meter, &error))
        fail_msg("%s", error->message);
    for (guint i = 0; i < vt_bpf_meter_notes(meter)->len; i++)
        print_message("# %s\n", (char *)g_ptr_array_index(vt_bpf_meter_notes(meter), i));
    assert_true(vt_bpf_meter_has(meter, "kvm_exit"));
    vt_test_hist_trigger(trigger);
    for (guint i = 0; i < RUNS; i++)
        assert_true(vt_test_guest_run(&f->guest));
    vt_bpf_meter_read(meter, each, f);
    hist = vt_test_hist_read();
    vt_test_hist_trigger(off);

    g_hash_table_iter_init(&iter, f->ours);
    while (g_hash_table_iter_next(&iter, &code, &count)) {
        guint64 theirs = vt_test_hist_count(hist, GPOINTER_TO_UINT(code));
        guint64 difference = ABS((gint64)(theirs - GPOINTER_TO_SIZE(count)));

        print_message("# exit 0x%x: %zu, the kernel counts %" G_GUINT64_FORMAT "\n",
                      GPOINTER_TO_UINT(code), GPOINTER_TO_SIZE(count), theirs);
        assert_true(difference <= MAX(1, theirs / 100));
        sum += GPOINTER_TO_SIZE(count);
        theirs_sum += theirs;
    }
    /* Those that we miss altogether are none of ours. */
    missed = vt_test_hist_hits(hist) - theirs_sum;
    print_message("# exits of other reasons: %" G_GUINT64_FORMAT "\n", missed);
    assert_true(missed <= 1);
    assert_int_equal(vt_bpf_meter_take_lost(meter, 0), 0);
    assert_int_equal(f->pio, RUNS * VT_GUEST_ROUNDS);
    assert_int_equal(f->msr_reads, RUNS * VT_GUEST_ROUNDS);
    /* The first access to a page without memory is an ordinary fault. */
    assert_in_range(f->mmio, 2 * RUNS * VT_GUEST_ROUNDS - 2, 2 * RUNS * VT_GUEST_ROUNDS);
    assert_in_range(f->timed, sum - sum / 100, sum);
    assert_true(f->time_ns > 0);
}

static void test_typed(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtBtfLayout) layout = vt_btf_layout_read(f->root, &error);

    if (!layout)
        fail_msg("%s", error->message);
    assert_int_not_equal(layout->svm_vmcb, 0);
    assert_string_equal(vt_btf_layout_arguments(layout, "kvm_exit"), "pi");
    compare(f, layout);
}

/* As if the kernel had no type information. */
static void test_record(void **state)
{
    compare(*state, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_typed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_record, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
