/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files for results: whole or not at all, or straight through. */
#include "config.h"

#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* As many as the kernel follows. */
#define LINKS_MAX 40

struct VtOutfile {
    char *path;      /* as the user gave it */
    char *target;    /* what is replaced; NULL where nothing is */
    char *temporary; /* beside it */
    FILE *stream;
};

static gboolean set_io_error(GError **error, const char *path, int code)
{
    g_autofree char *shown = vt_text_printable(path, FALSE);

    g_set_error(error, VT_ERROR, VT_ERROR_IO, _("%s: cannot be written: %s"), shown, g_strerror(code));
    return FALSE;
}

/* The text of the link @path, NULL with errno where it is none that may be followed; errno 0 where it is none at all. */
static char *read_link(const char *path, const char *dir)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    char text[PATH_MAX];
    struct stat link, holder;
    ssize_t length = -1;

    if (fd < 0) {
        errno = errno == ENOENT ? 0 : errno;
        return NULL;
    }
    /* By the descriptor, so that nobody puts another link in its place after the look at its owner. */
    if (fstat(fd, &link) == 0 && stat(dir, &holder) == 0) {
        errno = 0;
        if (S_ISLNK(link.st_mode) && (holder.st_mode & S_ISVTX) && (holder.st_mode & S_IWOTH) &&
            link.st_uid != geteuid() && link.st_uid != holder.st_uid)
            errno = EACCES;
        else if (S_ISLNK(link.st_mode))
            length = readlinkat(fd, "", text, sizeof text);
    }
    if (length == sizeof text)
        errno = ENAMETOOLONG;
    close(fd);
    return length < 0 || length == sizeof text ? NULL : g_strndup(text, (gsize)length);
}

/* In /proc a link to a file only looks like one: it is a descriptor that some process has open. */
static gboolean is_descriptor(const char *path, const char *dir)
{
    struct statfs fs;
    struct stat st;

    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && statfs(dir, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Opened anew, a descriptor of our own would write over what was written through it before. */
static int open_descriptor(const char *path, const char *dir)
{
    g_autofree char *name = g_path_get_basename(path);
    struct stat here, own;
    guint64 n;

    if (stat(dir, &here) == 0 && stat("/proc/self/fd", &own) == 0 && here.st_dev == own.st_dev &&
        here.st_ino == own.st_ino && vt_text_parse_u64(name, 0, INT_MAX, &n, NULL)) {
        fflush(stdout);
        /* So says a write; fdopen() would say EINVAL. */
        errno = EBADF;
        return (fcntl((int)n, F_GETFL) & O_ACCMODE) == O_RDONLY ? -1 : fcntl((int)n, F_DUPFD_CLOEXEC, 0);
    }
    return open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
}

/* A new file beside @target. */
static int open_beside(VtOutfile *outfile, const char *target, const struct stat *old, gboolean private)
{
    int fd;

    outfile->target = g_strdup(target);
    outfile->temporary = g_strdup_printf("%s.XXXXXX", target);
    fd = g_mkstemp_full(outfile->temporary, O_WRONLY | O_CLOEXEC, private ? 0600 : 0666);
    if (fd < 0)
        g_clear_pointer(&outfile->temporary, g_free);
    else if (old && !private && fchmod(fd, old->st_mode & 0777) < 0)
        g_debug("%s: permissions: %s", target, g_strerror(errno));
    return fd;
}

static int open_target(VtOutfile *outfile, gboolean private)
{
    g_autofree char *path = g_strdup(outfile->path);
    struct stat st;

    for (guint i = 0; i <= LINKS_MAX; i++) {
        g_autofree char *dir = g_path_get_dirname(path);
        g_autofree char *link = NULL;

        if (is_descriptor(path, dir))
            return open_descriptor(path, dir);
        link = read_link(path, dir);
        if (!link && errno != 0)
            return -1;
        if (!link && lstat(path, &st) < 0)
            return open_beside(outfile, path, NULL, private);
        if (!link)
            return S_ISREG(st.st_mode) ? open_beside(outfile, path, &st, private) : open(path, O_WRONLY | O_CLOEXEC);
        g_free(path);
        path = g_path_is_absolute(link) ? g_steal_pointer(&link) : g_build_filename(dir, link, NULL);
    }
    errno = ELOOP;
    return -1;
}

VtOutfile *vt_outfile_open(const char *path, gboolean private, GError **error)
{
    g_autoptr(VtOutfile) outfile = g_new0(VtOutfile, 1);
    int fd;

    outfile->path = g_strdup(path);
    if (g_str_equal(path, "-")) {
        outfile->stream = stdout;
        return g_steal_pointer(&outfile);
    }
    fd = open_target(outfile, private);
    outfile->stream = fd < 0 ? NULL : fdopen(fd, "w");
    if (outfile->stream)
        return g_steal_pointer(&outfile);
    set_io_error(error, path, errno);
    if (fd >= 0)
        close(fd);
    return NULL;
}

FILE *vt_outfile_stream(VtOutfile *outfile)
{
    return outfile->stream;
}

void vt_outfile_abort(VtOutfile *outfile)
{
    if (!outfile)
        return;
    if (outfile->stream && outfile->stream != stdout)
        fclose(outfile->stream);
    if (outfile->temporary)
        g_unlink(outfile->temporary);
    g_free(outfile->temporary);
    g_free(outfile->target);
    g_free(outfile->path);
    g_free(outfile);
}

/* 0, or the errno of what failed. Where that was a write, and the stream has nothing left to be written that would fail
 * once more, it was the last of all, and errno is of it. */
static int finish_stream(FILE *stream, gboolean sync)
{
    int code = ferror(stream) ? (errno ? errno : EIO) : 0;

    if (fflush(stream) != 0 || (sync && fsync(fileno(stream)) != 0))
        code = errno;
    if (fclose(stream) != 0 && code == 0)
        code = errno;
    return code;
}

gboolean vt_outfile_close(VtOutfile *outfile, GError **error)
{
    g_autoptr(VtOutfile) own = outfile;
    int code;

    if (own->stream == stdout)
        return TRUE;
    code = finish_stream(g_steal_pointer(&own->stream), own->temporary != NULL);
    if (code != 0)
        return set_io_error(error, own->path, code);
    if (own->temporary) {
        if (g_rename(own->temporary, own->target) != 0)
            return set_io_error(error, own->path, errno);
        g_clear_pointer(&own->temporary, g_free);
    }
    return TRUE;
}

gboolean vt_outfile_write(const char *path, gboolean private, const char *text, GError **error)
{
    g_autoptr(VtOutfile) outfile = vt_outfile_open(path, private, error);

    if (!outfile)
        return FALSE;
    fputs(text, outfile->stream);
    return vt_outfile_close(g_steal_pointer(&outfile), error);
}
