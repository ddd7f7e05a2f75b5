/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets, and one table per kind of private value: a first walk gathers them, a second one replaces them. */
#include "config.h"

#include "source/redact.h"

#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "model/region.h"
#include "source/redact-cmdline.h"
#include "source/redact-qemu.h"
#include "source/redact-word.h"
#include "source/redact-xml.h"

#define LIBOSINFO "http://libosinfo.org/xmlns/libvirt/domain/1.0"
#define LOOP "/dev/loop"
#define UUID "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
#define MAC "\\b[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}\\b"

typedef enum { KIND_NAME, KIND_UUID, KIND_MAC, KIND_PATH, N_KINDS } Kind;

typedef struct {
    gboolean gathering;
    GHashTable *values[N_KINDS]; /* value -> what stands for it, NULL while gathering */
    GHashTable *domains;         /* the names of domains */
    GRegex *uuid, *mac, *path, *only_mac;
} Redact;

/* What an element of text says; NULL where it has elements. */
static char *leaf_text(xmlNode *node)
{
    xmlChar *content;
    char *text;

    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            return NULL;
    if (!node->children)
        return NULL;
    content = xmlNodeGetContent(node);
    text = g_strdup((const char *)content);
    xmlFree(content);
    return text;
}

static void set_text(xmlNode *node, const char *text)
{
    xmlChar *escaped = xmlEncodeSpecialChars(node->doc, (const xmlChar *)text);

    xmlNodeSetContent(node, escaped);
    xmlFree(escaped);
}

static char *attr_text(xmlAttr *attr)
{
    xmlChar *content = xmlNodeGetContent((xmlNode *)attr);
    char *text = g_strdup((const char *)content);

    xmlFree(content);
    return text;
}

static void attr_set(xmlAttr *attr, const char *text)
{
    if (attr->ns)
        xmlSetNsProp(attr->parent, attr->ns, attr->name, (const xmlChar *)text);
    else
        xmlSetProp(attr->parent, attr->name, (const xmlChar *)text);
}

static gboolean is_below(const xmlNode *node, const char *name)
{
    for (node = node->parent; node && node->type == XML_ELEMENT_NODE; node = node->parent)
        if (vt_xml_is(node, name))
            return TRUE;
    return FALSE;
}

/* Keys of clouds, credentials of systemd and the like. */
static gboolean is_sysinfo_entry(const xmlNode *node)
{
    return vt_xml_is(node, "entry") && is_below(node, "sysinfo");
}

