/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What forbids changing a domain. */
#include "config.h"

#include "plan/gate.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "plan/seed.h"

static gboolean refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean refuse(GError **error, const char *format, ...)
{
    g_autofree char *message = NULL, *printable = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    printable = vt_text_printable(message, FALSE);
    g_set_error_literal(error, VT_ERROR, VT_ERROR_UNSUPPORTED, printable);
    return FALSE;
}

gboolean vt_gate_domain(virDomainPtr handle, GError **error)
{
    const char *name = virDomainGetName(handle);
    int persistent = virDomainIsPersistent(handle);
    int saved;

    if (persistent < 0)
        return vt_virt_set_error(error, _("cannot ask whether the domain '%s' is persistent"),
                                 name);
    if (persistent == 0)
        return refuse(error,
                      _("the domain '%s' is transient: it has no definition that could be changed; "
                        "make it one with `virsh dumpxml --inactive` and `virsh define`"),
                      name);
    /* A driver without saved states cannot say. */
    saved = virDomainHasManagedSaveImage(handle, 0);
    if (saved > 0)
        return refuse(error,
                      _("the domain '%s' has a saved state, which would be restored with the old "
                        "devices; start and shut it down, or give the state up with `virsh "
                        "managedsave-remove`"),
                      name);
    return TRUE;
}

gboolean vt_gate_managed(xmlDoc *definition, GError **error)
{
    static const struct {
        const char *prefix; /* of the namespace's URI; the version follows */
        const char *manager;
    } managers[] = {
        {"http://openstack.org/xmlns/libvirt/nova/", "OpenStack Nova"},
        {"http://ovirt.org/vm/", "oVirt"},
        {"http://kubevirt.io", "KubeVirt"},
    };
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/metadata//*", NULL);
    g_autoptr(GPtrArray) nodes = NULL;

    if (!vt_xpath_nodes(xpath, (xmlNode *)definition, &nodes, error))
        return FALSE;
    for (guint i = 0; i < nodes->len; i++) {
        const xmlNode *node = g_ptr_array_index(nodes, i);

        for (gsize j = 0; node->ns && j < G_N_ELEMENTS(managers); j++)
            if (g_str_has_prefix((const char *)node->ns->href, managers[j].prefix))
                return refuse(error,
                              _("the domain belongs to %s, which would overwrite the change; make "
                                "it there, or use --force"),
                              managers[j].manager);
    }
    return TRUE;
}

/* Parsed once, at first need (it has some 10,000 lines); NULL where there is none that can be read. */
static VtXmlSchema *libvirt_schema(void)
{
    static VtXmlSchema *schema;
    static gsize tried;
    g_autoptr(GError) why = NULL;

    if (g_once_init_enter(&tried)) {
        if (g_file_test(VT_LIBVIRT_SCHEMA, G_FILE_TEST_EXISTS))
            schema = vt_xml_schema_load(VT_LIBVIRT_SCHEMA, &why);
        if (why)
            g_debug("%s", why->message);
        g_once_init_leave(&tried, 1);
    }
    return schema;
}

gboolean vt_gate_valid(VtVirt *virt, const char *definition, const char *name,
                       gboolean *ret_checked, GError **error)
{
    VtXmlSchema *schema = libvirt_schema();
    g_autoptr(xmlDoc) doc = NULL;
    g_autoptr(GError) why = NULL;
    unsigned long here = 0;

    *ret_checked = FALSE;
    if (!schema || virGetVersion(&here, NULL, NULL) < 0 || here < vt_virt_libvirt_version(virt))
        return TRUE;
    doc = vt_xml_parse(definition, strlen(definition), name, error);
    if (!doc)
        return FALSE;
    *ret_checked = TRUE;
    if (!vt_xml_schema_validate(schema, doc, name, &why))
        return refuse(error,
                      _("the present definition does not fit libvirt's schema, so libvirt would "
                        "refuse any change (repair it first, with `virsh edit`): %s"),
                      why->message);
    return TRUE;
}

static GPtrArray *disks_of(xmlDoc *doc)
{
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/devices/disk", NULL);
    GPtrArray *disks = NULL;

    return vt_xpath_nodes(xpath, (xmlNode *)doc, &disks, NULL) ? disks : g_ptr_array_new();
}

