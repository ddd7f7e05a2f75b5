/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists follow libvirt's domain.rng: attributes that are enumerations or numbers wherever it has them, and those
 * that are so in one element only. */
#include "config.h"

#include "source/redact-xml.h"

#include <string.h>

#include "source/redact-word.h"

/* The longest that a number, a list of CPUs or a word of libvirt's is. */
#define NUMBER_MAX 64

static const char *const words[] = {
    "accel2d", "accel3d", "access", "accessmode", "action", "allow", "append", "arch", "associativity", "ats", "autodeflate",
    "autoport", "basis", "behavior", "cache", "caching_mode", "capability", "cellid", "check", "classID", "compression",
    "connected", "copy_on_read", "copypaste", "csum", "defaultMode", "detect_zeroes", "discard", "dmode", "driver",
    "dspPolicy", "dumpCore", "ecn", "eim", "enable", "enabled", "engine", "eoi", "error_policy", "event_idx", "exactName",
    "exclusive", "fallback", "family", "firmware", "fixedSettings", "flock", "fmode", "format", "freePageReporting",
    "fullscreen", "grab", "grabToggle", "gso", "guestReset", "hotplug", "hotpluggable", "intremap", "io", "ioeventfd",
    "iommu", "iotlb", "isolated", "job", "kernelHashes", "labelskip", "machine", "macTableManager", "managed", "match",
    "memAccess", "metric", "migratable", "missing", "mixingEngine", "mode", "mrg_rxbuf", "multidevs", "multifunction",
    "multiUser", "nativeMode", "offset", "order", "p2p", "packed", "page_per_vq", "persistent_state", "placement", "policy", "posix",
    "powerControl", "present", "primary", "priority", "proto", "protocol", "ram", "ramfb", "rawio", "readonly", "ready",
    "relabel", "removable", "repeat", "replaceUser", "rerror_policy", "resizing", "role", "rss", "rss_hash_report",
    "scaling", "scheduler", "secure", "sgio", "shareBacking", "sharePolicy", "startupPolicy", "state", "stateless", "tls",
    "tickpolicy", "track", "trans", "transport", "tray", "trunk", "trustGuestRxFilters", "tryMMap", "tryPoll", "tso4",
    "tso6", "txmode", "type", "ufo", "unit", "units", "unknown", "useserial", "vgaconf", "websocket", "writeFiltering",
    "wrpolicy", "xattr", NULL};
static const char *const numbers[] = {
    "adjustment", "auto", "average", "aw_bits", "bandwidth", "bar", "base", "bits", "bufferCount", "bufferLength",
    "burst", "bus", "busNr", "bytes", "channels", "chassis", "chassisNr", "cid", "class", "clusters", "cmd_per_lun",
    "connectionid", "controller", "cores", "count", "cpus", "cpuset", "cssid", "current", "cyls", "delay", "device",
    "devno", "dies", "discard_granularity", "domain", "end", "exclude", "fid", "floor", "frequency", "function",
    "grow", "heads", "id", "index", "initiator", "iobase", "iothread", "iothreads", "irq", "latency", "level",
    "limit", "logical_block_size", "managerid", "max", "max_sectors", "maxEventChannels", "maxGrantFrames", "memory",
    "memReserve", "namespace", "nodeset", "peak", "period", "physical_block_size", "port", "ports", "prefix",
    "product", "queue", "queue_size", "queues", "ram", "rebootTimeout", "reg", "retries", "rotation_rate",
    "rx_queue_size", "seconds", "secs", "shrink", "size", "slew", "slot", "slots", "sockets", "speed", "ssid",
    "start", "startport", "stepping", "target", "thread_pool_max", "thread_pool_min", "threads", "threshold",
    "timeout", "timerPeriod", "tlsPort", "to", "tx_queue_size", "typeid", "typeidversion", "uid", "unique_id", "vcpu",
    "vcpus", "vectors", "vendor", "version", "vgamem", "voices", "vram", "vram64", "weight", "x", "y", NULL};
typedef struct {
    const char *attr;
    const char *const elements[12];
} AttrOf;
/* Attributes that are words in these elements. */
static const AttrOf words_of[] = {
    {"bus", {"input", "redirdev", "target", NULL}},
    {"dev", {"boot", NULL}},
    {"device", {"disk", NULL}},
    {"display", {"hostdev", NULL}},
    {"index", {"acpi", NULL}},
    {"memory", {"hostdev", NULL}},
    {"model", {"backend", "controller", "disk", "filesystem", "hostdev", "input", "iommu", "memballoon", "memory", "panic", "rng", NULL}},
    {"name", {"cipher", "counter", "driver", "event", "feature", "ivgen", "model", "parameter", "property", "timer", NULL}},
    {"value", {"cfpc", "ibs", "sbbc", NULL}},
    {"version", {"backend", "gic", NULL}},
};
/* Those that are numbers in these. */
static const AttrOf numbers_of[] = {
    {"address", {"cid", NULL}},
    {"usage", {"source", NULL}},
    {"value", {"bandwidth", "latency", "sibling", NULL}},
};
/* More elements whose model is a word of libvirt's. */
static const char *const modelled[] = {"seclabel", "shmem", "sound", "tpm", "vsock", "watchdog", NULL};

static const char *const text_words[] = {"arch",        "compat",  "group",    "on_crash", "on_lockfailure",
                                         "on_poweroff", "on_reboot", "owner", "type",     NULL};
