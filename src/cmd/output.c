/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results to standard output or, at once and whole, to a file. */
#include "config.h"

#include "cmd/output.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct VtOutput {
    char *path;      /* NULL: standard output */
    char *temporary; /* beside it; NULL: written in place, as it is no regular file */
    FILE *file;
    VtTerm *term;
};

static gboolean set_io_error(GError **error, const char *path, int code)
{
    g_set_error(error, VT_ERROR, VT_ERROR_IO, _("%s: cannot be written: %s"), path, g_strerror(code));
    return FALSE;
}

VtOutput *vt_output_open(VtApp *app, const char *path, GError **error)
{
    g_autoptr(VtOutput) output = g_new0(VtOutput, 1);
    struct stat st;
    int fd;

    if (!path || g_str_equal(path, "-")) {
        output->term = app->term;
        output->file = stdout;
        return g_steal_pointer(&output);
    }
    output->path = g_strdup(path);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        /* A device or a FIFO cannot be replaced. */
        fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        output->temporary = g_strdup_printf("%s.XXXXXX", path);
        fd = g_mkstemp_full(output->temporary, O_WRONLY | O_CLOEXEC, 0666);
        if (fd < 0)
            g_clear_pointer(&output->temporary, g_free);
    }
    output->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!output->file) {
        set_io_error(error, path, errno);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    output->term = vt_term_new(output->file);
    return g_steal_pointer(&output);
}

VtTerm *vt_output_term(VtOutput *output)
{
    return output->term;
}

void vt_output_abort(VtOutput *output)
{
    if (!output)
        return;
    if (output->path) {
        g_clear_pointer(&output->term, vt_term_free);
        if (output->file)
            fclose(output->file);
    }
    if (output->temporary)
        g_unlink(output->temporary);
    g_free(output->temporary);
    g_free(output->path);
    g_free(output);
}

gboolean vt_output_close(VtOutput *output, GError **error)
{
    g_autoptr(VtOutput) own = output;
    gboolean failed;
    int code;

    if (!own->path)
        return TRUE; /* the end of the program checks standard output */
    failed = fflush(own->file) != 0 || ferror(own->file) ||
             (own->temporary && fsync(fileno(own->file)) != 0);
    code = errno;
    failed = fclose(g_steal_pointer(&own->file)) != 0 || failed;
    if (failed)
        return set_io_error(error, own->path, code ? code : errno);
    if (own->temporary) {
        if (g_rename(own->temporary, own->path) != 0)
            return set_io_error(error, own->path, errno);
        g_clear_pointer(&own->temporary, g_free);
    }
    return TRUE;
}

gboolean vt_output_text(VtApp *app, const char *path, const char *text, GError **error)
{
    g_autoptr(VtOutput) output = vt_output_open(app, path, error);

    if (!output)
        return FALSE;
    fputs(text, vt_term_out(output->term));
    return vt_output_close(g_steal_pointer(&output), error);
}
