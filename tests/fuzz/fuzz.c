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
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "model/domain.h"
#include "plan/patch.h"
#include "plan/record.h"
#include "rule/policy.h"
#include "rule/rule-load.h"
#include "source/bundle.h"
#include "source/host-json.h"
#include "source/import.h"
#include "source/native.h"
#include "source/pci.h"
#include "source/redact.h"
#include "source/source-host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Not g_error(): its signal is one that libFuzzer does not catch. */
void vt_fuzz_broken(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

char *vt_fuzz_split(const char *data, gsize length, const char *ret_parts[3])
{
    char *text = g_strndup(data, length), *rest = text;

    for (guint i = 0; i < 3; i++) {
        char *end = rest ? strstr(rest, "\n%%\n") : NULL;

        ret_parts[i] = rest;
        if (end)
            *end = '\0';
        rest = end ? end + strlen("\n%%\n") : NULL;
    }
    return text;
}

/* What an importer makes must be a profile that the native reader takes. */
static void run_import(const char *data, gsize length, const char *format)
{
    const VtImportOptions options = {.vcpus = length % 3,
                                     .duration_ns = length % 5 * 1000000000,
                                     .isa = (VtIsa)(length % 4),
                                     .domain = length % 7 == 0 ? "4711,4720" : NULL,
                                     .per_vcpu = length % 2 == 0};
    FILE *stream = length > 0 ? fmemopen((void *)data, length, "r") : NULL;
    g_autoptr(VtProfile) profile = NULL, again = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;

    if (!stream)
        return;
    profile = vt_import_stream(stream, "fuzz", format, &options, &error);
    fclose(stream);
    if (!profile == !error)
        vt_fuzz_broken("a profile and an error, or neither");
    if (!profile)
        return;
    json = vt_native_format(profile);
    again = vt_native_parse(json, strlen(json), "again", &error);
    if (!again)
        vt_fuzz_broken("%s", error->message);
}

static void run_native(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtProfile) profile = vt_native_parse(data, length, "fuzz", NULL);
    g_autofree char *json = profile ? vt_native_format(profile) : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) again = json ? vt_native_parse(json, strlen(json), "again", &error) : NULL;

    if (json && !again)
        vt_fuzz_broken("%s", error->message);
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
        vt_fuzz_broken("%s", error->message);
    if (strcmp(text, second) != 0)
        vt_fuzz_broken("a bundle that was read again is another one");
    vt_redact_bundle(again);
    redacted = vt_bundle_format(again);
    anonymous = vt_bundle_parse(redacted, strlen(redacted), "redacted", &error);
    if (!anonymous)
        vt_fuzz_broken("redacted: %s", error->message);
}

static void run_host(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtHost) host = vt_host_json_parse(data, length, "fuzz", NULL);
    g_autofree char *json = host ? vt_host_json_format(host) : NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtHost) again = json ? vt_host_json_parse(json, strlen(json), "again", &error) : NULL;

    if (json && !again)
        vt_fuzz_broken("%s", error->message);
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
        vt_fuzz_broken("regions and an error, or neither");
    if (!regions)
        return;
    profile->regions = g_steal_pointer(&regions);
    vt_profile_add_window(profile, 1, 1);
    vt_profile_finish(profile, NULL);
    json = vt_native_format(profile);
    again = vt_native_parse(json, strlen(json), "again", &error);
    if (!again)
        vt_fuzz_broken("%s", error->message);
}

/* What is told of the place of a domain on its host must be facts that their reader takes. */
static void run_domain(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtDomain) domain = vt_domain_from_xml(data, length, "fuzz", NULL);
    g_autoptr(VtHost) host = vt_host_new(), again = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;

    if (!domain || !domain->uuid)
        return;
    vt_source_host_add_domain(host, domain);
    json = vt_host_json_format(host);
    again = vt_host_json_parse(json, strlen(json), "again", &error);
    if (!again)
        vt_fuzz_broken("%s", error->message);
}

