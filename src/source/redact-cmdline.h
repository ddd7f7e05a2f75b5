/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be shown of the command line of a kernel, the host's or a guest's. */
#pragma once

#include <glib.h>

/* Names of parameters, with those values of tuning that are known. Of words without a value those that are known, and of
 * arguments of the first program nothing. The caller frees it. */
char *vt_redact_cmdline(const char *cmdline);
