/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of directories: captured hosts, as --root takes them, configuration, and kept changes. An input holds files,
 * each behind a line "%% PATH"; a target knows the paths that it takes. */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "plan/history.h"
#include "plan/pending.h"
#include "rule/policy.h"
#include "rule/rule-load.h"
#ifdef HAVE_BPF
#include "source/btf-layout.h"
#endif
#include "source/host-json.h"
#include "source/interrupts.h"
#include "source/kvm-debugfs.h"
#include "source/native.h"
#include "source/qemu-process.h"
#include "source/source-host.h"
#include "source/source.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
/* A section with which a second state of the files begins. */
#define AGAIN "again"

static const char *captured;

static void remove_captured(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", captured);

    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", captured);
}

static const char *capture(void)
{
    if (!captured) {
        captured = g_dir_make_tmp("fuzz-XXXXXX", NULL);
        if (!captured)
            vt_fuzz_broken("no temporary directory");
        atexit(remove_captured);
    }
    return captured;
}

static void put(const char *path, const char *data, gsize length)
{
    g_autofree char *file = g_build_filename(capture(), path, NULL);
    g_autofree char *dir = g_path_get_dirname(file);

    g_mkdir_with_parents(dir, 0700);
    if (!g_file_set_contents_full(file, data, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600, NULL))
        vt_fuzz_broken("%s cannot be written", file);
}

/* What is left of an input. */
typedef struct {
    const char *data, *end;
} Rest;

/* The next "%% " at the beginning of a line, or the end. */
static const char *next_section(const char *from, const char *end)
{
    for (const char *p = from; p < end; p++) {
        p = memmem(p, (gsize)(end - p), "%% ", 3);
        if (!p)
            return end;
        if (p == from || p[-1] == '\n')
            return p;
    }
    return end;
}

/* Writes the files of @paths up to the end, or to the section AGAIN, which the next call begins behind. */
static void unpack(Rest *rest, const char *const *paths)
{
    rest->data = next_section(rest->data, rest->end);
    while (rest->data < rest->end) {
        const char *name = rest->data + strlen("%% ");
        const char *line = memchr(name, '\n', (gsize)(rest->end - name));
        const char *content = line ? line + 1 : rest->end;
        g_autofree char *path = g_strndup(name, (gsize)((line ? line : rest->end) - name));

        rest->data = next_section(content, rest->end);
        if (strcmp(path, AGAIN) == 0)
            return;
        if (g_strv_contains(paths, path))
            put(path, content, (gsize)(rest->data - content));
    }
}

/* The same, without the files of earlier inputs. */
static Rest begin(const char *data, gsize length, const char *const *paths)
{
    Rest rest = {data, data + length};

    for (guint i = 0; paths[i]; i++) {
        g_autofree char *old = g_build_filename(capture(), paths[i], NULL);

        g_unlink(old);
    }
    unpack(&rest, paths);
    return rest;
}

static void check_host(const VtHost *host)
{
    g_autofree char *json = vt_host_json_format(host);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtHost) again = vt_host_json_parse(json, strlen(json), "again", &error);

    if (!again)
        vt_fuzz_broken("%s", error->message);
}

/* Files that host facts are read from. */
void vt_fuzz_root(const char *data, gsize length, const char *argument)
{
    static const char *const paths[] = {
        "/proc/cpuinfo", "/proc/interrupts", "/proc/cmdline", "/proc/sys/kernel/osrelease",
        "/proc/meminfo", "/proc/config.gz", "/boot/config-6.1.0", "/proc/sys/kernel/arch",
        "/proc/sys/kernel/numa_balancing", "/proc/irq/24/smp_affinity_list", "/proc/irq/24/effective_affinity_list",
        "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/isolated", "/sys/devices/system/cpu/nohz_full",
        "/sys/devices/system/cpu/smt/control", "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list",
        "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "/sys/devices/system/node/online",
        "/sys/devices/system/node/node0/meminfo", "/sys/devices/system/node/node0/cpulist",
        "/sys/module/kvm/parameters/halt_poll_ns", "/sys/module/kvm_intel/parameters/enable_apicv",
        "/sys/module/kvm_amd/parameters/avic", "/sys/kernel/mm/ksm/run", "/sys/kernel/mm/ksm/pages_sharing",
        "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "/sys/kernel/mm/transparent_hugepage/enabled",
        "/sys/kernel/debug/irq/irqs/24", NULL};
    g_autoptr(VtRoot) root = vt_root_new(capture());
    g_autoptr(VtHost) host = NULL;

    begin(data, length, paths);
    host = vt_source_host_read(root);
    check_host(host);
}

#ifdef HAVE_BPF
/* The kernel's type information. */
void vt_fuzz_btf(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtRoot) root = vt_root_new(capture());
    g_autoptr(VtBtfLayout) layout = NULL;
    g_autoptr(GError) error = NULL;

    put("/sys/kernel/btf/vmlinux", data, length);
    layout = vt_btf_layout_read(root, &error);
    if (!layout == !error)
        vt_fuzz_broken("a layout and an error, or neither");
}
#endif

