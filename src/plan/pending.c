/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that a running domain does not have yet. */
#include "config.h"

#include "plan/pending.h"

#include <string.h>

#include "plan/drift.h"
#include "plan/readback.h"

static xmlDoc *read_doc(const VtStore *store, guint64 id, const char *file)
{
    g_autofree char *text = vt_store_read(store, id, file, NULL, NULL);

    return text ? vt_xml_parse(text, strlen(text), NULL, NULL) : NULL;
}

/* FALSE where they cannot be read. */
static gboolean read_both(const VtStore *store, const VtRecord *record, xmlDoc **ret_before,
                          xmlDoc **ret_after)
{
    g_autoptr(xmlDoc) before = NULL;

    if (record->state != VT_RECORD_APPLIED)
        return FALSE;
    before = read_doc(store, record->id, VT_STORE_BEFORE_SHOWN);
    *ret_after = before ? read_doc(store, record->id, VT_STORE_AFTER_SHOWN) : NULL;
    if (!*ret_after)
        return FALSE;
    *ret_before = g_steal_pointer(&before);
    return TRUE;
}

gboolean vt_pending_is(const VtStore *store, const VtRecord *record, xmlDoc *inactive, xmlDoc *live)
{
    g_autoptr(xmlDoc) before = NULL;
    g_autoptr(xmlDoc) after = NULL;

    return read_both(store, record, &before, &after) &&
           vt_readback_pending(before, after, inactive, live);
}

/* Removes what one change made of @items. */
static void remove_items(GPtrArray *items, xmlDoc *after, xmlDoc *before)
{
    g_autoptr(GPtrArray) known = vt_drift_find(after, before);
    guint place;

    for (guint i = 0; i < known->len; i++)
        while (g_ptr_array_find_with_equal_func(items, g_ptr_array_index(known, i), g_str_equal,
                                                &place))
            g_ptr_array_remove_index(items, place);
}

/* The elements of @items, each once; NULL where there are none. */
static char **elements_of(const GPtrArray *items)
{
    GPtrArray *elements = g_ptr_array_new();

    for (guint i = 0; i < items->len; i++) {
        char *element = vt_drift_element(g_ptr_array_index(items, i));

        if (g_ptr_array_find_with_equal_func(elements, element, g_str_equal, NULL))
            g_free(element);
        else
            g_ptr_array_add(elements, element);
    }
    if (elements->len > 0)
        g_ptr_array_add(elements, NULL);
    return (char **)g_ptr_array_free(elements, elements->len == 0);
}

void vt_pending_find(const VtStore *store, xmlDoc *inactive, xmlDoc *live, guint64 *ret_change,
                     char ***ret_other)
{
    g_autoptr(GPtrArray) items = vt_drift_find(inactive, live);
    g_autoptr(GPtrArray) records = items->len > 0 ? vt_store_list(store, NULL) : NULL;

    *ret_change = 0;
    for (guint i = records ? records->len : 0; i-- > 0;) {
        const VtRecord *record = g_ptr_array_index(records, i);
        g_autoptr(xmlDoc) before = NULL;
        g_autoptr(xmlDoc) after = NULL;

        if (!read_both(store, record, &before, &after) ||
            !vt_readback_pending(before, after, inactive, live))
            continue;
        if (*ret_change == 0)
            *ret_change = record->id;
        remove_items(items, after, before);
    }
    *ret_other = elements_of(items);
}
