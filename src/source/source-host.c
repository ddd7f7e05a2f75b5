/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the machine's own files say about it. */
#include "config.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "source/host-memory.h"
#include "source/host-place.h"
#include "source/interrupts.h"
#include "source/qemu-process.h"
#include "source/source-host.h"

/* A kernel's configuration has some 300 KiB; /proc/cpuinfo 1.5 KiB a CPU. */
#define CONFIG_MAX (4 * 1024 * 1024)
#define CPUINFO_MAX (32 * 1024 * 1024)

static void add_note(VtHost *host, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add_note(VtHost *host, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(host->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

static gboolean is_number(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static void set_number(VtHost *host, const char *fact, guint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

    vt_host_set(host, fact, text);
}

/* A CPU list of sysfs in its canonical form. Without any CPU, kernels print an empty line or,
 * before the set was ever made, "(null)". */
static VtCpus *read_cpus(const VtRoot *root, const char *path)
{
    g_autofree char *text = vt_root_read_line(root, path);

    if (!text)
        return NULL;
    return vt_cpus_parse(strcmp(text, "(null)") == 0 ? "" : text, NULL);
}

static void add_cpu_list(VtHost *host, const VtRoot *root, const char *fact, const char *path)
{
    g_autoptr(VtCpus) cpus = read_cpus(root, path);
    g_autofree char *text = cpus ? vt_cpus_format(cpus) : NULL;

    vt_host_set(host, fact, text);
}

/* The CPUs of each core, once each: "0,16 1,17". Nothing where one CPU's are not known. */
static void add_siblings(VtHost *host, const VtRoot *root, const VtCpus *online)
{
    g_autoptr(VtCpus) seen = vt_cpus_new();
    g_autoptr(GString) cores = g_string_new(NULL);

    for (int cpu = vt_cpus_next(online, 0); cpu >= 0; cpu = vt_cpus_next(online, (guint)cpu + 1)) {
        g_autofree char *path = g_strdup_printf(
            "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
        g_autoptr(VtCpus) core = NULL;
        g_autofree char *list = NULL;

        if (vt_cpus_has(seen, (guint)cpu))
            continue;
        core = read_cpus(root, path);
        if (!core || !vt_cpus_has(core, (guint)cpu))
            return;
        list = vt_cpus_format(core);
        vt_cpus_union(seen, core);
        g_string_append_printf(cores, "%s%s", cores->len > 0 ? " " : "", list);
    }
    vt_host_set(host, "smt.cores", cores->str);
}

static void add_cpus(VtHost *host, const VtRoot *root)
{
    g_autoptr(VtCpus) online = read_cpus(root, "/sys/devices/system/cpu/online");
    g_autoptr(VtCpus) nodes = read_cpus(root, "/sys/devices/system/node/online");
    g_autofree char *smt = vt_root_read_line(root, "/sys/devices/system/cpu/smt/control");
    g_autofree char *smt_active = vt_root_read_line(root, "/sys/devices/system/cpu/smt/active");

    add_cpu_list(host, root, "cpus.online", "/sys/devices/system/cpu/online");
    add_cpu_list(host, root, "cpus.isolated", "/sys/devices/system/cpu/isolated");
    add_cpu_list(host, root, "cpus.nohz-full", "/sys/devices/system/cpu/nohz_full");
    if (online && vt_cpus_count(online) > 0)
        set_number(host, "cpus.count", vt_cpus_count(online));
    if (nodes && vt_cpus_count(nodes) > 0)
        set_number(host, "numa.nodes", vt_cpus_count(nodes));
    if (!smt && smt_active)
        smt = g_strdup(strcmp(smt_active, "1") == 0 ? "on" : "off");
    vt_host_set(host, "smt", smt);
    if (online && g_strcmp0(smt, "on") == 0)
        add_siblings(host, root, online);
}

/* The value of the first line "key : value" of /proc/cpuinfo; NULL where there is none. */
static char *cpuinfo_value(const char *text, const char *key)
{
    gsize length = strlen(key);

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *colon;

        if (strncmp(line, key, length) != 0)
            continue;
        colon = line + length + strspn(line + length, " \t");
        if (*colon == ':')
            return g_strstrip(g_strndup(colon + 1, strcspn(colon + 1, "\n")));
    }
    return NULL;
}

static void add_cpuinfo(VtHost *host, const VtRoot *root)
{
    static const struct {
        const char *id;
        const char *vendor;
    } vendors[] = {
        {"GenuineIntel", "intel"},
        {"AuthenticAMD", "amd"},
        {"HygonGenuine", "amd"},
    };
    g_autofree char *text = NULL;
    g_autofree char *id = NULL;
    g_autofree char *implementer = NULL;
    g_autofree char *flags = NULL;
    g_autofree char *vmx_flags = NULL;
    g_autofree char *all_flags = NULL;

    if (!vt_root_read(root, "/proc/cpuinfo", CPUINFO_MAX, &text, NULL, NULL))
        return;
    id = cpuinfo_value(text, "vendor_id");
    implementer = cpuinfo_value(text, "CPU implementer");
    for (gsize i = 0; id && i < G_N_ELEMENTS(vendors); i++)
        if (strcmp(id, vendors[i].id) == 0)
            vt_host_set(host, "cpu.vendor", vendors[i].vendor);
    if (implementer)
        vt_host_set(host, "cpu.vendor", "arm");
    flags = cpuinfo_value(text, implementer ? "Features" : "flags");
    /* What the processor can virtualize, "apicv" among it, has its own line since Linux 5.6. */
    vmx_flags = cpuinfo_value(text, "vmx flags");
    if (flags && vmx_flags)
        all_flags = g_strdup_printf("%s %s", flags, vmx_flags);
    vt_host_set(host, "cpu.flags", all_flags ? all_flags : flags);
}

/* /proc/sys/kernel/arch is there since Linux 6.1. */
static void add_arch(VtHost *host, const VtRoot *root)
{
    g_autofree char *arch = vt_root_read_line(root, "/proc/sys/kernel/arch");
    struct utsname name;

    if (!arch && vt_root_is_live(root) && uname(&name) == 0)
        arch = g_strdup(name.machine);
    vt_host_set(host, "arch", arch);
}

static void add_kernel_version(VtHost *host, const char *release)
{
    guint64 version;

    if (vt_version_of_release(release, &version))
        set_number(host, "kernel.version", version);
}

static char *read_config_gz(const VtRoot *root)
{
    g_autofree char *packed = NULL;
    g_autofree char *text = g_malloc(CONFIG_MAX + 1);
    g_autoptr(GZlibDecompressor) gunzip = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP);
    g_autoptr(GInputStream) memory = NULL;
    g_autoptr(GInputStream) stream = NULL;
    gsize packed_length;
    gsize length;

    if (!vt_root_read_bytes(root, "/proc/config.gz", CONFIG_MAX, &packed, &packed_length, NULL))
        return NULL;
    memory = g_memory_input_stream_new_from_data(packed, (gssize)packed_length, NULL);
    stream = g_converter_input_stream_new(memory, G_CONVERTER(gunzip));
    if (!g_input_stream_read_all(stream, text, CONFIG_MAX, &length, NULL, NULL) ||
        length == CONFIG_MAX)
        return NULL;
    text[length] = '\0';
    return g_steal_pointer(&text);
}

static char *read_config(const VtRoot *root, const char *release)
{
    static const char *const places[] = {"/boot/config-%s", "/lib/modules/%s/config"};

    for (gsize i = 0; release && !strchr(release, '/') && i < G_N_ELEMENTS(places); i++) {
        g_auto(GStrv) parts = g_strsplit(places[i], "%s", 2);
        g_autofree char *path = g_strjoinv(release, parts);
        char *text;

        if (vt_root_read(root, path, CONFIG_MAX, &text, NULL, NULL))
            return text;
    }
    return read_config_gz(root);
}

/* The value of a line "NAME=value" of the kernel's configuration; NULL where it is not set. */
static char *config_value(const char *text, const char *name)
{
    gsize length = strlen(name);

    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, name, length) == 0 && line[length] == '=')
            return g_strndup(line + length + 1, strcspn(line + length + 1, "\n"));
    return NULL;
}

static void add_kernel(VtHost *host, const VtRoot *root)
{
    g_autofree char *release = vt_root_read_line(root, "/proc/sys/kernel/osrelease");
    g_autofree char *cmdline = vt_root_read_line(root, "/proc/cmdline");
    g_autofree char *config = read_config(root, release);
    g_autofree char *hz = NULL;
    g_autofree char *no_hz_full = NULL;

    vt_host_set(host, "kernel.release", release);
    vt_host_set(host, "kernel.cmdline", cmdline);
    if (release)
        add_kernel_version(host, release);
    if (!config) {
        add_note(host,
                 _("The kernel's configuration is in none of /boot/config-%1$s, "
                   "/lib/modules/%1$s/config and /proc/config.gz, so its tick rate is unknown and "
                   "whether it can run without a tick."),
                 release ? release : "*");
        return;
    }
    hz = config_value(config, "CONFIG_HZ");
    no_hz_full = config_value(config, "CONFIG_NO_HZ_FULL");
    if (hz && is_number(hz))
        vt_host_set(host, "kernel.hz", hz);
    vt_host_set(host, "kernel.no-hz-full", g_strcmp0(no_hz_full, "y") == 0 ? "Y" : "N");
    /* Such a kernel has no file nohz_full. */
    if (g_strcmp0(no_hz_full, "y") != 0)
        vt_host_set(host, "cpus.nohz-full", "");
}

static void add_parameters(VtHost *host, const VtRoot *root, const char *module)
{
    g_autofree char *dir = g_strdup_printf("/sys/module/%s/parameters", module);
    g_auto(GStrv) names = vt_root_list(root, dir);

    for (gsize i = 0; names && names[i]; i++) {
        g_autofree char *path = g_strdup_printf("%s/%s", dir, names[i]);
        g_autofree char *fact = g_strdup_printf("%s.%s", module, names[i]);
        g_autofree char *value = vt_root_read_line(root, path);

        if (value && !strchr(value, '\n'))
            vt_host_set(host, fact, value);
    }
}

static gboolean has_module(const VtRoot *root, const char *module)
{
    g_autofree char *path = g_strdup_printf("/sys/module/%s", module);

    return vt_root_exists(root, path);
}

/* Built-in modules have a directory even where the processor does not suit them. */
static const char *kvm_backend(const VtHost *host, const VtRoot *root)
{
    const char *vendor = vt_host_get(host, "cpu.vendor");

    if (has_module(root, "kvm_pvm"))
        return "pvm";
    if (has_module(root, "kvm_intel") && g_strcmp0(vendor, "amd") != 0)
        return "vmx";
    if (has_module(root, "kvm_amd") && g_strcmp0(vendor, "intel") != 0)
        return "svm";
    /* Elsewhere KVM is part of the kernel and has no module of its own. */
    if (vt_root_exists(root, "/sys/module") &&
        (g_strcmp0(vendor, "intel") == 0 || g_strcmp0(vendor, "amd") == 0))
        return "none";
    return NULL;
}

/* Whether the processor delivers interrupts to guests by itself. Where the parameter says "auto"
 * the kernel has not decided in a way that can be read. */
static const char *kvm_apicv(const VtHost *host, const char *backend)
{
    const char *value = NULL;

    if (g_strcmp0(backend, "pvm") == 0)
        return "N";
    if (g_strcmp0(backend, "vmx") == 0)
        value = vt_host_get(host, "kvm_intel.enable_apicv");
    else if (g_strcmp0(backend, "svm") == 0)
        value = vt_host_get(host, "kvm_amd.avic");
    if (g_strcmp0(value, "Y") == 0 || g_strcmp0(value, "1") == 0)
        return "Y";
    if (g_strcmp0(value, "N") == 0 || g_strcmp0(value, "0") == 0)
        return "N";
    return NULL;
}

static void add_kvm(VtHost *host, const VtRoot *root)
{
    const char *backend = kvm_backend(host, root);

    vt_host_set(host, "kvm.backend", backend);
    add_parameters(host, root, "kvm");
    add_parameters(host, root, "kvm_intel");
    add_parameters(host, root, "kvm_amd");
    vt_host_set(host, "kvm.apicv", kvm_apicv(host, backend));
}

/* The processes in /proc. NULL where there are none, so nothing can be said about them. */
static GPtrArray *list_processes(const VtRoot *root)
{
    g_auto(GStrv) names = vt_root_list(root, "/proc");
    g_autoptr(GPtrArray) pids = g_ptr_array_new_with_free_func(g_free);

    for (gsize i = 0; names && names[i]; i++)
        if (is_number(names[i]))
            g_ptr_array_add(pids, g_strdup(names[i]));
    return pids->len > 0 ? g_steal_pointer(&pids) : NULL;
}

static char *read_comm(const VtRoot *root, const char *pid, const char *tid)
{
    g_autofree char *path = tid ? g_strdup_printf("/proc/%s/task/%s/comm", pid, tid)
                                : g_strdup_printf("/proc/%s/comm", pid);

    return vt_root_read_line(root, path);
}

static void add_irqbalance(VtHost *host, const VtRoot *root)
{
    g_autoptr(GPtrArray) pids = list_processes(root);

    if (!pids)
        return;
    for (guint i = 0; i < pids->len; i++) {
        g_autofree char *comm = read_comm(root, g_ptr_array_index(pids, i), NULL);

        if (g_strcmp0(comm, "irqbalance") == 0) {
            vt_host_set(host, "irqbalance", "running");
            return;
        }
    }
    vt_host_set(host, "irqbalance", "stopped");
}

static void add_hugepages(VtHost *host, const VtRoot *root)
{
    g_auto(GStrv) sizes = vt_root_list(root, "/sys/kernel/mm/hugepages");
    guint64 sum = 0;

    for (gsize i = 0; sizes && sizes[i]; i++) {
        g_autofree char *path = g_strdup_printf("/sys/kernel/mm/hugepages/%s/free_hugepages",
                                                sizes[i]);
        g_autofree char *text = vt_root_read_line(root, path);
        guint64 pages;

        if (!text || !vt_text_parse_u64(text, 0, G_MAXUINT32, &pages, NULL))
            return;
        sum += pages;
    }
    if (sizes)
        set_number(host, "hugepages.free", sum);
}

VtHost *vt_source_host_read(const VtRoot *root)
{
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(VtInterrupts) interrupts = NULL;
    g_autoptr(GError) error = NULL;

    add_arch(host, root);
    add_cpuinfo(host, root);
    add_cpus(host, root);
    add_kernel(host, root);
    add_kvm(host, root);
    add_irqbalance(host, root);
    add_hugepages(host, root);
    vt_host_memory_add(host, root);
    if (vt_root_exists(root, "/dev"))
        vt_host_set(host, "vhost-net", vt_root_exists(root, "/dev/vhost-net") ? "Y" : "N");
    interrupts = vt_interrupts_read(root, &error);
    if (interrupts)
        vt_interrupts_describe(interrupts, root, host);
    else
        add_note(host, _("The interrupts of the host are unknown: %s."), error->message);
    return g_steal_pointer(&host);
}

VtHost *vt_source_host_remote(const char *uri)
{
    g_autofree char *printable = vt_text_printable(uri, FALSE);
    VtHost *host = vt_host_new();

    vt_host_set(host, "uri.remote", "Y");
    if (!vt_virt_uri_is_remote(uri)) {
        add_note(host, _("The domains of %s do not run on this machine, whose facts therefore say "
                         "nothing of them."),
                 printable);
        return g_steal_pointer(&host);
    }
    add_note(host,
             _("The hypervisor of %s runs on another machine, about which nothing is known here. "
               "Run virt-tune there, or save its facts there with `virt-tune host --save FILE`."),
             printable);
    return host;
}

void vt_source_host_add_virt(VtHost *host, VtVirt *virt)
{
    gulong libvirt = vt_virt_libvirt_version(virt);
    gulong hypervisor = vt_virt_hypervisor_version(virt);
    const char *type = virConnectGetType(vt_virt_connection(virt));

    if (libvirt > 0)
        set_number(host, "libvirt.version", libvirt);
    if (hypervisor > 0 && g_strcmp0(type, "QEMU") == 0)
        set_number(host, "qemu.version", hypervisor);
}

void vt_source_host_add_domain(VtHost *host, const VtDomain *domain)
{
    VtHostDomain *place = vt_host_add_domain(host, domain->uuid, domain->name, domain->vcpus);
    const xmlNode *root = domain->live ? xmlDocGetRootElement(domain->live) : NULL;
    guint64 kib;

    if (root)
        vt_host_place_read(place, root);
    if (vt_host_memory_of(domain, &kib))
        g_hash_table_replace(place->facts, g_strdup("memory-kib"),
                             g_strdup_printf("%" G_GUINT64_FORMAT, kib));
}

/* The number in "vhost-<number>"; NULL for any other name. */
static const char *vhost_owner(const char *comm)
{
    const char *number = comm && g_str_has_prefix(comm, "vhost-") ? comm + strlen("vhost-") : NULL;

    return number && is_number(number) ? number : NULL;
}

/* Counts the vhost threads among the tasks of a QEMU process, and among kernel threads those that
 * any of them owns. */
static gboolean count_vhost(const VtRoot *root, const char *pid, GHashTable *kernel_threads,
                            guint *ret_n)
{
    g_autofree char *dir = g_strdup_printf("/proc/%s/task", pid);
    g_auto(GStrv) tids = vt_root_list(root, dir);
    guint n = 0;

    for (gsize i = 0; tids && tids[i]; i++) {
        g_autofree char *comm = read_comm(root, pid, tids[i]);

        n += vhost_owner(comm) != NULL;
        n += GPOINTER_TO_UINT(g_hash_table_lookup(kernel_threads, tids[i]));
    }
    *ret_n = n;
    return tids != NULL;
}

void vt_source_host_add_vhost(VtHost *host, const VtRoot *root)
{
    g_autoptr(GPtrArray) pids = list_processes(root);
    g_autoptr(GHashTable) kernel_threads = NULL; /* owner's thread -> number of kernel threads */
    g_autoptr(GHashTable) emulators = NULL;      /* pid -> uuid */
    GHashTableIter iter;
    gpointer pid;
    gpointer uuid;

    kernel_threads = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    emulators = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (guint i = 0; pids && i < pids->len; i++) {
        const char *process = g_ptr_array_index(pids, i);
        g_autofree char *comm = read_comm(root, process, NULL);
        g_autofree char *runs = NULL;
        const char *owner = vhost_owner(comm);

        if (owner) {
            guint n = GPOINTER_TO_UINT(g_hash_table_lookup(kernel_threads, owner));

            g_hash_table_replace(kernel_threads, g_strdup(owner), GUINT_TO_POINTER(n + 1));
        } else if ((runs = vt_qemu_process_uuid(root, process)) && vt_host_domain(host, runs)) {
            g_hash_table_insert(emulators, (gpointer)process, g_steal_pointer(&runs));
        }
    }
    g_hash_table_iter_init(&iter, emulators);
    while (g_hash_table_iter_next(&iter, &pid, &uuid)) {
        VtHostDomain *place = vt_host_domain(host, uuid);
        guint n;

        if (count_vhost(root, pid, kernel_threads, &n))
            g_hash_table_replace(place->facts, g_strdup("vhost-threads"), g_strdup_printf("%u", n));
    }
}
