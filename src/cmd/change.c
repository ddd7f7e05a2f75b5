/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the verbs that change definitions have in common. */
#include "config.h"

#include "cmd/change.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "plan/live.h"
#include "plan/pending.h"
#include "plan/readback.h"

gboolean vt_change_parse_operands(char **argv, guint64 *ret_id, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!argv[0] || (argv[1] && argv[2])) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE,
                            _("name one domain and, if you like, the number of the change"));
        return FALSE;
    }
    *ret_id = 0;
    if (argv[1] && !vt_text_parse_u64(argv[1], 1, G_MAXINT64, ret_id, &why)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("the number of a change is meant, as `virt-tune history` shows it: %s"),
                    why->message);
        return FALSE;
    }
    return TRUE;
}

gboolean vt_change_may_ask(gboolean yes, GError **error)
{
    if (yes || (isatty(STDIN_FILENO) && isatty(STDERR_FILENO)))
        return TRUE;
    g_set_error_literal(error, VT_ERROR, VT_ERROR_FAILED,
                        _("nothing was changed: there is no terminal to ask on; look with "
                          "--dry-run, then say --yes"));
    return FALSE;
}

gboolean vt_change_confirm(VtApp *app, const char *question, gboolean yes, GError **error)
{
    if (!yes)
        g_cancellable_reset(app->cancel);
    if (yes ? !g_cancellable_is_cancelled(app->cancel)
            : vt_term_confirm(app->term, question, app->cancel))
        return TRUE;
    g_set_error_literal(error, VT_ERROR, VT_ERROR_CANCELLED, _("nothing was changed"));
    return FALSE;
}

static VtStyle line_style(const char *line)
{
    if (g_str_has_prefix(line, "+++") || g_str_has_prefix(line, "---"))
        return VT_STYLE_BOLD;
    return *line == '+' ? VT_STYLE_GREEN : *line == '-' ? VT_STYLE_RED : VT_STYLE_NONE;
}

void vt_change_print_diff(VtApp *app, const char *diff)
{
    g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
    FILE *out = vt_term_out(app->term);

    for (char **line = lines; *line; line++) {
        g_autofree char *printable = vt_text_printable(*line, FALSE);
        VtStyle style = line_style(*line);

        if (!**line && !line[1])
            continue;
        if (style == VT_STYLE_NONE)
            fprintf(out, "    %s\n", printable);
        else
            fprintf(out, "    %s%s%s\n", vt_term_style(app->term, style), printable,
                    vt_term_style(app->term, VT_STYLE_NONE));
    }
}

void vt_change_print_field(VtApp *app, const char *label, const char *text)
{
    g_autofree char *printable = vt_text_printable(text, TRUE);
    g_autofree char *wrapped = vt_text_wrap(printable, vt_term_width(app->term) - 4, 8);

    fprintf(vt_term_out(app->term), "    %s%s%s\n        %s\n",
            vt_term_style(app->term, VT_STYLE_BOLD), label,
            vt_term_style(app->term, VT_STYLE_NONE), wrapped);
}

VtStore *vt_change_store(VtVirt *virt, const char *key, virDomainPtr *ret_handle, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *kept = NULL;
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    virDomainPtr handle = vt_virt_lookup(virt, key, &why);

    if (handle) {
        virDomainGetUUIDString(handle, uuid);
        *ret_handle = handle;
        return vt_store_new(NULL, vt_virt_uri(virt), uuid);
    }
    kept = vt_store_find(NULL, vt_virt_uri(virt), key);
    if (!kept) {
        g_propagate_error(error, g_steal_pointer(&why));
        return NULL;
    }
    *ret_handle = NULL;
    return vt_store_new(NULL, vt_virt_uri(virt), kept);
}

gboolean vt_change_is_there(virDomainPtr handle, const VtStore *store, GError **error)
{
    if (handle)
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                _("the domain is gone; its definitions are kept in %s: `virsh define` one of them"),
                vt_store_path(store));
    return FALSE;
}

void vt_change_pending(VtVirt *virt, VtDomain *domain)
{
    g_autoptr(VtStore) store = NULL;

    if (!domain->active || !domain->uuid || !domain->inactive || domain->inactive == domain->live)
        return;
    store = vt_store_new(NULL, vt_virt_uri(virt), domain->uuid);
    g_clear_pointer(&domain->pending_other, g_strfreev);
    vt_pending_find(store, domain->inactive, domain->live, &domain->pending_change,
                    &domain->pending_other);
}

/* Whether the running domain still lacks a part of the change; TRUE where that cannot be told. */
static gboolean waits(virDomainPtr handle, xmlDoc *before, xmlDoc *after)
{
    g_autofree char *text = vt_virt_xml(handle, 0, NULL);
    g_autoptr(xmlDoc) live = text ? vt_xml_parse(text, strlen(text), NULL, NULL) : NULL;

    return !live || vt_readback_pending(before, after, after, live);
}

gboolean vt_change_finish(VtApp *app, VtVirt *virt, const char *uuid, xmlDoc *before, xmlDoc *after,
                          gboolean live)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GPtrArray) made = NULL;
    g_autoptr(virDomain) handle = vt_virt_lookup(virt, uuid, &why);
    FILE *out = vt_term_out(app->term);
    gboolean ok = TRUE;

    if (!handle || virDomainIsActive(handle) != 1)
        return TRUE;
    if (live) {
        ok = vt_live_pin(handle, before, after, &made, &why);
        for (guint i = 0; i < made->len; i++)
            fprintf(out, _("  pinned in the running domain: %s\n"),
                    (const char *)g_ptr_array_index(made, i));
        if (!ok)
            g_printerr("virt-tune: %s\n", why->message);
    } else if (vt_live_count(before, after) > 0) {
        fputs(_("  --live would also make the pins in the running domain.\n"), out);
    }
    fputs(waits(handle, before, after)
              ? _("  It takes effect after the domain is fully powered off and started again.\n")
              : _("  The running domain is like that already.\n"),
          out);
    return ok;
}
