/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that tell nothing of a site. */
#pragma once

#include <glib.h>

/* What stands for a value that was taken out. */
#define VT_REDACT_REMOVED "removed"

/* "on", "no", "auto" and the like, as libvirt and QEMU write them: they may stand anywhere. */
gboolean vt_redact_word_is_switch(const char *value);
