/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts of KVM's tracepoints. kvm_stat has one for each, and one for each reason of kvm_exit and kvm_userspace_exit that it
 * knows (TracepointProvider in tools/kvm/kvm_stat of Linux): "kvm_exit", "kvm_exit(HLT)". Its names of reasons are in
 * capitals on every processor, so that only all of them together tell which one it is; and of reasons that it does not know
 * it counts none, so that one that is absent is unknown. */
#include "config.h"

#include "source/import-kvm-event.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/sort.h"
#include "base/text.h"
#include "model/metric.h"
#include "source/import-reason.h"

#define EXIT "kvm_exit"
#define REASON EXIT "("
/* Bytes of a list of names in a note. */
#define LIST_MAX 200
#define COUNTS_MAX (4 * 1024 * 1024)

struct VtImportKvmEvents {
    GHashTable *events; /* name -> GArray of guint64 by window */
    guint64 counts;     /* in all of them */
};

static const struct {
    const char *event;
    const char *metric;
} metrics[] = {
    {"kvm_exit", "exits"},
    {"kvm_userspace_exit", "kvm.userspace_exits"},
    {"kvm_eoi", "kvm.eoi"},
    {"kvm_pv_eoi", "kvm.pv_eoi"},
    {"kvm_apic_ipi", "kvm.apic_ipi"},
};

/* kvm_stat's own names. What it calls UNKNOWN are also interrupts, its EXCP_BASE is one exception of 32. */
static const struct {
    VtIsa isa;
    const char *name;
    const char *kernels;
} aliases[] = {
    {VT_ISA_VMX, "VMOFF", "VMXOFF"},     {VT_ISA_VMX, "VMON", "VMXON"},
    {VT_ISA_ARM64, "WFI", "WFx"},        {VT_ISA_ARM64, "ILL_ISS", "ILL"},
    {VT_ISA_ARM64, "IABT", "IABT_LOW"},  {VT_ISA_ARM64, "IABT_HYP", "IABT_CUR"},
    {VT_ISA_ARM64, "DABT", "DABT_LOW"},  {VT_ISA_ARM64, "DABT_HYP", "DABT_CUR"},
    {VT_ISA_ARM64, "BREAKPT", "BREAKPT_LOW"},
};

static const VtIsa isas[] = {VT_ISA_VMX, VT_ISA_SVM, VT_ISA_ARM64};

const char *vt_import_kvm_event_metric(const char *event)
{
    for (guint i = 0; i < G_N_ELEMENTS(metrics); i++) {
        if (strcmp(metrics[i].event, event) == 0)
            return metrics[i].metric;
    }
    return NULL;
}

void vt_import_kvm_event_note_others(VtProfile *profile, GHashTable *names)
{
    g_autoptr(GPtrArray) sorted = vt_sort_keys(names);
    g_autoptr(GString) list = g_string_new(NULL);

    if (sorted->len == 0)
        return;
    for (guint i = 0; i < sorted->len && list->len < LIST_MAX; i++)
        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", (const char *)sorted->pdata[i]);
    if (list->len >= LIST_MAX)
        g_string_append(list, ", …");
    vt_profile_note(profile, _("Left out, as a count alone does not tell what they were about: %s."), list->str);
}

gboolean vt_import_kvm_event_is_name(const char *name)
{
    const char *end = name + strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    gsize length = *end == '(' ? strspn(end + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") : 0;

    return g_str_has_prefix(name, "kvm_") && (*end == '\0' || (length > 0 && strcmp(end + 1 + length, ")") == 0));
}

static void counts_free(gpointer counts)
{
    g_array_unref(counts);
}

VtImportKvmEvents *vt_import_kvm_event_new(void)
{
    VtImportKvmEvents *self = g_new0(VtImportKvmEvents, 1);

    self->events = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, counts_free);
    return self;
}

void vt_import_kvm_event_free(VtImportKvmEvents *self)
{
    g_hash_table_unref(self->events);
    g_free(self);
}

gboolean vt_import_kvm_event_add(VtImportKvmEvents *self, guint window, const char *name, guint64 growth,
                                 GError **error)
{
    GArray *counts = g_hash_table_lookup(self->events, name);

    if (!counts) {
        counts = g_array_new(FALSE, TRUE, sizeof(guint64));
        g_hash_table_insert(self->events, g_strdup(name), counts);
    }
    self->counts += window + 1 - counts->len;
    if (self->counts > COUNTS_MAX)
        return vt_import_fail(error, _("the recording is too long or has too many metrics; import a part of it"));
    g_array_set_size(counts, window + 1);
    g_array_index(counts, guint64, window) = growth;
    return TRUE;
}

