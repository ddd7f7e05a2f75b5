/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is kept about one change of one domain: who, when, which rules, and how it ended. Its JSON form
 * is the manifest.json beside the backup. */
#pragma once

#include <glib.h>

typedef enum {
    VT_RECORD_PREPARED, /* the backup is kept; what became of the definition is to be looked up there */
    VT_RECORD_APPLIED,
    VT_RECORD_REFUSED,  /* nothing was written to the domain */
    VT_RECORD_RESTORED, /* libvirt made something else of it, and the old definition is back */
    VT_RECORD_FAILED,   /* the same, and putting it back failed */
    VT_RECORD_REVERTED, /* applied, and undone by a later change */
    VT_RECORD_DAMAGED,  /* the manifest cannot be read; only id and reason are set */
} VtRecordState;
/* The words of the manifest ("prepared", …). */
const char *vt_record_state_name(VtRecordState state);

typedef struct {
    char *rule;
    char *device;  /* the key; NULL: the whole domain */
    char *element; /* "interface"; NULL */
    char *effect;  /* "live", "power-cycle" */
} VtRecordRule;

typedef struct {
    guint64 id;        /* 1.. within the domain; 0: not yet known */
    gboolean revert;   /* it undid change @undid */
    guint64 undid;
    VtRecordState state;
    char *reason;      /* how it came to the state, one sentence; NULL */
    char *uri, *name, *uuid;
    char *time;        /* UTC, ISO 8601 */
    char *user;
    GPtrArray *rules;  /* VtRecordRule; empty for a revert */
    char *before_sha256; /* of the definition with secrets, as libvirt printed it */
    char *wanted_sha256; /* of what libvirt was given */
    char *after_sha256;  /* of what libvirt made of it; NULL until known */
    char *source;        /* of the sample that led to it; NULL: nothing was measured */
    guint64 duration_ns, interval_ns;
} VtRecord;

/* With the time, the user and the identity set. */
VtRecord *vt_record_new(const char *uri, const char *name, const char *uuid);
void vt_record_free(VtRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtRecord, vt_record_free)

void vt_record_add_rule(VtRecord *record, const char *rule, const char *element, const char *device,
                        const char *effect);
/* "virtio-net (52:54:…), pv-eoi"; "" without rules. The caller frees it. */
char *vt_record_rules_text(const VtRecord *record);

/* The JSON text, ending in a newline. The caller frees it. */
char *vt_record_format(const VtRecord *record);
/* Strict; @name stands in messages. */
VtRecord *vt_record_parse(const char *text, gsize length, const char *name, GError **error);