VtXmlSchema *vt_fuzz_schema(void)
{
    static VtXmlSchema *loaded;

    if (!loaded) {
        const char *dir = g_getenv("VIRT_TUNE_DATADIR");
        g_autofree char *path = g_build_filename(dir ? dir : "data", "rules.rng", NULL);
        g_autoptr(GError) error = NULL;

        loaded = vt_xml_schema_load(path, &error);
        if (!loaded)
            vt_fuzz_broken("%s", error->message);
    }
    return loaded;
}

static void run_rule(const char *data, gsize length, const char *argument)
{
    g_autoptr(VtRule) rule = vt_rule_load_memory(data, length, "fuzz.xml", vt_fuzz_schema(), NULL);

    (void)rule;
}

static char *some_value(const char *name, const char *argument, gpointer data, GError **error)
{
    return g_strdup(argument ? argument : name);
}

/* A rule, a line with nothing but "%%", and a domain, which every change of the rule is made to. */
static void run_patch(const char *data, gsize length, const char *argument)
{
    const char *parts[3];
    g_autofree char *text = vt_fuzz_split(data, length, parts);
    g_autoptr(VtRule) rule = parts[1] ? vt_rule_load_memory(text, strlen(text), "fuzz.xml", vt_fuzz_schema(), NULL) : NULL;

    for (guint i = 0; rule && i < rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);
        g_autoptr(xmlDoc) doc = vt_xml_parse(parts[1], strlen(parts[1]), "fuzz", NULL);
        g_autoptr(GError) error = NULL;
        g_autofree char *before = doc ? vt_xml_pretty(doc) : NULL;
        g_autofree char *after = NULL;

        if (!doc || !change->ops)
            continue;
        if (vt_patch_apply(doc, NULL, change->ops, some_value, NULL, &error))
            continue;
        after = vt_xml_pretty(doc);
        if (!error || strcmp(before, after) != 0)
            vt_fuzz_broken("a change that failed has changed the document");
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
        vt_fuzz_broken("a file in memory cannot be written");
    if (!vt_policy_read(policy, path, &error) != (error != NULL))
        vt_fuzz_broken("no policy and no error, or both");
    close(fd);
    if (error)
        return;
    vt_rule_set_add(rules, vt_rule_load_memory(xml, strlen(xml), "a.xml", vt_fuzz_schema(), NULL));
    if (!vt_policy_apply(policy, rules, &error) != (error != NULL))
        vt_fuzz_broken("not applied and no error, or both");
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
        vt_fuzz_broken("%s", error->message);
    if (json && strcmp(json, second) != 0)
        vt_fuzz_broken("a manifest that was read again is another one");
}

static const struct {
    const char *name; /* or its beginning */
    VtFuzzRun *run;   /* NULL: not built */
} targets[] = {
    {"import", run_import},
    {"native", run_native},
    {"host", run_host},
    {"pci", run_pci},
    {"domain", run_domain},
    {"rule", run_rule},
    {"patch", run_patch},
    {"bundle", run_bundle},
    {"policy", run_policy},
    {"record", run_record},
    {"cpus", vt_fuzz_cpus},
    {"text", vt_fuzz_text},
    {"interrupts", vt_fuzz_interrupts},
    {"definition", vt_fuzz_definition},
    {"root", vt_fuzz_root},
    {"debugfs", vt_fuzz_debugfs},
    {"process", vt_fuzz_process},
    {"config", vt_fuzz_config},
    {"store", vt_fuzz_store},
#ifdef HAVE_BPF
    {"btf", vt_fuzz_btf},
#else
    {"btf", NULL},
#endif
};

static VtFuzzRun *chosen;
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

/* 3 tells fuzz.sh of a target that is not built; 1 and what is above are sanitizers' and libFuzzer's. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = g_getenv("VT_FUZZ_TARGET");

    choose(name);
    if (!chosen) {
        g_printerr("%s: it is not built here\n", name);
        exit(3);
    }
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
