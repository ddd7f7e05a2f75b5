/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to libvirt, its domains, and its errors as GErrors. */
#include "config.h"

#include <libvirt/virterror.h>
#include <libxml/uri.h>
#include <string.h>

#include "base/error.h"
#include "base/progress.h"
#include "base/text.h"
#include "base/virt.h"
#include "base/xml.h"

struct VtVirt {
    virConnectPtr connection;
    char *uri;
    gboolean event_loop; /* it holds a reference on the loop */
};

/* libvirt's event loop, in a thread while at least one embedded driver is open. */
static struct {
    GMutex lock;
    guint users;
    GThread *thread;
    gint stopping; /* atomic */
} loop;

static void on_libvirt_error(void *data, virErrorPtr error)
{
    g_debug("libvirt: %s", error->message ? error->message : "unknown error");
}

/* A driver in this process (embed, test) and the client library both write log messages to standard
 * error, errors once more beside the error function. The log is libvirt's own: who wants it says so
 * in its own variables. What such a driver reads with libxml2's defaults writes there too. */
static gpointer initialize(gpointer data)
{
    vt_xml_silence();
    if (!g_getenv("LIBVIRT_LOG_OUTPUTS") && !g_getenv("LIBVIRT_DEBUG"))
        g_setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", TRUE);
    virSetErrorFunc(NULL, on_libvirt_error);
    return GINT_TO_POINTER(virInitialize() == 0);
}

/* A question on the terminal stands where the progress line would. */
static int ask(virConnectCredentialPtr credentials, unsigned int n, void *data)
{
    vt_progress_end();
    return virConnectAuthPtrDefault->cb(credentials, n, virConnectAuthPtrDefault->cbdata);
}

static void on_wake(int timer, void *data)
{
    virEventRemoveTimeout(timer);
}

static gpointer run_loop(gpointer data)
{
    while (!g_atomic_int_get(&loop.stopping))
        if (virEventRunDefaultImpl() < 0)
            g_usleep(10 * 1000);
    return NULL;
}

static gboolean loop_ref(GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&loop.lock);

    if (loop.users == 0) {
        if (virEventRegisterDefaultImpl() < 0)
            return vt_virt_set_error(error, _("cannot start libvirt's event loop"));
        g_atomic_int_set(&loop.stopping, FALSE);
        loop.thread = g_thread_new("libvirt-events", run_loop, NULL);
    }
    loop.users++;
    return TRUE;
}

static void loop_unref(void)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&loop.lock);

    if (--loop.users > 0)
        return;
    g_atomic_int_set(&loop.stopping, TRUE);
    virEventAddTimeout(0, on_wake, NULL, NULL);
    g_clear_pointer(&loop.thread, g_thread_join);
}

static gboolean is_embedded(const char *uri)
{
    g_autofree char *scheme = uri ? g_uri_parse_scheme(uri) : NULL;
    const char *path = scheme ? uri + strlen(scheme) : NULL;

    return path && g_str_has_prefix(path, ":///embed") && (path[9] == '\0' || path[9] == '?');
}

/* Whether the scheme of @uri is one of https://libvirt.org/drivers.html; without one it is the name
 * of an alias. */
static gboolean has_driver(const char *uri)
{
    static const char *const drivers[] = {"bhyve", "ch",   "esx",  "gsx",          "hyperv",
                                          "lxc",   "openvz", "parallels", "qemu", "remote",
                                          "test",  "vbox", "vmwarefusion", "vmwareplayer",
                                          "vmwarews", "vpx", "vz", "xen", NULL};
    g_autofree char *scheme = g_uri_parse_scheme(uri);
    g_auto(GStrv) parts = scheme ? g_strsplit(scheme, "+", 2) : NULL;

    return !parts || g_strv_contains(drivers, parts[0]);
}

