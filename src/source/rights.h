/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The capabilities that a user other than root was lent for the source bpf. */
#pragma once

#include <glib.h>

/* Gives all capabilities of the calling thread up, for good, and so those of threads and programs that it starts later.
 * Root keeps its own: the embedded driver starts domains with them. FALSE where they stay: before Linux 5.19 (commit
 * c8644cd0efe7) maps could be read only with CAP_BPF where unprivileged_bpf_disabled is set, also those that are open. */
gboolean vt_rights_drop(void);
