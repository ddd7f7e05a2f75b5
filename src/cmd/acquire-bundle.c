/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading evidence from bundles, and writing it to one. */
#include "config.h"

#include "cmd/acquire-bundle.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/progress.h"
#include "cmd/acquire-check.h"
#include "cmd/output.h"
#include "model/profile-fit.h"
#include "plan/seed.h"
#include "source/bundle.h"
#include "source/host-json.h"
#include "source/redact.h"

gboolean vt_acquire_bundle_wanted(char **names)
{
    for (char **name = names; *name; name++)
        if (g_str_has_suffix(*name, ".vtb") || vt_bundle_is(*name))
            return TRUE;
    return FALSE;
}

static gboolean check_usage(char **names, GError **error)
{
    const VtAcquireOptions *options = &vt_acquire_options;

    if (options->writable) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("a bundle is not changed: name a domain of a connection"));
        return FALSE;
    }
    if (options->all || options->xml || options->profile || options->host) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("a bundle holds the domain, its profile and the host: --all, --xml, --profile and --host do not "
                      "go with it"));
        return FALSE;
    }
    if (options->duration_ns > 0 || options->interval_ns > 0 || options->source) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("a bundle was measured already: --duration, --interval and --source do not go with it"));
        return FALSE;
    }
    for (char **name = names; *name; name++)
        if (!g_str_has_suffix(*name, ".vtb") && !vt_bundle_is(*name)) {
            g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                        _("%s is no bundle: bundles and domains of a connection cannot be named together"), *name);
            return FALSE;
        }
    return TRUE;
}

static gboolean same_host(const VtBundle *a, const VtBundle *b)
{
    g_autofree char *left = a->host ? vt_host_json_format(a->host) : NULL;
    g_autofree char *right = b->host ? vt_host_json_format(b->host) : NULL;

    return g_strcmp0(left, right) == 0 && g_strcmp0(a->uri, b->uri) == 0;
}

static void unref_host(gpointer host)
{
    if (host)
        vt_host_unref(host);
}

static void take_domains(VtAcquired *acquired, const VtBundle *bundle)
{
    for (guint i = 0; i < bundle->domains->len; i++) {
        VtProfile *profile = g_ptr_array_index(bundle->profiles, i);

        if (profile)
            vt_profile_fit(profile, g_ptr_array_index(bundle->domains, i), bundle->host);
        g_ptr_array_add(acquired->domains, vt_domain_ref(g_ptr_array_index(bundle->domains, i)));
        g_ptr_array_add(acquired->profiles, profile ? vt_profile_ref(profile) : NULL);
        g_ptr_array_add(acquired->notes, g_strdup(g_ptr_array_index(bundle->notes, i)));
        g_ptr_array_add(acquired->hosts, bundle->host ? vt_host_ref(bundle->host) : NULL);
        g_ptr_array_add(acquired->uris, g_strdup(bundle->uri));
    }
}

VtAcquired *vt_acquire_bundle_run(char **names, GError **error)
{
    g_autoptr(VtAcquired) acquired = vt_acquired_new();
    g_autoptr(VtBundle) first = NULL;
    gboolean same = TRUE;

    if (!check_usage(names, error))
        return NULL;
    acquired->hosts = g_ptr_array_new_with_free_func(unref_host);
    acquired->uris = g_ptr_array_new_with_free_func(g_free);
    for (char **name = names; *name; name++) {
        g_autoptr(VtBundle) bundle = NULL;

        vt_progress_begin(_("reading %s"), *name);
        bundle = vt_bundle_load(*name, error);
        if (!bundle)
            return NULL;
        take_domains(acquired, bundle);
        if (first)
            same = same && same_host(first, bundle);
        else
            first = g_steal_pointer(&bundle);
    }
    if (same && first) {
        acquired->host = first->host ? vt_host_ref(first->host) : NULL;
        acquired->uri = g_strdup(first->uri);
    }
    acquired->several_hosts = !same;
    return g_steal_pointer(&acquired);
}

gboolean vt_acquire_bundle_check(char **names, const char *report, GError **error)
{
    if (vt_acquire_options.bundle && !*vt_acquire_options.bundle) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--bundle needs the name of a file"));
        return FALSE;
    }
    if (!vt_output_check_apart("--bundle", vt_acquire_options.bundle, report, error) ||
        !vt_acquire_check_kept("--bundle", vt_acquire_options.bundle, names, error))
        return FALSE;
    if (!vt_acquire_options.redact || vt_acquire_options.bundle)
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--redact goes with --bundle"));
    return FALSE;
}

/* A deep copy, since the evidence goes on to be looked at as it is. */
static VtBundle *redacted_copy(const VtBundle *bundle, GError **error)
{
    g_autofree char *text = vt_bundle_format(bundle);
    VtBundle *copy = vt_bundle_parse(text, strlen(text), vt_acquire_options.bundle, error);

    if (copy)
        vt_redact_bundle(copy);
    return copy;
}

static gboolean save(VtAcquired *acquired, GError **error)
{
    g_autoptr(VtBundle) bundle = vt_bundle_new();
    g_autoptr(VtBundle) redacted = NULL;

    if (acquired->several_hosts) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--bundle %s: a bundle is of one host, and these are of several"),
                    vt_acquire_options.bundle);
        return FALSE;
    }
    vt_progress_begin(_("writing %s"), vt_acquire_options.bundle);
    bundle->uri = g_strdup(vt_acquired_uri(acquired));
    bundle->host = acquired->host ? vt_host_ref(acquired->host) : NULL;
    for (guint i = 0; i < acquired->domains->len; i++) {
        VtDomain *domain = g_ptr_array_index(acquired->domains, i);
        g_autoptr(GError) gone = NULL;

        vt_progress_count(i + 1, acquired->domains->len);
        if (vt_acquire_xml(acquired, domain, &gone)) {
            vt_seed_note(domain, acquired->virt && vt_virt_is_local(acquired->virt));
            vt_bundle_add(bundle, domain, g_ptr_array_index(acquired->profiles, i),
                          g_ptr_array_index(acquired->notes, i));
        } else {
            g_printerr("virt-tune: %s\n", gone->message);
        }
    }
    if (bundle->domains->len == 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("--bundle %s: there is no domain to put into it"),
                    vt_acquire_options.bundle);
        return FALSE;
    }
    if (vt_acquire_options.redact) {
        redacted = redacted_copy(bundle, error);
        if (!redacted)
            return FALSE;
    }
    return vt_bundle_save(redacted ? redacted : bundle, vt_acquire_options.bundle, error);
}

gboolean vt_acquire_bundle_save(VtAcquired *acquired, GError **error)
{
    gboolean saved = !vt_acquire_options.bundle || save(acquired, error);

    vt_progress_end();
    return saved;
}
