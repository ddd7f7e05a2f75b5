/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the matcher costs: time and allocations of one domain, by the number of rules.
 * match DIR... : each directory has domain.xml, profile.json and host.json. Prints a line for each
 * and for 28, 56 and 112 rules, which are the shipped ones as often as it takes. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "model/domain.h"
#include "rule/rule-load.h"
#include "rule/rule-match.h"
#include "source/host-json.h"
#include "source/native.h"

#define ROUNDS 2000

#ifdef __GLIBC__
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static guint64 allocations;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#else
static guint64 allocations;
#endif

typedef struct {
    VtDomain *domain;
    VtProfile *profile;
    VtHost *host;
} Evidence;

static char *read_file(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, &error))
        g_error("%s", error->message);
    return text;
}

static Evidence load(const char *dir)
{
    g_autofree char *xml = read_file(dir, "domain.xml");
    g_autofree char *profile = read_file(dir, "profile.json");
    g_autofree char *host = read_file(dir, "host.json");
    g_autoptr(GError) error = NULL;
    Evidence evidence = {.domain = vt_domain_from_xml(xml, strlen(xml), dir, &error)};

    if (evidence.domain)
        evidence.profile = vt_native_parse(profile, strlen(profile), dir, &error);
    if (evidence.profile)
        evidence.host = vt_host_json_parse(host, strlen(host), dir, &error);
    if (!evidence.host)
        g_error("%s", error->message);
    vt_host_derive(evidence.host);
    return evidence;
}

static VtRuleSet *load_rules(const char *datadir, guint wanted)
{
    g_autofree char *schema_path = g_build_filename(datadir, "rules.rng", NULL);
    g_autofree char *dir = g_build_filename(datadir, "rules", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(schema_path, &error);
    g_autoptr(VtRuleSet) set = vt_rule_set_new();

    for (guint copy = 0; schema && set->rules->len < wanted; copy++) {
        g_autoptr(VtRuleSet) one = vt_rule_load_dir(dir, schema, &error);

        if (!one)
            break;
        while (one->rules->len > 0 && set->rules->len < wanted) {
            VtRule *rule = g_ptr_array_steal_index(one->rules, 0);

            if (copy > 0) {
                char *id = g_strdup_printf("%s-%u", rule->id, copy);

                g_free(rule->id);
                rule->id = id;
            }
            vt_rule_set_add(set, rule);
        }
    }
    if (error)
        g_error("%s", error->message);
    return g_steal_pointer(&set);
}

/* The least of many times, which is what it takes where nothing else runs. */
static void measure(const VtRuleSet *rules, const Evidence *evidence, gboolean brief)
{
    VtMatchInput input = {.domain = evidence->domain,
                          .profile = evidence->profile,
                          .host = evidence->host,
                          .brief = brief};
    gint64 least = G_MAXINT64;
    guint64 before = 0;

    for (guint i = 0; i < ROUNDS; i++) {
        g_autoptr(GPtrArray) findings = NULL;
        gint64 start;

        before = allocations;
        start = g_get_monotonic_time();
        findings = vt_rule_match(rules, &input);
        least = MIN(least, g_get_monotonic_time() - start);
    }
    printf(" %s %" G_GINT64_FORMAT " us, %" G_GUINT64_FORMAT " allocations;",
           brief ? "brief" : "full", least, allocations - before);
}

int main(int argc, char **argv)
{
    static const guint counts[] = {28, 56, 112};
    const char *datadir = g_getenv("VIRT_TUNE_DATADIR");

    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autoptr(VtRuleSet) rules = load_rules(datadir ? datadir : VT_DATADIR, counts[i]);

        for (int j = 1; j < argc; j++) {
            Evidence evidence = load(argv[j]);
            g_autofree char *name = g_path_get_basename(argv[j]);

            printf("match %s: %u rules:", name, rules->rules->len);
            measure(rules, &evidence, FALSE);
            measure(rules, &evidence, TRUE);
            putchar('\n');
            vt_domain_unref(evidence.domain);
            vt_profile_unref(evidence.profile);
            vt_host_unref(evidence.host);
        }
    }
    return 0;
}
