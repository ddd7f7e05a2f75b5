/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the host's memory: how much is left, huge pages, what moves and merges pages, and
 * which CPUs are near which part of it. */
#include "config.h"

#include "source/host-memory.h"

#include <string.h>

#include "base/cpus.h"
#include "base/text.h"

#define MEMINFO_MAX (64 << 10)

static void set_number(VtHost *host, const char *fact, guint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

    vt_host_set(host, fact, text);
}

/* The number in the line "NAME:   123 kB" of /proc/meminfo. */
static gboolean meminfo_value(const char *text, const char *name, guint64 *ret_value)
{
    gsize length = strlen(name);

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *number = line + length + 1;
        g_autofree char *digits = NULL;

        if (strncmp(line, name, length) != 0 || line[length] != ':')
            continue;
        number += strspn(number, " \t");
        digits = g_strndup(number, strspn(number, "0123456789"));
        return vt_text_parse_u64(digits, 0, G_MAXUINT64, ret_value, NULL);
    }
    return FALSE;
}

static void add_meminfo(VtHost *host, const VtRoot *root)
{
    g_autofree char *text = NULL;
    guint64 total, available, page, pages, reserved;

    if (!vt_root_read(root, "/proc/meminfo", MEMINFO_MAX, &text, NULL, NULL))
        return;
    if (meminfo_value(text, "MemTotal", &total) && total > 0 && total < G_MAXUINT64 / 100 &&
        meminfo_value(text, "MemAvailable", &available) && available <= total)
        set_number(host, "memory.available-percent", available * 100 / total);
    /* Of the default size, which is what <hugepages/> alone takes; those of a started domain that has
     * not touched them yet are free but reserved. */
    if (meminfo_value(text, "Hugepagesize", &page) && page < G_MAXUINT32 &&
        meminfo_value(text, "HugePages_Free", &pages) && pages < G_MAXUINT32 &&
        meminfo_value(text, "HugePages_Rsvd", &reserved) && reserved <= pages)
        set_number(host, "hugepages.free-kib", (pages - reserved) * page);
}

static void add_ksm(VtHost *host, const VtRoot *root)
{
    g_autofree char *run = vt_root_read_line(root, "/sys/kernel/mm/ksm/run");
    g_autofree char *sharing = vt_root_read_line(root, "/sys/kernel/mm/ksm/pages_sharing");
    guint64 pages;

    if (run)
        vt_host_set(host, "ksm", strcmp(run, "1") == 0 ? "running" : "stopped");
    if (sharing && vt_text_parse_u64(sharing, 0, G_MAXUINT64, &pages, NULL))
        set_number(host, "ksm.pages-sharing", pages);
}

/* 1 is balancing, 2 tiering (which faults as well), 3 both. A kernel without it lacks the file, as a
 * capture may. */
static void add_numa_balancing(VtHost *host, const VtRoot *root)
{
    g_autofree char *text = vt_root_read_line(root, "/proc/sys/kernel/numa_balancing");

    if (text)
        vt_host_set(host, "numa-balancing", strcmp(text, "0") == 0 ? "N" : "Y");
}

/* "0=0-3 1=4-7". */
static void add_nodes(VtHost *host, const VtRoot *root)
{
    g_autofree char *online = vt_root_read_line(root, "/sys/devices/system/node/online");
    g_autoptr(VtCpus) nodes = online ? vt_cpus_parse(online, NULL) : NULL;
    g_autoptr(GString) list = g_string_new(NULL);

    for (int node = nodes ? vt_cpus_next(nodes, 0) : -1; node >= 0;
         node = vt_cpus_next(nodes, (guint)node + 1)) {
        g_autofree char *path = g_strdup_printf("/sys/devices/system/node/node%d/cpulist", node);
        g_autofree char *cpus = vt_root_read_line(root, path);

        if (!cpus)
            return;
        g_string_append_printf(list, "%s%d=%s", list->len > 0 ? " " : "", node, cpus);
    }
    if (list->len > 0)
        vt_host_set(host, "numa.cpus", list->str);
}

void vt_host_memory_add(VtHost *host, const VtRoot *root)
{
    add_meminfo(host, root);
    add_ksm(host, root);
    add_numa_balancing(host, root);
    add_nodes(host, root);
}

/* libvirt always writes KiB, people other units. */
gboolean vt_host_memory_of(const VtDomain *domain, guint64 *ret_kib)
{
    static const struct {
        const char *unit;
        double kib;
    } units[] = {
        {"KiB", 1}, {"k", 1}, {"b", 1.0 / 1024}, {"bytes", 1.0 / 1024}, {"KB", 1000.0 / 1024},
        {"MB", 1e6 / 1024}, {"M", 1024}, {"MiB", 1024}, {"GB", 1e9 / 1024}, {"G", 1 << 20},
        {"GiB", 1 << 20}, {"TB", 1e12 / 1024}, {"T", 1 << 30}, {"TiB", 1 << 30},
    };
    xmlNode *root = domain->live ? xmlDocGetRootElement(domain->live) : NULL;
    g_autofree char *text = root ? vt_xml_get(root, "string(memory)") : NULL;
    g_autofree char *unit = root ? vt_xml_get(root, "string(memory/@unit)") : NULL;
    guint64 value;

    if (!text || !vt_text_parse_u64(g_strstrip(text), 1, G_MAXUINT64, &value, NULL))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        double kib = (double)value * units[i].kib;

        if (g_strcmp0(unit && *unit ? unit : "KiB", units[i].unit) != 0 || kib >= 1e18)
            continue;
        *ret_kib = (guint64)kib;
        return TRUE;
    }
    return FALSE;
}
