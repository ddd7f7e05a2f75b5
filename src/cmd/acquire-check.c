/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals, before anything is opened. */
#include "config.h"

#include "cmd/acquire-check.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"
#include "cmd/acquire.h"
#include "cmd/acquire-bundle.h"
#include "cmd/output.h"

/* XML may have a UUID without its hyphens. */
#define UUID_CHARACTERS "0123456789abcdefABCDEF-"

static gboolean check_devices(gboolean bundle, GError **error)
{
    if (!vt_acquire_options.devices || !(vt_acquire_options.xml || vt_acquire_options.profile || bundle))
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                _("--devices asks running domains that are sampled now; a recording has the names if it was made "
                  "with --devices"));
    return FALSE;
}

static gboolean check_xml(char **names, GError **error)
{
    if (!*names && !vt_acquire_options.all)
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--xml takes the domain from a file: name no other domain"));
    return FALSE;
}

static gboolean check_names(char **names, GError **error)
{
    if (!*names && !vt_acquire_options.all) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("name a domain, or give --all; `virt-tune list --all` shows them"));
        return FALSE;
    }
    if (*names && vt_acquire_options.all) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--all and the name of a domain exclude each other"));
        return FALSE;
    }
    return TRUE;
}

/* An interval that was not asked for is cut. */
static gboolean check_interval(guint64 duration_ns, GError **error)
{
    if (vt_acquire_options.profile || vt_acquire_options.interval_ns <= duration_ns)
        return TRUE;
    g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE,
                        _("--interval is longer than the whole sample; make it shorter, or --duration longer"));
    return FALSE;
}

gboolean vt_acquire_check(char **names, guint64 duration_ns, GError **error)
{
    gboolean bundle = vt_acquire_bundle_wanted(names);

    if (!check_devices(bundle, error))
        return FALSE;
    if (bundle)
        return TRUE;
    if (vt_acquire_options.xml)
        return check_xml(names, error);
    return check_names(names, error) && check_interval(duration_ns, error);
}

/* Of the files in a directory of profiles only those that a domain may have are read: a report may lie beside them. */
static void add_recordings(GPtrArray *files, const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (g_str_equal(name + strspn(name, UUID_CHARACTERS), ".json"))
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
}

gboolean vt_acquire_check_kept(const char *option, const char *path, char **names, GError **error)
{
    const VtAcquireOptions *options = &vt_acquire_options;
    const char *const given[] = {options->xml, options->profile, options->host};
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(given); i++)
        if (given[i])
            g_ptr_array_add(files, g_strdup(given[i]));
    if (path && options->profile)
        add_recordings(files, options->profile);
    if (vt_acquire_bundle_wanted(names))
        for (; *names; names++)
            g_ptr_array_add(files, g_strdup(*names));
    g_ptr_array_add(files, NULL);
    return vt_output_check_kept(option, path, (const char *const *)files->pdata, error);
}
