/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meter on this process, which runs a virtual machine of its own on /dev/kvm: a few bytes of
 * real-mode code make a known number of port, memory and MSR accesses. */
#include "config.h"

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "source/bpf-meter.h"
#include "source/rights.h"
#include "vt-test-guest.h"
#include "vt-test-tree.h"

#define INDEX 3

typedef struct {
    VtTestGuest guest;
    char *dir;
    VtRoot *root; /* an empty one: without kvm_intel and kvm_amd */
    guint64 pio, mmio_user, mmio_read, mmio_write, msr, user_io, user_mmio, exits, other_target;
    guint calls;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = vt_test_tree_new();
    f->root = vt_root_new(f->dir);
    f->guest = (VtTestGuest){ -1, -1, -1, NULL, 0, NULL };
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_test_guest_close(&f->guest);
    vt_root_free(f->root);
    vt_test_tree_free(f->dir);
    g_free(f);
    return 0;
}

/* The meter, or a skipped test where the process has no right to it. */
static VtBpfMeter *new_meter(Fixture *f, const VtBtfLayout *layout, guint targets)
{
    g_autoptr(GError) error = NULL;
    VtBpfMeter *meter = vt_bpf_meter_new(f->root, layout, targets, 2, &error);

    if (!meter && strstr(error->message, "CAP_BPF")) {
        print_message("# %s\n", error->message);
        skip();
    }
    if (!meter)
        fail_msg("%s", error->message);
    return meter;
}

static void need_guest(Fixture *f)
{
    if (vt_test_guest_open(&f->guest))
        return;
    print_message("# /dev/kvm cannot be used: %s\n", g_strerror(errno));
    skip();
}

static void each(guint target, guint32 thread, guint64 what, guint64 count,
                 const struct vt_vmexit_stat *grown, gpointer data)
{
    Fixture *f = data;

    f->calls++;
    f->other_target += target != INDEX;
    if (what == VT_VMEXIT_WHAT(VT_VMEXIT_PIO_WRITE, VT_GUEST_PORT))
        f->pio += count;
    else if (what == VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_READ, VT_GUEST_NO_RAM))
        f->mmio_read += count;
    else if (what == VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_WRITE, VT_GUEST_NO_RAM))
        f->mmio_write += count;
    else if (what == VT_VMEXIT_WHAT(VT_VMEXIT_MSR_READ, VT_GUEST_MSR))
        f->msr += count;
    else if (what == VT_VMEXIT_WHAT(VT_VMEXIT_USER, KVM_EXIT_IO))
        f->user_io += count;
    else if (what == VT_VMEXIT_WHAT(VT_VMEXIT_USER, KVM_EXIT_MMIO))
        f->user_mmio += count;
    else if (what == VT_VMEXIT_WHAT(VT_VMEXIT_MMIO_USER, VT_GUEST_NO_RAM))
        f->mmio_user += count;
    else if (VT_VMEXIT_KIND(what) == VT_VMEXIT_EXIT)
        f->exits += count;
}

static gboolean counts_are(const Fixture *f, guint64 rounds)
{
    return f->pio == rounds && f->mmio_read == rounds && f->mmio_write == rounds &&
           f->msr == rounds && f->user_io == rounds && f->user_mmio == 2 * rounds &&
           f->other_target == 0;
}

static void assert_counts(const Fixture *f, guint64 rounds)
{
    assert_int_equal(f->pio, rounds);
    assert_int_equal(f->mmio_read, rounds);
    assert_int_equal(f->mmio_write, rounds);
    assert_int_equal(f->msr, rounds);
    assert_int_equal(f->user_io, rounds);
    assert_int_equal(f->user_mmio, 2 * rounds);
    assert_int_equal(f->mmio_user, 2 * rounds);
    assert_int_equal(f->other_target, 0);
}

static void clear_counts(Fixture *f)
{
    f->pio = f->mmio_user = f->mmio_read = f->mmio_write = f->msr = f->user_io = f->user_mmio = 0;
    f->calls = 0;
}

static gboolean count_self(Fixture *f, VtBpfMeter *meter, GError **error)
{
    return vt_bpf_meter_add(meter, INDEX, (guint32)getpid(), error) &&
           vt_bpf_meter_start(meter, error);
}

