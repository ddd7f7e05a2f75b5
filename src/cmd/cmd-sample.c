/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample: measure, and show or save the profile. */
#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cmd/acquire-bundle.h"
#include "cmd/output.h"
#include "report/profile-table.h"
#include "source/native.h"

static struct {
    char *output, *save;
} opt;

static const GOptionEntry entries[] = {
    VT_ACQUIRE_DOMAIN_ENTRIES,
    VT_ACQUIRE_SAMPLE_ENTRIES,
    VT_ACQUIRE_DEVICES_ENTRIES,
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"), "text|json"},
    {"vcpu", 0, 0, G_OPTION_ARG_NONE, &vt_acquire_options.per_vcpu, N_("also what each vCPU has of it"), NULL},
    {"save", 0, 0, G_OPTION_ARG_FILENAME, &opt.save,
     N_("write the profile to a file; several domains: to UUID.json in a directory"), "FILE"},
    VT_ACQUIRE_BUNDLE_ENTRIES,
    VT_ACQUIRE_FILE_ENTRIES,
    G_OPTION_ENTRY_NULL,
};

static gboolean save(const VtAcquired *acquired, GError **error)
{
    gboolean dir = g_file_test(opt.save, G_FILE_TEST_IS_DIR);

    for (guint i = 0; i < acquired->domains->len; i++) {
        const VtDomain *domain = g_ptr_array_index(acquired->domains, i);
        const VtProfile *profile = g_ptr_array_index(acquired->profiles, i);
        g_autofree char *base = g_strconcat(domain->uuid, ".json", NULL);
        g_autofree char *file = dir ? g_build_filename(opt.save, base, NULL) : g_strdup(opt.save);

        if (profile && !vt_native_save(profile, file, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean sample(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtAcquired) acquired = NULL;
    gboolean json = opt.output && g_str_equal(opt.output, "json");
    guint measured = 0;

    if (opt.output && !json && !g_str_equal(opt.output, "text")) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--output %s: there is no such format; use text or json"),
                    opt.output);
        return FALSE;
    }
    if (opt.save && (vt_acquire_options.all || (argv[0] && argv[1])) && !g_file_test(opt.save, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("--save %s: several domains need a directory that exists"), opt.save);
        return FALSE;
    }
    if (!vt_acquire_bundle_check(error))
        return FALSE;
    acquired = vt_acquire_run(app, argv, error);
    if (!acquired)
        return FALSE;
    for (guint i = 0; i < acquired->domains->len; i++) {
        const VtDomain *domain = g_ptr_array_index(acquired->domains, i);
        VtProfile *profile = g_ptr_array_index(acquired->profiles, i);

        measured += profile != NULL;
        if (!json) {
            vt_profile_table_print(app->term, domain->name, profile, g_ptr_array_index(acquired->notes, i));
        } else if (profile) {
            g_autofree char *text = vt_native_format(profile);

            fputs(text, vt_term_out(app->term));
        }
    }
    if (opt.save && !save(acquired, error))
        return FALSE;
    if (!vt_acquire_bundle_save(acquired, error))
        return FALSE;
    if (measured == 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("no domain could be measured%s"),
                    json ? _("; `-o text` says why") : "");
        return FALSE;
    }
    return TRUE;
}

const VtCmd vt_cmd_sample = {
    .name = "sample",
    .operands = N_("[DOMAIN…|BUNDLE…]"),
    .complete = "domain,file",
    .summary = N_("measure the exits of domains"),
    .options = entries,
    .run = sample,
};
