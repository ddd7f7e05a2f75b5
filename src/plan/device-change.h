/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a device of another definition is what a rule's change would have made of it. */
#pragma once

#include <glib.h>

#include "model/domain.h"
#include "model/finding.h"
#include "model/host.h"
#include "rule/rule.h"

/* TRUE where @other has a device with all that the domain changes of @rule would write into the
 * device of @finding, a finding of @domain by its live XML, and nothing of what they would take out
 * of it. FALSE, too, where the changes cannot be made there or leave the device as it is. @host:
 * NULL where nothing is known of it. */
gboolean vt_device_change_is_made(const VtRule *rule, const VtFinding *finding,
                                  const VtDomain *domain, const VtHost *host,
                                  const VtDomain *other);