VtVirt *vt_virt_open(const char *uri, gboolean writable, gboolean interactive, GError **error)
{
    static GOnce once = G_ONCE_INIT;
    g_autoptr(VtVirt) virt = g_new0(VtVirt, 1);
    const char *chosen = uri ? uri : g_getenv("LIBVIRT_DEFAULT_URI");
    gboolean embedded = is_embedded(chosen);
    virConnectAuth asking = *virConnectAuthPtrDefault;
    char *canonical;

    if (!g_once(&once, initialize, NULL)) {
        vt_virt_set_error(error, _("cannot initialize libvirt"));
        return NULL;
    }
    if (embedded) {
        if (!loop_ref(error))
            return NULL;
        virt->event_loop = TRUE;
    }
    asking.cb = ask;
    virt->connection = virConnectOpenAuth(uri, interactive ? &asking : NULL,
                                          writable || embedded ? 0 : VIR_CONNECT_RO);
    if (!virt->connection) {
        if (!chosen || *chosen == '\0')
            vt_virt_set_error(error, _("cannot connect to a hypervisor (choose one with -c URI)"));
        else if (!has_driver(chosen))
            vt_virt_set_error(error,
                              _("cannot connect to %s (libvirt is not known to have a driver of this "
                                "name; qemu:///system is the usual URI)"),
                              chosen);
        else if (virGetLastErrorCode() == VIR_ERR_SYSTEM_ERROR)
            vt_virt_set_error(error, _("cannot connect to %s (is its libvirt daemon running?)"),
                              chosen);
        else
            vt_virt_set_error(error, _("cannot connect to %s"), chosen);
        return NULL;
    }

    canonical = virConnectGetURI(virt->connection);
    if (!canonical) {
        vt_virt_set_error(error, _("cannot learn the URI of the connection"));
        return NULL;
    }
    virt->uri = g_strdup(canonical);
    free(canonical);
    return g_steal_pointer(&virt);
}

void vt_virt_close(VtVirt *virt)
{
    if (!virt)
        return;
    if (virt->connection)
        virConnectClose(virt->connection);
    if (virt->event_loop)
        loop_unref();
    g_free(virt->uri);
    g_free(virt);
}

virConnectPtr vt_virt_connection(VtVirt *virt)
{
    return virt->connection;
}

const char *vt_virt_uri(VtVirt *virt)
{
    return virt->uri;
}

gboolean vt_virt_is_local(VtVirt *virt)
{
    return vt_virt_uri_is_local(virt->uri);
}

gboolean vt_virt_uri_is_local(const char *uri)
{
    xmlURI *parsed = xmlParseURI(uri);
    gboolean local = FALSE;

    if (parsed && parsed->scheme && !(parsed->server && *parsed->server != '\0')) {
        g_auto(GStrv) parts = g_strsplit(parsed->scheme, "+", 2);

        local = (!parts[1] || g_str_equal(parts[1], "unix")) && !g_str_equal(parts[0], "test");
    }
    xmlFreeURI(parsed);
    return local;
}

gboolean vt_virt_uri_is_remote(const char *uri)
{
    xmlURI *parsed = xmlParseURI(uri);
    gboolean remote = FALSE;

    if (parsed && parsed->scheme) {
        g_auto(GStrv) parts = g_strsplit(parsed->scheme, "+", 2);

        remote = (parsed->server && *parsed->server != '\0') ||
                 (parts[1] && !g_str_equal(parts[1], "unix"));
    }
    xmlFreeURI(parsed);
    return remote;
}

VtTri vt_virt_job_is_migration(int type, int operation)
{
    if (type != VIR_DOMAIN_JOB_BOUNDED && type != VIR_DOMAIN_JOB_UNBOUNDED)
        return VT_NO;
    if (operation == VIR_DOMAIN_JOB_OPERATION_UNKNOWN)
        return VT_UNKNOWN;
    return operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN ||
                   operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT
               ? VT_YES
               : VT_NO;
}

VtTri vt_virt_is_migrating(virDomainPtr domain)
{
    virTypedParameterPtr params = NULL;
    int n = 0, type = VIR_DOMAIN_JOB_NONE, operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

    if (virDomainGetJobStats(domain, &type, &params, &n, 0) < 0)
        return VT_UNKNOWN;
    virTypedParamsGetInt(params, n, VIR_DOMAIN_JOB_OPERATION, &operation);
    virTypedParamsFree(params, n);
    return vt_virt_job_is_migration(type, operation);
}

gulong vt_virt_libvirt_version(VtVirt *virt)
{
    unsigned long version = 0;

    return virConnectGetLibVersion(virt->connection, &version) == 0 ? version : 0;
}

gulong vt_virt_hypervisor_version(VtVirt *virt)
{
    unsigned long version = 0;

    return virConnectGetVersion(virt->connection, &version) == 0 ? version : 0;
}

