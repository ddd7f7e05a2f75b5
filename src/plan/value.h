/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that patches and commands may use: {free-target:vd}, {vcpus}, {housekeeping-cpus}, {name}, {uuid}, {irq}. */
#pragma once

#include "model/domain.h"
#include "model/host.h"
#include "plan/patch.h"

typedef struct {
    const VtDomain *domain;
    const VtHost *host; /* NULL: unknown */
    xmlDoc *doc;        /* the tree as already patched: free target names are looked for in it */
    const char *irq;    /* NULL outside rows */
} VtValueContext;

/* A VtPatchValue; @data is a VtValueContext. */
char *vt_value_lookup(const char *name, const char *argument, gpointer data, GError **error);
/* TRUE for a name that exists; @ret_has_argument tells whether it takes one. For the lint. */
gboolean vt_value_is_known(const char *name, gboolean *ret_has_argument);
