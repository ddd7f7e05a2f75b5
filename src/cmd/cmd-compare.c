/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compare: two recordings or bundles side by side. */
#include "config.h"

#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/acquire-rules.h"
#include "cmd/output.h"
#include "plan/diff.h"
#include "report/report-compare.h"
#include "source/bundle.h"
#include "source/redact.h"

static struct {
    char *output, *output_file, *domain;
    gboolean verbose;
} opt;

static const GOptionEntry entries[] = {
    {"domain", 0, 0, G_OPTION_ARG_STRING, &opt.domain, N_("only the domain with this name or UUID"),
     N_("DOMAIN")},
    {"output", 'o', 0, G_OPTION_ARG_STRING, &opt.output, N_("format of the result"),
     "text|json|html"},
    {"output-file", 0, 0, G_OPTION_ARG_FILENAME, &opt.output_file, N_("write the report to a file"),
     "FILE"},
    {"verbose", 'v', 0, G_OPTION_ARG_NONE, &opt.verbose,
     N_("also show the metrics that did not move"), NULL},
    G_OPTION_ENTRY_NULL,
};

/* A domain of one of the two files. */
typedef struct {
    const char *file;
    const VtBundle *bundle;  /* NULL: a profile alone */
    const VtDomain *domain;  /* NULL: the same */
    const VtProfile *profile; /* NULL: not measured */
    gboolean pending; /* it does not run yet with what was changed */
    const char *name, *uuid; /* NULL: not known */
} Side;

/* One of the files; keeps what its sides point to. */
typedef struct {
    const char *path;
    VtBundle *bundle;
    VtProfile *profile;
    GArray *sides; /* Side */
} File;

static void file_clear(File *file)
{
    g_clear_pointer(&file->bundle, vt_bundle_free);
    g_clear_pointer(&file->profile, vt_profile_unref);
    g_clear_pointer(&file->sides, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(File, file_clear)

static gboolean is_wanted(const Side *side)
{
    return !opt.domain || g_strcmp0(side->name, opt.domain) == 0 ||
           (side->uuid && g_ascii_strcasecmp(side->uuid, opt.domain) == 0);
}

static void add_side(File *file, const Side *side)
{
    if (is_wanted(side))
        g_array_append_val(file->sides, *side);
}

static gboolean load(const char *path, File *ret_file, GError **error)
{
    g_auto(File) file = {.path = path, .sides = g_array_new(FALSE, TRUE, sizeof(Side))};

    if (g_str_has_suffix(path, ".vtb") || vt_bundle_is(path)) {
        vt_progress_begin(_("reading %s"), path);
        file.bundle = vt_bundle_load(path, error);
        if (!file.bundle)
            return FALSE;
        for (guint i = 0; i < file.bundle->domains->len; i++) {
            const VtDomain *domain = g_ptr_array_index(file.bundle->domains, i);

            add_side(&file, &(Side){.file = path, .bundle = file.bundle, .domain = domain,
                                    .profile = g_ptr_array_index(file.bundle->profiles, i),
                                    .pending = domain->pending_change > 0,
                                    .name = domain->name, .uuid = domain->uuid});
        }
    } else {
        file.profile = vt_acquire_profile_file(path, 0, error);
        if (!file.profile)
            return FALSE;
        /* A profile that does not say of which domain it is can be of any. */
        if (!file.profile->name && !file.profile->uuid)
            g_array_append_val(file.sides, ((Side){.file = path, .profile = file.profile}));
        else
            add_side(&file, &(Side){.file = path,
                                    .profile = file.profile,
                                    .name = file.profile->name,
                                    .uuid = file.profile->uuid});
    }
    if (file.sides->len == 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND, _("%s: there is no domain '%s' in it"),
                    path, opt.domain ? opt.domain : "");
        return FALSE;
    }
    *ret_file = file;
    file = (File){0};
    return TRUE;
}

/* By UUID, else by name. */
static const Side *partner_of(const File *file, const Side *side)
{
    for (guint i = 0; side->uuid && i < file->sides->len; i++) {
        const Side *other = &g_array_index(file->sides, Side, i);

        if (other->uuid && g_ascii_strcasecmp(other->uuid, side->uuid) == 0)
            return other;
    }
    for (guint i = 0; side->name && i < file->sides->len; i++) {
        const Side *other = &g_array_index(file->sides, Side, i);

        if (g_strcmp0(other->name, side->name) == 0)
            return other;
    }
    return NULL;
}

/* NULL also where there is no diff(1). */
static char *diff_of(const Side *before, const Side *after)
{
    g_autofree char *old = vt_redact_pretty(before->domain->inactive), *new = vt_redact_pretty(after->domain->inactive);
    g_autofree char *label = g_strdup_printf("%s.xml", after->name);
    VtDiffPair pair = {.before = old, .after = new, .label = label};
    g_autoptr(GError) error = NULL;

    if (vt_diff_run(&pair, 1, &error))
        return pair.diff;
    g_printerr("virt-tune: %s\n", error->message);
    return NULL;
}

/* What was changed between the two, from their definitions, hosts and the history of this
 * machine. */
static gboolean find_causes(VtReportCompare *comparison, const Side *before, const Side *after,
                            const VtRuleSet *rules, GError **error)
{
    const VtCauseSide then = {before->domain, before->bundle->host, before->profile};
    const VtCauseSide now = {after->domain, after->bundle->host, after->profile};
    g_autoptr(VtStore) store = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GPtrArray) trail = NULL;
    const char *why_not = comparison->mismatch;

    if (before->bundle->uri && before->uuid &&
        g_strcmp0(before->bundle->uri, after->bundle->uri) == 0 &&
        g_strcmp0(before->uuid, after->uuid) == 0) {
        store = vt_store_new(NULL, before->bundle->uri, before->uuid);
        records = vt_store_list(store, error);
        if (!records)
            return FALSE;
        trail = vt_cause_trail(store, records, before->domain, after->domain);
    }
    if (!why_not && after->pending)
        why_not = _("The domain has not been fully powered off and started again since.");
    comparison->causes = vt_cause_find(rules, &then, &now, store, trail, why_not);
    comparison->diff = diff_of(before, after);
    if (then.host && now.host)
        comparison->facts = vt_cause_facts(then.host, now.host);
    if (comparison->causes->len == 0)
        comparison->causes_note =
            !comparison->diff    ? _("No rule knows of a change between the two.")
            : *comparison->diff ? _("The definitions differ, but no rule says what that does.")
                                : _("The definitions are the same: what moved has other reasons.");
    return TRUE;
}

