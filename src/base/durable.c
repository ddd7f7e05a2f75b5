/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private files that survive a crash. */
#include "config.h"

#include "base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

static gboolean fail(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static gboolean fail(GError **error, int code, const char *format, ...)
{
    g_autofree char *what = NULL, *printable = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    printable = vt_text_printable(what, FALSE);
    g_set_error(error, VT_ERROR, VT_ERROR_IO, "%s: %s", printable, g_strerror(code));
    return FALSE;
}

/* A name in a directory is on the disk once the directory is. */
static gboolean sync_dir(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code;

    if (fd < 0)
        return fail(error, errno, _("cannot open %s"), path);
    code = fsync(fd) < 0 ? errno : 0;
    close(fd);
    return code == 0 || fail(error, code, _("cannot write %s to the disk"), path);
}

static gboolean check_own(const char *path, GError **error)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return fail(error, errno, _("cannot use %s"), path);
    if (!S_ISDIR(st.st_mode))
        return fail(error, ENOTDIR, _("cannot use %s"), path);
    if (st.st_uid != geteuid()) {
        g_autofree char *name = vt_text_printable(path, FALSE);

        g_set_error(error, VT_ERROR, VT_ERROR_IO,
                    _("%s belongs to another user; what is kept there must be this user's alone"),
                    name);
        return FALSE;
    }
    if ((st.st_mode & 077) != 0 && chmod(path, 0700) < 0)
        return fail(error, errno, _("cannot keep others out of %s"), path);
    return TRUE;
}

/* One directory whose parent exists. *@ret_made tells whether it is new. */
static gboolean make_one(const char *path, gboolean *ret_made, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);

    *ret_made = mkdir(path, 0700) == 0;
    if (*ret_made)
        return sync_dir(parent, error);
    return errno == EEXIST || fail(error, errno, _("cannot create the directory %s"), path);
}

gboolean vt_durable_mkdir(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    gboolean made;

    if (!g_file_test(parent, G_FILE_TEST_IS_DIR)) {
        if (g_str_equal(parent, path))
            return fail(error, ENOENT, _("cannot create the directory %s"), path);
        if (!vt_durable_mkdir(parent, error))
            return FALSE;
    }
    return make_one(path, &made, error) && (made || check_own(path, error));
}

static gboolean write_all(int fd, const char *data, gsize length)
{
    while (length > 0) {
        gssize n = write(fd, data, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        data += n;
        length -= (gsize)n;
    }
    return fsync(fd) == 0;
}

gboolean vt_durable_write(const char *dir, const char *name, const char *data, GError **error)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *beside = g_strconcat(path, ".new", NULL);
    int fd, code = 0;

    g_unlink(beside); /* of a run that was killed */
    fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(error, errno, _("cannot create %s"), beside);
    if (!write_all(fd, data, strlen(data)))
        code = errno;
    if (close(fd) < 0 && code == 0)
        code = errno;
    if (code == 0 && g_rename(beside, path) < 0)
        code = errno;
    if (code != 0) {
        g_unlink(beside);
        return fail(error, code, _("cannot write %s"), path);
    }
    return sync_dir(dir, error);
}

gboolean vt_durable_rename(const char *dir, const char *from, const char *to, GError **error)
{
    g_autofree char *old = g_build_filename(dir, from, NULL);
    g_autofree char *new = g_build_filename(dir, to, NULL);

    /* Over an empty directory rename() would succeed. */
    if (g_file_test(new, G_FILE_TEST_EXISTS))
        return fail(error, EEXIST, _("cannot create %s"), new);
    if (g_rename(old, new) < 0)
        return fail(error, errno, _("cannot create %s"), new);
    return sync_dir(dir, error);
}

gboolean vt_durable_remove(const char *path, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);

        if (g_unlink(file) < 0)
            return fail(error, errno, _("cannot remove %s"), file);
    }
    if (g_rmdir(path) < 0 && errno != ENOENT)
        return fail(error, errno, _("cannot remove %s"), path);
    return TRUE;
}
