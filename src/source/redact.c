/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets, and one table per kind of private value: a first walk gathers them, a second one replaces them. */
#include "config.h"

#include "source/redact.h"

#include <string.h>

#include "base/text.h"
#include "model/region.h"

#define LIBOSINFO "http://libosinfo.org/xmlns/libvirt/domain/1.0"
#define REMOVED "removed"
#define UUID "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
#define MAC "\\b[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}\\b"

typedef enum { KIND_NAME, KIND_UUID, KIND_MAC, KIND_PATH, N_KINDS } Kind;

typedef struct {
    gboolean gathering;
    GHashTable *values[N_KINDS]; /* value -> what stands for it, NULL while gathering */
    GRegex *uuid, *mac, *path;
} Redact;

static gboolean is_named(const xmlNode *node, const char *name)
{
    return strcmp((const char *)node->name, name) == 0;
}

static gboolean has_parent(const xmlNode *node, const char *name)
{
    return node->parent && node->parent->type == XML_ELEMENT_NODE && is_named(node->parent, name);
}

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

/* "filter-dump,id=f0,…" -> "filter-dump,removed": rules look at how an argument of QEMU begins. */
static char *keep_head(const char *value)
{
    gsize n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    if (value[0] == '-' && value[n] == '\0')
        return g_strdup(value);
    return value[n] == ',' ? g_strdup_printf("%.*s," REMOVED, (int)n, value) : g_strdup(REMOVED);
}

static gboolean names_secret(const char *text)
{
    static const char *const words[] = {"passw", "passphrase", "secret", "token", "credential", "data=", "key"};
    g_autofree char *lower = g_ascii_strdown(text, -1);

    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(lower, words[i]))
            return TRUE;
    return FALSE;
}

static gboolean is_qemu(const xmlNode *node)
{
    return node->ns && strcmp((const char *)node->ns->href, VT_XPATH_QEMU_NAMESPACE) == 0;
}

/* An argument without a secret in it; after "-fw_cfg" and the like nothing is known of it. */
static void clean_qemu(xmlNode *node, gboolean all)
{
    g_autofree char *name = vt_xml_attr(node, "name");
    g_autofree char *value = vt_xml_attr(node, "value");
    g_autofree char *kept = NULL;

    if (!value || (!is_named(node, "arg") && !is_named(node, "env")))
        return;
    if (!all && !names_secret(value) && !(name && names_secret(name)))
        return;
    kept = name ? g_strdup(REMOVED) : keep_head(value);
    xmlSetProp(node, (const xmlChar *)"value", (const xmlChar *)kept);
}

