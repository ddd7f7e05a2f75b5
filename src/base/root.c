/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads of the machine's own files, or of a capture of another machine's. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/root.h"
#include "base/sort.h"
#include "base/text.h"

#define LIMIT_DEFAULT (1024 * 1024)
/* As many as the kernel follows. */
#define LINKS_MAX 40

struct VtRoot {
    char *prefix; /* absolute, without a trailing slash; NULL for the live machine */
};

VtRoot *vt_root_new(const char *prefix)
{
    g_autofree char *absolute = prefix ? g_canonicalize_filename(prefix, NULL) : NULL;
    char *real = absolute ? realpath(absolute, NULL) : NULL;
    VtRoot *root = g_new0(VtRoot, 1);

    if (absolute && !g_str_equal(real ? real : absolute, "/"))
        root->prefix = g_strdup(real ? real : absolute);
    free(real);
    return root;
}

void vt_root_free(VtRoot *root)
{
    if (!root)
        return;
    g_free(root->prefix);
    g_free(root);
}

gboolean vt_root_is_live(const VtRoot *root)
{
    return !root->prefix;
}

/* Resolves @path below the prefix as chroot(2) would: absolute links start at the prefix, ".."
 * stops there. What does not exist is taken as it is written. NULL after too many links. */
static char *resolve(const char *prefix, const char *path)
{
    g_autoptr(GString) resolved = g_string_new(prefix);
    g_autofree char *rest = g_strdup(path);
    gsize top = resolved->len;
    guint links = 0;

    while (*rest != '\0') {
        const char *start = rest + strspn(rest, "/");
        gsize length = strcspn(start, "/");
        gsize parent = resolved->len;
        g_autofree char *target = NULL;
        char *next;

        if (length == 0)
            break;
        if (length == 2 && strncmp(start, "..", 2) == 0) {
            while (resolved->len > top && resolved->str[resolved->len - 1] != '/')
                g_string_truncate(resolved, resolved->len - 1);
            if (resolved->len > top)
                g_string_truncate(resolved, resolved->len - 1);
        } else if (!(length == 1 && *start == '.')) {
            g_string_append_c(resolved, '/');
            g_string_append_len(resolved, start, (gssize)length);
            target = g_file_read_link(resolved->str, NULL);
        }
        if (target) {
            if (++links > LINKS_MAX)
                return NULL;
            g_string_truncate(resolved, *target == '/' ? top : parent);
            next = g_strconcat(target, "/", start + length, NULL);
        } else {
            next = g_strdup(start + length);
        }
        g_free(rest);
        rest = next;
    }
    if (resolved->len == 0)
        g_string_append_c(resolved, '/');
    return g_string_free(g_steal_pointer(&resolved), FALSE);
}

char *vt_root_path(const VtRoot *root, const char *path)
{
    g_return_val_if_fail(path[0] == '/', NULL);

    return root->prefix ? resolve(root->prefix, path) : g_strdup(path);
}

static gboolean set_errno(GError **error, const char *path, int code)
{
    g_autofree char *name = vt_text_printable(path, FALSE);

    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), _("cannot read %s: %s"),
                name, g_strerror(code));
    return FALSE;
}

/* Opens the regular file that @path stands for; -1 with errno. */
static int open_file(const VtRoot *root, const char *path)
{
    g_autofree char *real = vt_root_path(root, path);
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct stat st;
    int fd;

    if (!real) {
        errno = ELOOP;
        return -1;
    }
    /* Links of a capture are resolved already; one that appears now would lead out of it. */
    fd = open(real, root->prefix ? flags | O_NOFOLLOW : flags);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    close(fd);
    errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    return -1;
}

gboolean vt_root_read_bytes(const VtRoot *root, const char *path, gsize limit, char **ret_data,
                            gsize *ret_length, GError **error)
{
    gsize max = limit > 0 ? limit : LIMIT_DEFAULT;
    gboolean too_large;
    gboolean ok;
    int saved;
    int fd;

    fd = open_file(root, path);
    if (fd < 0)
        return set_errno(error, path, errno);
    ok = vt_file_read_fd(fd, max, ret_data, ret_length, &too_large);
    saved = errno;
    close(fd);
    if (!ok && !too_large)
        return set_errno(error, path, saved);
    if (!ok)
        return vt_error_set_input(error, path, 0, _("it is longer than %zu bytes"), max);
    return TRUE;
}

gboolean vt_root_read(const VtRoot *root, const char *path, gsize limit, char **ret_text,
                      gsize *ret_length, GError **error)
{
    g_autofree char *text = NULL;
    gsize length;

    if (!vt_root_read_bytes(root, path, limit, &text, &length, error))
        return FALSE;
    if (memchr(text, '\0', length))
        return vt_error_set_input(error, path, 0, _("it holds a NUL byte and is no text"));

    *ret_text = g_steal_pointer(&text);
    if (ret_length)
        *ret_length = length;
    return TRUE;
}

char *vt_root_read_line(const VtRoot *root, const char *path)
{
    char *text = NULL;

    if (!vt_root_read(root, path, 0, &text, NULL, NULL))
        return NULL;
    return g_strstrip(text);
}

GStrv vt_root_list(const VtRoot *root, const char *path)
{
    g_autofree char *real = vt_root_path(root, path);
    g_autoptr(GDir) dir = real ? g_dir_open(real, 0, NULL) : NULL;
    g_autoptr(GPtrArray) names = NULL;
    const char *name;

    if (!dir)
        return NULL;
    names = g_ptr_array_new();
    while ((name = g_dir_read_name(dir)))
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, vt_sort_compare);
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

gboolean vt_root_exists(const VtRoot *root, const char *path)
{
    g_autofree char *real = vt_root_path(root, path);
    struct stat st;

    return real && (root->prefix ? lstat(real, &st) : stat(real, &st)) == 0;
}
