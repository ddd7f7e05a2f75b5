/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where changes are kept: STATE/CONNECTION/UUID/ID/ with the definition before and after, the profile
 * that led to the change, and manifest.json. Directories have mode 0700, files 0600: a definition with
 * its secrets is the business of the one user who may change it. */
#pragma once

#include <glib.h>

#include "plan/record.h"

/* Files of a change. */
#define VT_STORE_BEFORE "before.xml"       /* the definition with secrets: what a revert defines */
#define VT_STORE_WANTED "wanted.xml"       /* what libvirt was given */
#define VT_STORE_AFTER "after.xml"         /* what it made of it; absent until that is known */
#define VT_STORE_BEFORE_SHOWN "before-shown.xml" /* the same three as libvirt shows them to readers */
#define VT_STORE_WANTED_SHOWN "wanted-shown.xml"
#define VT_STORE_AFTER_SHOWN "after-shown.xml"
#define VT_STORE_PROFILE "profile.json"    /* absent where nothing was measured */

/* The changes of one domain. */
typedef struct VtStore VtStore;

/* $XDG_STATE_HOME/virt-tune where that is set, else /var/lib/virt-tune for root, else
 * ~/.local/state/virt-tune. The caller frees it. */
char *vt_store_state_dir(void);

/* @state: NULL for vt_store_state_dir(). Nothing is made or read. */
VtStore *vt_store_new(const char *state, const char *uri, const char *uuid);
void vt_store_free(VtStore *store); /* also unlocks */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtStore, vt_store_free)
/* Of the domain; the store keeps it. */
const char *vt_store_path(const VtStore *store);
/* Of a file of a change, or with @file NULL of its directory. The caller frees it. */
char *vt_store_file(const VtStore *store, guint64 id, const char *file);

/* Makes the directory and takes the domain's lock, which lasts until vt_store_free() or the end of the
 * process. It does not wait: VT_ERROR_FAILED where another process has it, with its
 * number and since when. */
gboolean vt_store_lock(VtStore *store, GError **error);

typedef struct {
    const char *before, *wanted, *before_shown, *wanted_shown;
    const char *profile; /* native JSON; NULL */
} VtStoreBackup;

/* Keeps a new change, with the lock held: sets record->id and the sums, writes all files and then gives
 * the directory its name, so that a change that exists is whole. */
gboolean vt_store_add(VtStore *store, VtRecord *record, const VtStoreBackup *backup,
                      GError **error);
/* Replaces the manifest. */
gboolean vt_store_update(VtStore *store, const VtRecord *record, GError **error);
/* Adds or replaces another file. */
gboolean vt_store_write(VtStore *store, guint64 id, const char *file, const char *text,
                        GError **error);

/* All changes (VtRecord), oldest first; those whose manifest cannot be read are VT_RECORD_DAMAGED. */
GPtrArray *vt_store_list(const VtStore *store, GError **error);
/* Reads a file and checks it against @sha256 (NULL: not checked). The caller frees it. */
char *vt_store_read(const VtStore *store, guint64 id, const char *file, const char *sha256,
                    GError **error);

/* The UUID under which changes of a domain called @key (a name or a UUID) are kept, for a domain that
 * libvirt does not know any more; NULL where there are none. The caller frees it. */
char *vt_store_find(const char *state, const char *uri, const char *key);

/* SHA-256 in hexadecimal. The caller frees it. */
char *vt_store_sum(const char *text);
