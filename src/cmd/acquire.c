/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings together what a verb works on. */
#include "config.h"

#include "cmd/acquire.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire-bundle.h"
#include "cmd/acquire-check.h"
#include "cmd/acquire-devices.h"
#include "cmd/change.h"
#include "model/profile-fit.h"
#include "rule/rule-load.h"
#include "source/host-json.h"
#include "source/import.h"
#include "source/native.h"
#include "source/source-guest.h"
#include "source/source-host.h"
#include "source/source.h"

#define DEFAULT_DURATION_NS (10 * G_GUINT64_CONSTANT(1000000000))
#define DEFAULT_INTERVAL_NS G_GUINT64_CONSTANT(1000000000)
#define RECONNECT_US (5 * G_USEC_PER_SEC)
#define RECONNECT_STEP_US (G_USEC_PER_SEC / 4)

VtAcquireOptions vt_acquire_options;

/* GPtrArray calls its free function on NULL elements too. */
static void unref_domain(gpointer domain)
{
    if (domain)
        vt_domain_unref(domain);
}

static void unref_profile(gpointer profile)
{
    if (profile)
        vt_profile_unref(profile);
}

static void free_handle(gpointer handle)
{
    virDomainFree(handle);
}

gboolean vt_acquire_parse_time(const char *option, const char *value, guint64 *ret_ns, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (vt_text_parse_duration(value, ret_ns, &why))
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE, "%s: %s", option, why->message);
    return FALSE;
}

gboolean vt_acquire_parse_duration(const char *option, const char *value, gpointer data, GError **error)
{
    return vt_acquire_parse_time(option, value, &vt_acquire_options.duration_ns, error);
}

gboolean vt_acquire_parse_interval(const char *option, const char *value, gpointer data, GError **error)
{
    return vt_acquire_parse_time(option, value, &vt_acquire_options.interval_ns, error);
}

VtAcquired *vt_acquired_new(void)
{
    VtAcquired *acquired = g_new0(VtAcquired, 1);

    acquired->domains = g_ptr_array_new_with_free_func(unref_domain);
    acquired->profiles = g_ptr_array_new_with_free_func(unref_profile);
    acquired->notes = g_ptr_array_new_with_free_func(g_free);
    return acquired;
}

const char *vt_acquired_uri(const VtAcquired *acquired)
{
    return acquired->virt ? vt_virt_uri(acquired->virt) : acquired->uri;
}

VtHost *vt_acquired_host(const VtAcquired *acquired, guint i)
{
    return acquired->hosts ? g_ptr_array_index(acquired->hosts, i) : acquired->host;
}

void vt_acquired_free(VtAcquired *acquired)
{
    if (!acquired)
        return;
    g_clear_pointer(&acquired->domains, g_ptr_array_unref);
    g_clear_pointer(&acquired->profiles, g_ptr_array_unref);
    g_clear_pointer(&acquired->notes, g_ptr_array_unref);
    g_clear_pointer(&acquired->hosts, g_ptr_array_unref);
    g_clear_pointer(&acquired->uris, g_ptr_array_unref);
    g_free(acquired->uri);
    g_clear_pointer(&acquired->host, vt_host_unref);
    g_clear_pointer(&acquired->virt, vt_virt_close);
    g_free(acquired);
}

/* ssh asks for a password on the terminal, where the line of a program that waits for it would hide the question. */
static gboolean may_ask(const VtApp *app)
{
    const char *uri = app->uri ? app->uri : g_getenv("LIBVIRT_DEFAULT_URI");

    return uri && *uri != '\0' && (!strstr(uri, "://") || vt_virt_uri_is_remote(uri));
}

VtVirt *vt_acquire_connection(VtApp *app, GError **error)
{
    VtVirt *virt;

    if (!may_ask(app))
        vt_progress_begin(_("connecting to libvirt"));
    virt = vt_virt_open(app->uri, vt_acquire_options.writable, isatty(STDIN_FILENO), error);
    vt_progress_end();
    return virt;
}

static VtDomain *domain_of(virDomainPtr handle)
{
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    VtDomain *domain;

    virDomainGetUUIDString(handle, uuid);
    domain = vt_domain_new(virDomainGetName(handle), uuid);
    domain->id = (int) virDomainGetID(handle);
    domain->active = domain->id >= 0;
    return domain;
}

