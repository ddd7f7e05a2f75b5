/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that are never changed, of which those that hold the data of cloud-init are hard to tell. */
#include "config.h"

#include "plan/seed.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "model/finding.h"
#include "rule/rule-verdict.h"

static gboolean has_word(const char *text)
{
    static const char *const words[] = {"cloud-init", "cloudinit", "cidata", "nocloud",
                                        "config-drive", "configdrive", "config-2"};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(text, words[i]))
            return TRUE;
    return FALSE;
}

/* As cloud-localds(1) and the documentation of cloud-init call them: seed.img, web1-seed.iso, user-data.img. */
static gboolean has_usual_name(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    g_auto(GStrv) parts = g_strsplit_set(name, "-_.", -1);

    return g_strv_contains((const char *const *)parts, "seed") || g_str_has_prefix(name, "user-data");
}

/* Of a label of @size bytes, filled with blanks. */
static gboolean is_label(const char *bytes, gsize size)
{
    g_autofree char *label = g_strndup(bytes, size);

    g_strchomp(label);
    return g_ascii_strcasecmp(label, "cidata") == 0 || g_ascii_strcasecmp(label, "config-2") == 0;
}

static gboolean read_at(int fd, off_t offset, char *bytes, gsize size)
{
    return pread(fd, bytes, size, offset) == (gssize)size;
}

/* The primary volume descriptor of ISO 9660 is in sector 16; FAT has its label in the boot sector, at 71
 * for FAT32 and at 43 before. */
static gboolean has_label(const char *path)
{
    char bytes[512];
    /* A FIFO must not make it wait. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    gboolean found = FALSE;

    if (fd < 0)
        return FALSE;
    if (read_at(fd, 16 * 2048, bytes, sizeof bytes) && memcmp(bytes + 1, "CD001", 5) == 0)
        found = is_label(bytes + 40, 32);
    if (!found && read_at(fd, 0, bytes, sizeof bytes) && memcmp(bytes + 510, "\x55\xaa", 2) == 0)
        found = is_label(bytes + 43, 11) || is_label(bytes + 71, 11);
    close(fd);
    return found;
}

gboolean vt_seed_is(xmlNode *disk, gboolean local)
{
    g_autofree char *source = vt_xml_get(disk, "string(source/@file | source/@dev | "
                                               "source/@volume | source/@name)");
    g_autofree char *serial = vt_xml_get(disk, "string(serial)");
    g_autofree char *lower = source ? g_ascii_strdown(source, -1) : g_strdup("");
    g_autofree char *lower_serial = serial ? g_ascii_strdown(serial, -1) : g_strdup("");

    if (has_word(lower) || has_word(lower_serial) || has_usual_name(lower))
        return TRUE;
    return local && source && g_path_is_absolute(source) &&
           vt_xml_has(disk, "self::*[not(driver/@type) or driver/@type = 'raw']") &&
           has_label(source);
}

gboolean vt_seed_is_fixed(xmlNode *disk, gboolean local)
{
    return vt_xml_has(disk, "self::*[@device = 'cdrom' or @device = 'floppy'] | readonly") ||
           vt_seed_is(disk, local);
}

static gboolean is_noted(const VtDomain *domain, const char *key)
{
    return domain->seed_disks && g_strv_contains((const char *const *)domain->seed_disks, key);
}

static void note_disks(const VtDomain *domain, xmlDoc *doc, gboolean local, GPtrArray *keys)
{
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/devices/disk", NULL);
    g_autoptr(GPtrArray) disks = NULL;

    if (!vt_xpath_nodes(xpath, xmlDocGetRootElement(doc), &disks, NULL))
        return;
    for (guint i = 0; i < disks->len; i++) {
        xmlNode *disk = g_ptr_array_index(disks, i);
        g_autofree char *key = vt_domain_device_key(disk);

        if (key && !g_ptr_array_find_with_equal_func(keys, key, g_str_equal, NULL) &&
            (is_noted(domain, key) || vt_seed_is(disk, local)))
            g_ptr_array_add(keys, g_steal_pointer(&key));
    }
}

void vt_seed_note(VtDomain *domain, gboolean local)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);

    note_disks(domain, domain->live, local, keys);
    if (domain->inactive != domain->live)
        note_disks(domain, domain->inactive, local, keys);
    g_strfreev(domain->seed_disks);
    g_ptr_array_set_free_func(keys, NULL);
    g_ptr_array_add(keys, NULL);
    domain->seed_disks = (char **)g_ptr_array_free(g_steal_pointer(&keys), FALSE);
}

/* The definition is what a change would be made to; the running domain may have another image there. */
static gboolean is_fixed(const VtDomain *domain, const char *key, gboolean local)
{
    xmlDoc *docs[] = {domain->live, domain->inactive};

    if (is_noted(domain, key))
        return TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(docs); i++) {
        xmlNode *disk = docs[i] ? vt_domain_find_device(docs[i], "disk", key) : NULL;

        if (disk && vt_seed_is_fixed(disk, local))
            return TRUE;
    }
    return FALSE;
}

static void block(VtFinding *finding)
{
    vt_rule_verdict_set(finding, VT_VERDICT_BLOCKED,
                        g_strdup(_("The disk is read-only or holds the data of cloud-init: whatever put "
                                   "it there expects it as it is.")));
    finding->confidence = VT_CONFIDENCE_NONE;
    finding->has_gain = FALSE;
    g_ptr_array_set_size(finding->changes, 0);
}

void vt_seed_block(const VtDomain *domain, gboolean local, GPtrArray *findings)
{
    gboolean any = FALSE;

    for (guint i = 0; i < findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(findings, i);

        if (finding->verdict != VT_VERDICT_ADVISE || !finding->device ||
            g_strcmp0(finding->device_element, "disk") != 0 ||
            !is_fixed(domain, finding->device, local))
            continue;
        block(finding);
        any = TRUE;
    }
    if (any)
        g_ptr_array_sort(findings, vt_finding_compare);
}
