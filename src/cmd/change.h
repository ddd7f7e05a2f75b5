/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs that change definitions have in common: asking, showing, and pins of running domains. */
#pragma once

#include "cmd/acquire.h"
#include "plan/store.h"

/* "DOMAIN [ID]": 0 where no number is given. */
gboolean vt_change_parse_operands(char **argv, guint64 *ret_id, GError **error);

/* Before anything is measured: FALSE with @error where there will be nobody to ask. @yes: --yes. */
gboolean vt_change_may_ask(gboolean yes, GError **error);

/* Asks @question; TRUE at once with @yes. FALSE with VT_ERROR_CANCELLED for any other answer, and after
 * Ctrl-C; one that only ended the sample early is no answer, but forbids to go on without one. */
gboolean vt_change_confirm(VtApp *app, const char *question, gboolean yes, GError **error);

/* A unified diff, coloured on a terminal. */
void vt_change_print_diff(VtApp *app, const char *diff);
/* Wrapped to the terminal behind "LABEL: ". */
void vt_change_print_field(VtApp *app, const char *label, const char *text);

/* The store of the domain called @key (NULL for its directory: vt_store_state_dir()), also of one that
 * libvirt does not know any more, for which @ret_handle is NULL. */
VtStore *vt_change_store(VtVirt *virt, const char *key, virDomainPtr *ret_handle, GError **error);

/* FALSE with @error, which says where its definitions are kept, for such a domain. */
gboolean vt_change_is_there(virDomainPtr handle, const VtStore *store, GError **error);

/* Sets pending_change and pending_other of a domain with its XML. */
void vt_change_pending(VtVirt *virt, VtDomain *domain);

/* Makes the pins in which the definitions differ in the running domain too, and says so; says when the
 * rest takes effect. @live: --live. FALSE where a pin failed, which is printed. */
gboolean vt_change_finish(VtApp *app, VtVirt *virt, const char *uuid, xmlDoc *before, xmlDoc *after,
                          gboolean live);