static void clean_secrets(xmlNode *node)
{
    /* The query of a URL may be a signature that gives access. */
    static const char *const attributes[] = {"passwd", "password", "query"};

    for (guint i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (xmlHasProp(node, (const xmlChar *)attributes[i]))
            xmlSetProp(node, (const xmlChar *)attributes[i], (const xmlChar *)VT_REDACT_REMOVED);
    if (vt_redact_qemu_is(node))
        vt_redact_qemu_clean(node, FALSE);
    if ((vt_xml_is(node, "cookie") && vt_xml_is(node->parent, "cookies")) || is_sysinfo_entry(node)) {
        g_autofree char *text = leaf_text(node);

        if (text)
            set_text(node, VT_REDACT_REMOVED);
    }
}

/* Calls @visit for each element in document order. */
static void walk(xmlNode *node, void (*visit)(xmlNode *node))
{
    visit(node);
    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            walk(child, visit);
}

void vt_redact_secrets(xmlDoc *doc)
{
    walk(xmlDocGetRootElement(doc), clean_secrets);
}

char *vt_redact_pretty(xmlDoc *doc)
{
    g_autoptr(xmlDoc) copy = xmlCopyDoc(doc, 1);

    vt_redact_secrets(copy);
    return vt_xml_pretty(copy);
}

/* What stands for @value; NULL while gathering. Owned by the table. */
static const char *map(Redact *self, Kind kind, const char *value)
{
    g_autofree char *key = kind == KIND_UUID || kind == KIND_MAC ? g_ascii_strdown(value, -1) : g_strdup(value);

    if (self->gathering) {
        g_hash_table_insert(self->values[kind], g_steal_pointer(&key), NULL);
        return NULL;
    }
    return g_hash_table_lookup(self->values[kind], key);
}

static const char *map_domain_name(Redact *self, const char *name)
{
    if (self->gathering)
        g_hash_table_add(self->domains, g_strdup(name));
    return map(self, KIND_NAME, name);
}

/* Numbers sort as the values did, so that whatever is sorted by them stays in its order. */
static void number(Redact *self, Kind kind)
{
    g_autoptr(GPtrArray) keys = vt_sort_keys(self->values[kind]);

    for (guint i = 0; i < keys->len; i++) {
        guint n = i + 1;
        char *text = kind == KIND_NAME   ? g_strdup_printf("name-%05u", n)
                     : kind == KIND_UUID ? g_strdup_printf("00000000-0000-4000-8000-%012x", n)
                     : kind == KIND_MAC  ? g_strdup_printf("02:00:00:%02x:%02x:%02x", n >> 16 & 0xff, n >> 8 & 0xff,
                                                           n & 0xff)
                     /* A rule looks at what a block device is. */
                     : g_str_has_prefix(g_ptr_array_index(keys, i), LOOP)
                         ? g_strdup_printf(LOOP "/redacted/%05u", n)
                         : g_strdup_printf("/redacted/%05u", n);

        g_hash_table_insert(self->values[kind], g_strdup(g_ptr_array_index(keys, i)), text);
    }
}

typedef struct {
    Redact *self;
    Kind kind;
} Replace;

static gboolean replace_match(const GMatchInfo *match, GString *out, gpointer data)
{
    const Replace *replace = data;
    g_autofree char *found = g_match_info_fetch(match, 0);
    const char *other = map(replace->self, replace->kind, found);

    g_string_append(out, other ? other : found);
    return FALSE;
}

static char *replace_all(Redact *self, const GRegex *regex, Kind kind, const char *text)
{
    Replace replace = {self, kind};

    return g_regex_replace_eval(regex, text, -1, 0, 0, replace_match, &replace, NULL);
}

/* UUIDs and MAC addresses wherever they stand. */
static char *redact_numbers(Redact *self, const char *text)
{
    g_autofree char *half = replace_all(self, self->uuid, KIND_UUID, text);

    return half ? replace_all(self, self->mac, KIND_MAC, half) : g_strdup(text);
}

/* What stands for a value that somebody gave; NULL while gathering. Owned by the tables. */
static const char *pseudonym(Redact *self, const char *value)
{
    g_autofree char *bare = g_strstrip(g_strdup(value));
    Kind kind = g_regex_match(self->only_mac, value, 0, NULL) ? KIND_MAC
                : value[0] == '/' || strstr(value, "://")     ? KIND_PATH
                                                              : KIND_NAME;

    if (vt_domain_is_uuid(bare))
        return map(self, KIND_UUID, bare);
    return map(self, kind, value);
}

/* NULL: @value stays. The caller frees it. */
static char *redact_value(Redact *self, const xmlNode *node, const char *attr, const char *value)
{
    switch (vt_redact_xml_class(node, attr, value)) {
    case VT_REDACT_LABEL:
        return g_str_has_prefix(value, "libvirt-") ? redact_numbers(self, value) : g_strdup(pseudonym(self, value));
    case VT_REDACT_GUEST_CMDLINE:
        return vt_redact_cmdline(value);
    case VT_REDACT_GIVEN:
        return g_strdup(pseudonym(self, value));
    case VT_REDACT_KEEP:
    default:
        return NULL;
    }
}

static void redact_attr(Redact *self, const xmlNode *node, xmlAttr *attr)
{
    g_autofree char *value = attr_text(attr);
    g_autofree char *other = NULL;

    if (!value || !*value)
        return;
    other = redact_value(self, node, (const char *)attr->name, value);
    if (other && !self->gathering)
        attr_set(attr, other);
}

/* They are names whatever they look like. */
static gboolean is_name_element(const xmlNode *node)
{
    return vt_xml_is(node->parent, "domain") && vt_xml_is(node, "name");
}

static void redact_leaf(Redact *self, xmlNode *node)
{
    g_autofree char *text = leaf_text(node);
    g_autofree char *other = NULL;

    if (!text || !*text)
        return;
    if (is_sysinfo_entry(node))
        other = g_strdup(VT_REDACT_REMOVED);
    else
        other = is_name_element(node) ? g_strdup(map_domain_name(self, text)) : redact_value(self, node, NULL, text);
    if (other && !self->gathering)
        set_text(node, other);
}

static gboolean is_osinfo(const xmlNode *node)
{
    return node->ns && strcmp((const char *)node->ns->href, LIBOSINFO) == 0;
}

/* What is libvirt's own: elements without a namespace, and those of its hypervisors. */
static gboolean is_libvirt(const xmlNs *ns)
{
    return !ns || g_str_has_prefix((const char *)ns->href, "http://libvirt.org/schemas/domain/");
}

/* Comments, other programs' data, and text where libvirt has elements. */
static gboolean is_foreign(const xmlNode *node)
{
    if (node->type == XML_ELEMENT_NODE)
        return node->parent->type == XML_ELEMENT_NODE && !is_osinfo(node) &&
               (!is_libvirt(node->ns) || is_below(node, "metadata"));
    if (node->type == XML_TEXT_NODE)
        return !xmlIsBlankNode(node) && node->parent->type == XML_ELEMENT_NODE &&
               xmlFirstElementChild(node->parent) != NULL;
    return node->type != XML_CDATA_SECTION_NODE && node->type != XML_ENTITY_REF_NODE;
}

static void remove_foreign(xmlNode *parent)
{
    xmlNode *next;

    for (xmlNode *child = parent->children; child; child = next) {
        next = child->next;
        if (is_foreign(child)) {
            xmlUnlinkNode(child);
            xmlFreeNode(child);
        } else if (child->type == XML_ELEMENT_NODE) {
            remove_foreign(child);
        }
    }
    if (parent->type != XML_ELEMENT_NODE)
        return;
    for (xmlAttr *attr = parent->properties, *after; attr; attr = after) {
        after = attr->next;
        if (!is_libvirt(attr->ns))
            xmlRemoveProp(attr);
    }
    /* No element or attribute that is left has another namespace. */
    for (xmlNs **ns = &parent->nsDef; *ns;) {
        xmlNs *unused = *ns;

        if (unused == parent->ns || is_libvirt(unused) || strcmp((const char *)unused->href, LIBOSINFO) == 0) {
            ns = &unused->next;
            continue;
        }
        *ns = unused->next;
        xmlFreeNs(unused);
    }
}

static void redact_node(Redact *self, xmlNode *node)
{
    if (is_osinfo(node))
        return;
    if (vt_redact_qemu_is(node) && !self->gathering)
        vt_redact_qemu_clean(node, TRUE);
    if (!vt_redact_qemu_is(node) || vt_xml_is(node, "device")) {
        for (xmlAttr *attr = node->properties; attr; attr = attr->next)
            redact_attr(self, node, attr);
        redact_leaf(self, node);
    }
    for (xmlNode *child = node->children; child; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            redact_node(self, child);
}

static gboolean has_letter(const char *text)
{
    while (*text && !g_unichar_isalpha(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return *text != '\0';
}

/* Names of domains go whatever they look like; other numbers stay, as sentences have their own. */
static gboolean is_word(Redact *self, const char *name)
{
    return g_hash_table_contains(self->domains, name) || (g_utf8_validate(name, -1, NULL) && has_letter(name));
}

/* Sentences for people: names as whole words, and paths but those of the kernel. */
static char *redact_sentence(Redact *self, const char *text)
{
    g_autofree char *result = redact_numbers(self, text);
    g_autofree char *paths = replace_all(self, self->path, KIND_PATH, result);
    GHashTableIter iter;
    gpointer name, other;

    g_free(result);
    result = g_steal_pointer(&paths);
    if (self->gathering)
        return g_steal_pointer(&result);
    g_hash_table_iter_init(&iter, self->values[KIND_NAME]);
    while (g_hash_table_iter_next(&iter, &name, &other)) {
        g_autofree char *escaped = g_regex_escape_string(name, -1);
        g_autofree char *pattern = g_strdup_printf("(?<![\\w-])%s(?![\\w-])", escaped);
        g_autoptr(GRegex) regex = is_word(self, name) ? g_regex_new(pattern, 0, 0, NULL) : NULL;
        char *next = regex ? g_regex_replace_literal(regex, result, -1, 0, other, 0, NULL) : NULL;

        if (next) {
            g_free(result);
            result = next;
        }
    }
    return g_steal_pointer(&result);
}

static void set_field(char **field, const char *other)
{
    if (!other)
        return;
    g_free(*field);
    *field = g_strdup(other);
}

static void redact_field(Redact *self, Kind kind, char **field)
{
    set_field(field, *field ? map(self, kind, *field) : NULL);
}

static void redact_domain_name(Redact *self, char **field)
{
    set_field(field, *field ? map_domain_name(self, *field) : NULL);
}

static void redact_sentences(Redact *self, GPtrArray *sentences)
{
    for (guint i = 0; i < sentences->len; i++) {
        char *text = g_ptr_array_index(sentences, i);

        if (!text)
            continue;
        sentences->pdata[i] = redact_sentence(self, text);
        g_free(text);
    }
}

static void redact_host_domains(Redact *self, VtHost *host)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new();
    GHashTableIter iter;
    gpointer domain;

    g_hash_table_iter_init(&iter, host->domains);
    while (g_hash_table_iter_next(&iter, NULL, &domain)) {
        g_hash_table_iter_steal(&iter);
        g_ptr_array_add(domains, domain);
    }
    for (guint i = 0; i < domains->len; i++) {
        VtHostDomain *entry = g_ptr_array_index(domains, i);

        redact_field(self, KIND_UUID, &entry->uuid);
        redact_domain_name(self, &entry->name);
        g_hash_table_insert(host->domains, entry->uuid, entry);
    }
}

/* Their keys where one had to be replaced: most are libvirt's own words. */
static void redact_domain(Redact *self, VtDomain *domain)
{
    g_autoptr(GPtrArray) disks = g_ptr_array_new();

    if (self->gathering) {
        remove_foreign((xmlNode *)domain->live);
        if (domain->inactive != domain->live)
            remove_foreign((xmlNode *)domain->inactive);
    }
    for (char **key = domain->seed_disks; key && *key; key++) {
        xmlNode *disk = vt_domain_find_device(domain->live, "disk", *key);

        g_ptr_array_add(disks, disk ? disk : vt_domain_find_device(domain->inactive, "disk", *key));
    }
    redact_node(self, xmlDocGetRootElement(domain->live));
    if (domain->inactive != domain->live)
        redact_node(self, xmlDocGetRootElement(domain->inactive));
    for (guint i = 0; domain->seed_disks && i < disks->len; i++) {
        xmlNode *disk = g_ptr_array_index(disks, i);
        char *key = disk ? vt_domain_device_key(disk) : g_strdup(VT_REDACT_REMOVED);

        g_free(domain->seed_disks[i]);
        domain->seed_disks[i] = key ? key : g_strdup(VT_REDACT_REMOVED);
    }
}

static void redact_all(Redact *self, VtBundle *bundle)
{
    VtHost *host = bundle->host;

    if (host) {
        redact_host_domains(self, host);
        redact_sentences(self, host->notes);
    }
    for (guint i = 0; i < bundle->domains->len; i++) {
        VtDomain *domain = g_ptr_array_index(bundle->domains, i);
        VtProfile *profile = g_ptr_array_index(bundle->profiles, i);

        redact_domain_name(self, &domain->name);
        redact_field(self, KIND_UUID, &domain->uuid);
        redact_domain(self, domain);
        if (!profile)
            continue;
        redact_domain_name(self, &profile->name);
        redact_field(self, KIND_UUID, &profile->uuid);
        redact_sentences(self, profile->notes);
        for (guint n = 0; profile->regions && n < profile->regions->len; n++) {
            VtRegion *region = g_ptr_array_index(profile->regions, n);

            if (region->device && g_str_has_prefix(region->device, "ua-"))
                redact_field(self, KIND_NAME, &region->device);
        }
    }
    redact_sentences(self, bundle->notes);
}

void vt_redact_bundle(VtBundle *bundle)
{
    Redact self = {
        .gathering = TRUE,
        .uuid = g_regex_new(UUID, 0, 0, NULL),
        .mac = g_regex_new(MAC, 0, 0, NULL),
        .only_mac = g_regex_new("^" MAC "$", 0, 0, NULL),
        .path = g_regex_new("(?<![^\\s\"'“‘(])/(?!proc/|sys/|dev/kvm)[^\\s\"'”’),;]+[^\\s\"'”’),;:.]", 0, 0, NULL),
    };
    const char *cmdline = bundle->host ? vt_host_get(bundle->host, "kernel.cmdline") : NULL;

    for (guint kind = 0; kind < N_KINDS; kind++)
        self.values[kind] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self.domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    redact_all(&self, bundle);
    for (guint kind = 0; kind < N_KINDS; kind++)
        number(&self, kind);
    self.gathering = FALSE;
    redact_all(&self, bundle);
    if (cmdline) {
        g_autofree char *other = vt_redact_cmdline(cmdline);

        vt_host_set(bundle->host, "kernel.cmdline", other);
    }
    /* Anything but a scheme and a driver's path may name a host, a user or a directory. */
    if (bundle->uri && (strchr(bundle->uri, '?') || !strstr(bundle->uri, ":///")))
        g_clear_pointer(&bundle->uri, g_free);
    bundle->redacted = TRUE;
    for (guint kind = 0; kind < N_KINDS; kind++)
        g_hash_table_unref(self.values[kind]);
    g_hash_table_unref(self.domains);
    g_regex_unref(self.uuid);
    g_regex_unref(self.mac);
    g_regex_unref(self.path);
    g_regex_unref(self.only_mac);
}
