/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The evidence a verb works on: chosen domains, their profiles and the host, from libvirt or from files. */
#pragma once

#include "base/virt.h"
#include "cmd/cmd.h"
#include "model/domain.h"
#include "model/host.h"
#include "model/profile.h"
#include "rule/rule.h"

/* All rules of the data directory. */
VtRuleSet *vt_acquire_rules(GError **error);
VtXmlSchema *vt_acquire_schema(GError **error);

/* Domains by name, id or UUID, or all of them when @all; no duplicates. Elements are VtDomain without XML. */
GPtrArray *vt_acquire_domains(VtVirt *virt, char **names, gboolean all, GError **error);
/* Fetches the XML and the guest facts of one of them. */
gboolean vt_acquire_xml(VtVirt *virt, VtDomain *domain, GError **error);
/* Host facts, all running domains entered and derived. */
VtHost *vt_acquire_host(VtApp *app, VtVirt *virt, GError **error);

/* Offline pieces. */
VtDomain *vt_acquire_domain_file(const char *path, GError **error);
/* A native profile or any recording that import knows. */
VtProfile *vt_acquire_profile_file(const char *path, GError **error);
