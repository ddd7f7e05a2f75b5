/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replaces a domain's persistent definition: keeps the old one, defines, reads back, and puts the old
 * one back where libvirt made something else of the new one. A crash at any instant leaves the old or
 * the new definition, and always the backup.
 *
 * libvirt has no compare-and-swap: what someone else defines between the last look and the define, one
 * call later, is overwritten (and is not in the backup). */
#pragma once

#include "base/virt.h"
#include "base/xml.h"
#include "plan/store.h"

typedef struct {
    VtVirt *virt; /* opened for writing */
    VtStore *store; /* of the domain; vt_define_run() locks it */
    const char *before_sha256; /* of the definition that @wanted was made from */
    const char *wanted;
    const char *wanted_shown; /* the same without what libvirt takes for a secret */
    const char *profile; /* what led to it, native JSON; NULL */
    VtRecord *record; /* in: name, uuid, uri, rules or what it undoes; out: all of it */
} VtDefine;

/* The whole sequence. TRUE: the definition now says what @wanted says, and the store that it was
 * applied. FALSE with @error, which says what became of the definition and what to do. */
gboolean vt_define_run(const VtDefine *define, GError **error);

/* The definition with its secrets, or as people may see it. The caller frees it. */
char *vt_define_fetch(VtVirt *virt, const char *uuid, gboolean secure, GError **error);

/* What a definition is, seen from a change. */
typedef enum {
    VT_DEFINE_OLD,   /* the one before it */
    VT_DEFINE_NEW,   /* the one that it made */
    VT_DEFINE_OTHER, /* neither: somebody else's */
} VtDefineWhich;
/* @current: the definition, with secrets where @secure. A damaged backup gives VT_DEFINE_OTHER. */
VtDefineWhich vt_define_which(const VtStore *store, const VtRecord *record, const char *current,
                              gboolean secure);
/* Whether the last of @records undid @record and was ended before that was noted. */
gboolean vt_define_is_undone(const VtStore *store, GPtrArray *records, const VtRecord *record,
                             const char *current, gboolean secure);

/* Writes @name into the <name> of a definition. FALSE where it cannot be looked for. */
gboolean vt_define_rename(xmlDoc *doc, const char *name, GError **error);
