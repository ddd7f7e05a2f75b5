/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import: a foreign recording becomes a native profile. */
#include "config.h"

#include <glib/gi18n.h>

#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/output.h"
#include "source/import.h"
#include "source/native.h"

static struct {
    char *format, *save, *isa, *domain;
    guint vcpus;
    guint64 duration_ns;
    gboolean per_vcpu;
} opt;

static gboolean parse_duration(const char *option, const char *value, gpointer data, GError **error)
{
    return vt_acquire_parse_time(option, value, &opt.duration_ns, error);
}

static gboolean parse_vcpus(const char *option, const char *value, gpointer data, GError **error)
{
    g_autoptr(GError) why = NULL;
    guint64 vcpus;

    if (!vt_text_parse_u64(value, 1, VT_CPUS_MAX, &vcpus, &why)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, "%s: %s", option, why->message);
        return FALSE;
    }
    opt.vcpus = (guint) vcpus;
    return TRUE;
}

static const GOptionEntry entries[] = {
    {"vcpus", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) parse_vcpus, N_("how many vCPUs the recording is of"), "N"},
    {"vcpu", 0, 0, G_OPTION_ARG_NONE, &opt.per_vcpu, N_("keep what each vCPU has, where the recording tells"), NULL},
    {"duration", 'd', 0, G_OPTION_ARG_CALLBACK, (gpointer) parse_duration, N_("how long it was recorded"), N_("TIME")},
    {"isa", 0, 0, G_OPTION_ARG_STRING, &opt.isa, N_("whose exit codes it has"), "vmx|svm|arm64"},
    {"domain", 0, 0, G_OPTION_ARG_STRING, &opt.domain,
     N_("which one of several in it: a name, or numbers of processes or threads"), "DOMAIN"},
    {"format", 0, 0, G_OPTION_ARG_STRING, &opt.format, N_("its format, where it is not recognised"), "NAME"},
    {"save", 0, 0, G_OPTION_ARG_FILENAME, &opt.save, N_("write the profile to a file"), "FILE"},
    G_OPTION_ENTRY_NULL,
};

static gboolean import(VtApp *app, char **argv, int *ret_status, GError **error)
{
    VtImportOptions options = {.vcpus = opt.vcpus, .duration_ns = opt.duration_ns, .domain = opt.domain,
                               .per_vcpu = opt.per_vcpu};
    g_autoptr(VtProfile) profile = NULL;
    g_autofree char *json = NULL;

    if (!argv[0] || argv[1]) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("import takes one file, or - for standard input"));
        return FALSE;
    }
    if (!vt_output_check_kept("--save", opt.save, (const char *const *)argv, error))
        return FALSE;
    if (opt.isa)
        options.isa = vt_isa_from_name(opt.isa);
    if (opt.isa && options.isa == VT_ISA_UNKNOWN) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--isa %s: use vmx, svm or arm64"), opt.isa);
        return FALSE;
    }
    vt_progress_begin(_("reading %s"), argv[0]);
    profile = vt_import_file(argv[0], opt.format, &options, error);
    vt_progress_end();
    if (!profile)
        return FALSE;
    json = vt_native_format(profile);
    return vt_output_text(app, opt.save, json, error);
}

const VtCmd vt_cmd_import = {
    .name = "import",
    .operands = N_("FILE"),
    .complete = "file",
    .summary = N_("turn a recording of another tool into a profile"),
    .options = entries,
    .run = import,
};
