/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded reading of regular files and of standard input. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#define MIB (1024 * 1024)

const char *vt_file_name(const char *path)
{
    return g_str_equal(path, "-") ? _("standard input") : path;
}

gboolean vt_file_read_fd(int fd, gsize max, char **ret_data, gsize *ret_length,
                         gboolean *ret_too_large)
{
    g_autofree char *data = NULL;
    gsize size = 0;
    gsize used = 0;

    *ret_too_large = FALSE;
    for (;;) {
        gssize n;

        if (used + 1 >= size) {
            size = MIN(MAX(size * 2, 8192), max + 2);
            data = g_realloc(data, size);
        }
        n = read(fd, data + used, size - used - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        if (n == 0)
            break;
        used += (gsize)n;
        if (used > max) {
            *ret_too_large = TRUE;
            return FALSE;
        }
    }
    data[used] = '\0';
    *ret_data = g_steal_pointer(&data);
    *ret_length = used;
    return TRUE;
}

static gboolean set_too_large(GError **error, const char *path, gsize max)
{
    if (max % MIB == 0)
        return vt_error_set_input(error, vt_file_name(path), 0,
                                  _("the file is larger than %zu MiB"), max / MIB);
    return vt_error_set_input(error, vt_file_name(path), 0, _("the file is larger than %zu bytes"),
                              max);
}

static gboolean set_unreadable(GError **error, const char *path, const char *reason)
{
    g_autofree char *name = vt_text_printable(vt_file_name(path), FALSE);

    g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot read %s: %s"), name, reason);
    return FALSE;
}

/* Opens without waiting for the other end of a FIFO. -1 with @error. */
static int open_regular(const char *path, gsize max, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0) {
        set_unreadable(error, path, g_strerror(errno));
        return -1;
    }
    if (fstat(fd, &st) < 0)
        set_unreadable(error, path, g_strerror(errno));
    else if (!S_ISREG(st.st_mode))
        set_unreadable(error, path,
                       S_ISDIR(st.st_mode) ? _("it is a directory")
                                           : _("it is not a regular file"));
    else if ((guint64)st.st_size > max)
        set_too_large(error, path, max);
    else
        return fd;
    close(fd);
    return -1;
}

gboolean vt_file_read(const char *path, gsize max, char **ret_data, gsize *ret_length,
                      GError **error)
{
    gboolean standard = g_str_equal(path, "-");
    int fd = standard ? STDIN_FILENO : open_regular(path, max, error);
    gboolean too_large;
    gboolean ok;
    int saved;

    if (fd < 0)
        return FALSE;
    ok = vt_file_read_fd(fd, max, ret_data, ret_length, &too_large);
    saved = errno;
    if (!standard)
        close(fd);
    if (!ok)
        return too_large ? set_too_large(error, path, max)
                         : set_unreadable(error, path, g_strerror(saved));
    return TRUE;
}
