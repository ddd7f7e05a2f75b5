/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Foreign recordings: a table of text formats, recognised by their first lines, read line by line. */
#pragma once

#include <glib.h>
#include <stdio.h>

#include "model/profile.h"

/* What a recording does not say and the user may. */
typedef struct {
    guint vcpus;         /* 0: not given; then 1 is taken, with a note */
    guint64 duration_ns; /* 0: not given; then what the format implies (one second of a one-second table), with a note */
    VtIsa isa;           /* VT_ISA_UNKNOWN: not given */
} VtImportOptions;

/* A reader of one format: a state machine fed with lines. */
typedef struct {
    const char *name;    /* "systemtap", "kvm-stat-text": the source name of the profile */
    const char *summary; /* N_() */
    /* How sure the format is of this line, 0 (no) to 2 (certain); called with the first lines of a file. */
    int (*recognise)(const char *line);
    gpointer (*begin)(VtProfile *profile, const VtImportOptions *options);
    /* @line without its newline. FALSE with a message (without file and line: the caller adds them). */
    gboolean (*line)(gpointer state, const char *line, GError **error);
    /* At the end of the input; adds windows and metrics. FALSE where the input was incomplete. */
    gboolean (*end)(gpointer state, GError **error);
    void (*free)(gpointer state);
} VtImportFormat;

extern const VtImportFormat vt_import_systemtap;
extern const VtImportFormat vt_import_kvm_stat;
const VtImportFormat *const *vt_import_table(void); /* NULL-terminated */

/* Reads @stream, named @name in messages, in constant memory; @format NULL: recognised. Lines over 64 KiB, NUL bytes
 * and input that no format knows are errors. The profile is finished. */
VtProfile *vt_import_stream(FILE *stream, const char *name, const char *format, const VtImportOptions *options,
                            GError **error);
/* @path "-" is standard input. */
VtProfile *vt_import_file(const char *path, const char *format, const VtImportOptions *options, GError **error);
