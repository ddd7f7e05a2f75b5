/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A capture of a machine: what it holds is found, and nothing outside it. */
#include "vt-test.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/root.h"

/* <dir>/outside is beside the capture <dir>/cap. */
typedef struct {
    char *dir;
    char *capture;
    VtRoot *root;
} Fixture;

static void put(const Fixture *f, const char *name, const char *data, gssize length)
{
    g_autofree char *path = g_build_filename(f->dir, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    assert_true(g_file_set_contents(path, data, length, NULL));
}

static void put_link(const Fixture *f, const char *name, const char *target)
{
    g_autofree char *path = g_build_filename(f->dir, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
    assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = g_dir_make_tmp("test-root-XXXXXX", NULL);
    f->capture = g_build_filename(f->dir, "cap", NULL);
    put(f, "outside", "secret\n", -1);
    put(f, "cap/sys/module/kvm/parameters/halt_poll_ns", "200000\n", -1);
    put(f, "cap/proc/cmdline", "  ro quiet \n", -1);
    f->root = vt_root_new(f->capture);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    const char *argv[] = {"rm", "-rf", "--", f->dir, NULL};

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
    vt_root_free(f->root);
    g_free(f->capture);
    g_free(f->dir);
    g_free(f);
    return 0;
}

static void files_of_the_capture(void **state)
{
    Fixture *f = *state;
    g_autofree char *text = NULL;
    g_autofree char *line = vt_root_read_line(f->root, "/proc/cmdline");
    g_autofree char *missing = vt_root_read_line(f->root, "/proc/none");
    gsize length = 0;

    assert_false(vt_root_is_live(f->root));
    assert_true(
        vt_root_read(f->root, "/sys/module/kvm/parameters/halt_poll_ns", 0, &text, &length, NULL));
    assert_string_equal(text, "200000\n");
    assert_int_equal(length, 7);
    assert_string_equal(line, "ro quiet");
    assert_null(missing);
    assert_true(vt_root_exists(f->root, "/sys/module/kvm"));
    assert_false(vt_root_exists(f->root, "/sys/module/kvm_intel"));
}

static void paths_stay_below_the_prefix(void **state)
{
    static const struct {
        const char *path, *real;
    } cases[] = {
        {"/", ""},
        {"/proc/cmdline", "/proc/cmdline"},
        {"//proc/./cmdline/", "/proc/cmdline"},
        {"/proc/../proc/cmdline", "/proc/cmdline"},
        {"/../../../proc/cmdline", "/proc/cmdline"},
        {"/../outside", "/outside"},
        {"/none/../../outside", "/outside"},
        {"/...", "/..."},
    };
    Fixture *f = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *real = vt_root_path(f->root, cases[i].path);

        assert_true(g_str_has_prefix(real, f->capture));
        assert_string_equal(real + strlen(f->capture), cases[i].real);
    }
    assert_false(vt_root_exists(f->root, "/../outside"));
}

static void links_never_lead_out(void **state)
{
    Fixture *f = *state;
    g_autofree char *outside = g_build_filename(f->dir, "outside", NULL);
    static const char *const escapes[] = {
        "/relative", "/absolute", "/dir/outside", "/chain", "/deep/er/up", "/passwd", NULL};
    g_autofree char *inside = NULL;
    g_autofree char *through = NULL;

    put_link(f, "cap/relative", "../outside");
    put_link(f, "cap/absolute", outside);
    put_link(f, "cap/dir", "..");
    put_link(f, "cap/chain", "relative");
    put_link(f, "cap/deep/er/up", "../../../outside");
    put_link(f, "cap/passwd", "/etc/passwd");
    for (guint i = 0; escapes[i]; i++) {
        g_autoptr(GError) error = NULL;
        char *text = NULL;

        if (vt_root_read(f->root, escapes[i], 0, &text, NULL, &error))
            fail_msg("%s leads to \"%s\"", escapes[i], text);
        assert_true(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
        assert_false(vt_root_exists(f->root, escapes[i]));
    }

    /* As sysfs is full of them: relative and absolute links that stay inside. */
    put_link(f, "cap/sys/class/x", "../module/kvm");
    put_link(f, "cap/etc/mods", "/sys/class/x/parameters");
    inside = vt_root_read_line(f->root, "/sys/class/x/parameters/halt_poll_ns");
    through = vt_root_read_line(f->root, "/etc/mods/halt_poll_ns");
    assert_string_equal(inside, "200000");
    assert_string_equal(through, "200000");
}

static void loops_end(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    put_link(f, "cap/a", "b");
    put_link(f, "cap/b", "/a");
    put_link(f, "cap/self", "self/self");
    assert_null(vt_root_path(f->root, "/a"));
    assert_null(vt_root_path(f->root, "/self/x"));
    assert_false(vt_root_read(f->root, "/a", 0, &text, NULL, &error));
    assert_true(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_LOOP));
    assert_null(vt_root_list(f->root, "/self"));
    assert_false(vt_root_exists(f->root, "/b"));
}

static void assert_no_text(const VtRoot *root, const char *path, gsize limit, GQuark domain,
                           int code, const char *part)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;
    gsize length = 42;

    assert_false(vt_root_read(root, path, limit, &text, &length, &error));
    assert_null(text);
    assert_int_equal(length, 42);
    assert_true(g_error_matches(error, domain, code));
    if (!strstr(error->message, part) || !strstr(error->message, path))
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", error->message, part, path);
}

