/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/import-part.h"

#include "base/error.h"
#include "model/profile-vcpu.h"

#define COUNTS_MAX (16 * 1024 * 1024)

typedef struct {
    GArray *counts; /* guint64 by window */
    gboolean has_time;
    guint64 time_ns;
} Part;

struct VtImportParts {
    GHashTable *threads; /* guint64 -> table: metric -> Part */
    guint64 counts;      /* in all of them */
};

static void part_free(gpointer data)
{
    Part *part = data;

    g_array_unref(part->counts);
    g_free(part);
}

static void metrics_free(gpointer metrics)
{
    g_hash_table_unref(metrics);
}

VtImportParts *vt_import_part_new(void)
{
    VtImportParts *self = g_new0(VtImportParts, 1);

    self->threads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, metrics_free);
    return self;
}

void vt_import_part_free(VtImportParts *self)
{
    if (!self)
        return;
    g_hash_table_unref(self->threads);
    g_free(self);
}

void vt_import_part_clear(VtImportParts *self)
{
    g_hash_table_remove_all(self->threads);
    self->counts = 0;
}

static Part *part_of(VtImportParts *self, guint64 thread, const char *metric)
{
    GHashTable *metrics = g_hash_table_lookup(self->threads, &thread);
    Part *part;

    if (!metrics) {
        metrics = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, part_free);
        g_hash_table_insert(self->threads, g_memdup2(&thread, sizeof thread), metrics);
    }
    part = g_hash_table_lookup(metrics, metric);
    if (!part) {
        part = g_new0(Part, 1);
        part->counts = g_array_new(FALSE, TRUE, sizeof(guint64));
        g_hash_table_insert(metrics, g_strdup(metric), part);
    }
    return part;
}

void vt_import_part_add(VtImportParts *self, guint64 thread, const char *metric, guint window)
{
    Part *part = part_of(self, thread, metric);

    if (part->counts->len <= window) {
        self->counts += window + 1 - part->counts->len;
        g_array_set_size(part->counts, window + 1);
    }
    g_array_index(part->counts, guint64, window)++;
}

void vt_import_part_add_time(VtImportParts *self, guint64 thread, const char *metric, guint64 time_ns)
{
    Part *part = part_of(self, thread, metric);

    part->has_time = TRUE;
    part->time_ns = vt_profile_sum(part->time_ns, time_ns);
}

gboolean vt_import_part_check_size(const VtImportParts *self, GError **error)
{
    return self->counts <= COUNTS_MAX ||
           vt_import_fail(error, _("the recording is too long or has too many metrics; import a part of it"));
}

static void keep(const Part *part, VtProfile *profile, const char *source, const char *metric, guint vcpu)
{
    guint last = profile->windows->len - 1;

    for (guint i = 0; i < part->counts->len; i++) {
        guint64 count = g_array_index(part->counts, guint64, i);

        if (count > 0)
            vt_profile_vcpu_add(profile, MIN(i, last), metric, source, vcpu, count);
    }
    if (part->has_time)
        vt_profile_vcpu_add_time(profile, metric, vcpu, part->time_ns);
}

void vt_import_part_keep(const VtImportParts *self, VtProfile *profile, const char *source, guint64 thread, guint vcpu)
{
    GHashTable *metrics = g_hash_table_lookup(self->threads, &thread);
    GHashTableIter iter;
    gpointer metric, part;

    vt_profile_vcpu_number(profile, vcpu);
    if (!metrics)
        return;
    g_hash_table_iter_init(&iter, metrics);
    while (g_hash_table_iter_next(&iter, &metric, &part))
        keep(part, profile, source, metric, vcpu);
}
