/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain as rules see it: its XML as it runs and as it is defined, its state, and what is known
 * of its guest OS. */
#pragma once

#include <glib.h>

#include "base/tri.h"
#include "base/xml.h"

typedef struct {
    char *os_id;   /* libosinfo id ("http://debian.org/debian/12"); NULL: not said */
    char *os_name; /* "Debian 12"; NULL */
    char *family;  /* "linux", "winnt", "freebsd", … as libosinfo says; NULL */
    gboolean drivers_known;
    GHashTable *supports; /* set: "virtio-net", "virtio-block", "virtio-scsi", "virtio1.0-net" … */
} VtGuest;

typedef struct VtDomain {
    int refs;
    char *name;
    char *uuid;
    int id;      /* -1 when not running */
    char *state; /* libvirt's word: "running", "shut off", "paused" … */
    gboolean active;
    VtTri persistent;
    VtTri migrating;  /* in or out, from the job information */
    guint vcpus;      /* current ones */
    xmlDoc *live;     /* the XML that the exits come from: live, or inactive when not running */
    xmlDoc *inactive; /* what a change is made to; @live itself where there is only one */
    guint64 pending_change; /* the last change by this program that it does not run with yet; 0 */
    char **pending_other;   /* elements in which @live differs from @inactive otherwise; NULL: in none */
    char **seed_disks;      /* target/@dev of disks known to hold the data of cloud-init; NULL: not looked for */
    VtGuest guest;
} VtDomain;

VtDomain *vt_domain_new(const char *name, const char *uuid);
VtDomain *vt_domain_ref(VtDomain *domain);
void vt_domain_unref(VtDomain *domain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtDomain, vt_domain_unref)

/* Whether @text is a UUID, with hyphens wherever they stand, as libvirt reads them, and without blanks around it. Files are
 * named by it, so that what a stranger's XML has there must be no path. */
gboolean vt_domain_is_uuid(const char *text);

/* Takes the documents, also where it fails; @live NULL means not running, @inactive NULL a domain
 * that is defined nowhere. Fills name, uuid, vcpus and active from them (the first two where
 * still unset) and checks that they are libvirt domains with a name, with a UUID or none, and
 * the same one; @file stands in messages. A UUID has hexadecimal digits and hyphens only. */
gboolean vt_domain_set_xml(VtDomain *domain, xmlDoc *live, xmlDoc *inactive, const char *file,
                           GError **error);
/* From one XML text: a domain that is not known to run. */
VtDomain *vt_domain_from_xml(const char *xml, gsize length, const char *file, GError **error);

/* The key by which a device of the live XML is found in the inactive one: the MAC of an interface
 * in lower case, target/@dev of a disk, type and index of a controller ("usb 0"), else NULL. Never
 * the alias, which exists only while the domain runs. The caller frees it. */
char *vt_domain_device_key(xmlNode *device);
/* The device element in @doc with this key and element name; NULL where there is none. */
xmlNode *vt_domain_find_device(xmlDoc *doc, const char *element, const char *key);
/* The devices (xmlNode, not owned) of @doc with this element name, in their order. */
GPtrArray *vt_domain_devices(xmlDoc *doc, const char *element);
