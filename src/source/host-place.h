/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the threads of a running domain may run, by its live XML. */
#pragma once

#include <libxml/tree.h>

#include "model/host.h"

/* Fills the pins of @place, whose vCPUs are counted already, from the domain element @root, and its fact
 * iothreads-overlap where it has iothreads: Y where one of them may run on a CPU on which a vCPU may. Where
 * the pins cannot be told, as with placement='auto', where numad chose, pins_known stays FALSE. */
void vt_host_place_read(VtHostDomain *place, const xmlNode *root);
