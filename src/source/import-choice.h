/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which threads of a recording of several domains are counted: what --domain gives, and whether two of them are of one
 * domain. */
#pragma once

#include "source/import.h"

/* Reads "4711,4712" of the options into @numbers (guint64), which stays empty where nothing is given: then all are
 * chosen. FALSE for anything but numbers of processes or threads. To be called where an error has a place. */
gboolean vt_import_choice_read(const VtImportOptions *options, GArray *numbers, GError **error);
/* Whether a thread is chosen; @process 0: not told. */
gboolean vt_import_choice_has(const GArray *numbers, guint64 thread, guint64 process);

/* An empty table of vCPUs and their threads (guint64 both). The caller unrefs it. */
GHashTable *vt_import_choice_vcpus(void);
/* Notes that @thread is @vcpu. FALSE where another one is it, too: they are of two domains. */
gboolean vt_import_choice_claim(GHashTable *vcpus, guint64 vcpu, guint64 thread, GError **error);