/* The node as text, for a comparison within one serialiser. */
static char *text_of(xmlNode *node)
{
    xmlBuffer *buffer = xmlBufferCreate();
    char *text;

    xmlNodeDump(buffer, node->doc, node, 0, 0);
    text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}

static gboolean has_node(GPtrArray *nodes, xmlNode *like)
{
    g_autofree char *text = text_of(like);

    for (guint i = 0; i < nodes->len; i++) {
        g_autofree char *other = text_of(g_ptr_array_index(nodes, i));

        if (g_str_equal(text, other))
            return TRUE;
    }
    return FALSE;
}

/* What a disk is read from; "" for an empty drive. Two network disks differ by their name, not their
 * protocol, which stands first. The caller frees it. */
static char *source_of(xmlNode *disk)
{
    return vt_xml_get(disk, "string(source/@file | source/@dev | source/@dir | source/@volume | "
                            "source/@name)");
}

static guint count_points(virDomainPtr handle)
{
    int snapshots = virDomainSnapshotNum(handle, 0);
    int checkpoints = virDomainListAllCheckpoints(handle, NULL, 0);

    return (guint)MAX(snapshots, 0) + (guint)MAX(checkpoints, 0);
}

static gboolean is_local(virDomainPtr handle)
{
    g_autofree char *uri = handle ? virConnectGetURI(virDomainGetConnect(handle)) : NULL;

    return uri && vt_virt_uri_is_local(uri);
}

gboolean vt_gate_disks(virDomainPtr handle, xmlDoc *before, xmlDoc *wanted, GError **error)
{
    g_autoptr(GPtrArray) old = disks_of(before), new = disks_of(wanted);

    for (guint i = 0; i < old->len; i++) {
        xmlNode *disk = g_ptr_array_index(old, i);
        g_autofree char *key = vt_domain_device_key(disk);

        if (has_node(new, disk))
            continue;
        if (vt_seed_is_fixed(disk, is_local(handle)))
            return refuse(error,
                          _("the disk %s is a CD-ROM, a floppy, read-only, or read by cloud-init; "
                            "such disks are never changed"),
                          key ? key : "?");
    }
    return TRUE;
}

gboolean vt_gate_snapshots(virDomainPtr handle, xmlDoc *before, xmlDoc *wanted, GError **error)
{
    g_autoptr(GPtrArray) old = disks_of(before);

    if (count_points(handle) == 0)
        return TRUE;
    for (guint i = 0; i < old->len; i++) {
        xmlNode *disk = g_ptr_array_index(old, i);
        g_autofree char *key = vt_domain_device_key(disk);
        xmlNode *other = vt_domain_find_device(wanted, "disk", key);
        g_autofree char *from = source_of(disk), *to = other ? source_of(other) : NULL;

        if (!other)
            return refuse(error,
                          _("the domain has snapshots or checkpoints that know the disk %s by this "
                            "name; merge or delete them first"),
                          key ? key : "?");
        if (g_strcmp0(from, to) != 0)
            return refuse(error,
                          _("the domain has snapshots or checkpoints, and the disk %1$s would go "
                            "from '%2$s' to '%3$s', which may lack what was written since; merge or "
                            "delete them first"),
                          key ? key : "?", from, to);
    }
    return TRUE;
}

/* The letters in which targets of one bus count: hdb comes before hdc, and vdz before vdaa. */
static int compare_targets(const char *a, const char *b)
{
    gsize x = strlen(a), y = strlen(b);

    return x != y ? (x < y ? -1 : 1) : strcmp(a, b);
}

/* Where libvirt puts a disk among @disks: sorted among those of its bus, else last
 * (virDomainDiskInsert() since libvirt 0.8). */
static guint place_for(GPtrArray *disks, xmlNode *disk)
{
    g_autofree char *bus = vt_xml_get(disk, "string(target/@bus)");
    g_autofree char *target = vt_xml_get(disk, "string(target/@dev)");
    int place = -1;

    for (guint i = disks->len; i-- > 0;) {
        g_autofree char *other = vt_xml_get(g_ptr_array_index(disks, i), "string(target/@bus)");
        g_autofree char *name = vt_xml_get(g_ptr_array_index(disks, i), "string(target/@dev)");

        if (g_strcmp0(bus, other) != 0)
            continue;
        if (compare_targets(name, target) > 0)
            place = (int)i;
        else if (place < 0)
            place = (int)i + 1;
    }
    return place < 0 ? disks->len : (guint)place;
}

