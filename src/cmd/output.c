/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results to standard output or, at once and whole, to a file. */
#include "config.h"

#include "cmd/output.h"

#include "base/outfile.h"

struct VtOutput {
    VtOutfile *file; /* NULL: standard output */
    VtTerm *term;
};

VtOutput *vt_output_open(VtApp *app, const char *path, GError **error)
{
    g_autoptr(VtOutput) output = g_new0(VtOutput, 1);

    if (!path || g_str_equal(path, "-")) {
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