/* Texts that people give though they may be numbers. */
static const char *const given_numbers[] = {
    "baselabel", "bootloader_args", "certificate", "cookie", "description", "dhCert", "entry", "group_name", "initarg",
    "initenv", "initgroup", "inituser", "interface", "key", "lockspace", "name", "product", "serial", "session", "title",
    "vendor", "wwn", NULL};

static const char *skip_digits(const char *text)
{
    return text + strspn(text, "0123456789");
}

/* "0-3,^2": also a number alone. */
static gboolean is_cpu_list(const char *value)
{
    for (;;) {
        const char *first = value + (*value == '^'), *end = skip_digits(first);

        if (end == first)
            return FALSE;
        if (*end == '-') {
            value = end + 1;
            end = skip_digits(value);
            if (end == value)
                return FALSE;
        }
        if (*end == '\0')
            return TRUE;
        if (*end != ',')
            return FALSE;
        value = end + 1;
    }
}

/* Also negative, hexadecimal, and of a fraction. */
static gboolean is_number(const char *value)
{
    const char *digits = value + (value[0] == '-' || value[0] == '+'), *end = skip_digits(digits);

    if (strlen(value) > NUMBER_MAX)
        return FALSE;
    if (digits[0] == '0' && digits[1] == 'x')
        return digits[2] != '\0' && strspn(digits + 2, "0123456789abcdefABCDEF") == strlen(digits + 2);
    if (end > digits && *end == '.')
        return end[1] != '\0' && *skip_digits(end + 1) == '\0';
    return (end > digits && *end == '\0') || is_cpu_list(value);
}

static gboolean is_word(const char *value)
{
    gsize n = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:, +");

    return n <= NUMBER_MAX && value[n] == '\0';
}

/* As libvirt calls disks: "vda", "sdab1". */
static gboolean is_disk_target(const char *value)
{
    static const char *const prefixes[] = {"fd", "hd", "sd", "ubd", "vd", "xvd"};

    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        gsize n = strlen(prefixes[i]);

        if (strncmp(value, prefixes[i], n) == 0) {
            gsize letters = strspn(value + n, "abcdefghijklmnopqrstuvwxyz");

            return letters >= 1 && letters <= 3 && strspn(value + n + letters, "0123456789") == strlen(value + n + letters) &&
                   strlen(value) <= n + 5;
        }
    }
    return FALSE;
}

/* Names that programs agree upon. */
static gboolean is_known_channel(const char *value)
{
    return g_str_equal(value, "org.qemu.guest_agent.0") || g_str_equal(value, "com.redhat.spice.0") ||
           g_str_equal(value, "org.spice-space.webdav.0");
}

/* Aliases of devices are libvirt's own words ("net0"), but those that people gave begin with "ua-". */
static gboolean is_alias(const xmlNode *node, const char *attr)
{
    return (vt_xml_is(node, "alias") && strcmp(attr, "name") == 0) || (vt_xml_is(node, "device") && strcmp(attr, "alias") == 0) ||
           (vt_xml_is(node, "teaming") && strcmp(attr, "persistent") == 0);
}

static gboolean is_in(const AttrOf *list, gsize n, const xmlNode *node, const char *attr)
{
    for (gsize i = 0; i < n; i++)
        if (strcmp(list[i].attr, attr) == 0 && g_strv_contains(list[i].elements, (const char *)node->name))
            return TRUE;
    return FALSE;
}

static gboolean is_word_of(const xmlNode *node, const char *attr)
{
    return is_in(words_of, G_N_ELEMENTS(words_of), node, attr) ||
           (strcmp(attr, "model") == 0 && g_strv_contains(modelled, (const char *)node->name));
}

static gboolean is_number_of(const xmlNode *node, const char *attr)
{
    return g_strv_contains(numbers, attr) || is_in(numbers_of, G_N_ELEMENTS(numbers_of), node, attr);
}

static gboolean keeps_attr(const xmlNode *node, const char *attr, const char *value)
{
    if (is_alias(node, attr))
        return !g_str_has_prefix(value, "ua-");
    if (vt_xml_is(node, "target")) {
        if (strcmp(attr, "dev") == 0 && vt_xml_is(node->parent, "disk"))
            return is_disk_target(value);
        if (strcmp(attr, "name") == 0 && vt_xml_is(node->parent, "channel"))
            return is_known_channel(value);
    }
    if (vt_redact_word_is_switch(value))
        return TRUE;
    if (is_number(value) && is_number_of(node, attr))
        return TRUE;
    return is_word(value) && (g_strv_contains(words, attr) || is_word_of(node, attr));
}

static gboolean keeps_text(const xmlNode *node, const char *value)
{
    const char *name = (const char *)node->name;

    if (g_strv_contains(text_words, name))
        return is_word(value);
    if (vt_xml_is(node->parent, "cpu") && (vt_xml_is(node, "model") || vt_xml_is(node, "vendor")))
        return is_word(value);
    return is_number(value) && !g_strv_contains(given_numbers, name);
}

VtRedactClass vt_redact_xml_class(const xmlNode *node, const char *attr, const char *value)
{
    if (attr)
        return keeps_attr(node, attr, value) ? VT_REDACT_KEEP : VT_REDACT_GIVEN;
    if (vt_xml_is(node, "label") || vt_xml_is(node, "imagelabel"))
        return VT_REDACT_LABEL;
    if (vt_xml_is(node, "cmdline") && vt_xml_is(node->parent, "os"))
        return VT_REDACT_GUEST_CMDLINE;
    /* Without hyphens it may look like a number. */
    if (vt_xml_is(node, "uuid"))
        return VT_REDACT_GIVEN;
    return keeps_text(node, value) ? VT_REDACT_KEEP : VT_REDACT_GIVEN;
}
