/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reports for people say of a finding, in the same words whatever the format. All are
 * translated; the caller frees those that are char *. */
#pragma once

#include "report/report.h"

/* TRUE for advice that is to be followed now, and not only where other advice was not enough. */
gboolean vt_report_advice_words_is(const VtFinding *finding);

/* The rule's id and, where a rule looks at devices, the device: "virtio-net
 * (52:54:00:aa:bb:cc)". */
char *vt_report_advice_words_name(const VtFinding *finding);

const char *vt_report_advice_words_severity(VtSeverity severity);
const char *vt_report_advice_words_confidence(const VtFinding *finding);
char *vt_report_advice_words_gain(const VtFinding *finding);

/* The evidence that a report shows: VtEvidence, not owned. @verbose: all that has words. */
GPtrArray *vt_report_advice_words_evidences(const VtFinding *finding, gboolean verbose);
/* @verbose: with the part of the rule. */
char *vt_report_advice_words_evidence(const VtEvidence *evidence, gboolean verbose);
/* How few windows decided; NULL where they were enough. */
char *vt_report_advice_words_few_windows(const VtFinding *finding);

/* That the guest needs a driver. */
const char *vt_report_advice_words_driver(void);

/* The changes of a finding but those that another one stands for: VtFindingChange, not owned. */
GPtrArray *vt_report_advice_words_changes(const VtFinding *finding);
/* "Domain", "Host", "Guest". */
const char *vt_report_advice_words_target(const char *target);
/* What is to be done and when it takes effect. */
char *vt_report_advice_words_change(const VtFindingChange *change);
/* What the host lacks; NULL where it has it. */
char *vt_report_advice_words_need(const VtEvidence *need);
/* Why the change cannot be made; NULL. */
char *vt_report_advice_words_error(const VtFindingChange *change);
/* How to undo command @i, as a comment for a shell; NULL. */
char *vt_report_advice_words_undo(const VtFindingChange *change, guint i);
/* The command that shows what those of @findings come to together that change the definition, one
 * after the other, each rule asked again after each; NULL where fewer than two do, or the domain
 * cannot be named. */
char *vt_report_advice_words_together(const VtReportContext *context, const VtDomain *domain,
                                      const GPtrArray *findings);
/* The command that makes the change to the domain's definition; NULL where the domain cannot be
 * named. */
char *vt_report_advice_words_command(const VtReportContext *context, const VtDomain *domain,
                                     const VtFinding *finding);
/* The sentence before @command of the above, or why there is none. */
const char *vt_report_advice_words_how(const VtFinding *finding, const char *command);
