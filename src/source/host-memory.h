/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host facts about memory, from /proc and /sys through a VtRoot. */
#pragma once

#include "base/root.h"
#include "model/domain.h"
#include "model/host.h"

/* Adds, where they can be read: memory.available-percent, hugepages.free-kib (pages of the default size
 * that are neither used nor reserved), ksm (running, stopped), ksm.pages-sharing, numa-balancing (Y, N),
 * numa.cpus ("0=0-3 1=4-7"). */
void vt_host_memory_add(VtHost *host, const VtRoot *root);

/* The memory in the running XML, in KiB, without what is plugged in. FALSE where it is not there or in
 * no unit of libvirt's. */
gboolean vt_host_memory_of(const VtDomain *domain, guint64 *ret_kib);
