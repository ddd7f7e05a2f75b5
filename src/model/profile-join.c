/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joining profiles. A metric that one of them lacks would look like zero there, so only those of the same sources are
 * joined. */
#include "config.h"

#include "model/profile-join.h"

#include "model/metric.h"
#include "model/profile-vcpu.h"

static gboolean same_sources(const VtProfile *a, const VtProfile *b)
{
    if (a->sources->len != b->sources->len)
        return FALSE;
    for (guint i = 0; i < a->sources->len; i++)
        if (!g_str_equal(a->sources->pdata[i], b->sources->pdata[i]))
            return FALSE;
    return TRUE;
}

static void add_metric(VtProfile *joined, guint first, const VtProfile *part, const VtMetric *metric)
{
    if (metric->whole_ns > 0)
        vt_profile_add_whole(joined, metric->name, metric->source, metric->count, metric->whole_ns);
    else
        vt_profile_add_counts(joined, first, metric->name, metric->source, metric->counts);
    if (metric->has_writes)
        vt_profile_add_writes(joined, metric->name, metric->source, metric->writes);
    if (metric->has_user)
        vt_profile_add_user(joined, metric->name, metric->source, metric->user);
    if (metric->has_time)
        vt_profile_add_time(joined, metric->name, metric->time_ns);
    if (metric->histogram)
        vt_profile_add_histogram(joined, metric->name, metric->histogram);
}

/* Whose a part is. */
static void add_vcpus(VtProfile *joined, guint first, const VtProfile *part, const VtMetric *metric)
{
    if (!metric->vcpus || !part->numbered)
        return;
    /* That they are told apart, also where none of them has any. */
    vt_profile_vcpu_add(joined, first, metric->name, metric->source, g_array_index(part->numbered, guint, 0), 0);
    for (guint i = 0; i < metric->vcpus->len; i++) {
        const VtMetricVcpu *vcpu = g_ptr_array_index(metric->vcpus, i);

        for (guint j = 0; j < vcpu->counts->len; j++)
            vt_profile_vcpu_add(joined, first + j, metric->name, metric->source, vcpu->vcpu,
                                g_array_index(vcpu->counts, guint64, j));
        if (vcpu->has_time)
            vt_profile_vcpu_add_time(joined, metric->name, vcpu->vcpu, vcpu->time_ns);
        if (vcpu->histogram)
            vt_profile_vcpu_add_histogram(joined, metric->name, vcpu->vcpu, vcpu->histogram);
    }
}

static void add_notes(VtProfile *joined, const VtProfile *part)
{
    for (guint i = 0; i < part->notes->len; i++)
        if (!g_ptr_array_find_with_equal_func(joined->notes, part->notes->pdata[i], g_str_equal, NULL))
            vt_profile_note(joined, "%s", (const char *)part->notes->pdata[i]);
}

static void add_part(VtProfile *joined, const VtProfile *part, gboolean per_vcpu)
{
    guint first = joined->windows->len;
    GHashTableIter iter;
    gpointer key;
    const VtMetric *metric;

    for (guint i = 0; i < part->windows->len; i++) {
        const VtWindow *window = &g_array_index(part->windows, VtWindow, i);

        vt_profile_add_window(joined, window->duration_ns, window->vcpus);
    }
    g_hash_table_iter_init(&iter, part->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric))
        /* A sum is made anew by vt_profile_finish(). */
        if (!part->exits_summed || !g_str_equal(metric->name, "exits")) {
            add_metric(joined, first, part, metric);
            if (metric->device)
                vt_profile_set_device(joined, metric->name, metric->device);
            if (per_vcpu)
                add_vcpus(joined, first, part, metric);
        }
    for (guint i = 0; per_vcpu && part->numbered && i < part->numbered->len; i++)
        vt_profile_vcpu_number(joined, g_array_index(part->numbered, guint, i));
    g_hash_table_iter_init(&iter, part->covers);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        vt_profile_set_covers(joined, key);
    for (guint i = 0; i < part->sources->len; i++)
        vt_profile_add_source(joined, part->sources->pdata[i]);
    add_notes(joined, part);
    joined->lost = part->lost > G_MAXUINT64 - joined->lost ? G_MAXUINT64 : joined->lost + part->lost;
    joined->exits_low = joined->exits_low || part->exits_low;
    joined->irqs_at_most = joined->irqs_at_most || part->irqs_at_most;
}

VtProfile *vt_profile_join(GPtrArray *profiles, gboolean per_vcpu)
{
    const VtProfile *last = profiles->len > 0 ? profiles->pdata[profiles->len - 1] : NULL;
    g_autoptr(VtProfile) joined = NULL;
    guint first = profiles->len;

    if (!last)
        return NULL;
    joined = vt_profile_new();
    joined->name = g_strdup(last->name);
    joined->uuid = g_strdup(last->uuid);
    joined->isa = last->isa;
    while (first > 0 && same_sources(profiles->pdata[first - 1], last))
        first--;
    joined->started_s = ((const VtProfile *)profiles->pdata[first])->started_s;
    for (guint i = first; i < profiles->len; i++)
        add_part(joined, profiles->pdata[i], per_vcpu);
    vt_profile_finish(joined, NULL);
    return g_steal_pointer(&joined);
}
