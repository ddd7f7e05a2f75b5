/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that reads files from elsewhere, under bytes that nobody expected. $VT_FUZZ_TARGET, or
 * the name of the directory of a corpus, says which reader: one of the table below, "import" (the
 * format is recognised), "import-trace" and so on.
 *
 * Built with clang's libFuzzer, that brings main(); with VT_FUZZ_REPLAY, by any compiler, main()
 * reads the files of the given directories once each, and without one prints the names of all
 * targets. */
#include "config.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/domain.h"
#include "plan/patch.h"
#include "plan/record.h"
#include "rule/policy.h"
#include "rule/rule-load.h"
#ifdef HAVE_BPF
#include "source/btf-layout.h"
#endif
#include "source/bundle.h"
#include "source/host-json.h"
#include "source/import.h"
#include "source/interrupts.h"
#include "source/native.h"
#include "source/pci.h"
#include "source/redact.h"
#include "source/source-host.h"

typedef void (*Run)(const char *data, gsize length, const char *argument);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Not g_error(): its signal is one that libFuzzer does not catch. */
static void broken(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

static void broken(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

/* What an importer makes must be a profile that the native reader takes. */
static void run_import(const char *data, gsize length, const char *format)
{
    const VtImportOptions options = {.vcpus = length % 3,
                                     .duration_ns = length % 5 * 1000000000,
                                     .isa = (VtIsa)(length % 4)};
    FILE *stream = length > 0 ? fmemopen((void *)data, length, "r") : NULL;
    g_autoptr(VtProfile) profile = NULL, again = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;

    if (!stream)
        return;
    profile = vt_import_stream(stream, "fuzz", format, &options, &error);
    fclose(stream);
    if (!profile == !error)
        broken("a profile and an error, or neither");
    if (!profile)
        return;
    json = vt_native_format(profile);
    again = vt_native_parse(json, strlen(json), "again", &error);
    if (!again)
        broken("%s", error->message);
}

static void run_native(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtProfile) profile = vt_native_parse(data, length, "fuzz", NULL);
    g_autofree char *json = profile ? vt_native_format(profile) : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) again = json ? vt_native_parse(json, strlen(json), "again", &error) : NULL;

    if (json && !again)
        broken("%s", error->message);
}

/* A bundle that was read is written as one that reads the same, also without its names. */
static void run_bundle(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtBundle) bundle = vt_bundle_parse(data, length, "fuzz", NULL);
    g_autofree char *text = bundle ? vt_bundle_format(bundle) : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtBundle) again = text ? vt_bundle_parse(text, strlen(text), "again", &error) : NULL;
    g_autofree char *second = again ? vt_bundle_format(again) : NULL;
    g_autofree char *redacted = NULL;
    g_autoptr(VtBundle) anonymous = NULL;

    if (!text)
        return;
    if (!again)
        broken("%s", error->message);
    if (strcmp(text, second) != 0)
        broken("a bundle that was read again is another one");
    vt_redact_bundle(again);
    redacted = vt_bundle_format(again);
    anonymous = vt_bundle_parse(redacted, strlen(redacted), "redacted", &error);
    if (!anonymous)
        broken("redacted: %s", error->message);
}

static void run_host(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtHost) host = vt_host_json_parse(data, length, "fuzz", NULL);
    g_autofree char *json = host ? vt_host_json_format(host) : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtHost) again = json ? vt_host_json_parse(json, strlen(json), "again", &error) : NULL;

    if (json && !again)
        broken("%s", error->message);
}

/* What QEMU tells of its devices must be regions that the native reader takes. */
static void run_pci(const char *data, gsize length, const char *argument)
{
    static const char xml[] = "<domain><devices><interface><model type='e1000'/><alias name='net0'/>"
                              "<address type='pci' domain='0' bus='0' slot='2' function='0'/></interface></devices></domain>";
    g_autoptr(xmlDoc) live = vt_xml_parse(xml, strlen(xml), "fuzz", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) regions = vt_pci_parse(data, length, live, &error);
    g_autoptr(VtProfile) profile = vt_profile_new(), again = NULL;
    g_autofree char *json = NULL;

    if (!regions == !error)
        broken("regions and an error, or neither");
    if (!regions)
        return;
    profile->regions = g_steal_pointer(&regions);
    vt_profile_add_window(profile, 1, 1);
    vt_profile_finish(profile, NULL);
    json = vt_native_format(profile);
    again = vt_native_parse(json, strlen(json), "again", &error);
    if (!again)
        broken("%s", error->message);
}