static const char *state_name(int state)
{
    switch (state) {
    case VIR_DOMAIN_RUNNING:
        return "running";
    case VIR_DOMAIN_BLOCKED:
        return "idle";
    case VIR_DOMAIN_PAUSED:
        return "paused";
    case VIR_DOMAIN_SHUTDOWN:
        return "in shutdown";
    case VIR_DOMAIN_SHUTOFF:
        return "shut off";
    case VIR_DOMAIN_CRASHED:
        return "crashed";
    case VIR_DOMAIN_PMSUSPENDED:
        return "pmsuspended";
    default:
        return "no state";
    }
}

/* The states and vCPU numbers of all of them in one call; where the driver has no statistics the id has to do. */
static void fill_states(GPtrArray *domains, GPtrArray *handles)
{
    g_autofree virDomainPtr *list = g_new0(virDomainPtr, handles->len + 1);
    g_autoptr(GHashTable) by_uuid = g_hash_table_new(g_str_hash, g_str_equal);
    virDomainStatsRecordPtr *records = NULL;
    int n;

    for (guint i = 0; i < handles->len; i++) {
        VtDomain *domain = g_ptr_array_index(domains, i);

        list[i] = g_ptr_array_index(handles, i);
        domain->state = g_strdup(domain->active ? "running" : "shut off");
        g_hash_table_insert(by_uuid, domain->uuid, domain);
    }
    if (handles->len == 0)
        return;
    n = virDomainListGetStats(list, VIR_DOMAIN_STATS_STATE, &records, 0);
    for (int i = 0; i < n; i++) {
        char uuid[VIR_UUID_STRING_BUFLEN] = "";
        VtDomain *domain;
        int state;

        virDomainGetUUIDString(records[i]->dom, uuid);
        domain = g_hash_table_lookup(by_uuid, uuid);
        if (domain &&
            virTypedParamsGetInt(records[i]->params, records[i]->nparams, "state.state", &state) == 1) {
            g_free(domain->state);
            domain->state = g_strdup(state_name(state));
        }
    }
    if (n >= 0)
        virDomainStatsRecordListFree(records);
}

GPtrArray *vt_acquire_domains(VtVirt *virt, char **names, gboolean all, gboolean running_only, GError **error)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func(unref_domain);
    g_autoptr(GPtrArray) handles = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    vt_progress_begin(_("listing the domains"));
    if (all)
        handles = vt_virt_list(virt, running_only ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0, error);
    else
        handles = g_ptr_array_new_with_free_func(free_handle);
    if (!handles)
        return NULL;
    for (char **name = names; !all && *name; name++) {
        virDomainPtr handle = vt_virt_lookup(virt, *name, error);

        if (!handle)
            return NULL;
        g_ptr_array_add(handles, handle);
    }
    for (guint i = 0; i < handles->len;) {
        g_autoptr(VtDomain) domain = domain_of(g_ptr_array_index(handles, i));

        /* The key must stay that of the domain that stays: adding first would replace it. */
        if (g_hash_table_contains(seen, domain->uuid)) {
            g_ptr_array_remove_index(handles, i);
            continue;
        }
        g_hash_table_add(seen, domain->uuid);
        g_ptr_array_add(domains, g_steal_pointer(&domain));
        i++;
    }
    fill_states(domains, handles);
    return g_steal_pointer(&domains);
}

void vt_acquire_hint_session(VtApp *app, const VtAcquired *acquired)
{
    const char *uri = acquired->virt ? vt_virt_uri(acquired->virt) : NULL;

    if (acquired->domains->len == 0 && uri && g_str_has_suffix(uri, "/session") && !app->quiet)
        g_printerr(_("virt-tune: there are no domains on %s; those of the system are at -c qemu:///system\n"), uri);
}

static xmlDoc *fetch_xml(virDomainPtr handle, guint flags, const char *name, GError **error)
{
    g_autofree char *text = vt_virt_xml(handle, flags, error);

    return text ? vt_xml_parse(text, strlen(text), name, error) : NULL;
}

