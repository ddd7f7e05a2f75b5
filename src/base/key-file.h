/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key files (groups of KEY=VALUE) as GLib reads them, with the line of everything, and without what
 * GLib lets pass: a group or a key that stands there twice. */
#pragma once

#include <glib.h>

typedef struct {
    const char *group;
    char *key;   /* NULL: the heading of the group */
    char *value; /* with escapes resolved; NULL for a heading */
    guint line;
} VtKeyFileEntry;

typedef struct {
    char *path;
    GPtrArray *entries; /* VtKeyFileEntry, in the order of the file */
    GPtrArray *groups;  /* char * */
} VtKeyFile;

/* A regular file of at most 1 MiB. Errors are "file:line: …". */
VtKeyFile *vt_key_file_load(const char *path, GError **error);
void vt_key_file_free(VtKeyFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtKeyFile, vt_key_file_free)
