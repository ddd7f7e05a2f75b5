/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that advice follows from, in one JSON file: domains with their XML, state and guest facts, the profiles, and
 * the host. Schema data/schemas/bundle.schema.json. */
#pragma once

#include <glib.h>

#include "model/domain.h"
#include "model/host.h"
#include "model/profile.h"

/* The largest bundle that is read. */
#define VT_BUNDLE_MAX (256 * 1024 * 1024)

typedef struct {
    gboolean redacted;
    char *uri;           /* the connection; NULL: not known */
    VtHost *host;        /* NULL: nothing is known */
    GPtrArray *domains;  /* VtDomain with their XML */
    GPtrArray *profiles; /* VtProfile or NULL, beside @domains */
    GPtrArray *notes;    /* char * or NULL: why there is no profile, beside @domains */
} VtBundle;

VtBundle *vt_bundle_new(void);
void vt_bundle_free(VtBundle *bundle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtBundle, vt_bundle_free)

/* Keeps references; @domain must have its XML. @profile and @note may be NULL. */
void vt_bundle_add(VtBundle *bundle, VtDomain *domain, VtProfile *profile, const char *note);

/* The JSON text, without the secrets that the XML may hold (vt_redact_secrets()). The caller frees it. */
char *vt_bundle_format(const VtBundle *bundle);
/* Writes it with mode 0600 beside @path and renames it. */
gboolean vt_bundle_save(const VtBundle *bundle, const char *path, GError **error);

/* Unknown members, wrong types, format or version, and whatever XML, profile or host facts are refused for, are errors
 * that name the file and the line of the bundle. */
VtBundle *vt_bundle_parse(const char *text, gsize length, const char *name, GError **error);
VtBundle *vt_bundle_load(const char *path, GError **error);

/* TRUE where @path is a regular file that begins as a bundle does: "format" is its first member. */
gboolean vt_bundle_is(const char *path);