/* A daemon that restarts is back within seconds. One that is not is waited for once. */
static gboolean connect_again(VtAcquired *acquired)
{
    VtApp *app = acquired->app;
    gint64 until_us = vt_clock_now_us() + RECONNECT_US;
    g_autoptr(GError) why = NULL;
    VtVirt *virt;

    while (!(virt = vt_acquire_connection(app, &why)) && vt_clock_now_us() < until_us &&
           vt_clock_sleep_until(vt_clock_now_us() + RECONNECT_STEP_US, app->cancel))
        g_clear_error(&why);
    if (!virt) {
        acquired->app = NULL;
        g_printerr(_("virt-tune: the connection to %s was lost: %s\n"), vt_virt_uri(acquired->virt),
                   why ? why->message : _("you stopped it before it was made again"));
        return FALSE;
    }
    g_printerr(_("virt-tune: the connection to %s was lost; connected again\n"), vt_virt_uri(virt));
    vt_virt_close(acquired->virt);
    acquired->virt = virt;
    return TRUE;
}

static virDomainPtr look_up(VtAcquired *acquired, const char *uuid, GError **error)
{
    g_autoptr(GError) why = NULL;
    virDomainPtr handle = vt_virt_lookup(acquired->virt, uuid, &why);

    if (handle)
        return handle;
    if (acquired->app && virConnectIsAlive(vt_virt_connection(acquired->virt)) != 1 && connect_again(acquired))
        return vt_virt_lookup(acquired->virt, uuid, error);
    g_propagate_error(error, g_steal_pointer(&why));
    return NULL;
}

gboolean vt_acquire_xml(VtAcquired *acquired, VtDomain *domain, GError **error)
{
    g_autoptr(virDomain) handle = NULL;
    g_autoptr(xmlDoc) live = NULL;
    g_autoptr(xmlDoc) inactive = NULL;

    if (!acquired->virt || domain->live)
        return TRUE;
    handle = look_up(acquired, domain->uuid, error);
    if (!handle)
        return FALSE;
    if (domain->active) {
        live = fetch_xml(handle, 0, domain->name, error);
        if (!live)
            return FALSE;
        if (xmlHasProp(xmlDocGetRootElement(live), BAD_CAST "id")) {
            domain->migrating = vt_virt_is_migrating(handle);
        } else {
            /* libvirt gives the definition of a domain that has stopped since it was listed. */
            g_clear_pointer(&live, xmlFreeDoc);
            domain->active = FALSE;
            domain->id = -1;
            g_free(domain->state);
            domain->state = g_strdup("shut off");
        }
    }
    inactive = fetch_xml(handle, VIR_DOMAIN_XML_INACTIVE, domain->name, error);
    if (!inactive)
        return FALSE;
    if (!vt_domain_set_xml(domain, g_steal_pointer(&live), g_steal_pointer(&inactive), domain->name, error))
        return FALSE;
    vt_source_guest_fill(domain);
    vt_change_pending(acquired->virt, domain);
    return TRUE;
}

VtHost *vt_acquire_host(VtApp *app, VtVirt *virt, GError **error)
{
    g_autoptr(VtHost) host = NULL;
    g_autoptr(GPtrArray) handles = NULL;

    /* A capture under --root describes the host whatever the connection is. */
    if (virt && !vt_virt_is_local(virt) && !app->root_dir) {
        host = vt_source_host_remote(vt_virt_uri(virt));
        vt_source_host_add_virt(host, virt);
        return g_steal_pointer(&host);
    }
    vt_progress_begin(_("reading the host and what runs on it"));
    host = vt_source_host_read(app->root);
    if (!virt) {
        vt_host_derive(host);
        return g_steal_pointer(&host);
    }
    vt_source_host_add_virt(host, virt);
    handles = vt_virt_list(virt, VIR_CONNECT_LIST_DOMAINS_ACTIVE, error);
    if (!handles)
        return NULL;
    host->domains_complete = TRUE;
    for (guint i = 0; i < handles->len; i++) {
        virDomainPtr handle = g_ptr_array_index(handles, i);
        g_autoptr(VtDomain) domain = domain_of(handle);
        g_autoptr(xmlDoc) live = fetch_xml(handle, 0, domain->name, NULL);
        g_autoptr(GError) why = NULL;

        vt_progress_count(i + 1, handles->len);
        /* A domain that went meanwhile is no loss; one that cannot be read leaves overcommit undecided. */
        if (!live || !vt_domain_set_xml(domain, g_steal_pointer(&live), NULL, domain->name, &why)) {
            if (virDomainIsActive(handle) == 1)
                host->domains_complete = FALSE;
            continue;
        }
        vt_source_host_add_domain(host, domain);
    }
    vt_source_host_add_vhost(host, app->root);
    vt_host_derive(host);
    return g_steal_pointer(&host);
}

