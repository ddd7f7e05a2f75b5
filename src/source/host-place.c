/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the threads of a running domain may run, by its live XML. */
#include "config.h"

#include "source/host-place.h"

#include "base/text.h"
#include "base/xml.h"

/* FALSE where @node has a cpuset that cannot be read. Without one @ret_cpus stays as it is. */
static gboolean read_cpuset(const xmlNode *node, VtCpus **ret_cpus)
{
    g_autofree char *text = node ? vt_xml_attr(node, "cpuset") : NULL;
    VtCpus *cpus;

    if (!text)
        return TRUE;
    cpus = vt_cpus_parse(text, NULL);
    if (!cpus)
        return FALSE;
    vt_cpus_free(*ret_cpus);
    *ret_cpus = cpus;
    return TRUE;
}

/* The pins of the live XML. What has none of its own has those of <vcpu cpuset=…>. FALSE where they
 * cannot be told, as with placement='auto', where numad chose. */
static gboolean read_pins(VtHostDomain *place, const xmlNode *cputune, const VtCpus *common)
{
    for (guint i = 0; common && i < place->vcpu_pins->len; i++)
        place->vcpu_pins->pdata[i] = vt_cpus_copy(common);
    place->emulator_pin = common ? vt_cpus_copy(common) : NULL;
    if (!read_cpuset(vt_xml_child(cputune, "emulatorpin"), &place->emulator_pin))
        return FALSE;
    for (const xmlNode *node = cputune ? cputune->children : NULL; node; node = node->next) {
        g_autofree char *number = NULL;
        guint64 i;

        if (!vt_xml_is(node, "vcpupin"))
            continue;
        number = vt_xml_attr(node, "vcpu");
        if (!number || !vt_text_parse_u64(number, 0, G_MAXUINT, &i, NULL))
            return FALSE;
        /* Pins of vCPUs that are not plugged in are kept in the XML. */
        if (i < place->vcpu_pins->len && !read_cpuset(node, (VtCpus **)&place->vcpu_pins->pdata[i]))
            return FALSE;
    }
    return TRUE;
}

/* NULL @cpus: anywhere. */
static gboolean may_meet_vcpu(const VtHostDomain *place, const VtCpus *cpus)
{
    for (guint i = 0; i < place->vcpu_pins->len; i++) {
        const VtCpus *pin = g_ptr_array_index(place->vcpu_pins, i);

        if (!pin || !cpus || vt_cpus_intersects(pin, cpus))
            return TRUE;
    }
    return FALSE;
}

/* Whether an iothread may run where a vCPU may. One without a pin of its own has those of <vcpu
 * cpuset=…>, whatever the emulator's are (libvirt, qemuProcessSetupIOThread). */
static VtTri find_iothreads_overlap(const VtHostDomain *place, const xmlNode *cputune,
                                    const VtCpus *common, guint64 iothreads)
{
    guint64 pinned = 0;

    for (const xmlNode *node = cputune ? cputune->children : NULL; node; node = node->next) {
        g_autoptr(VtCpus) cpus = NULL;

        if (!vt_xml_is(node, "iothreadpin"))
            continue;
        if (!read_cpuset(node, &cpus))
            return VT_UNKNOWN;
        pinned += cpus != NULL;
        if (cpus && may_meet_vcpu(place, cpus))
            return VT_YES;
    }
    return pinned < iothreads && may_meet_vcpu(place, common) ? VT_YES : VT_NO;
}

static void add_iothreads(VtHostDomain *place, const xmlNode *root, const xmlNode *cputune,
                          const VtCpus *common)
{
    const xmlNode *node = vt_xml_child(root, "iothreads");
    g_autofree char *text = node ? (char *)xmlNodeGetContent((xmlNode *)node) : NULL;
    guint64 iothreads;
    VtTri overlap;

    if (!text || !vt_text_parse_u64(g_strstrip(text), 1, G_MAXUINT, &iothreads, NULL))
        return;
    overlap = find_iothreads_overlap(place, cputune, common, iothreads);
    if (overlap != VT_UNKNOWN)
        g_hash_table_replace(place->facts, g_strdup("iothreads-overlap"),
                             g_strdup(overlap == VT_YES ? "Y" : "N"));
}

void vt_host_place_read(VtHostDomain *place, const xmlNode *root)
{
    const xmlNode *vcpu = vt_xml_child(root, "vcpu");
    const xmlNode *cputune = vt_xml_child(root, "cputune");
    g_autofree char *placement = vcpu ? vt_xml_attr(vcpu, "placement") : NULL;
    g_autoptr(VtCpus) common = NULL;

    if (g_strcmp0(placement, "auto") == 0 || !read_cpuset(vcpu, &common))
        return;
    place->pins_known = read_pins(place, cputune, common);
    if (place->pins_known)
        add_iothreads(place, root, cputune, common);
}
