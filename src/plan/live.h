/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of a change that libvirt can make in a running domain: where vCPUs, the emulator and
 * iothreads may run. */
#pragma once

#include "base/virt.h"
#include "base/xml.h"

/* Makes the pins of the running @handle those of @after wherever @before and @after differ in one; a
 * pin that @after does not have any more becomes what libvirt starts such a thread with: the cpuset of
 * <vcpu>, else all CPUs. @ret_made: what was pinned, char * for people; it is set also on failure, to
 * what was pinned before it. */
gboolean vt_live_pin(virDomainPtr handle, xmlDoc *before, xmlDoc *after, GPtrArray **ret_made,
                     GError **error);

/* How many pins differ. */
guint vt_live_count(xmlDoc *before, xmlDoc *after);
