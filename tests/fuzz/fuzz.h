/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the targets of the fuzzer share. */
#pragma once

#include <glib.h>

#include "base/xml.h"

/* Reads @data, which may hold NUL bytes; @argument is the rest of the target's name, behind a hyphen, or NULL. */
typedef void VtFuzzRun(const char *data, gsize length, const char *argument);

/* Ends the process: a reader did what none may do. */
void vt_fuzz_broken(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* A copy of @data as text, with the second part, behind a line "%%", and the third in @ret_parts; parts that it lacks
 * are NULL. The caller frees it, and with it the parts. */
char *vt_fuzz_split(const char *data, gsize length, const char *ret_parts[3]);

/* That of rules, loaded once. */
VtXmlSchema *vt_fuzz_schema(void);

/* Texts: fuzz-text.c. */
VtFuzzRun vt_fuzz_cpus, vt_fuzz_text, vt_fuzz_interrupts, vt_fuzz_definition;

/* Directories of files, each behind a line "%% PATH": fuzz-tree.c. */
VtFuzzRun vt_fuzz_root, vt_fuzz_btf, vt_fuzz_debugfs, vt_fuzz_process, vt_fuzz_config, vt_fuzz_store;
