/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding debugfs, and reading counters, in made-up trees. */
#include "config.h"

#include <unistd.h>

#include "base/error.h"
#include "source/kvm-debugfs.h"
#include "vt-test-tree.h"

#define BEFORE "22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
#define MOUNT "36 27 0:8 / /sys/kernel/debug rw,relatime shared:7 - debugfs none rw\n"
#define KVM "sys/kernel/debug/kvm/"

typedef struct {
    char *dir;
    VtRoot *root;
} Fixture;

static void add(Fixture *f, const char *path, const char *text)
{
    vt_test_tree_write(f->dir, path, text, -1);
}

static void add_counters(Fixture *f, const char *dir, const char *exits, const char *halts)
{
    static const char *const others[] = {
        "guest_mode", "halt_wait_hist", "largepages", "max_mmu_page_hash_collisions", "pages_4k",
    };
    g_autofree char *first = g_strconcat(dir, "exits", NULL);
    g_autofree char *second = g_strconcat(dir, "halt_exits", NULL);

    add(f, first, exits);
    add(f, second, halts);
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *path = g_strconcat(dir, others[i], NULL);

        add(f, path, "77\n");
    }
}

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = vt_test_tree_new();
    f->root = vt_root_new(f->dir);
    add(f, "proc/self/mountinfo", BEFORE MOUNT);
    add_counters(f, KVM, "1000\n", "500\n");
    add_counters(f, KVM "41-11/", "600\n", "300\n");
    add_counters(f, KVM "410-11/", "400\n", "200\n");
    add(f, KVM "41-11/vcpu0/exits", "9\n");
    add(f, KVM "41-11/mmu_rmaps_stat", "5\n");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_root_free(f->root);
    vt_test_tree_free(f->dir);
    g_free(f);
    return 0;
}

typedef struct {
    const char *metric;
    gint64 value;
} Wanted;

static void take(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    Wanted *wanted = data;

    assert_int_equal(vcpu, VT_DOMSTATS_NO_VCPU);
    if (strcmp(metric, wanted->metric) == 0)
        wanted->value = (gint64)delta;
}

/* What the counters say of a metric; -1: nothing. */
static gint64 value(const VtDomstats *stats, const char *metric)
{
    g_autoptr(VtDomstats) zero = vt_domstats_new();
    Wanted wanted = { metric, -1 };

    vt_domstats_add(zero, "vm.exits.sum", 0);
    vt_domstats_add(zero, "vm.halt_exits.sum", 0);
    vt_domstats_add(zero, "vm.request_irq.sum", 0);
    vt_domstats_delta(zero, stats, take, &wanted);
    return wanted.value;
}

static VtKvmDebugfs *open_debugfs(const Fixture *f)
{
    g_autoptr(GError) error = NULL;
    VtKvmDebugfs *debugfs = vt_kvm_debugfs_open(f->root, &error);

    assert_no_error(error);
    return debugfs;
}

static VtDomstats *read_vm(const Fixture *f, const char *vm)
{
    g_autoptr(VtKvmDebugfs) debugfs = open_debugfs(f);

    return vt_kvm_debugfs_read(debugfs, (const char *[]){ vm, NULL });
}

static void assert_no_debugfs(const Fixture *f, const char *reason)
{
    g_autoptr(GError) error = NULL;

    assert_null(vt_kvm_debugfs_open(f->root, &error));
    if (!strstr(error->message, reason))
        fail_msg("“%s” does not say “%s”", error->message, reason);
}

/* Counters only, under the names and families that they have elsewhere. */
static void test_counters(void **state)
{
    g_autoptr(VtDomstats) stats = read_vm(*state, "41-11");

    assert_true(stats->has_kvm);
    assert_int_equal(vt_domstats_counters(stats), 2);
    assert_int_equal(value(stats, "exits"), 600);
    assert_int_equal(value(stats, "kvm.exits"), 600);
    assert_int_equal(value(stats, "kvm.halt_exits"), 300);
    assert_int_equal(value(stats, "exit.hlt"), 300);
}

static void test_old_names(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtDomstats) stats = NULL;

    add(f, KVM "request_irq", "1\n");
    add(f, KVM "41-11/request_irq", "8\n");
    stats = read_vm(f, "41-11");
    assert_int_equal(vt_domstats_counters(stats), 3);
    assert_int_equal(value(stats, "kvm.request_irq_exits"), 8);
}

static void test_select(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtKvmDebugfs) debugfs = open_debugfs(f);
    g_auto(GStrv) vms = NULL;
    g_auto(GStrv) own = NULL;
    g_auto(GStrv) none = NULL;

    add_counters(f, KVM "41-12/", "1\n", "1\n");
    vms = vt_kvm_debugfs_list(debugfs);
    assert_int_equal(g_strv_length(vms), 3);
    own = vt_kvm_debugfs_select((const char *const *)vms, 41);
    assert_int_equal(g_strv_length(own), 2);
    assert_string_equal(own[0], "41-11");
    assert_string_equal(own[1], "41-12");
    none = vt_kvm_debugfs_select((const char *const *)vms, 4);
    assert_int_equal(g_strv_length(none), 0);
}

static void test_two_vms(void **state)
{
    g_autoptr(VtKvmDebugfs) debugfs = open_debugfs(*state);
    g_autoptr(VtDomstats) stats =
        vt_kvm_debugfs_read(debugfs, (const char *[]){ "41-11", "410-11", NULL });

    assert_int_equal(value(stats, "exits"), 1000);
}