VtProfile *vt_acquire_profile_file(const char *path, guint vcpus, GError **error)
{
    VtImportOptions options = {.vcpus = vcpus, .per_vcpu = vt_acquire_options.per_vcpu};
    char head[256] = "";
    FILE *stream;
    gsize n;

    vt_progress_begin(_("reading %s"), path);
    if (g_str_equal(path, "-"))
        return vt_import_file(path, NULL, &options, error);
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return vt_import_file(path, NULL, &options, error);
    stream = fopen(path, "re");
    if (!stream)
        return vt_import_file(path, NULL, &options, error);
    n = fread(head, 1, sizeof(head), stream);
    fclose(stream);
    if (vt_native_recognise(head, n))
        return vt_native_load(path, error);
    return vt_import_file(path, NULL, &options, error);
}

static gboolean load_host(VtApp *app, VtAcquired *acquired, GError **error)
{
    if (!vt_acquire_options.host)
        return TRUE;
    acquired->host = vt_host_json_load(vt_acquire_options.host, error);
    if (!acquired->host)
        return FALSE;
    vt_host_derive(acquired->host);
    return TRUE;
}

/* Either of them may be without hyphens, and stand between blanks. */
static gboolean same_uuid(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a && !g_ascii_isxdigit(*a))
            a++;
        while (*b && !g_ascii_isxdigit(*b))
            b++;
        if (g_ascii_tolower(*a) != g_ascii_tolower(*b))
            return FALSE;
        if (!*a)
            return TRUE;
    }
}

/* "web01 (UUID)", for messages. The caller frees it. */
static char *shown_domain(const char *name, const char *uuid)
{
    g_autofree char *text = name ? g_strdup_printf("%s (%s)", name, uuid) : g_strdup(uuid);

    return vt_text_printable(text, FALSE);
}

/* A recording that does not say whose it is may be anybody's. */
static gboolean check_owner(const VtProfile *profile, const VtDomain *domain, const char *path, GError **error)
{
    g_autofree char *its = NULL, *ours = NULL;

    if (!profile->uuid || !domain->uuid || same_uuid(profile->uuid, domain->uuid))
        return TRUE;
    its = shown_domain(profile->name, profile->uuid);
    ours = shown_domain(domain->name, domain->uuid);
    return vt_error_set_input(error, path, 0,
                              _("this is the profile of %1$s, and not of %2$s; give the one of that domain, or, to use "
                                "this one all the same, write null for its “uuid”"),
                              its, ours);
}

/* --profile for chosen domains: one recording for each, or UUID.json in a directory. */
static gboolean load_profiles(VtAcquired *acquired, GError **error)
{
    const char *path = vt_acquire_options.profile;
    g_autoptr(VtProfile) one = NULL;
    gboolean dir = g_file_test(path, G_FILE_TEST_IS_DIR);

    if (!dir) {
        const VtDomain *only = acquired->domains->len == 1 ? g_ptr_array_index(acquired->domains, 0) : NULL;

        one = vt_acquire_profile_file(path, only ? only->vcpus : 0, error);
        if (!one || (only && !check_owner(one, only, path, error)))
            return FALSE;
    }
    for (guint i = 0; i < acquired->domains->len; i++) {
        const VtDomain *domain = g_ptr_array_index(acquired->domains, i);
        VtProfile *profile = one ? vt_profile_ref(one) : NULL;
        char *note = NULL;

        if (dir) {
            g_autofree char *base = g_strconcat(domain->uuid, ".json", NULL);
            g_autofree char *file = g_build_filename(path, base, NULL);

            if (g_file_test(file, G_FILE_TEST_EXISTS)) {
                profile = vt_native_load(file, error);
                if (profile && !check_owner(profile, domain, file, error))
                    g_clear_pointer(&profile, vt_profile_unref);
                if (!profile)
                    return FALSE;
            } else {
                note = g_strdup_printf(_("%s has no recorded profile."), file);
            }
        }
        if (profile && (dir || acquired->domains->len == 1))
            vt_profile_fit(profile, domain, acquired->host);
        g_ptr_array_add(acquired->profiles, profile);
        g_ptr_array_add(acquired->notes, note);
    }
    return TRUE;
}

