/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that are never changed: above all those that hold the data of cloud-init, which finds them by their
 * label and expects them as they are. */
#pragma once

#include "model/domain.h"

/* Whether a <disk> is one: by words in its source or serial, by the usual names of such images, and, with
 * @local (the host is this machine), by the volume label of a raw image that can be read: cidata
 * (NoCloud) or config-2 (OpenStack's configuration drive), of ISO 9660 or FAT. */
gboolean vt_seed_is(xmlNode *disk, gboolean local);

/* Whether a <disk> is never changed: a CD-ROM, a floppy, read-only, or one for cloud-init. */
gboolean vt_seed_is_fixed(xmlNode *disk, gboolean local);

/* Notes in @domain->seed_disks which ones are for cloud-init, so that advice from a file, without the images or their
 * names, is the same. Those noted before stay. */
void vt_seed_note(VtDomain *domain, gboolean local);

/* Advice of the matcher, which opens no image, about such a disk of @domain becomes blocked. @local: the
 * domain's host is this machine, and the labels of images are to be read: that can wait for their file system. */
void vt_seed_block(const VtDomain *domain, gboolean local, GPtrArray *findings);
