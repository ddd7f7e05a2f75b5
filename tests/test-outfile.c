/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files for results: replaced whole, links kept, descriptors and FIFOs written through. */
#include "vt-test.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/outfile.h"

static int make_dir(void **state)
{
    *state = g_dir_make_tmp("test-outfile-XXXXXX", NULL);
    return *state ? 0 : -1;
}

/* Whatever a test left, without following links. */
static int remove_dir(void **state)
{
    char *argv[] = {"rm", "-rf", *state, NULL};

    g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
    g_free(*state);
    return 0;
}

static char *in(void **state, const char *name)
{
    return g_build_filename(*state, name, NULL);
}

static void assert_content(const char *path, const char *wanted)
{
    g_autofree char *text = NULL;

    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    assert_string_equal(text, wanted);
}

static void assert_entries(void **state, guint wanted)
{
    g_autoptr(GDir) dir = g_dir_open(*state, 0, NULL);
    guint n = 0;

    while (g_dir_read_name(dir))
        n++;
    assert_int_equal(n, wanted);
}

static void assert_link(const char *path, const char *wanted)
{
    g_autofree char *text = g_file_read_link(path, NULL);

    assert_non_null(text);
    assert_string_equal(text, wanted);
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void it_appears_when_it_is_whole(void **state)
{
    g_autofree char *path = in(state, "f");
    g_autoptr(GError) error = NULL;
    VtOutfile *outfile;

    outfile = vt_outfile_open(path, FALSE, &error);
    assert_no_error(error);
    assert_true(fputs("half", vt_outfile_stream(outfile)) >= 0);
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    vt_outfile_abort(outfile);
    assert_entries(state, 0);

    assert_true(vt_outfile_write(path, FALSE, "old", &error));
    outfile = vt_outfile_open(path, FALSE, &error);
    assert_true(fputs("new", vt_outfile_stream(outfile)) >= 0);
    assert_content(path, "old");
    assert_true(vt_outfile_close(outfile, &error));
    assert_content(path, "new");
    assert_entries(state, 1);
}

static void permissions_are_kept(void **state)
{
    g_autofree char *path = in(state, "f");
    mode_t before = umask(022);

    assert_true(vt_outfile_write(path, FALSE, "1", NULL));
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(g_chmod(path, 0640), 0);
    assert_true(vt_outfile_write(path, FALSE, "2", NULL));
    assert_int_equal(mode_of(path), 0640);
    assert_true(vt_outfile_write(path, TRUE, "3", NULL));
    assert_int_equal(mode_of(path), 0600);
    assert_content(path, "3");
    umask(before);
}

static void links_stay(void **state)
{
    g_autofree char *path = in(state, "f");
    g_autofree char *first = in(state, "first");
    g_autofree char *second = in(state, "second");
    g_autofree char *loose = in(state, "loose");
    g_autofree char *loop = in(state, "loop");
    g_autofree char *made = in(state, "made");
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(path, "old", -1, NULL));
    assert_int_equal(symlink("second", first), 0);
    assert_int_equal(symlink(path, second), 0);
    assert_int_equal(symlink("made", loose), 0);
    assert_int_equal(symlink("loop", loop), 0);

    assert_true(vt_outfile_write(first, FALSE, "new", &error));
    assert_content(path, "new");
    assert_link(first, "second");
    assert_link(second, path);

    /* As a shell does with ">". */
    assert_true(vt_outfile_write(loose, FALSE, "text", &error));
    assert_link(loose, "made");
    assert_content(made, "text");

    assert_false(vt_outfile_write(loop, FALSE, "text", &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_non_null(strstr(error->message, loop));
    assert_link(loop, "loop");
    assert_entries(state, 6);
}

/* In /tmp anybody could lead root astray. */
static void links_of_others_are_refused(void **state)
{
    g_autofree char *path = in(state, "f");
    g_autofree char *link = in(state, "link");
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0)
        skip();
    assert_true(g_file_set_contents(path, "old", -1, NULL));
    assert_int_equal(symlink("f", link), 0);
    assert_int_equal(lchown(link, 12345, 12345), 0);
    assert_int_equal(g_chmod(*state, 01777), 0);
    assert_false(vt_outfile_write(link, FALSE, "new", &error));
    assert_non_null(strstr(error->message, g_strerror(EACCES)));
    assert_content(path, "old");
    assert_link(link, "f");

    /* Where not everyone may write, whoever made it was let in. */
    assert_int_equal(g_chmod(*state, 0755), 0);
    assert_true(vt_outfile_write(link, FALSE, "new", NULL));
    assert_content(path, "new");
}

static void descriptors_are_written_through(void **state)
{
    g_autofree char *path = in(state, "f");
    g_autofree char *link = in(state, "stdout");
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;
    struct stat before, after;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "head ", 5), 5);
    assert_int_equal(fstat(fd, &before), 0);
    name = g_strdup_printf("/proc/self/fd/%d", fd);
    assert_int_equal(symlink(name, link), 0);
    assert_true(vt_outfile_write(link, FALSE, "text", &error));
    assert_no_error(error);
    assert_true(vt_outfile_write(name, TRUE, " more", &error));
    assert_int_equal(write(fd, " tail", 5), 5);
    assert_link(link, name);
    assert_content(path, "head text more tail");
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino == after.st_ino);
    assert_entries(state, 2);

    close(fd);
    assert_false(vt_outfile_write(link, FALSE, "text", &error));
    assert_non_null(strstr(error->message, link));
    assert_link(link, name);
    assert_content(path, "head text more tail");
}

