/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports on two profiles side by side, of the verbs compare and verify: the table of their
 * formats. */
#pragma once

#include <glib.h>

#include "base/term.h"
#include "model/compare.h"
#include "plan/cause.h"

/* One domain at two times. */
typedef struct {
    /* Not owned. */
    const char *domain;               /* its name */
    const char *before_is, *after_is; /* what the two are, in a few words: a file, "now" */
    const VtProfile *before, *after;
    const char *causes_note; /* why nothing is known of changes, or that there were none; NULL */
    /* Owned. */
    GPtrArray *rows;   /* of vt_compare_rows() */
    GPtrArray *notes;  /* char *: what the reader must know, sentences */
    char *mismatch;    /* why the two say nothing about a change; NULL */
    GPtrArray *causes; /* VtCause; NULL: it is not known what was changed */
    GPtrArray *facts;  /* char *: what differs in the host; NULL: not known */
    char *diff;        /* of the definitions, unified; "": none; NULL: not known */
} VtReportCompare;

/* Compares @before and @after: sets rows, notes and mismatch. */
void vt_report_compare_measure(VtReportCompare *compare);
void vt_report_compare_clear(VtReportCompare *compare);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtReportCompare, vt_report_compare_clear)

typedef struct {
    const char *name; /* "text", "json", "html" */
    /* @verbose: also what did not move. */
    gpointer (*begin)(VtTerm *term, gboolean verbose);
    void (*write)(gpointer state, const VtReportCompare *compare);
    void (*end)(gpointer state); /* frees the state */
} VtReportCompareFormat;

extern const VtReportCompareFormat vt_report_compare_text;
extern const VtReportCompareFormat vt_report_compare_json;
extern const VtReportCompareFormat vt_report_compare_html;
/* NULL where there is none called @name. */
const VtReportCompareFormat *vt_report_compare_format(const char *name);

/* What a metric is called for people: itself, or translated words for VT_COMPARE_BUSY. */
const char *vt_report_compare_metric(const VtCompareRow *row);
/* "12,345", "≥ 12,345" or "≤ 12,345" of bounds, of times "1.5 ms", or translated words where it was not measured. @side is one of
 * @row's. The caller frees it. */
char *vt_report_compare_value(const VtCompareRow *row, const VtCompareSide *side);
/* "10 to 20"; "" where it was not measured. The caller frees it. */
char *vt_report_compare_range(const VtCompareRow *row, const VtCompareSide *side);
/* "-98 %", "+12 %", "× 1,550" from ten times on, "0 %"; "" where it has no meaning, as what is shown as 0 before. The caller frees
 * it. */
char *vt_report_compare_change(const VtCompareRow *row);
/* How likely chance alone sets the windows so far apart: "0.79 %", "< 0.01 %"; "" where that was not asked. The
 * caller frees it. */
char *vt_report_compare_chance(const VtCompareRow *row);
/* "fewer", "more", "no difference that counts", or why nothing can be told; translated. */
const char *vt_report_compare_outcome(const VtCompareRow *row);
/* The rule, or words that say that the contrary of what it advises was done. The caller frees it. */
char *vt_report_compare_rule(const VtCause *cause);
/* "worked", "no change", "worse", "cannot tell"; translated. */
const char *vt_report_compare_verdict(const VtCause *cause);
/* "virtio-net (52:…): worked. exit.mmio was …". The caller frees it. */
char *vt_report_compare_cause(const VtCause *cause);
/* For where nothing moved: that all stayed as it was, or that nothing can be told. */
const char *vt_report_compare_none_moved(const VtReportCompare *compare);
/* That metrics did not move or cannot be told, which are left out; NULL where there are none. The
 * caller frees it. */
char *vt_report_compare_rest(const VtReportCompare *compare);