/* The first hard disk once libvirt has sorted them; NULL where there is none. The caller frees it. */
static char *first_source(xmlDoc *doc)
{
    g_autoptr(GPtrArray) disks = disks_of(doc), sorted = g_ptr_array_new();

    for (guint i = 0; i < disks->len; i++) {
        xmlNode *disk = g_ptr_array_index(disks, i);

        g_ptr_array_insert(sorted, (int)place_for(sorted, disk), disk);
    }
    for (guint i = 0; i < sorted->len; i++) {
        xmlNode *disk = g_ptr_array_index(sorted, i);

        if (vt_xml_has(disk, "self::*[not(@device) or @device = 'disk']/source"))
            return source_of(disk);
    }
    return NULL;
}

gboolean vt_gate_boot(xmlDoc *before, xmlDoc *wanted, GError **error)
{
    g_autofree char *old = NULL, *new = NULL;

    if (!vt_xml_has(xmlDocGetRootElement(before), "os/boot[@dev = 'hd']") ||
        vt_xml_has(xmlDocGetRootElement(wanted), "devices/*/boot[@order]"))
        return TRUE;
    old = first_source(before);
    new = first_source(wanted);
    if (g_strcmp0(old, new) == 0)
        return TRUE;
    return refuse(error,
                  _("the domain would start from another disk, since libvirt sorts disks by target; "
                    "replace <boot dev='hd'/> by <boot order='…'/> in its disks first, with `virsh "
                    "edit`"));
}

static gboolean check_needs(const VtFinding *finding, const VtFindingChange *change,
                            GError **error)
{
    for (guint i = 0; i < change->needs->len; i++) {
        const VtEvidence *need = g_ptr_array_index(change->needs, i);

        if (need->outcome == VT_NO)
            return refuse(error,
                          _("%s: the domain would not start with this change on this host: %s"),
                          finding->rule, need->detail);
        if (need->outcome == VT_UNKNOWN)
            return refuse(error,
                          _("%s: whether the domain would start with this change is not known: "
                            "%s%s%s"),
                          finding->rule, need->detail, need->remedy ? "; " : "",
                          need->remedy ? need->remedy : "");
    }
    return TRUE;
}

/* Windows loads the driver of its system disk before it looks for devices: one that is only installed
 * does not start it (stop code 7B). */
static gboolean refuse_windows(const VtFinding *finding, GError **error)
{
    if (g_strcmp0(finding->device_element, "interface") == 0)
        return refuse(error,
                      _("%s: Windows has no driver of its own for the new network card: install "
                        "NetKVM of the virtio-win drivers first, then say --assume-guest-drivers; "
                        "Windows takes it for another card, and a fixed address must be set anew"),
                      finding->rule);
    return refuse(error,
                  _("%s: Windows has no driver for the new device of its own, and without one "
                    "it may not start; install the virtio drivers, attach a small virtio disk "
                    "so that Windows loads its driver at start, shut down and detach it, then "
                    "say --assume-guest-drivers"),
                  finding->rule);
}

gboolean vt_gate_finding(const VtDomain *domain, const VtFinding *finding, gboolean assume_drivers,
                         GError **error)
{
    for (guint i = 0; i < finding->changes->len; i++) {
        const VtFindingChange *change = g_ptr_array_index(finding->changes, i);

        if (g_str_equal(change->target, "domain") && !check_needs(finding, change, error))
            return FALSE;
    }
    if (!finding->guest_driver_unknown || assume_drivers)
        return TRUE;
    if (g_strcmp0(domain->guest.family, "winnt") == 0)
        return refuse_windows(finding, error);
    return refuse(error,
                  _("%s: whether the guest has the driver for the new device is not known; where "
                    "you know that it has, say --assume-guest-drivers"),
                  finding->rule);
}

char *vt_gate_snapshot_note(virDomainPtr handle)
{
    int n = virDomainSnapshotNum(handle, 0);

    if (n <= 0)
        return NULL;
    return g_strdup(_("The domain has snapshots: to revert to one of them also brings back the "
                      "definition of its time, whatever is changed now."));
}
