/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host facts format, version 1. */
#include "config.h"

#include "source/host-json.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/outfile.h"
#include "base/sort.h"
#include "base/text.h"

#define FORMAT "virt-tune-host"
#define FORMAT_VERSION 1
#define VCPUS_MAX 65536
/* Ten thousand domains with their pins are below four. */
#define HOST_JSON_MAX (64 * 1024 * 1024)

static void append_string(GString *out, const char *text)
{
    g_autofree char *quoted = text ? vt_json_quote(text) : NULL;

    g_string_append(out, quoted ? quoted : "null");
}

static void append_cpus(GString *out, const VtCpus *cpus)
{
    g_autofree char *list = cpus ? vt_cpus_format(cpus) : NULL;

    append_string(out, list);
}

static void append_facts(GString *out, GHashTable *facts, const char *separator)
{
    g_autoptr(GPtrArray) names = vt_sort_keys(facts);

    for (guint i = 0; i < names->len; i++) {
        g_string_append(out, i > 0 ? "," : "");
        g_string_append(out, i > 0 || *separator == '\n' ? separator : "");
        append_string(out, names->pdata[i]);
        g_string_append(out, ": ");
        append_string(out, g_hash_table_lookup(facts, names->pdata[i]));
    }
}

static void append_irq(GString *out, const VtHostIrq *irq)
{
    g_string_append(out, "{\"irq\": ");
    append_string(out, irq->irq);
    g_string_append(out, ", \"device\": ");
    append_string(out, irq->device);
    g_string_append(out, ", \"affinity\": ");
    append_cpus(out, irq->affinity);
    g_string_append_printf(out, ", \"managed\": %s}",
                           irq->managed == VT_UNKNOWN ? "null"
                           : irq->managed == VT_YES   ? "true"
                                                      : "false");
}

static void append_domain(GString *out, const VtHostDomain *domain)
{
    g_string_append(out, "{\"uuid\": ");
    append_string(out, domain->uuid);
    g_string_append(out, ", \"name\": ");
    append_string(out, domain->name);
    g_string_append_printf(out, ", \"vcpus\": %u", domain->vcpus);
    if (domain->pins_known) {
        g_string_append(out, ", \"vcpu_pins\": [");
        for (guint i = 0; i < domain->vcpus; i++) {
            g_string_append(out, i > 0 ? ", " : "");
            append_cpus(out, g_ptr_array_index(domain->vcpu_pins, i));
        }
        g_string_append(out, "], \"emulator_pin\": ");
        append_cpus(out, domain->emulator_pin);
    }
    g_string_append(out, ", \"facts\": {");
    append_facts(out, domain->facts, " ");
    g_string_append(out, "}}");
}

static int compare_irqs(gconstpointer a, gconstpointer b)
{
    const VtHostIrq *x = *(const VtHostIrq *const *)a, *y = *(const VtHostIrq *const *)b;
    guint64 m, n;
    gboolean x_number = vt_text_parse_u64(x->irq, 0, G_MAXUINT32, &m, NULL);
    gboolean y_number = vt_text_parse_u64(y->irq, 0, G_MAXUINT32, &n, NULL);

    if (x_number && y_number)
        return (m > n) - (m < n);
    return x_number != y_number ? (x_number ? -1 : 1) : strcmp(x->irq, y->irq);
}

static void append_irqs(GString *out, const VtHost *host)
{
    g_autoptr(GPtrArray) irqs = g_ptr_array_new();

    for (guint i = 0; i < host->irqs->len; i++)
        g_ptr_array_add(irqs, host->irqs->pdata[i]);
    g_ptr_array_sort(irqs, compare_irqs);
    for (guint i = 0; i < irqs->len; i++) {
        g_string_append(out, i > 0 ? ",\n    " : "\n    ");
        append_irq(out, irqs->pdata[i]);
    }
    g_string_append(out, irqs->len > 0 ? "\n  " : "");
}

static void append_domains(GString *out, const VtHost *host)
{
    g_autoptr(GPtrArray) uuids = vt_sort_keys(host->domains);

    for (guint i = 0; i < uuids->len; i++) {
        g_string_append(out, i > 0 ? ",\n    " : "\n    ");
        append_domain(out, g_hash_table_lookup(host->domains, uuids->pdata[i]));
    }
    g_string_append(out, uuids->len > 0 ? "\n  " : "");
}

