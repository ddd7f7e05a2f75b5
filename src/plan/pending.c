/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that a running domain does not have yet. */
#include "config.h"

#include "plan/pending.h"

#include <string.h>

#include "plan/readback.h"

static xmlDoc *read_doc(const VtStore *store, guint64 id, const char *file)
{
    g_autofree char *text = vt_store_read(store, id, file, NULL, NULL);

    return text ? vt_xml_parse(text, strlen(text), NULL, NULL) : NULL;
}

gboolean vt_pending_is(const VtStore *store, const VtRecord *record, xmlDoc *live)
{
    g_autoptr(xmlDoc) before = NULL;
    g_autoptr(xmlDoc) after = NULL;

    if (record->state != VT_RECORD_APPLIED)
        return FALSE;
    before = read_doc(store, record->id, VT_STORE_BEFORE_SHOWN);
    after = before ? read_doc(store, record->id, VT_STORE_AFTER_SHOWN) : NULL;
    return after && vt_readback_pending(before, after, live);
}

guint64 vt_pending_last(const VtStore *store, xmlDoc *live)
{
    g_autoptr(GPtrArray) records = vt_store_list(store, NULL);

    for (guint i = records ? records->len : 0; i-- > 0;) {
        const VtRecord *record = g_ptr_array_index(records, i);

        if (vt_pending_is(store, record, live))
            return record->id;
    }
    return 0;
}