static void test_counts(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBpfMeter) meter = NULL;

    need_guest(f);
    meter = new_meter(f, NULL, 1);
    assert_true(count_self(f, meter, NULL));
    assert_true(vt_bpf_meter_has(meter, "kvm_pio"));
    assert_false(vt_bpf_meter_has(meter, "kvm_exit"));
    assert_true(vt_test_guest_run(&f->guest));
    vt_bpf_meter_read(meter, each, f);
    assert_counts(f, VT_GUEST_ROUNDS);

    clear_counts(f);
    vt_bpf_meter_read(meter, each, f);
    assert_int_equal(f->calls, 0);

    assert_true(vt_test_guest_run(&f->guest));
    assert_true(vt_test_guest_run(&f->guest));
    vt_bpf_meter_read(meter, each, f);
    assert_counts(f, 2 * VT_GUEST_ROUNDS);
    assert_int_equal(vt_bpf_meter_take_lost(meter, INDEX), 0);
}

/* The process is not asked for, then is, then is not any more. */
static void test_filter(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBpfMeter) meter = NULL;

    need_guest(f);
    meter = new_meter(f, NULL, 2);
    assert_true(vt_bpf_meter_add(meter, 0, (guint32)getppid(), NULL));
    assert_true(vt_bpf_meter_start(meter, NULL));
    assert_true(vt_test_guest_run(&f->guest));
    vt_bpf_meter_read(meter, each, f);
    assert_int_equal(f->calls, 0);
    assert_true(vt_bpf_meter_add(meter, INDEX, (guint32)getpid(), NULL));
    assert_true(vt_test_guest_run(&f->guest));
    vt_bpf_meter_read(meter, each, f);
    assert_counts(f, VT_GUEST_ROUNDS);
}

static void test_targets(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBpfMeter) meter = new_meter(f, NULL, 2);
    g_autoptr(GError) error = NULL;

    assert_true(vt_bpf_meter_add(meter, 0, 100, NULL));
    assert_false(vt_bpf_meter_add(meter, 1, 100, &error));
    assert_non_null(strstr(error->message, "100"));
    assert_true(vt_bpf_meter_add(meter, 1, 101, NULL));
    assert_false(vt_bpf_meter_add(meter, 2, 102, NULL));
    vt_bpf_meter_remove(meter, 100);
    assert_true(vt_bpf_meter_add(meter, 0, 103, NULL));
    assert_int_equal(vt_bpf_meter_take_lost(meter, 0), 0);
    assert_int_equal(vt_bpf_meter_take_lost(meter, 9), 0);
}

static void add_layout(VtBtfLayout *layout, const char *tracepoint, const char *arguments)
{
    g_hash_table_insert(layout->tracepoints, g_strdup(tracepoint), g_strdup(arguments));
}

static VtBtfLayout *new_layout(void)
{
    VtBtfLayout *layout = g_new0(VtBtfLayout, 1);

    layout->tracepoints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    layout->inhibits = g_hash_table_new(NULL, NULL);
    return layout;
}

static gboolean has_note(const VtBpfMeter *meter, const char *text)
{
    const GPtrArray *notes = vt_bpf_meter_notes(meter);

    for (guint i = 0; i < notes->len; i++)
        if (strstr(g_ptr_array_index(notes, i), text))
            return TRUE;
    return FALSE;
}

/* A program whose tracepoint is missing, or has other arguments than it knows, is left out, and the
 * rest works. */
static void test_fewer_tracepoints(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = new_layout();
    g_autoptr(VtBpfMeter) meter = NULL;

    add_layout(layout, "kvm_pio", "iiiip");
    add_layout(layout, "kvm_msr", "ip");
    add_layout(layout, "kvm_ple_window_update", "iii");
    meter = new_meter(f, layout, 1);
    assert_true(count_self(f, meter, NULL));
    assert_true(vt_bpf_meter_has(meter, "kvm_pio"));
    assert_false(vt_bpf_meter_has(meter, "kvm_msr"));
    assert_false(vt_bpf_meter_has(meter, "kvm_mmio"));
    assert_true(has_note(meter, "kvm_msr is not counted: its arguments"));
    assert_true(has_note(meter, "kvm_mmio is not counted: the kernel has no such"));
    assert_true(has_note(meter, "Neither kvm_intel nor kvm_amd"));
    assert_false(has_note(meter, "kvm_ple_window "));
}