/* A VM that is gone has no counters, rather than some that stand still. */
static void test_vanished(void **state)
{
    g_autoptr(VtKvmDebugfs) debugfs = open_debugfs(*state);

    assert_null(vt_kvm_debugfs_read(debugfs, (const char *[]){ "42-11", NULL }));
    assert_null(vt_kvm_debugfs_read(debugfs, (const char *[]){ "41-11", "42-11", NULL }));
}

static void test_bad_counters(void **state)
{
    static const char *const texts[] = {
        "", "\n", " ", "exits", "-5\n", "+5\n", "0x10\n", "1.5\n", "1,000\n", "5 6\n", "5\n6\n",
        "9223372036854775808\n", "99999999999999999999999\n",
        "00000000000000000000000000000000000000000000000000000000000000000000005\n",
    };
    Fixture *f = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(VtDomstats) stats = NULL;

        add(f, KVM "41-11/exits", texts[i]);
        stats = read_vm(f, "41-11");
        if (value(stats, "exits") != -1)
            fail_msg("'%s' was taken for a number", texts[i]);
        assert_int_equal(value(stats, "exit.hlt"), 300);
        assert_true(stats->has_kvm);
    }
}

static void test_greatest_counter(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtDomstats) stats = NULL;

    add(f, KVM "41-11/exits", "9223372036854775807\n");
    stats = read_vm(f, "41-11");
    assert_true(value(stats, "exits") == G_MAXINT64);
}

/* Nothing that can be read is nothing that was measured. */
static void test_all_bad(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtDomstats) stats = NULL;

    add_counters(f, KVM "41-11/", "", "none");
    stats = read_vm(f, "41-11");
    assert_non_null(stats);
    assert_false(stats->has_kvm);
}

/* Wherever it is mounted, and however the line looks. */
static void test_mounts(void **state)
{
    static const char *const mounts[] = {
        "36 27 0:8 / /srv/de\\040bug rw shared:7 master:2 - debugfs a rw\n",
        "36 27 0:8 / /srv/de\\040bug rw - debugfs debugfs rw,mode=755",
        /* hidden, a part of it, and others that only look like one */
        "36 27 0:8 / /nowhere rw - debugfs a rw\n37 27 0:8 / /srv/de\\040bug rw - debugfs a rw\n",
        "36 27 0:8 /kvm /sys/kernel/debug rw - debugfs a rw\n"
        "37 27 0:8 / /srv/de\\040bug rw - debugfs a rw\n",
        "36 27 0:8 / /sys/kernel/debug rw - tracefs debugfs rw\n"
        "36 27 0:8 / /sys/kernel/debug rw - ext4 - debugfs\n\n- debugfs\n - debugfs \n"
        "37 27 0:8 / /srv/de\\040bug rw - debugfs a rw\n",
    };
    Fixture *f = *state;

    add_counters(f, "srv/de bug/kvm/", "1\n", "1\n");
    add_counters(f, "srv/de bug/kvm/41-11/", "5\n", "5\n");
    for (gsize i = 0; i < G_N_ELEMENTS(mounts); i++) {
        g_autoptr(VtDomstats) stats = NULL;

        add(f, "proc/self/mountinfo", mounts[i]);
        stats = read_vm(f, "41-11");
        assert_int_equal(value(stats, "exits"), 5);
    }
}

static void test_not_mounted(void **state)
{
    static const char *const mounts[] = {
        "", BEFORE, "- debugfs none rw\n", "36 27 0:8 / /sys/kernel/debug rw\n",
        "36 27 0:8 / sys/kernel/debug rw - debugfs none rw\n",
    };
    Fixture *f = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(mounts); i++) {
        add(f, "proc/self/mountinfo", mounts[i]);
        assert_no_debugfs(f, "debugfs is not mounted; as root: mount -t debugfs");
    }
}

static void test_no_proc(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtRoot) root = vt_root_new("/nonexistent");
    g_autoptr(GError) error = NULL;

    vt_test_tree_write(f->dir, "proc/self/mountinfo", "a\0b", 3);
    assert_no_debugfs(f, "/proc/self/mountinfo");
    assert_null(vt_kvm_debugfs_open(root, &error));
    assert_non_null(strstr(error->message, "/proc/self/mountinfo"));
}

static void test_no_counters(void **state)
{
    Fixture *f = *state;

    add(f, "proc/self/mountinfo", "36 27 0:8 / /nowhere rw - debugfs none rw\n");
    assert_no_debugfs(f, "KVM has no counters in /nowhere/kvm");
}

static void test_not_root(void **state)
{
    Fixture *f = *state;

    vt_test_tree_chmod(f->dir, "", 0755);
    vt_test_tree_chmod(f->dir, "sys/kernel/debug", 0700);
    if (geteuid() == 0 && seteuid(65534) < 0)
        skip();
    if (geteuid() != 65534)
        vt_test_tree_chmod(f->dir, "sys/kernel/debug", 0);
    assert_no_debugfs(f, "run virt-tune as root");
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    vt_test_tree_chmod(f->dir, "sys/kernel/debug", 0700);
}

/* The numbers of its processes are not those of the kernel. */
static void test_container(void **state)
{
    Fixture *f = *state;

    add(f, "proc/self/ns/pid", "");
    assert_no_debugfs(f, "run virt-tune in the host's PID namespace");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_old_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_select, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_vms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_vanished, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_counters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_greatest_counter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_bad, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mounts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_mounted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_proc, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_counters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_container, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