static void what_is_no_text_is_refused(void **state)
{
    Fixture *f = *state;
    g_autofree char *fifo = g_build_filename(f->capture, "fifo", NULL);
    g_autofree char *large = g_strnfill(1024 * 1024 + 1, 'x');
    g_autofree char *text = NULL;
    g_autofree char *bytes = NULL;
    gsize length = 0;

    put(f, "cap/nul", "a\0b", 3);
    put(f, "cap/five", "12345", 5);
    put(f, "cap/large", large, 1024 * 1024 + 1);
    assert_int_equal(mkfifo(fifo, 0600), 0);

    assert_no_text(f->root, "/nul", 0, VT_ERROR, VT_ERROR_INPUT, "NUL");
    assert_no_text(f->root, "/five", 4, VT_ERROR, VT_ERROR_INPUT, "longer than 4 bytes");
    assert_no_text(f->root, "/large", 0, VT_ERROR, VT_ERROR_INPUT, "longer than 1048576 bytes");
    assert_no_text(f->root, "/fifo", 0, G_FILE_ERROR, G_FILE_ERROR_INVAL, "");
    assert_no_text(f->root, "/proc", 0, G_FILE_ERROR, G_FILE_ERROR_ISDIR, "");
    assert_no_text(f->root, "/five/x", 0, G_FILE_ERROR, G_FILE_ERROR_NOTDIR, "");
    assert_no_text(f->root, "/none", 0, G_FILE_ERROR, G_FILE_ERROR_NOENT, "");
    assert_true(vt_root_read(f->root, "/five", 5, &text, NULL, NULL));
    assert_string_equal(text, "12345");
    assert_true(vt_root_read_bytes(f->root, "/nul", 3, &bytes, &length, NULL));
    assert_int_equal(length, 3);
    assert_memory_equal(bytes, "a\0b", 4);
    assert_false(vt_root_read_bytes(f->root, "/nul", 2, &bytes, &length, NULL));
}

static void bytes_are_read_whatever_they_are(void **state)
{
    Fixture *f = *state;
    g_autofree char *data = NULL;
    g_autoptr(GError) error = NULL;
    gsize length = 0;

    put(f, "cap/proc/7/cmdline", "qemu\0-uuid\0", 11);
    assert_true(vt_root_read_bytes(f->root, "/proc/7/cmdline", 0, &data, &length, NULL));
    assert_int_equal(length, 11);
    assert_memory_equal(data, "qemu\0-uuid\0", 12);
    g_clear_pointer(&data, g_free);
    assert_false(vt_root_read_bytes(f->root, "/proc/7/cmdline", 10, &data, &length, &error));
    assert_non_null(strstr(error->message, "longer than 10 bytes"));
    assert_null(data);
    g_clear_error(&error);
    assert_false(vt_root_read_bytes(f->root, "/proc/8/cmdline", 0, &data, &length, &error));
    assert_true(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
}

static void directories_are_sorted(void **state)
{
    Fixture *f = *state;
    g_auto(GStrv) names = NULL;
    g_auto(GStrv) empty = NULL;
    g_autofree char *joined = NULL;
    g_autofree char *hollow = g_build_filename(f->capture, "hollow", NULL);

    put(f, "cap/irq/24/x", "", 0);
    put(f, "cap/irq/.hidden", "", 0);
    put(f, "cap/irq/9", "", 0);
    put(f, "cap/irq/1", "", 0);
    assert_int_equal(g_mkdir(hollow, 0755), 0);
    names = vt_root_list(f->root, "/irq");
    joined = g_strjoinv(" ", names);
    assert_string_equal(joined, ".hidden 1 24 9");
    empty = vt_root_list(f->root, "/hollow");
    assert_non_null(empty);
    assert_int_equal(g_strv_length(empty), 0);
    assert_null(vt_root_list(f->root, "/none"));
    assert_null(vt_root_list(f->root, "/irq/9"));
}

/* Only what is a directory of the test's own: the machine's /sys is none of its business. */
static void the_live_machine(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtRoot) by_null = vt_root_new(NULL);
    g_autoptr(VtRoot) by_slash = vt_root_new("/");
    g_autoptr(VtRoot) by_detour = vt_root_new("/../.");
    g_autofree char *outside = g_build_filename(f->dir, "outside", NULL);
    g_autofree char *path = vt_root_path(by_null, outside);
    g_autofree char *text = vt_root_read_line(by_null, outside);

    assert_true(vt_root_is_live(by_null));
    assert_true(vt_root_is_live(by_slash));
    assert_true(vt_root_is_live(by_detour));
    assert_string_equal(path, outside);
    assert_string_equal(text, "secret");
}

static void prefixes_of_every_kind(void **state)
{
    Fixture *f = *state;
    g_autofree char *slashes = g_strconcat(f->capture, "//", NULL);
    g_autofree char *link = g_build_filename(f->dir, "link", NULL);
    g_autofree char *none = g_build_filename(f->dir, "none", NULL);
    g_autoptr(VtRoot) with_slashes = vt_root_new(slashes);
    g_autoptr(VtRoot) by_link = NULL;
    g_autoptr(VtRoot) missing = vt_root_new(none);
    g_autofree char *a = vt_root_read_line(with_slashes, "/proc/cmdline");
    g_autofree char *b = NULL;

    put_link(f, "link", "cap");
    by_link = vt_root_new(link);
    b = vt_root_read_line(by_link, "/proc/cmdline");
    assert_string_equal(a, "ro quiet");
    assert_string_equal(b, "ro quiet");
    assert_false(vt_root_is_live(missing));
    assert_false(vt_root_exists(missing, "/proc"));
    assert_null(vt_root_list(missing, "/"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_the_capture),       TEST(paths_stay_below_the_prefix),
        TEST(links_never_lead_out),       TEST(loops_end),
        TEST(what_is_no_text_is_refused), TEST(bytes_are_read_whatever_they_are),
        TEST(directories_are_sorted),
        TEST(the_live_machine),           TEST(prefixes_of_every_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
