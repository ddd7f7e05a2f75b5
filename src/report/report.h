/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of report formats; a report is written domain by domain, so that a fleet needs no
 * memory. */
#pragma once

#include <glib.h>

#include "base/term.h"
#include "model/domain.h"
#include "model/finding.h"
#include "model/host.h"
#include "model/profile.h"

typedef struct {
    const char *uri;    /* NULL: offline */
    const VtHost *host; /* NULL: unknown */
    gboolean several_hosts; /* each domain has a connection and a host of its own; the two above are NULL */
    VtTerm *term;       /* where it goes */
    gboolean show_waived; /* text, html: findings that the site has waived, not only how many */
    gboolean verbose; /* text: also why a rule exists, what was quiet, satisfied, not applicable */
} VtReportContext;

typedef struct {
    const VtDomain *domain;
    const VtProfile *profile; /* NULL: not measured */
    const char *note;         /* why not, or NULL */
    const char *uri;          /* of this domain, where the report is of several hosts; NULL: offline */
    const VtHost *host;       /* the same; NULL: unknown */
    GPtrArray *findings;      /* VtFinding, sorted */
    guint64 pending; /* the last change of the definition that the running domain waits for; 0 */
} VtReportDomain;

typedef struct {
    const char *name;    /* "text", "json", "csv", "html" */
    const char *summary; /* N_() */
    gpointer (*begin)(const VtReportContext *context);
    /* Writes one domain; nothing of it is kept but a line of the summary. */
    void (*domain)(gpointer state, const VtReportDomain *domain);
    /* Frees the state. FALSE where the report is not whole. */
    gboolean (*end)(gpointer state, GError **error);
} VtReportFormat;

extern const VtReportFormat vt_report_text;
extern const VtReportFormat vt_report_json;
extern const VtReportFormat vt_report_csv;
extern const VtReportFormat vt_report_html;
/* A script, which is no form of the report: not in the table. */
extern const VtReportFormat vt_report_shell;
const VtReportFormat *const *vt_report_formats(void); /* NULL-terminated */
const VtReportFormat *vt_report_format_find(const char *name);

/* What of @context is true of @domain: its own connection and host, where there are several. */
VtReportContext vt_report_context_of(const VtReportContext *context, const VtReportDomain *domain);

/* The exits but HLT a second and vCPU for which no family was measured, where they are more than a
 * tenth; else 0. */
double vt_report_unnamed_rate(const VtProfile *profile);

/* The time in exits but HLT, in per cent of the time of the vCPUs (0..100). FALSE where no time was
 * measured. */
gboolean vt_report_exit_time(const VtProfile *profile, double *ret_pct);

/* The family with most exits but HLT, without "exit."; NULL where no family is known or none moved. */
const char *vt_report_worst_family(const VtProfile *profile);

/* How many of @findings are advice that is not waived. */
guint vt_report_count_advice(const GPtrArray *findings);
