/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of exit reasons. Linux writes those of Intel in capitals and those of AMD in small letters,
 * so that a name as the kernel writes it belongs to one architecture. */
#include "config.h"

#include "source/import-reason.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/import.h"

#define SVM_EXIT_LAST 0x403

static const VtIsa isas[] = {VT_ISA_VMX, VT_ISA_SVM, VT_ISA_ARM64};

/* perf kvm stat has 19 characters for a name and cuts longer ones ("avic_unaccelerated_"). */
#define CUT_LENGTH 19
#define EXCEPTION "EXIT_EXCP_"

static gboolean find_cut(VtIsa isa, const char *name, guint64 *ret_code)
{
    static const guint64 codes[] = {0x402,      0x80000004, 0x80000005, 0x80000010,
                                    0x80000011, 0x80000012, 0x80000013, 0x8000fffd,
                                    0x8000fffe, 0x8000ffff, 0x80000002, 0x80000003};

    if (isa != VT_ISA_SVM || strlen(name) != CUT_LENGTH)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++) {
        if (g_str_has_prefix(vt_exit_reason_name(isa, codes[i]), name)) {
            *ret_code = codes[i];
            return TRUE;
        }
    }
    return FALSE;
}

/* trace-cmd writes "EXIT_EXCP_DE" for what the kernel writes "DE excp". */
static gboolean find_exception(VtIsa isa, const char *name, guint64 *ret_code)
{
    g_autofree char *kernels = NULL;

    if (isa != VT_ISA_SVM || !g_str_has_prefix(name, EXCEPTION))
        return FALSE;
    kernels = g_strconcat(name + strlen(EXCEPTION), " excp", NULL);
    return vt_exit_reason_find(isa, kernels, ret_code);
}

static gboolean find(VtIsa isa, const char *name, guint64 *ret_code)
{
    return vt_exit_reason_find(isa, name, ret_code) || find_exception(isa, name, ret_code) ||
           find_cut(isa, name, ret_code);
}

static VtIsa guess_isa(const char *name)
{
    guint64 code;

    for (guint i = 0; i < G_N_ELEMENTS(isas); i++) {
        if (find(isas[i], name, &code) &&
            g_str_has_prefix(vt_exit_reason_name(isas[i], code), name))
            return isas[i];
    }
    for (guint i = 0; i < G_N_ELEMENTS(isas); i++) {
        if (find(isas[i], name, &code))
            return isas[i];
    }
    return VT_ISA_UNKNOWN;
}

gboolean vt_import_reason_is_name(const char *name)
{
    return guess_isa(name) != VT_ISA_UNKNOWN;
}

gboolean vt_import_reason_set_isa(VtProfile *profile, VtIsa isa, GError **error)
{
    if (profile->isa != VT_ISA_UNKNOWN && profile->isa != isa)
        return vt_import_fail(error, _("an exit of %s does not belong to a recording of %s"),
                              vt_isa_name(isa), vt_isa_name(profile->isa));
    profile->isa = isa;
    return TRUE;
}

gboolean vt_import_reason_find(VtProfile *profile, const char *name, guint64 *ret_code,
                               GError **error)
{
    VtIsa isa = profile->isa == VT_ISA_UNKNOWN ? guess_isa(name) : profile->isa;
    g_autofree char *shown = NULL;

    if (isa != VT_ISA_UNKNOWN && find(isa, name, ret_code)) {
        profile->isa = isa;
        return TRUE;
    }
    shown = vt_import_shown(name);
    if (vt_import_reason_is_name(name))
        return vt_import_fail(error, _("“%s” does not belong to a recording of %s"), shown,
                              vt_isa_name(profile->isa));
    return vt_import_fail(error, _("“%s” is not an exit reason"), shown);
}

/* The metrics whose exits a code of AMD may hide, and the metric of that code. */
static const struct {
    const char *hidden, *code;
} ambiguous[] = {
    {"exit.msr-read", "exit.msr"},
    {"exit.msr-write", "exit.msr"},
    {"exit.mmio", "exit.ept-violation"},
    {"exit.mmio-fast", "exit.ept-violation"},
};

static gboolean is_hidden(const VtProfile *profile, const char *metric)
{
    for (guint i = 0; i < G_N_ELEMENTS(ambiguous); i++) {
        if (strcmp(ambiguous[i].hidden, metric) == 0)
            return vt_profile_get(profile, ambiguous[i].code) != NULL;
    }
    return FALSE;
}

static void add_exits(VtProfile *profile, const char *source)
{
    GHashTableIter iter;
    VtMetric *metric;
    g_autoptr(GArray) sums = g_array_new(FALSE, TRUE, sizeof(guint64));

    g_array_set_size(sums, profile->windows->len);
    g_hash_table_iter_init(&iter, profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        if (vt_metric_kind(metric->name) != VT_METRIC_EXIT)
            continue;
        for (guint i = 0; i < metric->counts->len; i++)
            g_array_index(sums, guint64, i) += g_array_index(metric->counts, guint64, i);
    }
    for (guint i = 0; i < sums->len; i++)
        vt_profile_add(profile, i, "exits", source, g_array_index(sums, guint64, i));
    vt_profile_vcpu_sum_exits(profile, g_hash_table_lookup(profile->metrics, "exits"));
}

void vt_import_reason_set_covers(VtProfile *profile, const char *source)
{
    g_autoptr(GPtrArray) zero = g_ptr_array_new();

    if (profile->isa != VT_ISA_SVM) {
        vt_profile_set_covers(profile, "exit");
        return;
    }
    if (!vt_profile_get(profile, "exits"))
        add_exits(profile, source);
    for (guint64 code = 0; code <= SVM_EXIT_LAST; code++) {
        const char *metric = vt_exit_reason_metric(VT_ISA_SVM, code);

        if (vt_exit_reason_name(VT_ISA_SVM, code) && !vt_profile_get(profile, metric) &&
            !is_hidden(profile, metric))
            g_ptr_array_add(zero, (gpointer)metric);
    }
    for (guint i = 0; i < G_N_ELEMENTS(ambiguous); i++) {
        if (!is_hidden(profile, ambiguous[i].hidden))
            g_ptr_array_add(zero, (gpointer)ambiguous[i].hidden);
    }
    for (guint i = 0; i < zero->len; i++)
        vt_profile_add(profile, 0, zero->pdata[i], source, 0);
}