static void count_field(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    if (!*metric || vcpu != VT_DOMSTATS_NO_VCPU)
        vt_fuzz_broken("a counter of KVM's is of no metric, or of a vCPU");
}

/* KVM's counters in debugfs, read twice. */
void vt_fuzz_debugfs(const char *data, gsize length, const char *argument)
{
#define KVM "/sys/kernel/debug/kvm"
    static const char *const paths[] = {
        "/proc/self/mountinfo", KVM "/exits", KVM "/halt_exits", KVM "/io_exits", KVM "/mmu_rmaps_stat",
        KVM "/4711-12/exits", KVM "/4711-12/halt_exits", KVM "/4711-12/io_exits", KVM "/4711-12/mmu_rmaps_stat",
        KVM "/4711-13/exits", KVM "/4711-13/halt_exits", "/mnt/kvm/exits", "/mnt/kvm/4711-12/exits", NULL};
    g_autoptr(VtRoot) root = vt_root_new(capture());
    g_autoptr(GError) error = NULL;
    Rest rest = begin(data, length, paths);
    g_autoptr(VtKvmDebugfs) debugfs = vt_kvm_debugfs_open(root, &error);
    g_auto(GStrv) all = NULL, own = NULL;
    g_autoptr(VtDomstats) before = NULL, after = NULL;

    if (!debugfs == !error)
        vt_fuzz_broken("counters and an error, or neither");
    if (!debugfs)
        return;
    all = vt_kvm_debugfs_list(debugfs);
    own = vt_kvm_debugfs_select((const char *const *)all, 4711);
    before = vt_kvm_debugfs_read(debugfs, (const char *const *)own);
    unpack(&rest, paths);
    after = vt_kvm_debugfs_read(debugfs, (const char *const *)own);
    if (before && after && vt_domstats_compare(before, after) == VT_GAP_NONE)
        vt_domstats_delta(before, after, count_field, NULL);
}

static const char *const process_paths[] = {
    "/run/libvirt/qemu/test.pid", "/proc/interrupts", "/proc/self/schedstat", "/proc/self/ns/pid",
    "/proc/41/comm", "/proc/41/cmdline", "/proc/41/task/41/comm", "/proc/41/task/42/comm", "/proc/41/task/42/schedstat",
    "/proc/41/task/43/comm", "/proc/41/task/43/schedstat", "/proc/44/comm", "/proc/44/cmdline", "/proc/44/task/44/comm",
    NULL};

/* A source of windows of a second, before each of which but the first the files change. */
static Rest pending;

static gboolean start_files(VtSample *sample, gpointer *ret_state, GError **error)
{
    *ret_state = g_new0(guint, 1);
    return TRUE;
}

static gboolean change_files(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    guint *n = state;

    *ret_when_ns = vt_clock_now_us() * 1000;
    if ((*n)++ == 0)
        return TRUE;
    unpack(&pending, process_paths);
    vt_sample_ready(sample, g_ptr_array_index(vt_sample_domains(sample), 0), 2);
    return TRUE;
}

static void count_window(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
    vt_profile_add(domain->profile, domain->window, "exits", "files", 1);
}

static void stop_files(VtSample *sample, gpointer state)
{
    g_free(state);
}

static const VtSource files = {
    .name = "files", .start = start_files, .snapshot = change_files, .collect = count_window, .stop = stop_files};

/* What the sources beside the main one make of it must be a profile that the native reader takes. */
static void sample_files(const VtRoot *root, VtHost *host)
{
    static const VtSource *const sources[] = {&files, &vt_source_schedstat, &vt_source_interrupts, NULL};
    const VtSampleOptions options = {.duration_ns = 2000000000, .interval_ns = 1000000000, .per_vcpu = TRUE};
    static VtVirt *virt;
    g_autoptr(GPtrArray) domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    g_autoptr(GPtrArray) profiles = NULL, notes = NULL;
    g_autoptr(VtProfile) again = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;

    if (!virt)
        virt = vt_virt_open("test:///default", FALSE, FALSE, &error);
    if (!virt)
        vt_fuzz_broken("%s", error->message);
    vt_clock_simulate(TRUE);
    g_ptr_array_add(domains, vt_domain_new("test", UUID));
    if (!vt_sample_run(sources, virt, root, domains, host, &options, &profiles, &notes, NULL) || !profiles->pdata[0])
        return;
    json = vt_native_format(profiles->pdata[0]);
    again = vt_native_parse(json, strlen(json), "again", &error);
    if (!again)
        vt_fuzz_broken("%s", error->message);
}

/* What /proc tells of QEMU, its threads and the host's interrupts, in two windows. */
void vt_fuzz_process(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtRoot) root = vt_root_new(capture());
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) threads = NULL;
    gboolean kvm;
    guint32 pid;
    guint vcpus;

    pending = begin(data, length, process_paths);
    if (!vt_qemu_process_find(root, "qemu:///system", "test", UUID, &pid, &error) != (error != NULL))
        vt_fuzz_broken("no process and no error, or both");
    if (error)
        pid = 41;
    threads = vt_qemu_process_threads(root, pid);
    if (vt_qemu_process_vcpus(root, pid, &vcpus, &kvm) && g_hash_table_size(threads) == 0)
        vt_fuzz_broken("%u vCPUs without a thread", vcpus);
    vt_host_add_domain(host, UUID, "test", 2);
    vt_source_host_add_vhost(host, root);
    sample_files(root, host);
    check_host(host);
}

