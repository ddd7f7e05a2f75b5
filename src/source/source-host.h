/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host facts from /sys, /proc and /boot through a VtRoot, and from libvirt. */
#pragma once

#include <glib.h>

#include "base/root.h"
#include "base/virt.h"
#include "model/domain.h"
#include "model/host.h"

/* Reads the facts that the file system gives. What cannot be read is absent, with a note where a
 * person could mend it. Cheap: no more than a few hundred small files. */
VtHost *vt_source_host_read(const VtRoot *root);

/* An empty host for a remote connection, with the note that says so. */
VtHost *vt_source_host_remote(const char *uri);

/* Versions of libvirt and the hypervisor as facts. */
void vt_source_host_add_virt(VtHost *host, VtVirt *virt);

/* Enters a running domain: number of vCPUs, pins of its live XML. */
void vt_source_host_add_domain(VtHost *host, const VtDomain *domain);

/* Counts the vhost threads that serve a domain (kernel threads "vhost-<pid>", or since Linux 6.4
 * threads of the QEMU process): sets domain.vhost-threads. The QEMU process is found by "-uuid" in
 * /proc/<pid>/cmdline. */
void vt_source_host_add_vhost(VtHost *host, const VtRoot *root);