static void test_exit_arguments(void **state)
{
    static const struct {
        const char *arguments;
        const char *module;
        guint32 vmx, svm;
        gboolean counted;
    } cases[] = {
        { "pi", "kvm_intel", 0x80, 0, TRUE },  { "pi", "kvm_amd", 0, 0x80, TRUE },
        { "pi", "kvm_intel", 0, 0x80, FALSE }, { "pi", "kvm_amd", 0x80, 0, FALSE },
        { "ipi", "kvm_intel", 0, 0, TRUE },    { "ipi", "kvm_amd", 0, 0, TRUE },
        { "pp", "kvm_intel", 0x80, 0, FALSE }, { NULL, "kvm_intel", 0x80, 0, FALSE },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fixture *f = *state;
        g_autoptr(VtBtfLayout) layout = new_layout();
        g_autoptr(VtBpfMeter) meter = NULL;
        g_autofree char *place =
            g_build_filename("sys/module", cases[i].module, "parameters/x", NULL);
        g_autofree char *modules = g_build_filename(f->dir, "sys", NULL);

        vt_test_tree_write(f->dir, place, "", 0);
        add_layout(layout, "kvm_entry", "p");
        if (cases[i].arguments)
            add_layout(layout, "kvm_exit", cases[i].arguments);
        layout->vmx_reason = cases[i].vmx;
        layout->svm_vmcb = cases[i].svm;
        meter = new_meter(f, layout, 1);
        assert_int_equal(has_note(meter, "Exits by reason cannot be counted"), !cases[i].counted);
        vt_test_tree_remove(modules);
    }
}

#define FORMAT "/sys/kernel/tracing/events/kvm/kvm_exit/format"
#define FIELD(type, name, offset, size)                                                            \
    "\tfield:" type " " name ";\toffset:" offset ";\tsize:" size ";\tsigned:0;\n"

/* Without type information the format of the trace record will do, if it has what is needed. */
static void test_record(void **state)
{
    static const struct {
        const char *format;
        gboolean usable;
    } cases[] = {
        { "name: kvm_exit\nID: 9\nformat:\n" FIELD("unsigned int", "exit_reason", "8", "4")
              FIELD("unsigned long", "guest_rip", "16", "8") FIELD("u32", "isa", "24", "4")
                  FIELD("u64", "info1", "32", "8"),
          TRUE },
        { FIELD("unsigned int", "exit_reason", "8", "4") FIELD("u32", "isa", "24", "4"), TRUE },
        { FIELD("unsigned int", "exit_reason", "8", "4"), FALSE },
        { FIELD("unsigned int", "my_exit_reason", "8", "4") FIELD("u32", "isa", "24", "4"), FALSE },
        { FIELD("unsigned int", "exit_reason", "8", "8") FIELD("u32", "isa", "24", "4"), FALSE },
        { FIELD("unsigned int", "exit_reason", "99999", "4") FIELD("u32", "isa", "24", "4"),
          FALSE },
        { "", FALSE },
    };
    Fixture *f = *state;

    vt_test_tree_write(f->dir, "sys/module/kvm_intel/parameters/x", "", 0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtBpfMeter) meter = NULL;

        vt_test_tree_write(f->dir, FORMAT, cases[i].format, -1);
        meter = new_meter(f, NULL, 1);
        assert_int_equal(has_note(meter, "classic tracepoint"), cases[i].usable);
        assert_int_equal(has_note(meter, "Exits by reason cannot be counted"), !cases[i].usable);
    }
}

/* What a child process found; the parent has no other way to hear of it. */
enum { CHILD_OK, CHILD_UNABLE = 77, CHILD_WRONG, CHILD_REFUSED };

static int wait_for(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static gboolean has_capabilities(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };

    return syscall(SYS_capget, &header, data) != 0 || data[0].effective || data[1].effective ||
           data[0].permitted || data[1].permitted;
}

static int count_in_child(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtBpfMeter) meter = vt_bpf_meter_new(f->root, NULL, 1, 2, &error);

    if (!meter || !count_self(f, meter, &error)) {
        fprintf(stderr, "# %s\n", error->message);
        return CHILD_REFUSED;
    }
    /* What is open can be read without any capability. */
    if (geteuid() != 0 && vt_rights_drop() && has_capabilities()) {
        fprintf(stderr, "# there are capabilities left\n");
        return CHILD_WRONG;
    }
    if (vt_test_guest_run(&f->guest))
        vt_bpf_meter_read(meter, each, f);
    if (!counts_are(f, VT_GUEST_ROUNDS)) {
        fprintf(stderr, "# %" G_GUINT64_FORMAT " writes to the port\n", f->pio);
        return CHILD_WRONG;
    }
    return CHILD_OK;
}

