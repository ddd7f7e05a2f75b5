/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sources, and which of them can be used here. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "source/source.h"

const VtSource *const *vt_source_table(void)
{
    static const VtSource *const table[] = {&vt_source_bpf, &vt_source_libvirt,
                                           &vt_source_debugfs, NULL};

    return table;
}

const VtSource *vt_source_find(const char *name)
{
    for (const VtSource *const *source = vt_source_table(); *source; source++)
        if (strcmp((*source)->name, name) == 0)
            return *source;
    return NULL;
}

/* A source that this machine could have had. */
typedef struct {
    const VtSource *source;
    char *note; /* a sentence that says why it was not used */
} Missed;

static void missed_clear(gpointer data)
{
    g_free(((Missed *)data)->note);
}

/* The sources that @name ("auto": every usable one) stands for, with the companions that work here;
 * NULL-terminated. @missed receives the others (Missed). */
static GPtrArray *choose(const char *name, VtVirt *virt, const VtRoot *root, GArray *missed,
                         GError **error)
{
    static const VtSource *const companions[] = {&vt_source_interrupts, &vt_source_schedstat,
                                               NULL};
    g_autoptr(GPtrArray) chosen = g_ptr_array_new();
    g_autoptr(GString) reasons = g_string_new(NULL);
    gboolean automatic = !name || strcmp(name, "auto") == 0;

    if (!automatic && !vt_source_find(name)) {
        g_autofree char *printable = vt_text_printable(name, FALSE);

        for (const VtSource *const *source = vt_source_table(); *source; source++)
            g_string_append_printf(reasons, ", %s", (*source)->name);
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("there is no source called '%s'; the sources are auto%s"), printable,
                    reasons->str);
        return NULL;
    }
    for (const VtSource *const *source = vt_source_table(); *source; source++) {
        g_autofree char *why = NULL;

        if (!automatic && strcmp((*source)->name, name) != 0)
            continue;
        if ((*source)->probe(virt, root, &why)) {
            g_ptr_array_add(chosen, (gpointer)*source);
            continue;
        }
        g_string_append_printf(reasons, "\n%s: %s", (*source)->name, why);
        if (vt_virt_is_local(virt)) {
            Missed entry = {*source, g_strdup_printf(_("The source %s was not used. %s"),
                                                     (*source)->name, why)};

            g_array_append_val(missed, entry);
        }
    }
    if (chosen->len == 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED, _("VM exits cannot be measured here:%s"),
                    reasons->str);
        return NULL;
    }
    for (const VtSource *const *source = companions; *source; source++) {
        g_autofree char *why = NULL;

        if ((*source)->probe(virt, root, &why))
            g_ptr_array_add(chosen, (gpointer)*source);
    }
    g_ptr_array_add(chosen, NULL);
    return g_steal_pointer(&chosen);
}

/* Tells of one domain which other sources there could have been; of those that stand in for another one,
 * where that measured nothing. */
static void tell_missed(const VtDomain *domain, VtProfile *profile, char **note,
                        const GArray *missed)
{
    for (guint i = 0; i < missed->len; i++) {
        const Missed *entry = &g_array_index(missed, Missed, i);
        const VtSource *better = entry->source->stands_in_for;

        if (profile && !(better && vt_profile_has_source(profile, better->name))) {
            vt_profile_note(profile, "%s", entry->note);
        } else if (!profile && better && domain->live) {
            char *longer = g_strconcat(*note, " ", entry->note, NULL);

            g_free(*note);
            *note = longer;
        }
    }
}

gboolean vt_source_sample(VtVirt *virt, const VtRoot *root, GPtrArray *domains, VtHost *host,
                          const VtSampleOptions *options, GPtrArray **ret_profiles,
                          GPtrArray **ret_notes, GError **error)
{
    g_autoptr(GArray) missed = g_array_new(FALSE, FALSE, sizeof(Missed));
    g_autoptr(GPtrArray) chosen = NULL;

    g_array_set_clear_func(missed, missed_clear);
    chosen = choose(options->source, virt, root, missed, error);
    if (!chosen || !vt_sample_run((const VtSource *const *)chosen->pdata, virt, root, domains, host,
                                  options, ret_profiles, ret_notes, error))
        return FALSE;
    for (guint i = 0; i < domains->len; i++)
        tell_missed(g_ptr_array_index(domains, i), g_ptr_array_index(*ret_profiles, i),
                    (char **)&g_ptr_array_index(*ret_notes, i), missed);
    return TRUE;
}

VtSample *vt_source_open(VtVirt *virt, const VtRoot *root, GPtrArray *domains, VtHost *host,
                         const VtSampleOptions *options, GError **error)
{
    g_autoptr(GArray) missed = g_array_new(FALSE, FALSE, sizeof(Missed));
    g_autoptr(GPtrArray) chosen = NULL;

    g_array_set_clear_func(missed, missed_clear);
    chosen = choose(options->source, virt, root, missed, error);
    if (!chosen)
        return NULL;
    return vt_sample_open((const VtSource *const *)chosen->pdata, virt, root, domains, host, options, error);
}
