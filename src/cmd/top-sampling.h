/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The evidence behind the live view: it goes on while domains start and stop and the daemon restarts. */
#pragma once

#include "cmd/acquire.h"
#include "cmd/acquire-rules.h"
#include "report/top-view.h"

typedef struct VtTopSampling VtTopSampling;

/* @names: domains; empty: all that run. @app, @rules, @policy and @names must outlive it. FALSE where there is no
 * connection, or no such domain; one that goes later stays as "gone". */
VtTopSampling *vt_top_sampling_new(VtApp *app, char **names, const VtRuleSet *rules,
                                   const VtPolicy *policy, GError **error);
void vt_top_sampling_free(VtTopSampling *sampling);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtTopSampling, vt_top_sampling_free)

/* Ends the window that began at the last step. FALSE where the connection is lost; the next step tries to
 * open it again. The first step after domains came or went measures those that stayed. */
gboolean vt_top_sampling_step(VtTopSampling *sampling, GError **error);

/* Measures the domain @uuid whole in every window, as somebody looks at it or may do so next; NULL: none. The others are
 * measured whole when their turn comes, where there are many. */
void vt_top_sampling_follow(VtTopSampling *sampling, const char *uuid);

const char *vt_top_sampling_uri(VtTopSampling *sampling);
/* VtTopRow of each domain; the caller unrefs it. */
GPtrArray *vt_top_sampling_rows(VtTopSampling *sampling);
/* What a page says of the domain @uuid, as text of @width columns: its profile, or its advice. The caller
 * frees it. */
char *vt_top_sampling_profile(VtTopSampling *sampling, const char *uuid, guint width);
char *vt_top_sampling_advice(VtTopSampling *sampling, const char *uuid, guint width);