/* Becomes nobody, with @capabilities (a bit mask) and no others. */
static gboolean become_nobody(guint64 capabilities)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { 0 };

    for (guint i = 0; i < 2; i++)
        data[i].permitted = data[i].effective = (guint32)(capabilities >> (32 * i));
    return prctl(PR_SET_KEEPCAPS, 1) == 0 && setresgid(65534, 65534, 65534) == 0 &&
           setresuid(65534, 65534, 65534) == 0 && syscall(SYS_capset, &header, data) == 0;
}

/* In a child of its own: with these capabilities only, as another user. KVM ties a machine to the
 * memory of the process that made it, so the child makes it, before it gives its rights away. */
static int run_as_nobody(Fixture *f, guint64 capabilities)
{
    pid_t child = fork();

    if (child == 0) {
        if (!vt_test_guest_open(&f->guest) || !become_nobody(capabilities))
            _exit(CHILD_UNABLE);
        _exit(count_in_child(f));
    }
    return wait_for(child);
}

static void skip_unless_root(Fixture *f)
{
    g_autoptr(VtBpfMeter) meter = NULL;

    if (geteuid() != 0) {
        print_message("# only root can become another user or enter a namespace\n");
        skip();
    }
    meter = new_meter(f, NULL, 1);
}

static void test_capabilities(void **state)
{
    Fixture *f = *state;
    guint64 both = G_GUINT64_CONSTANT(1) << CAP_BPF | G_GUINT64_CONSTANT(1) << CAP_PERFMON;
    int result;

    skip_unless_root(f);
    result = run_as_nobody(f, both);
    if (result == CHILD_UNABLE) {
        print_message("# /dev/kvm cannot be used, or users not be changed\n");
        skip();
    }
    assert_int_equal(result, CHILD_OK);
    assert_int_equal(run_as_nobody(f, G_GUINT64_CONSTANT(1) << CAP_BPF), CHILD_REFUSED);
    assert_int_equal(run_as_nobody(f, G_GUINT64_CONSTANT(1) << CAP_PERFMON), CHILD_REFUSED);
    assert_int_equal(run_as_nobody(f, 0), CHILD_REFUSED);
}

/* As process 1 of a PID namespace, with a /proc of that namespace. */
static int count_in_namespace(Fixture *f)
{
    pid_t child;

    if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
        return CHILD_UNABLE;
    child = fork();
    if (child == 0) {
        g_autoptr(VtRoot) root = vt_root_new(NULL);
        g_autoptr(VtBpfMeter) meter = NULL;
        g_autoptr(GError) error = NULL;
        int result;

        if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("proc", "/proc", "proc", 0, NULL) < 0 || getpid() != 1 || !vt_test_guest_open(&f->guest))
            _exit(CHILD_UNABLE);
        vt_root_free(f->root);
        f->root = g_steal_pointer(&root);
        result = count_in_child(f);
        if (result != CHILD_OK)
            _exit(result);

        /* One namespace further down there is nothing that could be translated. */
        meter = vt_bpf_meter_new(f->root, NULL, 1, 1, NULL);
        if (!meter || unshare(CLONE_NEWPID) < 0)
            _exit(CHILD_UNABLE);
        child = fork();
        if (child == 0)
            _exit(pause());
        if (vt_bpf_meter_add(meter, 0, (guint32)child, &error) ||
            !strstr(error->message, "PID namespace"))
            result = CHILD_WRONG;
        kill(child, SIGKILL);
        g_clear_pointer(&meter, vt_bpf_meter_free);
        _exit(result);
    }
    return wait_for(child);
}

static void test_pid_namespace(void **state)
{
    Fixture *f = *state;
    pid_t child;
    int result;

    skip_unless_root(f);
    child = fork();
    if (child == 0)
        _exit(count_in_namespace(f));
    result = wait_for(child);
    if (result == CHILD_UNABLE) {
        print_message("# PID namespaces or /dev/kvm cannot be used\n");
        skip();
    }
    assert_int_equal(result, CHILD_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_filter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_targets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fewer_tracepoints, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_exit_arguments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_capabilities, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pid_namespace, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