static void comparison_free(gpointer data)
{
    vt_report_compare_clear(data);
    g_free(data);
}

/* By UUID, else by name; what does not say whose it is may be of the same one. */
static gboolean are_two(const Side *before, const Side *after)
{
    if (before->uuid && after->uuid)
        return g_ascii_strcasecmp(before->uuid, after->uuid) != 0;
    return before->name && after->name && !g_str_equal(before->name, after->name);
}

static gboolean compare_pair(GPtrArray *comparisons, const Side *before, const Side *after,
                             const VtRuleSet *rules, GError **error)
{
    VtReportCompare *comparison = g_new0(VtReportCompare, 1);

    g_ptr_array_add(comparisons, comparison);
    comparison->domain = after->name ? after->name : before->name ? before->name : _("a domain");
    comparison->before_is = before->file;
    comparison->after_is = after->file;
    comparison->before = before->profile;
    comparison->after = after->profile;
    vt_report_compare_measure(comparison);
    if (are_two(before, after))
        g_ptr_array_add(comparison->notes,
                        g_strdup_printf(_("These are two domains: %1$s before and %2$s after."),
                                        before->name ? before->name : before->uuid,
                                        after->name ? after->name : after->uuid));
    if (before->domain && after->domain)
        return find_causes(comparison, before, after, rules, error);
    comparison->causes_note =
        _("What was changed is not known: only bundles have the definition of the "
          "domain.");
    return TRUE;
}

static void complain(const Side *side, const char *file)
{
    g_printerr(_("virt-tune: %1$s: %2$s has no such domain\n"),
               side->name ? side->name : side->file, file);
}

static gboolean is_measured(const Side *side)
{
    if (!side->profile)
        g_printerr(_("virt-tune: %1$s was not measured in %2$s\n"), side->name, side->file);
    return side->profile != NULL;
}

/* Pairs of domains; what has no partner is named on standard error. */
static GPtrArray *compare_files(const File *old, const File *new, const VtRuleSet *rules,
                                GError **error)
{
    const gboolean only = old->sides->len == 1 && new->sides->len == 1;
    g_autoptr(GPtrArray) comparisons = g_ptr_array_new_with_free_func(comparison_free);

    vt_progress_begin(_("comparing the domains"));
    for (guint i = 0; i < old->sides->len; i++) {
        const Side *before = &g_array_index(old->sides, Side, i);
        const Side *after = only ? &g_array_index(new->sides, Side, 0) : partner_of(new, before);

        vt_progress_count(i, old->sides->len);
        if (!after) {
            complain(before, new->path);
            continue;
        }
        if (!is_measured(before) || !is_measured(after))
            continue;
        if (!compare_pair(comparisons, before, after, rules, error))
            return NULL;
    }
    for (guint i = 0; i < new->sides->len && !only; i++) {
        const Side *after = &g_array_index(new->sides, Side, i);

        if (!partner_of(old, after))
            complain(after, g_array_index(old->sides, Side, 0).file);
    }
    if (comparisons->len > 0)
        return g_steal_pointer(&comparisons);
    g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                _("there is no domain that both files measured"));
    return NULL;
}

static gboolean compare(VtApp *app, char **argv, int *ret_status, GError **error)
{
    const VtReportCompareFormat *format =
        vt_report_compare_format(opt.output ? opt.output : "text");
    g_auto(File) old = {0};
    g_auto(File) new = {0};
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(VtOutput) output = NULL;
    g_autoptr(GPtrArray) comparisons = NULL;
    gpointer report;

    if (!argv[0] || !argv[1] || argv[2]) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE, _("compare takes two files"));
        return FALSE;
    }
    if (!format) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("--output %s: there is no such format; use text, json or html"), opt.output);
        return FALSE;
    }
    if (!vt_output_check_kept("--output-file", opt.output_file, (const char *const *)argv, error))
        return FALSE;
    if (!load(argv[0], &old, error) || !load(argv[1], &new, error))
        return FALSE;
    rules = vt_acquire_rules(NULL, NULL, error);
    comparisons = rules ? compare_files(&old, &new, rules, error) : NULL;
    vt_progress_end();
    output = comparisons ? vt_output_open(app, opt.output_file, error) : NULL;
    if (!output)
        return FALSE;
    report = format->begin(vt_output_term(output), opt.verbose);
    for (guint i = 0; i < comparisons->len; i++)
        format->write(report, g_ptr_array_index(comparisons, i));
    format->end(report);
    return vt_output_close(g_steal_pointer(&output), error);
}

const VtCmd vt_cmd_compare = {
    .name = "compare",
    .operands = N_("FILE FILE"),
    .complete = "recording",
    .summary = N_("show what moved between two recordings or bundles, and which change did it"),
    .options = entries,
    .run = compare,
};
