/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles as the evidence of a verb, and the evidence of a verb as a bundle. */
#pragma once

#include "cmd/acquire.h"

#define VT_ACQUIRE_BUNDLE_ENTRIES                                                                                      \
    {"bundle", 0, 0, G_OPTION_ARG_FILENAME, &vt_acquire_options.bundle,                                                \
     N_("write domain XML, profile and host facts to one file, without secrets"), "FILE"},                            \
        {"redact", 0, 0, G_OPTION_ARG_NONE, &vt_acquire_options.redact,                                                \
         N_("with --bundle: replace names, UUIDs, MAC addresses and paths, too"), NULL}

/* TRUE where one of @names is a file that holds a bundle, or ends in ".vtb". */
gboolean vt_acquire_bundle_wanted(char **names);

/* The domains of all bundles @names, in this order. */
VtAcquired *vt_acquire_bundle_run(char **names, GError **error);

/* TRUE where there is --redact only with --bundle, and the bundle has a place of its own; else a usage error. @names: the
 * operands. @report: the file that the report goes to; NULL or "-": standard output. */
gboolean vt_acquire_bundle_check(char **names, const char *report, GError **error);

/* Does what --bundle says, where it was given. Fetches the XML of all domains; one that has gone meanwhile is left out
 * with a message. */
gboolean vt_acquire_bundle_save(VtAcquired *acquired, GError **error);