/* As main() puts one in the place of a closed one, and as standard input is. */
static void descriptors_that_cannot_be_written_say_so(void **state)
{
    g_autofree char *path = in(state, "f");
    const int flags[] = {O_PATH, O_RDONLY};

    assert_true(g_file_set_contents(path, "head", -1, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
        int fd = open(path, flags[i] | O_CLOEXEC);
        g_autofree char *name = g_strdup_printf("/proc/self/fd/%d", fd);
        g_autoptr(GError) error = NULL;

        assert_true(fd >= 0);
        assert_false(vt_outfile_write(name, FALSE, "text", &error));
        assert_non_null(strstr(error->message, g_strerror(EBADF)));
        close(fd);
    }
    assert_content(path, "head");
    assert_entries(state, 1);
}

static void descriptors_of_others_are_opened(void **state)
{
    g_autofree char *path = in(state, "f");
    g_autofree char *link = in(state, "link");
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    int hold[2];
    pid_t child;
    char byte;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "what was there", 14), 14);
    assert_int_equal(pipe(hold), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        g_free(path);
        g_free(link);
        close(hold[1]);
        _exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    name = g_strdup_printf("/proc/%d/fd/%d", (int)child, fd);
    assert_int_equal(symlink(name, link), 0);
    assert_true(vt_outfile_write(link, FALSE, "text", &error));
    assert_no_error(error);
    close(hold[0]);
    close(hold[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_link(link, name);
    assert_content(path, "text");
    assert_entries(state, 2);
    close(fd);
}

static void fifos_stay(void **state)
{
    g_autofree char *fifo = in(state, "fifo");
    g_autofree char *link = in(state, "link");
    g_autoptr(GError) error = NULL;
    char text[16] = "";
    struct stat st;
    int fd;

    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(symlink("fifo", link), 0);
    fd = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(vt_outfile_write(link, FALSE, "text", &error));
    assert_no_error(error);
    assert_int_equal(read(fd, text, sizeof text - 1), 4);
    assert_string_equal(text, "text");
    close(fd);
    assert_int_equal(stat(fifo, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_link(link, "fifo");
    assert_entries(state, 2);
}

/* A device of the test's own, never one of /dev: it would be lost where this fails. FALSE where none can be made. */
static gboolean make_device(const char *path, guint minor)
{
    int fd = mknod(path, S_IFCHR | 0600, makedev(1, minor)) == 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return FALSE;
    close(fd);
    return TRUE;
}

static void devices_stay(void **state)
{
    g_autofree char *null = in(state, "null");
    g_autofree char *full = in(state, "full\033[2J");
    g_autofree char *link = in(state, "link");
    g_autofree char *much = g_strnfill(100000, 'x');
    g_autoptr(GError) error = NULL, large = NULL;
    struct stat st;

    if (!make_device(null, 3) || !make_device(full, 7))
        skip();
    assert_int_equal(symlink("null", link), 0);
    assert_true(vt_outfile_write(link, FALSE, "text", &error));
    assert_link(link, "null");
    assert_int_equal(stat(null, &st), 0);
    assert_true(S_ISCHR(st.st_mode));

    assert_false(vt_outfile_write(full, FALSE, "text", &error));
    assert_non_null(strstr(error->message, g_strerror(ENOSPC)));
    assert_null(strchr(error->message, '\033'));
    /* Of so much nothing is left for the end. */
    assert_false(vt_outfile_write(full, FALSE, much, &large));
    assert_non_null(strstr(large->message, g_strerror(ENOSPC)));
    assert_entries(state, 3);
}

/* What failed before, elsewhere, is not the reason. */
static void the_reason_of_closing_is_its_own(void **state)
{
    g_autofree char *fifo = in(state, "fifo");
    g_autoptr(GError) error = NULL;
    VtOutfile *outfile;
    int reader;

    assert_int_equal(mkfifo(fifo, 0600), 0);
    reader = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    outfile = vt_outfile_open(fifo, FALSE, NULL);
    assert_non_null(outfile);
    assert_int_equal(close(fileno(vt_outfile_stream(outfile))), 0);
    errno = EEXIST;
    assert_false(vt_outfile_close(outfile, &error));
    assert_non_null(strstr(error->message, g_strerror(EBADF)));
    close(reader);
}

static void what_cannot_be_written_is_named(void **state)
{
    static const char *const names[] = {"none/f", ".", ""};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = *names[i] ? in(state, names[i]) : g_strdup("");
        g_autoptr(GError) error = NULL;

        assert_false(vt_outfile_write(name, FALSE, "text", &error));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
        assert_non_null(strstr(error->message, name));
    }
    assert_entries(state, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_appears_when_it_is_whole, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(permissions_are_kept, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(links_stay, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(links_of_others_are_refused, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(descriptors_are_written_through, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(descriptors_that_cannot_be_written_say_so, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(descriptors_of_others_are_opened, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(fifos_stay, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(devices_stay, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(the_reason_of_closing_is_its_own, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_named, make_dir, remove_dir),
    };

    return cmocka_run_group_tests_name("outfile", tests, NULL, NULL);
}
