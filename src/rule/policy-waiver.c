/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads waivers and matches them with findings. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "rule/policy-waiver.h"

void vt_policy_waiver_free(VtWaiver *waiver)
{
    if (!waiver)
        return;
    g_free(waiver->name);
    g_free(waiver->file);
    g_free(waiver->rule);
    g_free(waiver->domain);
    g_free(waiver->device);
    g_free(waiver->reason);
    g_free(waiver->expires);
    g_free(waiver);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtWaiver, vt_policy_waiver_free)

static gboolean is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";

    for (gsize i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
            return FALSE;
    return TRUE;
}

/* A date is a whole day of the local time zone; a time without a zone is local. */
static gboolean parse_end(const char *text, gint64 *ret_end_s)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();
    g_autoptr(GDateTime) time = NULL, next = NULL;
    g_autofree char *midnight = NULL;

    if (!is_date(text)) {
        time = g_date_time_new_from_iso8601(text, zone);
        if (time)
            *ret_end_s = g_date_time_to_unix(time);
        return time != NULL;
    }
    midnight = g_strconcat(text, "T00:00:00", NULL);
    time = g_date_time_new_from_iso8601(midnight, zone);
    if (!time)
        return FALSE;
    /* There is no day behind the last that GLib knows. */
    next = g_date_time_add_days(time, 1);
    *ret_end_s = next ? g_date_time_to_unix(next) : G_MAXINT64;
    return TRUE;
}

static char **member_of(VtWaiver *waiver, const char *key)
{
    return g_str_equal(key, "rule")      ? &waiver->rule
           : g_str_equal(key, "domain")  ? &waiver->domain
           : g_str_equal(key, "device")  ? &waiver->device
           : g_str_equal(key, "reason")  ? &waiver->reason
           : g_str_equal(key, "expires") ? &waiver->expires
                                         : NULL;
}

static gboolean read_key(VtWaiver *waiver, const VtKeyFile *file, const VtKeyFileEntry *entry,
                         GError **error)
{
    char **member = member_of(waiver, entry->key);

    if (!member)
        return vt_error_set_input(
            error, file->path, entry->line,
            _("a waiver has no key “%s”; it has rule, domain, device, reason and expires"),
            entry->key);
    if (!*entry->value)
        return vt_error_set_input(error, file->path, entry->line, _("%s is empty"), entry->key);
    if (g_str_equal(entry->key, "expires") && !parse_end(entry->value, &waiver->end_s))
        return vt_error_set_input(error, file->path, entry->line,
                                  _("“%s” is no date such as 2027-03-31"), entry->value);
    *member = g_strdup(entry->value);
    return TRUE;
}

VtWaiver *vt_policy_waiver_read(const VtKeyFile *file, guint at, GError **error)
{
    const VtKeyFileEntry *heading = g_ptr_array_index(file->entries, at);
    g_autoptr(VtWaiver) waiver = g_new0(VtWaiver, 1);
    const char *missing;

    waiver->name = g_strstrip(g_strdup(strchr(heading->group, ' ') + 1));
    waiver->file = g_strdup(file->path);
    waiver->line = heading->line;
    for (guint i = at + 1; i < file->entries->len; i++) {
        const VtKeyFileEntry *entry = g_ptr_array_index(file->entries, i);

        if (entry->group != heading->group)
            break;
        if (!read_key(waiver, file, entry, error))
            return NULL;
    }
    missing = !waiver->rule ? "rule" : !waiver->domain ? "domain" : !waiver->reason ? "reason" : NULL;
    if (!missing)
        return g_steal_pointer(&waiver);
    vt_error_set_input(error, file->path, heading->line, _("the waiver “%1$s” lacks %2$s"),
                       waiver->name, missing);
    return NULL;
}

static gboolean fits(const char *pattern, const char *text)
{
    g_autofree char *a = g_ascii_strdown(pattern, -1), *b = g_ascii_strdown(text, -1);

    return g_pattern_match_simple(a, b);
}

gboolean vt_policy_waiver_covers(const VtWaiver *waiver, const VtDomain *domain,
                                 const VtFinding *finding, gint64 now_s)
{
    if (finding->verdict != VT_VERDICT_ADVISE && finding->verdict != VT_VERDICT_NOTE)
        return FALSE;
    if (waiver->expires && now_s >= waiver->end_s)
        return FALSE;
    if (!g_str_equal(waiver->rule, finding->rule))
        return FALSE;
    if (!(domain->name && g_pattern_match_simple(waiver->domain, domain->name)) &&
        !(domain->uuid && fits(waiver->domain, domain->uuid)))
        return FALSE;
    return !waiver->device || (finding->device && fits(waiver->device, finding->device));
}
