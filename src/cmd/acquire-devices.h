/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --devices: names for the ports and addresses of PCI devices, which only QEMU's monitor tells. It is the one question
 * of a reading verb that needs a writable connection and taints the domain, so it is asked only where that was wanted. */
#pragma once

#include "cmd/acquire.h"

/* A writable connection to where @virt is, for the monitor alone, before anything is measured. */
VtVirt *vt_acquire_devices_open(VtVirt *virt, GError **error);

/* Enters the regions of all running domains in the profiles that there are; where QEMU does not tell them, a note says
 * why. */
void vt_acquire_devices_fill(VtVirt *writable, VtAcquired *acquired);
