/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that hold the data of cloud-init, which finds them by their label and expects them as they are. */
#pragma once

#include "base/xml.h"

/* Whether a <disk> is one: by words in its source or serial, by the usual names of such images, and, with
 * @local (the host is this machine), by the volume label of a raw image that can be read: cidata
 * (NoCloud) or config-2 (OpenStack's configuration drive), of ISO 9660 or FAT. */
gboolean vt_seed_is(xmlNode *disk, gboolean local);
