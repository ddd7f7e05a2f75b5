/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Strict numbers, units and CPU lists, and text that is safe to show on a terminal.
 * No parser here accepts trailing characters, a sign where none belongs, or an overflow. */
#pragma once

#include <glib.h>

/* Decimal or, after "0x", hexadecimal; no sign, no white space. */
gboolean vt_text_parse_u64(const char *text, guint64 min, guint64 max, guint64 *ret_value, GError **error);

/* A finite decimal number with "." whatever the locale. */
gboolean vt_text_parse_double(const char *text, double min, double max, double *ret_value, GError **error);

/* "10", "10s", "500ms", "250us", "2m", "1h" -> nanoseconds; a bare number is seconds and may have a fraction.
 * Zero is refused, as is more than 24 hours. */
gboolean vt_text_parse_duration(const char *text, guint64 *ret_ns, GError **error);

/* "1.5 s", "200 ms": for people. The caller frees it. */
char *vt_text_format_duration(guint64 ns);

/* A whole number with thousands separated by commas ("30,959"): reports are compared byte for byte,
 * so the locale has no say. The caller frees it. */
char *vt_text_format_count(double value);

/* A set of CPU numbers (0..VT_CPUS_MAX-1). */
#define VT_CPUS_MAX 8192
typedef struct VtCpus VtCpus;
VtCpus *vt_cpus_new(void);
VtCpus *vt_cpus_copy(const VtCpus *cpus);
void vt_cpus_free(VtCpus *cpus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtCpus, vt_cpus_free)
void vt_cpus_add(VtCpus *cpus, guint cpu);
gboolean vt_cpus_has(const VtCpus *cpus, guint cpu);
guint vt_cpus_count(const VtCpus *cpus);
/* The next member at or after @from, or -1. */
int vt_cpus_next(const VtCpus *cpus, guint from);
gboolean vt_cpus_equal(const VtCpus *a, const VtCpus *b);
gboolean vt_cpus_intersects(const VtCpus *a, const VtCpus *b);
void vt_cpus_union(VtCpus *into, const VtCpus *other);
void vt_cpus_subtract(VtCpus *from, const VtCpus *other);
/* The kernel's and libvirt's list form: "0-3,8", libvirt's exclusion "0-7,^3" too; empty text is the empty set.
 * NULL with @error for anything else. */
VtCpus *vt_cpus_parse(const char *list, GError **error);
/* "0-3,8"; "" when empty. The caller frees it. */
char *vt_cpus_format(const VtCpus *cpus);

/* A copy in which control characters, bidirectional overrides and invalid UTF-8 are shown as \x1b or \u202e,
 * so that a name cannot move the cursor. Newlines too, unless @keep_newlines. The caller frees it. */
char *vt_text_printable(const char *text, gboolean keep_newlines);

/* White space runs folded to one space and the ends trimmed, as xgettext does with rule texts. */
char *vt_text_fold(const char *text);

/* Wraps at @width columns (UTF-8, East Asian wide characters count two), each line but the first indented by
 * @indent spaces. The caller frees it. */
char *vt_text_wrap(const char *text, guint width, guint indent);

/* The shell-quoted form only where quoting is needed. The caller frees it. */
char *vt_text_shell(const char *text);