/* Two directories of rules and two policies, the second of which go before the first. */
void vt_fuzz_config(const char *data, gsize length, const char *argument)
{
    static const char *const paths[] = {
        "/site/rules.d/a.xml", "/site/rules.d/b.xml", "/site/rules.d/a.txt", "/site/virt-tune.conf",
        "/user/rules.d/a.xml", "/user/rules.d/c.xml", "/user/virt-tune.conf", NULL};
    g_autofree char *site = g_build_filename(capture(), "site", NULL), *user = g_build_filename(capture(), "user", NULL);
    const char *const places[] = {site, user};
    VtRuleDir dirs[2];
    g_autoptr(VtPolicy) policy = vt_policy_new();
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(GError) error = NULL;

    begin(data, length, paths);
    for (guint i = 0; i < G_N_ELEMENTS(places); i++)
        dirs[i] = (VtRuleDir){.path = g_build_filename(places[i], "rules.d", NULL), .origin = "site", .optional = TRUE};
    rules = vt_rule_load_dirs(dirs, G_N_ELEMENTS(dirs), vt_fuzz_schema(), &error);
    if (!rules == !error)
        vt_fuzz_broken("rules and an error, or neither");
    for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *conf = g_build_filename(places[i], "virt-tune.conf", NULL);
        g_autofree char *rule = g_build_filename(dirs[i].path, "a.xml", NULL);
        g_autoptr(GPtrArray) problems = vt_rule_load_lint(rule, vt_fuzz_schema());
        g_autoptr(GError) why = NULL;

        if (!vt_policy_read(policy, conf, &why) != (why != NULL))
            vt_fuzz_broken("no policy and no error, or both");
        if (rules && problems->len > 0 && g_file_test(rule, G_FILE_TEST_EXISTS))
            vt_fuzz_broken("a rule was loaded in spite of: %s", (const char *)problems->pdata[0]);
        g_free((char *)dirs[i].path);
    }
    if (rules && !vt_policy_apply(policy, rules, &error) != (error != NULL))
        vt_fuzz_broken("not applied and no error, or both");
}

static xmlDoc *read_captured(const char *path)
{
    g_autofree char *file = g_build_filename(capture(), path, NULL);

    return vt_xml_parse_file(file, NULL);
}

/* The kept changes of a domain, and its definition as it is now. */
void vt_fuzz_store(const char *data, gsize length, const char *argument)
{
#define STORE "/state/test%3A%2F%2F%2Fdefault/" UUID
    static const char *const paths[] = {
        "/current.xml", "/live.xml",
        STORE "/1/manifest.json", STORE "/1/before-shown.xml", STORE "/1/wanted-shown.xml", STORE "/1/after-shown.xml",
        STORE "/1/before.xml", STORE "/1/wanted.xml", STORE "/1/after.xml", STORE "/1/profile.json",
        STORE "/2/manifest.json", STORE "/2/before-shown.xml", STORE "/2/wanted-shown.xml", STORE "/2/after-shown.xml",
        STORE "/3/manifest.json", NULL};
    g_autofree char *state = g_build_filename(capture(), "state", NULL);
    g_autofree char *path = g_build_filename(capture(), "current.xml", NULL);
    g_autofree char *current = NULL, *json = NULL, *uuid = NULL;
    g_autoptr(VtStore) store = vt_store_new(state, "test:///default", UUID);
    g_autoptr(xmlDoc) inactive = NULL, live = NULL;
    g_autoptr(GPtrArray) records = NULL;
    VtHistory history = {.store = store};

    begin(data, length, paths);
    g_file_get_contents(path, &current, NULL, NULL);
    records = vt_store_list(store, NULL);
    if (!records)
        vt_fuzz_broken("changes that cannot be listed");
    history.records = records;
    history.current = current;
    for (guint i = 0; i < records->len; i++) {
        const VtRecord *record = g_ptr_array_index(records, i);
        g_autofree char *advice = vt_history_advice(&history, record), *before = NULL;

        if ((vt_history_outcome(&history, record) == VT_HISTORY_DAMAGED) != (record->state == VT_RECORD_DAMAGED))
            vt_fuzz_broken("a change is damaged, or is not");
        before = vt_store_read(store, record->id, VT_STORE_BEFORE, record->before_sha256, NULL);
    }
    json = vt_history_format(&history, "test:///default", "test", UUID);
    if (!g_utf8_validate(json, -1, NULL))
        vt_fuzz_broken("a history is no UTF-8");
    uuid = vt_store_find(state, "test:///default", "test");
    inactive = read_captured("current.xml");
    live = inactive ? read_captured("live.xml") : NULL;
    if (live) {
        g_auto(GStrv) others = NULL;
        guint64 change;

        vt_pending_find(store, inactive, live, &change, &others);
    }
}