static void clean_secrets(xmlNode *node)
{
    static const char *const attributes[] = {"passwd", "password"};

    for (guint i = 0; i < G_N_ELEMENTS(attributes); i++)
        if (xmlHasProp(node, (const xmlChar *)attributes[i]))
            xmlSetProp(node, (const xmlChar *)attributes[i], (const xmlChar *)REMOVED);
    if (is_qemu(node))
        clean_qemu(node, FALSE);
    if ((is_named(node, "cookie") && has_parent(node, "cookies")) ||
        (is_named(node, "entry") && has_parent(node, "sysinfo"))) {
        g_autofree char *text = leaf_text(node);

        if (text)
            set_text(node, REMOVED);
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

static int compare_strings(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers sort as the values did, so that whatever is sorted by them stays in its order. */
static void number(Redact *self, Kind kind)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, self->values[kind]);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_ptr_array_add(keys, g_strdup(key));
    g_ptr_array_sort(keys, compare_strings);
    for (guint i = 0; i < keys->len; i++) {
        guint n = i + 1;
        char *text = kind == KIND_NAME   ? g_strdup_printf("name-%05u", n)
                     : kind == KIND_UUID ? g_strdup_printf("00000000-0000-4000-8000-%012x", n)
                     : kind == KIND_MAC  ? g_strdup_printf("02:00:00:%02x:%02x:%02x", n >> 16 & 0xff, n >> 8 & 0xff,
                                                           n & 0xff)
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

/* A value of the XML that is no name. The caller frees it. */
static char *redact_value(Redact *self, const char *value)
{
    const char *path = value[0] == '/' || strstr(value, "://") ? map(self, KIND_PATH, value) : NULL;

    return path ? g_strdup(path) : redact_numbers(self, value);
}

/* Attributes and elements that hold names people gave. */
static gboolean is_name_attr(const xmlNode *node, const char *attr)
{
    static const char *const of_source[] = {"network", "bridge", "pool",      "volume",   "name",
                                            "dev",     "query",  "portgroup", "dataset", NULL};
    static const char *const of_host[] = {"name", NULL};
    static const char *const anywhere[] = {"username", "userName", "tlsHostname", "profileid", "keymap-file", NULL};

    if (g_strv_contains(anywhere, attr))
        return TRUE;
    if (is_named(node, "source"))
        return g_strv_contains(of_source, attr);
    if (is_named(node, "host"))
        return g_strv_contains(of_host, attr);
    return is_named(node, "target") && has_parent(node, "interface") && strcmp(attr, "dev") == 0;
}

/* Aliases of devices are libvirt's own words ("net0"), but those that people gave begin like this. */
static gboolean is_user_alias(const char *value)
{
    return g_str_has_prefix(value, "ua-");
}

static gboolean is_name_element(const xmlNode *node)
{
    static const char *const of_domain[] = {"name", "title", "description", NULL};

    return has_parent(node, "domain") && g_strv_contains(of_domain, (const char *)node->name);
}

static gboolean is_free_text(const xmlNode *node)
{
    return is_named(node, "entry") || (is_named(node, "cmdline") && has_parent(node, "os"));
}

static void redact_attr(Redact *self, xmlNode *node, xmlAttr *attr, gboolean foreign)
{
    g_autofree char *value = attr_text(attr);
    g_autofree char *other = NULL;

    if (!value || !*value)
        return;
    if (foreign)
        other = g_strdup(REMOVED);
    else if ((is_name_attr(node, (const char *)attr->name) && value[0] != '/') ||
             (is_named(node, "alias") && is_user_alias(value)))
        other = g_strdup(map(self, KIND_NAME, value));
    else
        other = redact_value(self, value);
    if (other && !self->gathering)
        attr_set(attr, other);
}

static void redact_leaf(Redact *self, xmlNode *node, gboolean foreign)
{
    g_autofree char *text = leaf_text(node);
    g_autofree char *other = NULL;

    if (!text || !*text)
        return;
    if (foreign || is_free_text(node))
        other = g_strdup(REMOVED);
    else if (is_name_element(node))
        other = g_strdup(map(self, KIND_NAME, text));
    else
        other = redact_value(self, text);
    if (other && !self->gathering)
        set_text(node, other);
}

/* Of <qemu:device>, which rules compare with those of the devices. */
static void redact_alias(Redact *self, xmlAttr *attr)
{
    g_autofree char *value = attr_text(attr);
    const char *other = value && is_user_alias(value) ? map(self, KIND_NAME, value) : NULL;

    if (other)
        attr_set(attr, other);
}

/* @foreign: below <metadata>, whose contents are other programs'. */
static void redact_node(Redact *self, xmlNode *node, gboolean foreign)
{
    if (node->ns && strcmp((const char *)node->ns->href, LIBOSINFO) == 0)
        return;
    if (is_qemu(node) && !foreign) {
        xmlAttr *alias = is_named(node, "device") ? xmlHasProp(node, (const xmlChar *)"alias") : NULL;

        clean_qemu(node, !self->gathering);
        if (alias)
            redact_alias(self, alias);
    } else {
        for (xmlAttr *attr = node->properties; attr; attr = attr->next)
            redact_attr(self, node, attr, foreign);
        redact_leaf(self, node, foreign);
    }
    for (xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE)
            redact_node(self, child, foreign || is_named(node, "metadata"));
        else if (child->type == XML_COMMENT_NODE && !self->gathering)
            xmlNodeSetContent(child, (const xmlChar *)REMOVED);
    }
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
        g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
        char *next = regex ? g_regex_replace_literal(regex, result, -1, 0, other, 0, NULL) : NULL;

        if (next) {
            g_free(result);
            result = next;
        }
    }
    return g_steal_pointer(&result);
}

static void redact_field(Redact *self, Kind kind, char **field)
{
    const char *other = *field ? map(self, kind, *field) : NULL;

    if (!other)
        return;
    g_free(*field);
    *field = g_strdup(other);
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

static gboolean has_odd_quotes(const char *word)
{
    gboolean odd = FALSE;

    for (; *word; word++)
        odd ^= *word == '"';
    return odd;
}

/* The values of what is no tuning may name disks, networks and hosts. */
static char *redact_cmdline(const char *cmdline)
{
    static const char *const kept[] = {"isolcpus", "nohz_full", "rcu_nocbs", "irqaffinity", "nohz", "idle", "mitigations",
                                       "intel_iommu", "amd_iommu", "iommu", "hugepages", "hugepagesz",
                                       "default_hugepagesz", "transparent_hugepage", "intel_pstate", "amd_pstate",
                                       "preempt", "clocksource", "tsc", "nosmt", "maxcpus", "nr_cpus", NULL};
    g_auto(GStrv) words = g_strsplit(cmdline, " ", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean quoted = FALSE, kept_quote = FALSE;

    for (char **word = words; *word; word++) {
        const char *equals = strchr(*word, '=');
        g_autofree char *key = equals ? g_strndup(*word, (gsize)(equals - *word)) : NULL;
        gboolean keep =
            !key ? !strchr(*word, '/') : g_strv_contains(kept, key) || strncmp(key, "kvm", 3) == 0;

        /* The rest of a value with blanks goes the way of its beginning. */
        if (quoted) {
            quoted = !has_odd_quotes(*word);
            if (kept_quote)
                g_string_append_printf(out, " %s", *word);
            continue;
        }
        if (out->len > 0)
            g_string_append_c(out, ' ');
        /* What follows are arguments of the first program (kernel-parameters.rst). */
        if (strcmp(*word, "--") == 0) {
            g_string_append(out, word[1] ? "-- " REMOVED : "--");
            break;
        }
        if (keep)
            g_string_append(out, *word);
        else if (key)
            g_string_append_printf(out, "%s=" REMOVED, key);
        else
            g_string_append(out, REMOVED);
        quoted = has_odd_quotes(*word);
        kept_quote = keep && key;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
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
        redact_field(self, KIND_NAME, &entry->name);
        g_hash_table_insert(host->domains, entry->uuid, entry);
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

        redact_field(self, KIND_NAME, &domain->name);
        redact_field(self, KIND_UUID, &domain->uuid);
        redact_node(self, xmlDocGetRootElement(domain->live), FALSE);
        if (domain->inactive != domain->live)
            redact_node(self, xmlDocGetRootElement(domain->inactive), FALSE);
        if (!profile)
            continue;
        redact_field(self, KIND_NAME, &profile->name);
        redact_field(self, KIND_UUID, &profile->uuid);
        redact_sentences(self, profile->notes);
        for (guint n = 0; profile->regions && n < profile->regions->len; n++) {
            VtRegion *region = g_ptr_array_index(profile->regions, n);

            if (region->device && is_user_alias(region->device))
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
        .path = g_regex_new("(?<![^\\s\"'“‘(])/(?!proc/|sys/|dev/kvm)[^\\s\"'”’),;]+[^\\s\"'”’),;:.]", 0, 0, NULL),
    };
    const char *cmdline = bundle->host ? vt_host_get(bundle->host, "kernel.cmdline") : NULL;

    for (guint kind = 0; kind < N_KINDS; kind++)
        self.values[kind] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    redact_all(&self, bundle);
    for (guint kind = 0; kind < N_KINDS; kind++)
        number(&self, kind);
    self.gathering = FALSE;
    redact_all(&self, bundle);
    if (cmdline) {
        g_autofree char *other = redact_cmdline(cmdline);

        vt_host_set(bundle->host, "kernel.cmdline", other);
    }
    /* Anything but a scheme and a driver's path may name a host, a user or a directory. */
    if (bundle->uri && (strchr(bundle->uri, '?') || !strstr(bundle->uri, ":///")))
        g_clear_pointer(&bundle->uri, g_free);
    bundle->redacted = TRUE;
    for (guint kind = 0; kind < N_KINDS; kind++)
        g_hash_table_unref(self.values[kind]);
    g_regex_unref(self.uuid);
    g_regex_unref(self.mac);
    g_regex_unref(self.path);
}