static void run_domain(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtDomain) domain = vt_domain_from_xml(data, length, "fuzz", NULL);

    (void)domain;
}

static VtXmlSchema *schema(void)
{
    static VtXmlSchema *loaded;

    if (!loaded) {
        const char *dir = g_getenv("VIRT_TUNE_DATADIR");
        g_autofree char *path = g_build_filename(dir ? dir : "data", "rules.rng", NULL);
        g_autoptr(GError) error = NULL;

        loaded = vt_xml_schema_load(path, &error);
        if (!loaded)
            broken("%s", error->message);
    }
    return loaded;
}

static void run_rule(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtRule) rule = vt_rule_load_memory(data, length, "fuzz.xml", schema(), NULL);

    (void)rule;
}

static char *some_value(const char *name, const char *argument, gpointer data, GError **error)
{
    return g_strdup(argument ? argument : name);
}

/* A rule, a line with nothing but "%%", and a domain, which every change of the rule is made to. */
static void run_patch(const char *data, gsize length, const char *argument)
{
    g_autofree char *text = g_strndup(data, length);
    char *middle = strstr(text, "\n%%\n");
    g_autoptr(VtRule) rule = NULL;

    if (!middle)
        return;
    *middle = '\0';
    rule = vt_rule_load_memory(text, strlen(text), "fuzz.xml", schema(), NULL);
    for (guint i = 0; rule && i < rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);
        const char *xml = middle + strlen("\n%%\n");
        g_autoptr(xmlDoc) doc = vt_xml_parse(xml, strlen(xml), "fuzz", NULL);
        g_autoptr(GError) error = NULL;
        g_autofree char *before = doc ? vt_xml_pretty(doc) : NULL;
        g_autofree char *after = NULL;

        if (!doc || !change->ops)
            continue;
        if (vt_patch_apply(doc, NULL, change->ops, some_value, NULL, &error))
            continue;
        after = vt_xml_pretty(doc);
        if (!error || strcmp(before, after) != 0)
            broken("a change that failed has changed the document");
    }
}

/* A policy that is read must fit rules or say where it does not. */
static void run_policy(const char *data, gsize length, const char *argument)
{
    static const char xml[] =
        "<rule format='1' id='a' severity='low' since='0.1' structural='no'><title>T</title>"
        "<why>W</why><symptom><rate metric='exit.io' above='1000'/></symptom>"
        "<reference href='https://example.org/'>R</reference></rule>";
    const int fd = memfd_create("policy", MFD_CLOEXEC);
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(VtPolicy) policy = vt_policy_new();
    g_autoptr(VtRuleSet) rules = vt_rule_set_new();
    g_autoptr(GPtrArray) expired = NULL;
    g_autoptr(GError) error = NULL;

    if (fd < 0 || write(fd, data, length) != (ssize_t)length)
        broken("a file in memory cannot be written");
    if (!vt_policy_read(policy, path, &error) != (error != NULL))
        broken("no policy and no error, or both");
    close(fd);
    if (error)
        return;
    vt_rule_set_add(rules, vt_rule_load_memory(xml, strlen(xml), "a.xml", schema(), NULL));
    if (!vt_policy_apply(policy, rules, &error) != (error != NULL))
        broken("not applied and no error, or both");
    expired = vt_policy_expired(policy, G_MAXINT64);
}

/* The manifest of a change. */
static void run_record(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtRecord) record = vt_record_parse(data, length, "fuzz", NULL);
    g_autofree char *json = record ? vt_record_format(record) : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRecord) again = json ? vt_record_parse(json, strlen(json), "again", &error) : NULL;
    g_autofree char *second = again ? vt_record_format(again) : NULL;

    if (json && !again)
        broken("%s", error->message);
    if (json && strcmp(json, second) != 0)
        broken("a manifest that was read again is another one");
}

static const char *captured;

static void remove_captured(void)
{
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", captured);

    if (system(command) != 0)
        fprintf(stderr, "%s is left\n", captured);
}