gboolean vt_import_kvm_event_has_exits(const VtImportKvmEvents *self)
{
    return g_hash_table_contains(self->events, EXIT);
}

/* The reason in "kvm_exit(HLT)"; NULL for any other name. */
static char *reason_of(const char *name)
{
    if (!g_str_has_prefix(name, REASON))
        return NULL;
    return g_strndup(name + strlen(REASON), strlen(name) - strlen(REASON) - 1);
}

static gboolean find(VtIsa isa, const char *reason, guint64 *ret_code)
{
    if (isa == VT_ISA_ARM64 && strcmp(reason, "UNKNOWN") == 0)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(aliases); i++) {
        if (aliases[i].isa == isa && strcmp(aliases[i].name, reason) == 0)
            reason = aliases[i].kernels;
    }
    return vt_exit_reason_find(isa, reason, ret_code);
}

/* How many of the reasons are of @isa. */
static guint known(const VtImportKvmEvents *self, VtIsa isa)
{
    GHashTableIter iter;
    gpointer name;
    guint n = 0;

    g_hash_table_iter_init(&iter, self->events);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        g_autofree char *reason = reason_of(name);
        guint64 code;

        n += reason && find(isa, reason, &code);
    }
    return n;
}

static gboolean set_isa(const VtImportKvmEvents *self, VtProfile *profile, GError **error)
{
    VtIsa best = VT_ISA_UNKNOWN;
    guint most = 0, same = 0;

    if (profile->isa != VT_ISA_UNKNOWN)
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(isas); i++) {
        guint n = known(self, isas[i]);

        same = n == most ? same + 1 : n > most ? 1 : same;
        best = n > most ? isas[i] : best;
        most = MAX(most, n);
    }
    if (most > 0 && same > 1)
        return vt_import_fail(error, _("the recording does not say whether its exits are those of "
                                       "Intel or AMD; give --isa"));
    profile->isa = best;
    return TRUE;
}

static guint64 total(const VtImportKvmEvents *self, const char *name)
{
    const GArray *counts = g_hash_table_lookup(self->events, name);
    guint64 sum = 0;

    for (guint i = 0; counts && i < counts->len; i++)
        sum = vt_profile_sum(sum, g_array_index(counts, guint64, i));
    return sum;
}

/* The metric of a name, interned; NULL where it has none. */
static const char *metric_of(const VtProfile *profile, const char *name)
{
    g_autofree char *reason = reason_of(name);
    guint64 code;

    if (!reason)
        return vt_import_kvm_event_metric(name);
    return find(profile->isa, reason, &code) ? vt_exit_reason_metric(profile->isa, code) : NULL;
}

/* TRUE where KVM's statistics gave the metric, or of AMD's nested page faults a part of it. */
static gboolean is_given(const VtProfile *profile, GHashTable *own, const char *metric)
{
    if (vt_profile_get(profile, metric) && !g_hash_table_contains(own, metric))
        return TRUE;
    return profile->isa == VT_ISA_SVM && strcmp(metric, "exit.ept-violation") == 0 &&
           vt_profile_get(profile, "exit.mmio");
}

gboolean vt_import_kvm_event_finish(const VtImportKvmEvents *self, VtProfile *profile, const char *source,
                                    GError **error)
{
    g_autoptr(GHashTable) own = vt_import_names(), others = vt_import_names();
    gboolean silent = vt_import_kvm_event_has_exits(self) && total(self, EXIT) == 0;
    GHashTableIter iter;
    gpointer name, value;

    if (!set_isa(self, profile, error))
        return FALSE;
    g_hash_table_iter_init(&iter, self->events);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        const char *metric = metric_of(profile, name);
        const GArray *counts = value;

        if (!metric && total(self, name) > 0)
            g_hash_table_add(others, g_strdup(name));
        if (!metric || is_given(profile, own, metric) || (silent && g_str_has_prefix(name, EXIT)))
            continue;
        g_hash_table_add(own, g_strdup(metric));
        vt_profile_add_counts(profile, 0, metric, source, counts);
    }
    if (silent)
        vt_profile_note(profile, "%s",
                        _("kvm_exit was never counted: either no guest ran, or this KVM does not report it; how many "
                          "exits there were is unknown."));
    vt_import_kvm_event_note_others(profile, others);
    return vt_import_check_size(profile, error);
}
