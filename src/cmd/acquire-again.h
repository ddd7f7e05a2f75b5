/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may change of a domain while it runs, for verbs that go on and on. */
#pragma once

#include "cmd/acquire.h"

/* Reads the XML, the migration state, the guest facts and what is pending of @domain as vt_acquire_xml() does, and again
 * at each call. *@digest is NULL, or what the last call for this domain left there, with which XML that is still the same
 * is not parsed again; the caller frees it. FALSE, with nothing changed, where the domain has gone, or stopped, or was
 * started again meanwhile. Makes no lost connection again. */
gboolean vt_acquire_again(VtAcquired *acquired, VtDomain *domain, char **digest, GError **error);
