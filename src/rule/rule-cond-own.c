/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own="yes": of a class of exits only those that the device makes which the rule looks at, where the profile knows its
 * ports and addresses. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/region.h"
#include "rule/rule-cond-private.h"

/* The metric that counts accesses by number, for the classes that have one. */
static const struct {
    const char *class;
    const char *prefix;
    gboolean io;
} classes[] = {
    {"exit.io", "pio.", TRUE},
    {"exit.mmio", "mmio.", FALSE},
};

static int class_of(const VtCond *cond)
{
    for (guint i = 0; cond->metric && i < G_N_ELEMENTS(classes); i++)
        if (strcmp(vt_metric_set_text(cond->metric), classes[i].class) == 0)
            return (int)i;
    return -1;
}

char *vt_rule_cond_own_check(const VtCond *cond)
{
    if (!cond->own || (class_of(cond) >= 0 && !cond->minus))
        return NULL;
    return g_strdup(_("own=\"yes\" goes with the metric exit.io or exit.mmio alone: those are what a device's ports and "
                      "addresses are a part of"));
}

static gboolean is_same(char *value, const char *other)
{
    g_autofree char *owned = value;

    return g_strcmp0(owned, other) == 0;
}

/* The controller that a disk hangs on, by "drive" address; NULL where it has none, or other disks hang there, too. */
static xmlNode *controller_of(xmlNode *disk)
{
    g_autofree char *bus = vt_xml_child_attr(disk, "target", "bus");
    g_autofree char *index = vt_xml_child_attr(disk, "address", "controller");
    xmlNode *found = NULL;

    for (xmlNode *each = bus && index ? disk->parent->children : NULL; each; each = each->next) {
        if (each->type != XML_ELEMENT_NODE || each == disk)
            continue;
        if (is_same(vt_xml_child_attr(each, "target", "bus"), bus) &&
            is_same(vt_xml_child_attr(each, "address", "controller"), index))
            return NULL;
        if (vt_xml_is(each, "controller") && is_same(vt_xml_attr(each, "type"), bus) &&
            is_same(vt_xml_attr(each, "index"), index))
            found = each;
    }
    return found;
}

/* The alias under which QEMU has the registers of a device. The caller frees it. */
static char *owner_of(xmlNode *device)
{
    xmlNode *owner = is_same(vt_xml_child_attr(device, "address", "type"), "drive") ? controller_of(device) : device;

    return owner ? vt_xml_child_attr(owner, "alias", "name") : NULL;
}

VtMetricSet *vt_rule_cond_own_metrics(const VtCond *cond, const VtCondContext *context)
{
    const VtProfile *profile = context->profile;
    const int class = cond->own ? class_of(cond) : -1;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *alias = NULL;

    if (class < 0 || !profile || !profile->regions || !context->node || !context->node->parent)
        return NULL;
    g_string_printf(text, "%s0x0", classes[class].prefix);
    if (!vt_profile_covers(profile, text->str))
        return NULL;
    g_string_truncate(text, 0);
    alias = owner_of(context->node);
    for (guint i = 0; alias && i < profile->regions->len; i++) {
        const VtRegion *region = g_ptr_array_index(profile->regions, i);

        if (region->io != classes[class].io || g_strcmp0(region->device, alias) != 0)
            continue;
        g_string_append_printf(text, "%s%s0x%" G_GINT64_MODIFIER "x", text->len > 0 ? " " : "", classes[class].prefix,
                               region->first);
        if (region->last > region->first)
            g_string_append_printf(text, "-0x%" G_GINT64_MODIFIER "x", region->last);
    }
    return text->len > 0 ? vt_metric_set_parse(text->str, NULL) : NULL;
}

char *vt_rule_cond_own_label(const VtCondContext *context, const char *text)
{
    g_autofree char *first = NULL;
    const VtRegion *region;
    guint64 number;

    if (!context->profile || !context->profile->regions)
        return NULL;
    first = g_strndup(text, strcspn(text, "- "));
    region = vt_region_find(context->profile, first);
    if (!region || !vt_metric_number(first, &number) || number != region->first)
        return NULL;
    return vt_region_label(region);
}
