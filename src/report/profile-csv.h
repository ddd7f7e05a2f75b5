/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles as CSV in the long form: a record for each domain, vCPU, metric and window. */
#pragma once

#include <stdio.h>

#include "model/profile.h"

/* The names of the fields. */
void vt_profile_csv_head(FILE *out);
/* The records of one domain. The field "vcpu" is empty for the domain as a whole, "window" for the
 * whole sample. */
void vt_profile_csv_print(FILE *out, const char *name, const char *uuid, const VtProfile *profile);