static VtAcquired *run_offline(VtApp *app, GError **error)
{
    g_autoptr(VtAcquired) acquired = vt_acquired_new();
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(VtDomain) domain = NULL;

    doc = vt_xml_parse_file(vt_acquire_options.xml, error);
    if (!doc)
        return NULL;
    domain = vt_domain_new(NULL, NULL);
    if (!vt_domain_set_xml(domain, NULL, g_steal_pointer(&doc), vt_acquire_options.xml, error))
        return NULL;
    vt_source_guest_fill(domain);
    g_ptr_array_add(acquired->domains, g_steal_pointer(&domain));
    if (!load_host(app, acquired, error))
        return NULL;
    if (vt_acquire_options.profile) {
        if (!load_profiles(acquired, error))
            return NULL;
    } else {
        g_ptr_array_add(acquired->profiles, NULL);
        g_ptr_array_add(acquired->notes, g_strdup(_("there is no --profile")));
    }
    return g_steal_pointer(&acquired);
}

static void show_progress(guint64 elapsed_ns, guint64 total_ns, gpointer data)
{
    vt_progress_time(elapsed_ns / 1000, total_ns / 1000);
}

static gboolean any_runs(const GPtrArray *domains)
{
    for (guint i = 0; i < domains->len; i++)
        if (((const VtDomain *) g_ptr_array_index(domains, i))->active)
            return TRUE;
    return FALSE;
}

/* What a sample of domains that do not run would give, at once. */
static void skip_sample(VtAcquired *acquired)
{
    for (guint i = 0; i < acquired->domains->len; i++) {
        g_ptr_array_add(acquired->profiles, NULL);
        g_ptr_array_add(acquired->notes, g_strdup(_("The domain was not running.")));
    }
}

static VtAcquired *run(VtApp *app, char **names, GError **error)
{
    g_autoptr(VtAcquired) acquired = NULL;
    g_autoptr(VtVirt) writable = NULL;
    VtSampleOptions options = {
        .duration_ns = vt_acquire_options.duration_ns ? vt_acquire_options.duration_ns : DEFAULT_DURATION_NS,
        .interval_ns = vt_acquire_options.interval_ns ? vt_acquire_options.interval_ns : DEFAULT_INTERVAL_NS,
        .source = vt_acquire_options.source,
        .per_vcpu = vt_acquire_options.per_vcpu,
        .every_window = vt_acquire_options.every_window,
        .cancel = app->cancel,
        .progress = show_progress,
    };
    gboolean ok;

    if (!vt_acquire_check(names, options.duration_ns, error))
        return NULL;
    if (vt_acquire_bundle_wanted(names))
        return vt_acquire_bundle_run(names, error);
    if (vt_acquire_options.xml)
        return run_offline(app, error);
    if (!vt_acquire_options.profile)
        vt_cmd_catch_signals(app);
    acquired = vt_acquired_new();
    acquired->app = app;
    acquired->virt = vt_acquire_connection(app, error);
    if (!acquired->virt)
        return NULL;
    g_ptr_array_unref(acquired->domains);
    acquired->domains = vt_acquire_domains(acquired->virt, names, vt_acquire_options.all,
                                           vt_acquire_options.running_only, error);
    if (!acquired->domains || !load_host(app, acquired, error))
        return NULL;
    if (!acquired->host)
        acquired->host = vt_acquire_host(app, acquired->virt, error);
    if (!acquired->host)
        return NULL;
    if (vt_acquire_options.profile)
        return load_profiles(acquired, error) ? g_steal_pointer(&acquired) : NULL;
    if (!any_runs(acquired->domains)) {
        skip_sample(acquired);
        return g_steal_pointer(&acquired);
    }
    if (vt_acquire_options.devices && !(writable = vt_acquire_devices_open(acquired->virt, error)))
        return NULL;
    g_clear_pointer(&acquired->profiles, g_ptr_array_unref);
    g_clear_pointer(&acquired->notes, g_ptr_array_unref);
    vt_progress_begin(_("sampling (Ctrl-C ends it early)"));
    show_progress(0, options.duration_ns, NULL);
    ok = vt_source_sample(acquired->virt, app->root, acquired->domains, acquired->host, &options, &acquired->profiles,
                          &acquired->notes, error);
    if (ok && writable)
        vt_acquire_devices_fill(writable, acquired);
    return ok ? g_steal_pointer(&acquired) : NULL;
}

VtAcquired *vt_acquire_run(VtApp *app, char **names, GError **error)
{
    VtAcquired *acquired = run(app, names, error);

    vt_progress_end();
    return acquired;
}
