/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of formats of foreign recordings. */
#include "config.h"

#include "source/import.h"

#include "base/error.h"

VtProfile *vt_import_file(const char *path, const char *format, const VtImportOptions *options, GError **error)
{
    vt_error_set_input(error, path, 0, _("no format is known that this is a recording of"));
    return NULL;
}
