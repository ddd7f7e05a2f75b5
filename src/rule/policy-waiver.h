/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One waiver of a site's policy: what it covers, why, and how long. */
#pragma once

#include "base/key-file.h"
#include "model/domain.h"
#include "model/finding.h"

typedef struct {
    char *name;
    char *file;
    guint line;
    char *rule;    /* an id */
    char *domain;  /* a name or UUID, with * and ? */
    char *device;  /* a device key, with * and ?; NULL: every finding of the rule */
    char *reason;
    char *expires; /* as it was written: "2027-03-31"; NULL: never */
    gint64 end_s;  /* the first second since 1970 in which it is over; where @expires */
} VtWaiver;

/* The group whose heading is entry @at of @file. */
VtWaiver *vt_policy_waiver_read(const VtKeyFile *file, guint at, GError **error);
void vt_policy_waiver_free(VtWaiver *waiver);

/* Only advice and notes can be waived. */
gboolean vt_policy_waiver_covers(const VtWaiver *waiver, const VtDomain *domain,
                                 const VtFinding *finding, gint64 now_s);
