/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results to standard output or, at once and whole, to a file. */
#include "config.h"

#include "cmd/output.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/outfile.h"

struct VtOutput {
    VtOutfile *file; /* NULL: standard output */
    VtTerm *term;
};

static gboolean is_standard(const char *path)
{
    return !path || g_str_equal(path, "-");
}

/* What can be written straight through, as a terminal, can be read or written twice. */
static gboolean is_same_file(const char *path, const char *other)
{
    g_autofree char *one = NULL, *two = NULL;
    GStatBuf a, b;

    if (g_stat(path, &a) == 0 && g_stat(other, &b) == 0)
        return (S_ISREG(a.st_mode) || S_ISDIR(a.st_mode)) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    one = g_canonicalize_filename(path, NULL);
    two = g_canonicalize_filename(other, NULL);
    return g_str_equal(one, two);
}

gboolean vt_output_check_apart(const char *option, const char *path, const char *report, GError **error)
{
    if (!path || is_standard(path) != is_standard(report))
        return TRUE;
    if (!is_standard(path) && !is_same_file(path, report))
        return TRUE;
    if (is_standard(path))
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("%s -: the report is on standard output already; name a file"),
                    option);
    else
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("%1$s %2$s: something else goes to this file, too; name another one"), option, path);
    return FALSE;
}

gboolean vt_output_check_kept(const char *option, const char *path, const char *const *files, GError **error)
{
    for (; !is_standard(path) && *files; files++) {
        if (!is_same_file(path, *files))
            continue;
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("%1$s %2$s: that is what is read, and it would be lost; name another file"), option, path);
        return FALSE;
    }
    return TRUE;
}

VtOutput *vt_output_open(VtApp *app, const char *path, GError **error)
{
    g_autoptr(VtOutput) output = g_new0(VtOutput, 1);

    if (is_standard(path)) {
        output->term = app->term;
        return g_steal_pointer(&output);
    }
    output->file = vt_outfile_open(path, FALSE, error);
    if (!output->file)
        return NULL;
    output->term = vt_term_new(vt_outfile_stream(output->file));
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
    if (output->file)
        g_clear_pointer(&output->term, vt_term_free);
    vt_outfile_abort(output->file);
    g_free(output);
}

gboolean vt_output_close(VtOutput *output, GError **error)
{
    g_autoptr(VtOutput) own = output;

    if (!own->file)
        return TRUE; /* the end of the program checks standard output */
    g_clear_pointer(&own->term, vt_term_free);
    return vt_outfile_close(g_steal_pointer(&own->file), error);
}

gboolean vt_output_text(VtApp *app, const char *path, const char *text, GError **error)
{
    g_autoptr(VtOutput) output = vt_output_open(app, path, error);

    if (!output)
        return FALSE;
    fputs(text, vt_term_out(output->term));
    return vt_output_close(g_steal_pointer(&output), error);
}