char *vt_host_json_format(const VtHost *host)
{
    GString *out = g_string_new("{\n  \"format\": \"" FORMAT "\",\n");

    g_string_append_printf(out, "  \"version\": %d,\n  \"facts\": {", FORMAT_VERSION);
    append_facts(out, host->facts, "\n    ");
    g_string_append(out, g_hash_table_size(host->facts) > 0 ? "\n  " : "");
    g_string_append(out, "},\n  \"interrupts\": [");
    append_irqs(out, host);
    g_string_append_printf(out, "],\n  \"domains_complete\": %s,\n  \"domains\": [",
                           host->domains_complete ? "true" : "false");
    append_domains(out, host);
    g_string_append(out, "],\n  \"notes\": [");
    for (guint i = 0; i < host->notes->len; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_string(out, host->notes->pdata[i]);
    }
    g_string_append(out, "]\n}\n");
    return g_string_free(out, FALSE);
}

gboolean vt_host_json_save(const VtHost *host, const char *path, GError **error)
{
    g_autofree char *text = vt_host_json_format(host);

    return vt_outfile_write(path, FALSE, text, error);
}

/* A list, or NULL for null and for an absent member. */
static gboolean read_cpus(VtJson *json, JsonObject *object, const char *member, VtCpus **ret_cpus,
                          GError **error)
{
    g_autoptr(GError) local = NULL;
    const char *list = NULL;
    VtCpus *cpus = NULL;

    if (!vt_json_get_string(json, object, member, FALSE, &list, error))
        return FALSE;
    if (list) {
        cpus = vt_cpus_parse(list, &local);
        if (!cpus)
            return vt_json_fail(json, object, member, error, "%s", local->message);
    }
    *ret_cpus = cpus;
    return TRUE;
}

static gboolean fail_fact(VtJson *json, JsonObject *facts, const char *name, GError **error)
{
    g_autofree char *shown = vt_text_printable(name, FALSE);

    return vt_json_fail(json, facts, name, error,
                        _("“%s” is not a host fact; virt-tune-rule(5) lists them"), shown);
}

/* Facts of the host (@prefix "") or of a domain ("domain."). Lists of CPUs must be such. */
static gboolean read_facts(VtJson *json, JsonObject *object, const char *prefix, GHashTable *facts,
                           GError **error)
{
    JsonObject *members = NULL;
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    if (!vt_json_get_object(json, object, "facts", FALSE, &members, error))
        return FALSE;
    if (!members)
        return TRUE;
    json_object_iter_init(&iter, members);
    while (json_object_iter_next(&iter, &name, &node)) {
        g_autofree char *fact = g_strconcat(prefix, name, NULL);
        const char *value = NULL;

        if (!vt_host_fact_is_known(fact) || (!*prefix && g_str_has_prefix(fact, "domain.")))
            return fail_fact(json, members, name, error);
        if (!vt_json_get_string(json, members, name, TRUE, &value, error))
            return FALSE;
        if (g_str_has_prefix(fact, "cpus.") && strcmp(fact, "cpus.count") != 0) {
            VtCpus *cpus = NULL;

            if (!read_cpus(json, members, name, &cpus, error))
                return FALSE;
            vt_cpus_free(cpus);
        }
        g_hash_table_insert(facts, g_strdup(name), g_strdup(value));
    }
    return TRUE;
}

static gboolean read_irq(VtJson *json, JsonObject *object, VtHost *host, GError **error)
{
    static const char *const known[] = {"irq", "device", "affinity", "managed", NULL};
    g_autoptr(VtCpus) affinity = NULL;
    const char *name = NULL, *device = NULL;
    gboolean managed = -1;
    VtHostIrq *irq;

    if (!vt_json_check_members(json, object, known, error) ||
        !vt_json_get_string(json, object, "irq", TRUE, &name, error) ||
        !vt_json_get_string(json, object, "device", FALSE, &device, error) ||
        !vt_json_get_bool(json, object, "managed", FALSE, &managed, error) ||
        !read_cpus(json, object, "affinity", &affinity, error))
        return FALSE;
    if (vt_host_irq(host, name)) {
        g_autofree char *shown = vt_text_printable(name, FALSE);

        return vt_json_fail(json, object, "irq", error,
                            _("interrupt “%s” stands twice; remove one"), shown);
    }
    irq = vt_host_add_irq(host, name, device);
    irq->affinity = g_steal_pointer(&affinity);
    irq->managed = managed < 0 ? VT_UNKNOWN : managed ? VT_YES : VT_NO;
    return TRUE;
}

