/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that patches and commands may use, as "{vcpus}" or "{free-target:vd}". */
#pragma once

#include "model/domain.h"
#include "model/host.h"
#include "plan/patch.h"

typedef struct {
    const VtDomain *domain;
    const VtHost *host; /* NULL: unknown */
    xmlDoc *doc;        /* as already patched, to find free names in; NULL: domain->inactive */
    const xmlNode *device; /* the disk that is changed, whose own name is free to it; NULL: none */
    const char *irq;    /* NULL outside rows */
    gboolean shell;     /* for a shell command: {name} is given by vt_value_domain_word() */
} VtValueContext;

/* A VtPatchValue; @data is a VtValueContext.
 * - {free-target:PREFIX}: the first of PREFIXa … PREFIXz, PREFIXaa … that is target/@dev of no other disk
 * - {vcpus}: the number of current vCPUs
 * - {housekeeping-cpus}: the fact cpus.housekeeping; unknown or empty is an error that says why
 * - {vcpu-cpus}: the fact domain.vcpu-cpus, the CPUs that the domain's vCPUs are pinned to
 * - {nohz-full-cpus}: the facts cpus.nohz-full and domain.vcpu-cpus together; unknown is an error
 * - {nohz-full-restore}: grubby's option that gives the fact cpus.nohz-full back to the kernel's
 *   command line: --args=nohz_full=LIST, or --remove-args=nohz_full where it is empty
 * - {name}, {uuid}: of the domain
 * - {irq}: the interrupt's number, where a rule looks at interrupts */
char *vt_value_lookup(const char *name, const char *argument, gpointer data, GError **error);
/* Appends "file:line: …" to @problems (char *) for each place in the changes of @rule where a value
 * does not exist or does not fit there. What a value will be is known only with a domain. */
void vt_value_lint(const VtRule *rule, GPtrArray *problems);

/* The domain as one word of a shell command that virsh takes for this domain: its name, quoted
 * where needed, or its UUID where the name cannot be typed (control characters) or would be taken
 * for an option or a number. NULL where there is neither. The caller frees it. */
char *vt_value_domain_word(const VtDomain *domain);
