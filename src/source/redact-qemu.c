/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU takes secrets in many places and spellings: what stays of an argument is what a list here names. */
#include "config.h"

#include "source/redact-qemu.h"

#include <string.h>

#include "base/text.h"
#include "base/xpath.h"
#include "source/redact-word.h"

/* The longest word that is taken for QEMU's own. */
#define WORD_MAX 64

/* Options whose value begins with a word of QEMU's ("e1000,netdev=n0"). */
static const char *const typed[] = {"M", "accel", "audiodev", "boot", "chardev", "device", "display", "fsdev", "m",
                                    "machine", "msg", "net", "netdev", "nic", "numa", "object", "overcommit", "rtc",
                                    "sandbox", "smp", "tpmdev", "vga", "watchdog", "watchdog-action", NULL};
/* Those whose value is a list of such words. */
static const char *const listed[] = {"cpu", "d", NULL};
/* Those of whose value only keys are QEMU's words. */
static const char *const keyed[] = {"action", "blockdev", "compat", "drive", "fw_cfg", "global", "icount", "mon", "set",
                                    "smbios", "spice", "virtfs", "vnc", NULL};
/* Those of whose value nothing stays, or that have none. */
static const char *const plain[] = {
    "D", "L", "S", "acpitable", "append", "bios", "cdrom", "daemonize", "dtb", "enable-kvm", "full-screen", "gdb", "hda",
    "hdb", "hdc", "hdd", "incoming", "initrd", "k", "kernel", "loadvm", "monitor", "name", "no-acpi", "no-hpet",
    "no-reboot", "no-shutdown", "no-user-config", "nodefaults", "nographic", "only-migratable", "parallel", "pidfile",
    "plugin", "qmp", "readconfig", "runas", "s", "serial", "snapshot", "trace", "usb", "usbdevice", "uuid", NULL};
/* Keys whose values are QEMU's words, numbers and sizes. */
static const char *const closed[] = {
    "addr", "aio", "base", "cache", "clock", "clusters", "cores", "cpus", "dies", "driftfix", "driver", "format",
    "host-nodes", "if", "index", "maxcpus", "maxmem", "media", "model", "nodeid", "policy", "port", "qom-type", "queues",
    "security_model", "size", "slots", "sockets", "thread", "threads", "type", "unit", "vectors", NULL};
/* Keys whose values people give. */
static const char *const given[] = {
    "audiodev", "br", "bus", "chardev", "dev", "drive", "file", "filename", "fsdev", "host", "hostfwd", "id", "ifname",
    "iothread", "logfile", "mac", "mem-path", "memdev", "mount_tag", "name", "netdev", "node-name", "path", NULL};
/* What shipped rules look for in arguments: their verdicts must not change. */
static const char *const looked_for[] = {"acpi", "am53c974", "cpu-pm=on", "dc390", "hpet", "hv-", "hv_", "lsi", "megasas",
                                         "pvscsi", "vmport"};
#define LOOKED_FOR_PREFIX "filter-"
/* Variables that say nothing of the site. */
static const char *const variables[] = {"LANG",          "LC_ALL",         "QEMU_AUDIO_DRV", "QEMU_PA_SAMPLES",
                                        "SDL_AUDIODRIVER", "SDL_VIDEODRIVER", "TZ",           NULL};

gboolean vt_redact_qemu_is(const xmlNode *node)
{
    return node->ns && strcmp((const char *)node->ns->href, VT_XPATH_QEMU_NAMESPACE) == 0;
}

static gboolean is_of(const char *text, const char *others)
{
    gsize n = 0;

    for (; text[n]; n++)
        if (!g_ascii_isalnum(text[n]) && !strchr(others, text[n]))
            return FALSE;
    return n > 0 && n <= WORD_MAX;
}

static gboolean is_word(const char *text)
{
    return is_of(text, "-_.+");
}

/* Other numbers stay for some keys only. */
static gboolean is_switch(const char *value)
{
    return vt_redact_word_is_switch(value) || g_str_equal(value, "0") || g_str_equal(value, "1");
}

/* A URL may have a password in it. */
static gboolean is_harmless(const char *key, const char *value, gboolean names)
{
    if (is_switch(value) || (g_strv_contains(closed, key) && is_word(value)))
        return TRUE;
    return !names && g_strv_contains(given, key) && is_of(g_path_is_absolute(value) ? value + 1 : value, "-_.+/:") &&
           !strstr(value, "//");
}

static char *clean_part(const char *part, gboolean words, gboolean names)
{
    const char *equals = strchr(part, '=');
    g_autofree char *key = equals ? g_strndup(part, (gsize)(equals - part)) : NULL;

    if (!equals)
        return g_strdup(words && is_word(part) ? part : VT_REDACT_REMOVED);
    if (!is_word(key))
        return g_strdup(VT_REDACT_REMOVED);
    return is_harmless(key, equals + 1, names) ? g_strdup(part) : g_strconcat(key, "=" VT_REDACT_REMOVED, NULL);
}