/* A directory as --root takes it. */
static const char *capture(void)
{
    if (!captured) {
        captured = g_dir_make_tmp("fuzz-XXXXXX", NULL);
        if (!captured)
            broken("no temporary directory");
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
        broken("%s cannot be written", file);
}

/* Files that host facts are read from, each behind a line "%% PATH". */
static void run_root(const char *data, gsize length, const char *argument)
{
    static const char *const paths[] = {
        "/proc/cpuinfo", "/proc/interrupts", "/proc/cmdline", "/proc/sys/kernel/osrelease",
        "/proc/meminfo", "/proc/config.gz", "/boot/config-6.1.0", "/proc/sys/kernel/arch",
        "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/isolated",
        "/sys/devices/system/cpu/nohz_full", "/sys/devices/system/cpu/smt/control",
        "/sys/devices/system/node/online", "/sys/devices/system/node/node0/meminfo",
        "/sys/module/kvm/parameters/halt_poll_ns", "/sys/module/kvm_intel/parameters/enable_apicv",
        "/sys/module/kvm_amd/parameters/avic", "/sys/kernel/mm/ksm/run",
        "/sys/kernel/mm/transparent_hugepage/enabled",
        "/proc/irq/24/smp_affinity_list", "/sys/kernel/debug/irq/irqs/24"};
    g_autoptr(VtRoot) root = vt_root_new(capture());
    g_autoptr(VtHost) host = NULL, again = NULL;
    g_autoptr(VtInterrupts) interrupts = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strndup(data, length), *json = NULL;
    g_auto(GStrv) parts = g_strsplit(text, "%% ", G_N_ELEMENTS(paths));

    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *old = g_build_filename(capture(), paths[i], NULL);

        g_unlink(old);
    }
    for (char **part = parts; *part; part++) {
        char *content = strchr(*part, '\n');

        if (!content)
            continue;
        *content++ = '\0';
        if (g_strv_contains((const char *const *)paths, *part))
            put(*part, content, strlen(content));
    }
    host = vt_source_host_read(root);
    interrupts = vt_interrupts_read(root, NULL);
    if (interrupts)
        vt_interrupts_describe(interrupts, root, host);
    json = vt_host_json_format(host);
    again = vt_host_json_parse(json, strlen(json), "again", &error);
    if (!again)
        broken("%s", error->message);
}

#ifdef HAVE_BPF
/* The kernel's type information. */
static void run_btf(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtRoot) root = vt_root_new(capture());
    g_autoptr(VtBtfLayout) layout = NULL;
    g_autoptr(GError) error = NULL;

    put("/sys/kernel/btf/vmlinux", data, length);
    layout = vt_btf_layout_read(root, &error);
    if (!layout == !error)
        broken("a layout and an error, or neither");
}
#else
#define run_btf NULL
#endif

static const struct {
    const char *name; /* or its beginning */
    Run run;          /* NULL: not built */
} targets[] = {
    {"import", run_import}, {"native", run_native}, {"host", run_host},     {"pci", run_pci},
    {"domain", run_domain}, {"rule", run_rule},     {"patch", run_patch},   {"bundle", run_bundle},
    {"policy", run_policy}, {"record", run_record}, {"root", run_root},     {"btf", run_btf},
};

static Run chosen;
static const char *chosen_argument;

static void choose(const char *name)
{
    for (guint i = 0; name && i < G_N_ELEMENTS(targets); i++) {
        gsize length = strlen(targets[i].name);

        if (!g_str_has_prefix(name, targets[i].name) || (name[length] && name[length] != '-'))
            continue;
        chosen = targets[i].run;
        chosen_argument = name[length] ? name + length + 1 : NULL;
        return;
    }
    g_printerr("%s: there is no such target\n", name ? name : "$VT_FUZZ_TARGET");
    exit(2);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    choose(g_getenv("VT_FUZZ_TARGET"));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    chosen((const char *)data, size, chosen_argument);
    return 0;
}

#ifdef VT_FUZZ_REPLAY
/* One line of TAP for each directory. */
static gboolean replay(const char *directory, guint number)
{
    g_autofree char *name = g_path_get_basename(directory);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *entry;
    guint n = 0;

    choose(name);
    if (!chosen) {
        printf("ok %u - %s # SKIP it is not built here\n", number, name);
        return TRUE;
    }
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, entry, NULL);
        g_autofree char *data = NULL;
        gsize length;

        if (!g_file_get_contents(path, &data, &length, NULL))
            break;
        LLVMFuzzerTestOneInput((const uint8_t *)data, length);
        n++;
    }
    printf("%sok %u - %s: %u inputs\n", n > 0 ? "" : "not ", number, name, n);
    return n > 0;
}

static void list(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(targets); i++)
        puts(targets[i].name);
    for (const VtImportFormat *const *format = vt_import_table(); *format; format++)
        printf("import-%s\n", (*format)->name);
}

int main(int argc, char **argv)
{
    gboolean good = TRUE;

    if (argc == 1) {
        list();
        return 0;
    }
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++)
        good &= replay(argv[i], (guint)i);
    return good ? 0 : 1;
}
#endif
