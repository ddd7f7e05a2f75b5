/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pinning in a running domain. */
#include "config.h"

#include "plan/live.h"

#include <string.h>

#include "base/cpus.h"
#include "base/error.h"
#include "base/sort.h"
#include "base/text.h"

/* The lists of one definition, by "vcpu 0", "emulator", "iothread 1". */
static GHashTable *pins_of(xmlDoc *doc)
{
    static const struct {
        const char *select, *kind, *number;
    } kinds[] = {
        {"/domain/cputune/vcpupin", "vcpu", "vcpu"},
        {"/domain/cputune/emulatorpin", "emulator", NULL},
        {"/domain/cputune/iothreadpin", "iothread", "iothread"},
    };
    GHashTable *pins = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(VtXPath) xpath = vt_xpath_new(kinds[i].select, NULL);
        g_autoptr(GPtrArray) nodes = NULL;

        if (!vt_xpath_nodes(xpath, (xmlNode *)doc, &nodes, NULL))
            continue;
        for (guint j = 0; j < nodes->len; j++) {
            xmlNode *node = g_ptr_array_index(nodes, j);
            g_autofree char *number =
                kinds[i].number ? vt_xml_attr(node, kinds[i].number) : NULL;
            char *list = vt_xml_attr(node, "cpuset");

            g_hash_table_replace(pins,
                                 number ? g_strdup_printf("%s %s", kinds[i].kind, number)
                                        : g_strdup(kinds[i].kind),
                                 list ? list : g_strdup(""));
        }
    }
    return pins;
}

/* Where a thread without a pin of its own may run; NULL: on all CPUs. Where numad places the domain,
 * libvirt does not read the attribute (virDomainVcpuParse()). */
static char *default_list(xmlDoc *doc)
{
    static const char *const has = "/domain/vcpu[not(@placement = 'auto')]/@cpuset";
    g_autofree char *get = g_strdup_printf("string(%s)", has);
    xmlNode *root = xmlDocGetRootElement(doc);

    return vt_xml_has(root, has) ? vt_xml_get(root, get) : NULL;
}

/* The keys under which the two differ, sorted; owned by the tables. */
static GPtrArray *different_keys(GHashTable *old, GHashTable *new)
{
    GPtrArray *keys = g_ptr_array_new();
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init(&iter, new);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (g_strcmp0(g_hash_table_lookup(old, key), value) != 0)
            g_ptr_array_add(keys, key);
    g_hash_table_iter_init(&iter, old);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (!g_hash_table_contains(new, key))
            g_ptr_array_add(keys, key);
    g_ptr_array_sort(keys, vt_sort_compare);
    return keys;
}

/* A bit for each CPU of the host; @list NULL: all of them. */
static guchar *map_of(const char *list, guint cpus, GError **error)
{
    g_autoptr(VtCpus) set = list ? vt_cpus_parse(list, error) : NULL;
    guchar *map;

    if (list && !set)
        return NULL;
    map = g_new0(guchar, VIR_CPU_MAPLEN(cpus) + 1);
    for (guint cpu = 0; cpu < cpus; cpu++)
        if (!set || vt_cpus_has(set, cpu))
            VIR_USE_CPU(map, cpu);
    return map;
}

static gboolean pin(virDomainPtr handle, const char *key, const char *list, GError **error)
{
    int cpus = virNodeGetCPUMap(virDomainGetConnect(handle), NULL, NULL, 0);
    g_autofree guchar *map = NULL;
    const char *space = strchr(key, ' ');
    guint64 number = 0;
    int length, result;

    if (cpus <= 0)
        return vt_virt_set_error(error, _("cannot ask for the host's CPUs"));
    map = map_of(list, (guint)cpus, error);
    if (!map || (space && !vt_text_parse_u64(space + 1, 0, G_MAXINT, &number, error)))
        return FALSE;
    length = VIR_CPU_MAPLEN(cpus);
    if (g_str_has_prefix(key, "vcpu "))
        result = virDomainPinVcpu(handle, (guint)number, map, length);
    else if (g_str_has_prefix(key, "iothread "))
        result = virDomainPinIOThread(handle, (guint)number, map, length, VIR_DOMAIN_AFFECT_LIVE);
    else
        result = virDomainPinEmulator(handle, map, length, VIR_DOMAIN_AFFECT_LIVE);
    return result == 0 || vt_virt_set_error(error, _("cannot pin %s of the running domain"), key);
}

gboolean vt_live_pin(virDomainPtr handle, xmlDoc *before, xmlDoc *after, GPtrArray **ret_made,
                     GError **error)
{
    g_autoptr(GHashTable) old = pins_of(before), new = pins_of(after);
    g_autoptr(GPtrArray) keys = different_keys(old, new);
    g_autofree char *unpinned = default_list(after);

    *ret_made = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < keys->len; i++) {
        const char *key = g_ptr_array_index(keys, i);
        const char *list = g_hash_table_lookup(new, key);

        if (!list)
            list = unpinned;
        if (!pin(handle, key, list, error))
            return FALSE;
        g_ptr_array_add(*ret_made, g_strdup_printf("%s: %s", key, list ? list : _("all CPUs")));
    }
    return TRUE;
}

guint vt_live_count(xmlDoc *before, xmlDoc *after)
{
    g_autoptr(GHashTable) old = pins_of(before), new = pins_of(after);
    g_autoptr(GPtrArray) keys = different_keys(old, new);

    return keys->len;
}