static gboolean read_pins(VtJson *json, JsonObject *object, VtHostDomain *domain, GError **error)
{
    g_autoptr(GPtrArray) lists = NULL;

    if (!vt_json_get_strings(json, object, "vcpu_pins", FALSE, TRUE, &lists, error))
        return FALSE;
    if (!lists && json_object_has_member(object, "emulator_pin"))
        return vt_json_fail(json, object, "emulator_pin", error,
                            _("“vcpu_pins” is missing beside “emulator_pin”"));
    if (!lists)
        return TRUE;
    if (lists->len != domain->vcpus)
        return vt_json_fail(json, object, "vcpu_pins", error,
                            _("“vcpu_pins” has %u elements for %u vCPUs"), lists->len,
                            domain->vcpus);
    for (guint i = 0; i < lists->len; i++) {
        g_autoptr(GError) local = NULL;

        if (!lists->pdata[i])
            continue;
        domain->vcpu_pins->pdata[i] = vt_cpus_parse(lists->pdata[i], &local);
        if (!domain->vcpu_pins->pdata[i])
            return vt_json_fail(json, object, "vcpu_pins", error, "%s", local->message);
    }
    domain->pins_known = TRUE;
    return read_cpus(json, object, "emulator_pin", &domain->emulator_pin, error);
}

static gboolean read_domain(VtJson *json, JsonObject *object, VtHost *host, GError **error)
{
    static const char *const known[] = {"uuid",         "name",  "vcpus", "vcpu_pins",
                                        "emulator_pin", "facts", NULL};
    const char *uuid = NULL, *name = NULL;
    VtHostDomain *domain;
    guint64 vcpus;

    if (!vt_json_check_members(json, object, known, error) ||
        !vt_json_get_string(json, object, "uuid", TRUE, &uuid, error) ||
        !vt_json_get_string(json, object, "name", FALSE, &name, error) ||
        !vt_json_get_u64(json, object, "vcpus", TRUE, 1, VCPUS_MAX, &vcpus, error))
        return FALSE;
    if (!g_uuid_string_is_valid(uuid))
        return vt_json_fail(json, object, "uuid", error, _("“uuid” must be a UUID"));
    if (vt_host_domain(host, uuid))
        return vt_json_fail(json, object, "uuid", error, _("domain %s stands twice; remove one"),
                            uuid);
    domain = vt_host_add_domain(host, uuid, name, (guint)vcpus);
    return read_pins(json, object, domain, error) &&
           read_facts(json, object, "domain.", domain->facts, error);
}

static gboolean read_host(VtJson *json, JsonObject *root, VtHost *host, GError **error)
{
    static const char *const known[] = {"format",           "version", "facts", "interrupts",
                                        "domains_complete", "domains", "notes", NULL};
    g_autoptr(GPtrArray) irqs = NULL, domains = NULL, notes = NULL;

    if (!vt_json_check_format(json, root, FORMAT, FORMAT_VERSION, error) || !vt_json_check_members(json, root, known, error) ||
        !read_facts(json, root, "", host->facts, error) ||
        !vt_json_get_bool(json, root, "domains_complete", FALSE, &host->domains_complete, error) ||
        !vt_json_get_objects(json, root, "interrupts", FALSE, &irqs, error) ||
        !vt_json_get_objects(json, root, "domains", FALSE, &domains, error) ||
        !vt_json_get_strings(json, root, "notes", FALSE, FALSE, &notes, error))
        return FALSE;
    for (guint i = 0; irqs && i < irqs->len; i++) {
        if (!read_irq(json, irqs->pdata[i], host, error))
            return FALSE;
    }
    for (guint i = 0; domains && i < domains->len; i++) {
        if (!read_domain(json, domains->pdata[i], host, error))
            return FALSE;
    }
    for (guint i = 0; notes && i < notes->len; i++)
        g_ptr_array_add(host->notes, g_strdup(notes->pdata[i]));
    return TRUE;
}

VtHost *vt_host_json_read(VtJson *json, JsonObject *root, GError **error)
{
    g_autoptr(VtHost) host = vt_host_new();

    if (!read_host(json, root, host, error))
        return NULL;
    vt_host_derive(host);
    return g_steal_pointer(&host);
}

VtHost *vt_host_json_parse(const char *text, gsize length, const char *name, GError **error)
{
    g_autoptr(VtJson) json = vt_json_parse(text, length, name, error);

    return json ? vt_host_json_read(json, vt_json_root(json), error) : NULL;
}

VtHost *vt_host_json_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length;

    if (!vt_file_read(path, HOST_JSON_MAX, &text, &length, error))
        return NULL;
    return vt_host_json_parse(text, length, vt_file_name(path), error);
}
