/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sys/stat.h>

#include "base/error.h"
#include "source/qemu-process.h"
#include "vt-test-tree.h"

#define UUID "67da9a57-10b7-4eca-af97-6809ada98c11"
#define OTHER "00000000-0000-0000-0000-000000000001"
#define QEMU(uuid) "/usr/bin/qemu-system-x86_64\0-name\0guest=web\0-uuid\0" uuid "\0-S\0"

typedef struct {
    char *dir;
    VtRoot *root;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = vt_test_tree_new();
    f->root = vt_root_new(f->dir);
    vt_test_tree_write(f->dir, "proc/1/cmdline", "/sbin/init\0splash", sizeof "/sbin/init\0splash");
    vt_test_tree_write(f->dir, "proc/2/cmdline", "", 0);
    vt_test_tree_write(f->dir, "proc/40/cmdline", QEMU(OTHER), sizeof QEMU(OTHER) - 1);
    vt_test_tree_write(f->dir, "proc/41/cmdline", QEMU(UUID), sizeof QEMU(UUID) - 1);
    vt_test_tree_write(f->dir, "proc/version", "Linux", -1);
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

static void assert_found(Fixture *f, const char *uri, guint32 expected)
{
    g_autoptr(GError) error = NULL;
    guint32 pid = 0;

    if (!vt_qemu_process_find(f->root, uri, "web", UUID, &pid, &error))
        fail_msg("%s", error->message);
    assert_int_equal(pid, expected);
}

static void test_uuid(void **state)
{
    Fixture *f = *state;
    g_autofree char *uuid = vt_qemu_process_uuid(f->root, "41");

    assert_string_equal(uuid, UUID);
    assert_null(vt_qemu_process_uuid(f->root, "1"));
    assert_null(vt_qemu_process_uuid(f->root, "2"));
    assert_null(vt_qemu_process_uuid(f->root, "77"));
}

static void test_uuid_is_cut_off(void **state)
{
    Fixture *f = *state;

    vt_test_tree_write(f->dir, "proc/50/cmdline", "qemu\0-uuid", sizeof "qemu\0-uuid" - 1);
    vt_test_tree_write(f->dir, "proc/51/cmdline", "qemu\0-uuid\0", sizeof "qemu\0-uuid\0" - 1);
    assert_null(vt_qemu_process_uuid(f->root, "50"));
    assert_null(vt_qemu_process_uuid(f->root, "51"));
}

static void test_scan(void **state)
{
    assert_found(*state, "qemu:///system", 41);
    assert_found(*state, "qemu+unix:///system", 41);
    assert_found(*state, "xen:///system", 41);
    assert_found(*state, "not a URI", 41);
}

/* The PID file comes first, so that not all of /proc must be readable; here it is told apart by a
 * second process. */
static void test_pid_file(void **state)
{
    Fixture *f = *state;

    vt_test_tree_write(f->dir, "proc/90/cmdline", QEMU(UUID), sizeof QEMU(UUID) - 1);
    vt_test_tree_write(f->dir, "run/libvirt/qemu/web.pid", "90\n", -1);
    vt_test_tree_write(f->dir, "srv/lab one/run/qemu/web.pid", "90", -1);
    assert_found(f, "qemu:///system", 90);
    assert_found(f, "qemu:///embed?root=/srv/lab%20one", 90);
    assert_found(f, "qemu:///embed?root=/srv/elsewhere", 41);
    assert_found(f, "qemu:///embed", 41);
    assert_found(f, "qemu:///session", 41);
}

static void test_stale_pid_file(void **state)
{
    static const char *const texts[] = {
        "40", "1", "77", "", "-41", "41 41", "99999999999999999999", "../41"
    };
    Fixture *f = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        vt_test_tree_write(f->dir, "run/libvirt/qemu/web.pid", texts[i], -1);
        assert_found(f, "qemu:///system", 41);
    }
}

static void test_name_is_no_path(void **state)
{
    Fixture *f = *state;
    guint32 pid = 0;

    vt_test_tree_write(f->dir, "proc/90/cmdline", QEMU(UUID), sizeof QEMU(UUID) - 1);
    vt_test_tree_write(f->dir, "run/libvirt/web.pid", "90", -1);
    vt_test_tree_write(f->dir, "run/libvirt/qemu/other.pid", "40", -1);
    assert_true(vt_qemu_process_find(f->root, "qemu:///system", "../web", UUID, &pid, NULL));
    assert_int_equal(pid, 41);
}

static void test_not_found(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    guint32 pid = 5;

    assert_false(vt_qemu_process_find(f->root, "qemu:///system", "web",
                                      "00000000-0000-0000-0000-000000000009", &pid, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_NOT_FOUND));
    assert_non_null(strstr(error->message, "00000000-0000-0000-0000-000000000009"));
    assert_int_equal(pid, 5);
}