virDomainPtr vt_virt_lookup(VtVirt *virt, const char *key, GError **error)
{
    g_autofree char *name = vt_text_printable(key, FALSE);
    virDomainPtr domain = NULL;
    guint64 id;
    int code;

    virResetLastError();
    if (key[strspn(key, "0123456789")] == '\0' && vt_text_parse_u64(key, 0, G_MAXINT, &id, NULL))
        domain = virDomainLookupByID(virt->connection, (int)id);
    if (!domain && strlen(key) == VIR_UUID_STRING_BUFLEN - 1)
        domain = virDomainLookupByUUIDString(virt->connection, key);
    if (!domain && *key != '\0')
        domain = virDomainLookupByName(virt->connection, key);
    if (domain)
        return domain;

    code = virGetLastErrorCode();
    if (code == VIR_ERR_NO_DOMAIN || code == VIR_ERR_INVALID_ARG || code == VIR_ERR_OK)
        g_set_error(
            error, VT_ERROR, VT_ERROR_NOT_FOUND,
            _("no domain is called '%s' on %s; `virt-tune list --all` shows those that exist"),
            name, virt->uri);
    else
        vt_virt_set_error(error, _("cannot look up the domain '%s'"), name);
    return NULL;
}

static int compare_domains(gconstpointer a, gconstpointer b)
{
    return strcmp(virDomainGetName(*(virDomainPtr const *)a),
                  virDomainGetName(*(virDomainPtr const *)b));
}

static void domain_free(gpointer domain)
{
    virDomainFree(domain);
}

GPtrArray *vt_virt_list(VtVirt *virt, guint flags, GError **error)
{
    virDomainPtr *domains = NULL;
    int n = virConnectListAllDomains(virt->connection, &domains, flags);
    GPtrArray *list;

    if (n < 0) {
        vt_virt_set_error(error, _("cannot list the domains of %s"), virt->uri);
        return NULL;
    }
    list = g_ptr_array_new_full((guint)n, domain_free);
    for (int i = 0; i < n; i++)
        g_ptr_array_add(list, domains[i]);
    free(domains);
    g_ptr_array_sort(list, compare_domains);
    return list;
}

GArray *vt_virt_ids(VtVirt *virt, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int));
    int n = virConnectNumOfDomains(virt->connection);

    g_array_set_size(ids, (guint)MAX(n, 0));
    if (n > 0)
        n = virConnectListDomains(virt->connection, (int *)(void *)ids->data, n);
    if (n < 0) {
        vt_virt_set_error(error, _("cannot list the domains of %s"), virt->uri);
        return NULL;
    }
    g_array_set_size(ids, (guint)n);
    return g_steal_pointer(&ids);
}

char *vt_virt_xml(virDomainPtr domain, guint flags, GError **error)
{
    g_autofree char *name = NULL;
    /* From malloc(), which is what g_free() frees. */
    char *xml = virDomainGetXMLDesc(domain, flags);

    if (xml)
        return xml;
    name = vt_text_printable(virDomainGetName(domain), FALSE);
    vt_virt_set_error(error, _("cannot get the XML of the domain '%s'"), name);
    return NULL;
}

static VtErrorCode error_code(int code)
{
    switch (code) {
    case VIR_ERR_NO_DOMAIN:
        return VT_ERROR_NOT_FOUND;
    case VIR_ERR_NO_SUPPORT:
    case VIR_ERR_OPERATION_UNSUPPORTED:
    case VIR_ERR_CONFIG_UNSUPPORTED:
        return VT_ERROR_UNSUPPORTED;
    case VIR_ERR_AUTH_CANCELLED:
        return VT_ERROR_CANCELLED;
    default:
        return VT_ERROR_LIBVIRT;
    }
}

gboolean vt_virt_set_error(GError **error, const char *format, ...)
{
    virErrorPtr last = virGetLastError();
    g_autofree char *reason =
        vt_text_printable(last && last->message ? last->message : _("unknown error"), FALSE);
    g_autofree char *what = NULL;
    g_autofree char *printable = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    printable = vt_text_printable(what, FALSE);

    g_set_error(error, VT_ERROR, (gint)error_code(last ? last->code : VIR_ERR_OK), "%s: %s",
                printable, reason);
    return FALSE;
}
