/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one error domain of the program, and what each code means as an exit status. */
#pragma once

#include <glib.h>
#include <glib/gi18n.h>

typedef enum {
    VT_ERROR_FAILED,    /* anything without a better word */
    VT_ERROR_USAGE,     /* the command line is wrong: exit status 2 */
    VT_ERROR_INPUT,     /* a file is malformed; the message starts with "file:line: " or "file: " */
    VT_ERROR_IO,        /* a file cannot be read or written */
    VT_ERROR_NOT_FOUND, /* no such domain, rule, file entry */
    VT_ERROR_LIBVIRT,   /* libvirt said no; the message holds libvirt's own words */
    VT_ERROR_UNSUPPORTED, /* this build, host or connection cannot do it */
    VT_ERROR_CANCELLED,   /* the user stopped it */
} VtErrorCode;

#define VT_ERROR (vt_error_quark())
GQuark vt_error_quark(void);

/* The exit status for @error: 0 for NULL, 2 for a usage error (or GLib's option errors), else 1. */
int vt_error_exit_status(const GError *error);

/* Sets @error to a VT_ERROR_INPUT "file:line: message"; line 0 leaves the number out.
 * @file may be NULL for an unnamed buffer ("<input>"). Always returns FALSE. */
gboolean vt_error_set_input(GError **error, const char *file, guint64 line, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
