/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sample: measure, and show or save the profile. */
#include "config.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "base/text.h"
#include "cmd/acquire-bundle.h"
#include "cmd/acquire-check.h"
#include "cmd/output.h"
#include "report/profile-csv.h"
#include "report/profile-table.h"
#include "source/native.h"

#define LIMIT_MAX 1000000

static struct {
    char *output, *save;
    VtProfileTableOptions table;
} opt = {.table = {.limit = 10}};

static gboolean parse_limit(const char *option, const char *value, gpointer data, GError **error)
{
    g_autoptr(GError) why = NULL;
    guint64 limit;

    if (!vt_text_parse_u64(value, 0, LIMIT_MAX, &limit, &why)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, "%s: %s", option, why->message);
        return FALSE;
    }
    opt.table.limit = (guint)limit;
    return TRUE;
}

static const GOptionEntry entries[] = {
    VT_ACQUIRE_DOMAIN_ENTRIES,
    VT_ACQUIRE_SAMPLE_ENTRIES,
    VT_ACQUIRE_DEVICES_ENTRIES,
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"), "text|json|csv"},
    {"vcpu", 0, 0, G_OPTION_ARG_NONE, &vt_acquire_options.per_vcpu, N_("also what each vCPU has of it"), NULL},
    {"histogram", 0, 0, G_OPTION_ARG_NONE, &opt.table.histograms, N_("also how long exits took, as bars"), NULL},
    {"limit", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)parse_limit,
     N_("how many MSRs, ports and addresses of each kind are shown (10); 0: all"), "N"},
    {"save", 0, 0, G_OPTION_ARG_FILENAME, &opt.save,
     N_("write the profile to a file; several domains: to UUID.json in a directory"), "FILE"},
    VT_ACQUIRE_BUNDLE_ENTRIES,
    VT_ACQUIRE_FILE_ENTRIES,
    G_OPTION_ENTRY_NULL,
};

/* Where the profile of @domain goes. */
static char *saved_file(const VtDomain *domain)
{
    g_autofree char *base = g_strdup_printf("%s.json", domain->uuid);

    return g_file_test(opt.save, G_FILE_TEST_IS_DIR) ? g_build_filename(opt.save, base, NULL) : g_strdup(opt.save);
}

/* Only the domains tell which files in a directory are written; an XML file may have one without a UUID. */
static gboolean check_saved(const VtAcquired *acquired, char **argv, GError **error)
{
    if (!opt.save || !g_file_test(opt.save, G_FILE_TEST_IS_DIR))
        return TRUE;
    for (guint i = 0; i < acquired->domains->len; i++) {
        const VtDomain *domain = g_ptr_array_index(acquired->domains, i);
        g_autofree char *name = vt_text_printable(domain->name, FALSE);
        g_autofree char *file = saved_file(domain);

        if (!domain->uuid) {
            g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                        _("--save %1$s: %2$s has no UUID to name a file by; give a file, not a directory"), opt.save,
                        name);
            return FALSE;
        }
        if (!vt_acquire_check_kept("--save", file, argv, error) ||
            !vt_output_check_apart("--bundle", vt_acquire_options.bundle, file, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean save(const VtAcquired *acquired, GError **error)
{
    for (guint i = 0; i < acquired->domains->len; i++) {
        const VtProfile *profile = g_ptr_array_index(acquired->profiles, i);
        g_autofree char *file = saved_file(g_ptr_array_index(acquired->domains, i));

        if (profile && !vt_native_save(profile, file, error))
            return FALSE;
    }
    return TRUE;
}

/* The formats of the result. */
typedef enum { TEXT, JSON, CSV, NONE } Format;

static Format find_format(const char *name)
{
    static const char *const names[] = {"text", "json", "csv"};
    guint i = 0;

    while (name && i < NONE && !g_str_equal(names[i], name))
        i++;
    return (Format)i;
}

static void print_domain(VtApp *app, Format format, const VtDomain *domain, const VtProfile *profile,
                         const char *note)
{
    if (format == TEXT) {
        vt_profile_table_print(app->term, domain->name, profile, note, &opt.table);
    } else if (!profile) {
        g_autofree char *name = vt_text_printable(domain->name, FALSE);

        g_printerr("virt-tune: %s: %s\n", name, note ? note : _("nothing was measured"));
    } else if (format == CSV) {
        vt_profile_csv_print(vt_term_out(app->term), domain->name, domain->uuid, profile);
    } else {
        g_autofree char *text = vt_native_format(profile);

        fputs(text, vt_term_out(app->term));
    }
}

static gboolean check(char **argv, Format format, GError **error)
{
    if (format == NONE) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("--output %s: there is no such format; use text, json or csv"), opt.output);
        return FALSE;
    }
    if (opt.save && !*opt.save) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--save needs the name of a file"));
        return FALSE;
    }
    if (opt.save && (vt_acquire_options.all || (argv[0] && argv[1])) &&
        !g_file_test(opt.save, G_FILE_TEST_IS_DIR)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("--save %s: several domains need a directory that exists"), opt.save);
        return FALSE;
    }
    return vt_output_check_apart("--save", opt.save, NULL, error) &&
           (!opt.save || vt_output_check_apart("--bundle", vt_acquire_options.bundle, opt.save, error)) &&
           vt_acquire_check_kept("--save", opt.save, argv, error) && vt_acquire_bundle_check(argv, NULL, error);
}

static gboolean sample(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtAcquired) acquired = NULL;
    Format format = find_format(opt.output);
    guint measured = 0;

    if (!check(argv, format, error))
        return FALSE;
    opt.table.vcpus = vt_acquire_options.per_vcpu;
    /* A record for each vCPU is what the long form is for. */
    vt_acquire_options.per_vcpu = vt_acquire_options.per_vcpu || format == CSV;
    acquired = vt_acquire_run(app, argv, error);
    if (!acquired || !check_saved(acquired, argv, error))
        return FALSE;
    if (format == CSV)
        vt_profile_csv_head(vt_term_out(app->term));
    for (guint i = 0; i < acquired->domains->len; i++) {
        measured += g_ptr_array_index(acquired->profiles, i) != NULL;
        print_domain(app, format, g_ptr_array_index(acquired->domains, i),
                     g_ptr_array_index(acquired->profiles, i),
                     g_ptr_array_index(acquired->notes, i));
    }
    if (opt.save && !save(acquired, error))
        return FALSE;
    if (!vt_acquire_bundle_save(acquired, error))
        return FALSE;
    if (measured == 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("no domain could be measured"));
        return FALSE;
    }
    return TRUE;
}

const VtCmd vt_cmd_sample = {
    .name = "sample",
    .operands = N_("[DOMAIN…|BUNDLE…]"),
    .complete = "domain,bundle",
    .summary = N_("measure the exits of domains"),
    .options = entries,
    .run = sample,
};