static void add_threads(Fixture *f, const char *kind)
{
    static const char *const others[] = { "qemu-system-x86", "IO mon_iothread", "CPUs",
                                          "vnc_worker" };

    for (guint i = 0; i < 3 + G_N_ELEMENTS(others); i++) {
        g_autofree char *path = g_strdup_printf("proc/41/task/%u/comm", 41 + i);
        g_autofree char *name =
            i < 3 ? g_strdup_printf("CPU %u/%s\n", i, kind) : g_strdup(others[i - 3]);

        vt_test_tree_write(f->dir, path, name, -1);
    }
}

static void test_vcpus(void **state)
{
    static const char *const kinds[] = { "KVM", "TCG" };
    Fixture *f = *state;
    gboolean kvm;
    guint vcpus;

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        add_threads(f, kinds[i]);
        kvm = i;
        assert_true(vt_qemu_process_vcpus(f->root, 41, &vcpus, &kvm));
        assert_int_equal(vcpus, 3);
        assert_int_equal(kvm, i == 0);
    }
}

static void test_threads(void **state)
{
    static const char *const none[] = { "CPU /KVM", "CPU x/KVM", "CPU -1/KVM", "CPU 65536/KVM",
                                        "CPU 3", "ALL CPUs/TCG", "" };
    Fixture *f = *state;
    g_autoptr(GHashTable) threads = NULL;
    g_autoptr(GHashTable) gone = vt_qemu_process_threads(f->root, 77);

    assert_int_equal(g_hash_table_size(gone), 0);
    add_threads(f, "KVM");
    vt_test_tree_write(f->dir, "proc/41/task/900/comm", "CPU 11/KVM\n", -1);
    vt_test_tree_write(f->dir, "proc/41/task/none/comm", "CPU 12/KVM\n", -1);
    for (guint i = 0; i < G_N_ELEMENTS(none); i++) {
        g_autofree char *path = g_strdup_printf("proc/41/task/%u/comm", 500 + i);

        vt_test_tree_write(f->dir, path, none[i], -1);
    }
    threads = vt_qemu_process_threads(f->root, 41);
    assert_int_equal(g_hash_table_size(threads), 4);
    assert_true(g_hash_table_contains(threads, GUINT_TO_POINTER(41)));
    assert_int_equal(GPOINTER_TO_UINT(g_hash_table_lookup(threads, GUINT_TO_POINTER(43))), 2);
    assert_int_equal(GPOINTER_TO_UINT(g_hash_table_lookup(threads, GUINT_TO_POINTER(900))), 11);
}

static void test_count_threads(void **state)
{
    Fixture *f = *state;
    g_autofree char *gone = g_build_filename(f->dir, "proc/41/task/46", NULL);
    struct stat status;

    if (stat(f->dir, &status) != 0 || status.st_nlink < 2)
        skip(); /* a file system that has no links for directories, as /proc has */
    assert_int_equal(vt_qemu_process_count_threads(f->root, 41), 0);
    add_threads(f, "KVM");
    assert_int_equal(vt_qemu_process_count_threads(f->root, 41), 7);
    vt_test_tree_remove(gone);
    assert_int_equal(vt_qemu_process_count_threads(f->root, 41), 6);
    assert_int_equal(vt_qemu_process_count_threads(f->root, 77), 0);
}

static void test_no_vcpus(void **state)
{
    Fixture *f = *state;
    gboolean kvm = 7;
    guint vcpus = 7;

    assert_false(vt_qemu_process_vcpus(f->root, 77, &vcpus, &kvm));
    vt_test_tree_write(f->dir, "proc/41/task/41/comm", "qemu-system-x86", -1);
    assert_false(vt_qemu_process_vcpus(f->root, 41, &vcpus, &kvm));
    assert_int_equal(vcpus, 7);
    assert_int_equal(kvm, 7);
}

static void test_namespaced(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtRoot) machine = vt_root_new(NULL);
    g_autofree char *link = g_file_read_link("/proc/self/ns/pid", NULL);

    assert_false(vt_qemu_process_is_namespaced(f->root));
    vt_test_tree_write(f->dir, "proc/self/ns/pid", "", 0);
    assert_true(vt_qemu_process_is_namespaced(f->root));
    assert_int_equal(vt_qemu_process_is_namespaced(machine),
                     link && strcmp(link, "pid:[4026531836]") != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_uuid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_uuid_is_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scan, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pid_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stale_pid_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_name_is_no_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_vcpus, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_count_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_vcpus, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_namespaced, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