/* To the comma that ends a part; two of them are one in a value. */
static gsize part_length(const char *text)
{
    gsize n = 0;

    while (text[n] && (text[n] != ',' || text[n + 1] == ','))
        n += text[n] == ',' ? 2 : 1;
    return n;
}

static char *clean_value(const char *option, const char *value, gboolean names)
{
    const gboolean is_list = option && g_strv_contains(listed, option);
    gboolean words = is_list || (option && g_strv_contains(typed, option));
    g_autoptr(GString) out = g_string_new(NULL);

    if (!words && !(option && g_strv_contains(keyed, option)))
        return g_strdup(VT_REDACT_REMOVED);
    for (;;) {
        gsize n = part_length(value);
        g_autofree char *part = g_strndup(value, n), *kept = clean_part(part, words, names);

        g_string_append(out, kept);
        words = is_list;
        value += n;
        if (!*value)
            break;
        g_string_append_c(out, ',');
        value++;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *keep_looked_for(const char *value, const char *kept)
{
    g_autoptr(GString) out = g_string_new(kept);

    if (g_str_has_prefix(value, LOOKED_FOR_PREFIX) && !g_str_has_prefix(kept, LOOKED_FOR_PREFIX))
        g_string_prepend(out, LOOKED_FOR_PREFIX);
    for (gsize i = 0; i < G_N_ELEMENTS(looked_for); i++)
        if (strstr(value, looked_for[i]) && !strstr(out->str, looked_for[i]))
            g_string_append_printf(out, ",%s", looked_for[i]);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static gboolean takes_value(const char *option)
{
    return g_strv_contains(typed, option) || g_strv_contains(listed, option) || g_strv_contains(keyed, option);
}

/* The option without its hyphens where @value is a known one and nothing more; NULL. */
static const char *option_of(const char *value)
{
    if (value[0] != '-')
        return NULL;
    value += value[1] == '-' ? 2 : 1;
    return takes_value(value) || g_strv_contains(plain, value) ? value : NULL;
}

/* "-fw_cfg name=…": QEMU refuses it, but what is in it was meant for it. */
static char *clean_joined(const char *value, gboolean names)
{
    gsize n = strcspn(value, " =,");
    g_autofree char *head = g_strndup(value, n);
    const char *option = option_of(head);
    g_autofree char *rest = option && value[n] ? clean_value(option, value + n + 1, names) : NULL;

    return rest ? g_strdup_printf("%s%c%s", head, value[n], rest) : g_strdup(VT_REDACT_REMOVED);
}

/* @option: the one that the argument before is, else NULL. */
static char *clean_argument(const char *option, const char *value, gboolean names)
{
    g_autofree char *kept = NULL;

    if (option && takes_value(option))
        kept = clean_value(option, value, names);
    else if (option_of(value))
        kept = g_strdup(value);
    else
        kept = value[0] == '-' ? clean_joined(value, names) : g_strdup(VT_REDACT_REMOVED);
    return keep_looked_for(value, kept);
}

static void set_value(xmlNode *node, const char *value)
{
    xmlSetProp(node, (const xmlChar *)"value", (const xmlChar *)value);
}

static void clean_variable(xmlNode *node, gboolean names)
{
    g_autofree char *name = vt_xml_attr(node, "name");

    if (name && g_strv_contains(variables, name))
        return;
    if (xmlHasProp(node, (const xmlChar *)"value"))
        set_value(node, VT_REDACT_REMOVED);
    if (names && name)
        xmlSetProp(node, (const xmlChar *)"name", (const xmlChar *)VT_REDACT_REMOVED);
}

static void clean_commandline(xmlNode *node, gboolean names)
{
    g_autofree char *before = NULL;

    for (xmlNode *child = node->children; child; child = child->next) {
        g_autofree char *value = NULL, *kept = NULL;
        const char *option;
        gboolean taken;

        if (child->type != XML_ELEMENT_NODE)
            continue;
        if (vt_xml_is(child, "env"))
            clean_variable(child, names);
        value = vt_xml_is(child, "arg") ? vt_xml_attr(child, "value") : NULL;
        if (!value)
            continue;
        option = before ? option_of(before) : NULL;
        kept = clean_argument(option, value, names);
        set_value(child, kept);
        /* What is the value of an option is none itself, whatever it looks like. */
        taken = option && takes_value(option);
        g_free(before);
        before = taken ? NULL : g_steal_pointer(&value);
    }
}

static void clean_property(xmlNode *node)
{
    g_autofree char *type = vt_xml_attr(node, "type"), *value = vt_xml_attr(node, "value");

    if (value && !is_switch(value) && g_strcmp0(type, "signed") != 0 && g_strcmp0(type, "unsigned") != 0)
        set_value(node, VT_REDACT_REMOVED);
}

void vt_redact_qemu_clean(xmlNode *node, gboolean names)
{
    if (vt_xml_is(node, "commandline"))
        clean_commandline(node, names);
    else if (vt_xml_is(node, "property"))
        clean_property(node);
}
