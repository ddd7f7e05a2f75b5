/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The error domain, its exit statuses, and the form of a complaint about a file. */
#include "config.h"

#include <stdarg.h>

#include "base/error.h"
#include "base/text.h"

GQuark vt_error_quark(void)
{
    return g_quark_from_static_string("vt-error-quark");
}

int vt_error_exit_status(const GError *error)
{
    if (!error)
        return 0;
    if (error->domain == G_OPTION_ERROR || g_error_matches(error, VT_ERROR, VT_ERROR_USAGE))
        return 2;
    return 1;
}

gboolean vt_error_set_input(GError **error, const char *file, guint64 line, const char *format, ...)
{
    g_autofree char *name = vt_text_printable(file ? file : "<input>", FALSE);
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);

    if (line > 0)
        g_set_error(error, VT_ERROR, VT_ERROR_INPUT, "%s:%" G_GUINT64_FORMAT ": %s", name, line,
                    message);
    else
        g_set_error(error, VT_ERROR, VT_ERROR_INPUT, "%s: %s", name, message);
    return FALSE;
}
