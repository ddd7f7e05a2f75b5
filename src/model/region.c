/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "model/region.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"

VtRegion *vt_region_new(gboolean io, guint64 first, guint64 last, const char *device, const char *model,
                        const char *pci)
{
    VtRegion *region = g_new0(VtRegion, 1);

    region->io = io;
    region->first = first;
    region->last = last;
    region->device = g_strdup(device);
    region->model = g_strdup(model);
    region->pci = g_strdup(pci);
    return region;
}

void vt_region_free(VtRegion *region)
{
    if (!region)
        return;
    g_free(region->device);
    g_free(region->model);
    g_free(region->pci);
    g_free(region);
}

int vt_region_compare(const VtRegion *a, const VtRegion *b)
{
    if (a->io != b->io)
        return a->io ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->last != b->last)
        return a->last < b->last ? -1 : 1;
    return strcmp(a->pci, b->pci);
}

const VtRegion *vt_region_find(const VtProfile *profile, const char *metric)
{
    VtMetricKind kind = vt_metric_kind(metric);
    const VtRegion *found = NULL;
    guint64 number;

    if (!profile->regions || (kind != VT_METRIC_PIO && kind != VT_METRIC_MMIO) ||
        !vt_metric_number(metric, &number))
        return NULL;
    for (guint i = 0; i < profile->regions->len; i++) {
        const VtRegion *region = g_ptr_array_index(profile->regions, i);

        if (region->io != (kind == VT_METRIC_PIO) || number < region->first || number > region->last)
            continue;
        if (!found || region->last - region->first < found->last - found->first)
            found = region;
    }
    return found;
}

char *vt_region_label(const VtRegion *region)
{
    g_autofree char *label = region->device
                                 ? g_strdup_printf("%s (%s)", region->device, region->model)
                                 : g_strdup_printf("%s (%s)", region->model, region->pci);

    /* From the file of a profile, which may hold anything. */
    return vt_text_printable(label, FALSE);
}

char *vt_region_describe(const VtProfile *profile, const char *metric)
{
    const VtRegion *region = profile ? vt_region_find(profile, metric) : NULL;
    const char *label = region ? NULL : vt_metric_label(metric);

    if (region)
        return vt_region_label(region);
    return label ? g_strdup(_(label)) : NULL;
}
