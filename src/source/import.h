/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreign recordings: a table of text formats, recognised by their first lines, read by line. */
#pragma once

#include <glib.h>
#include <stdio.h>

#include "model/profile.h"

/* What a recording does not say and the user may. */
typedef struct {
    guint vcpus;         /* 0: not given; then 1 is taken, with a note */
    guint64 duration_ns; /* of the whole recording; 0: not given, then one second a table, with a
                            note */
    VtIsa isa;           /* VT_ISA_UNKNOWN: not given */
    const char *domain; /* which one of a recording of several: as the recording calls it, a name or
                           a process; NULL: not given, an error where there are several */
    gboolean per_vcpu;  /* keep which vCPU has how much, where the recording tells */
} VtImportOptions;

/* A reader of one format: a state machine fed with lines. */
typedef struct {
    const char *name;    /* "systemtap", "kvm-stat-text": the source name of the profile */
    const char *summary; /* N_() */
    gboolean domains; /* its lines can tell whose they are: it obeys VtImportOptions.domain */
    gboolean whole_lines; /* its lines end in a number, so that one without its newline is cut short */
    /* How sure the format is of this line, 0 (no) to 2 (certain); called with the first lines of a
     * file. */
    int (*recognise)(const char *line);
    gpointer (*begin)(VtProfile *profile, const VtImportOptions *options);
    /* @line without its newline. FALSE with a message (without file and line: the caller adds
     * them). */
    gboolean (*line)(gpointer state, const char *line, GError **error);
    /* At the end of the input; adds windows and metrics. FALSE where the input was incomplete. */
    gboolean (*end)(gpointer state, GError **error);
    void (*free)(gpointer state);
} VtImportFormat;

extern const VtImportFormat vt_import_systemtap;
extern const VtImportFormat vt_import_kvm_stat;
extern const VtImportFormat vt_import_perf_kvm_stat;
extern const VtImportFormat vt_import_trace;
extern const VtImportFormat vt_import_domstats;
extern const VtImportFormat vt_import_hist;
extern const VtImportFormat vt_import_kvm_stat_log;
extern const VtImportFormat vt_import_kvmexit;
extern const VtImportFormat vt_import_service_time;
extern const VtImportFormat vt_import_perf_stat;
extern const VtImportFormat vt_import_bpftrace;
const VtImportFormat *const *vt_import_table(void); /* NULL-terminated */

/* For the formats. FALSE with the message: VT_ERROR_INPUT, without file and line. A macro, so that
 * whoever reads one file alone sees that it is FALSE: compilers and analysers. */
#define vt_import_fail(error, ...) (vt_import_set_error((error), __VA_ARGS__), FALSE)
void vt_import_set_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The start of a line as messages quote it. The caller frees it. */
char *vt_import_shown(const char *line);
/* The number of vCPUs, with a note where it is not given. */
guint vt_import_vcpus(VtProfile *profile, const VtImportOptions *options);
/* Sets the number of vCPUs of all windows: what the user gave, else the @seen ones, of which there may be more, with a
 * note; where none could be seen (0), vt_import_vcpus(). */
void vt_import_set_vcpus(VtProfile *profile, const VtImportOptions *options, guint seen);
/* An empty set of names, which it owns: of what a recording had already. The caller unrefs it. */
GHashTable *vt_import_names(void);
/* FALSE, with a message that names some, where there are several @processes: each is a domain. */
gboolean vt_import_check_processes(GHashTable *processes, GError **error);
/* A count as these formats print it: decimal, no sign. */
gboolean vt_import_parse_count(const char *text, guint64 *ret_count, GError **error);
/* FALSE where the recording has so many windows or metrics that it would exhaust the memory. To be
 * called for each line that adds one. */
gboolean vt_import_check_size(const VtProfile *profile, GError **error);
/* Opens the next window, whose length vt_import_set_lengths() sets. */
void vt_import_add_window(VtProfile *profile, guint vcpus);
/* Spreads the length over the windows in proportion to those that they have, which
 * vt_import_add_window() makes equal; a note where it is not given. */
void vt_import_set_lengths(VtProfile *profile, const VtImportOptions *options);

/* Reads @stream, named @name in messages, line by line; @format NULL: recognised; @options NULL:
 * nothing given. Lines over 64 KiB, NUL bytes and input that no format knows are errors. The
 * profile is finished. */
VtProfile *vt_import_stream(FILE *stream, const char *name, const char *format,
                            const VtImportOptions *options, GError **error);
/* @path "-" is standard input. */
VtProfile *vt_import_file(const char *path, const char *format, const VtImportOptions *options,
                          GError **error);
