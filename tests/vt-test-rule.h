/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small rules, profiles and domains for the tests of src/rule. */
#pragma once

#include "model/domain.h"
#include "model/finding.h"
#include "model/host.h"
#include "model/profile.h"
#include "rule/rule-cond.h"
#include "rule/rule-load.h"
#include "vt-test.h"

#define TEST_UUID "11111111-2222-3333-4444-555555555555"

static inline VtXmlSchema *test_schema(void)
{
    static VtXmlSchema *schema;
    g_autofree char *path = vt_test_src("data/rules.rng");
    g_autoptr(GError) error = NULL;

    if (!schema)
        schema = vt_xml_schema_load(path, &error);
    assert_null(error);
    return schema;
}

static inline void test_schema_free(void)
{
    vt_xml_schema_free(test_schema());
}

/* A rule with this body; the words that every rule has are added. */
static inline VtRule *test_rule_full(const char *id, const char *attributes, const char *body)
{
    g_autofree char *text = g_strdup_printf(
        "<rule format='1' id='%s' severity='medium' since='0.1' %s>"
        "<title>T</title><why>W</why>%s"
        "<reference href='https://example.org/'>R</reference></rule>",
        id, attributes, body);
    g_autoptr(GError) error = NULL;
    VtRule *rule = vt_rule_load_memory(text, strlen(text), "test.xml", test_schema(), &error);

    if (error)
        fail_msg("%s", error->message);
    return rule;
}

#define TEST_CHANGE                                                                                \
    "<risk>K</risk><change target='domain' effect='power-cycle'><remove sel='.'/></change>"

static inline VtRule *test_rule(const char *body)
{
    g_autofree char *all = g_strconcat(TEST_CHANGE, body, NULL);

    return test_rule_full("test", "", all);
}

/* Windows of one second and one vCPU each. @covers: namespaces separated by spaces. Then, up to
 * NULL, metrics as "name count count …", one count a window. */
static inline VtProfile *test_profile(guint windows, const char *covers, ...)
{
    VtProfile *profile = vt_profile_new();
    g_auto(GStrv) spaces = g_strsplit(covers, " ", -1);
    const char *line;
    va_list args;

    for (guint i = 0; i < windows; i++)
        vt_profile_add_window(profile, 1000000000, 1);
    for (char **space = spaces; *space; space++)
        if (**space)
            vt_profile_set_covers(profile, *space);
    va_start(args, covers);
    while ((line = va_arg(args, const char *))) {
        g_auto(GStrv) words = g_strsplit(line, " ", -1);

        assert_int_equal(g_strv_length(words), windows + 1);
        for (guint i = 0; i < windows; i++)
            vt_profile_add(profile, i, words[0], "test", g_ascii_strtoull(words[i + 1], NULL, 10));
    }
    va_end(args);
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static inline xmlDoc *test_xml(const char *body)
{
    g_autofree char *text = g_strdup_printf(
        "<domain type='kvm'><name>d</name><uuid>" TEST_UUID "</uuid>%s</domain>", body);
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = vt_xml_parse(text, strlen(text), "d.xml", &error);

    if (error)
        fail_msg("%s", error->message);
    return doc;
}

/* Running, with @inactive (NULL: the same) as its definition. */
static inline VtDomain *test_domain(const char *live, const char *inactive)
{
    VtDomain *domain = vt_domain_new(NULL, NULL);

    assert_true(vt_domain_set_xml(domain, test_xml(live), inactive ? test_xml(inactive) : NULL,
                                  "d.xml", NULL));
    return domain;
}

/* One evaluation of a rule's symptom, with what it left behind. */
typedef struct {
    VtCondContext context;
    VtRule *rule;
    VtTri outcome;
} TestEval;

/* Evaluates @conditions as a symptom. @domain and @profile may be NULL. */
static inline void test_eval(TestEval *eval, const char *conditions, const VtDomain *domain,
                             const VtProfile *profile, const VtHost *host)
{
    g_autofree char *body = g_strdup_printf("<symptom>%s</symptom>", conditions);

    *eval = (TestEval){.rule = test_rule(body)};
    eval->context = (VtCondContext){
        .domain = domain ? domain : test_domain("", NULL),
        .profile = profile,
        .measure = vt_rule_measure_new(profile),
        .host = host,
        .part = "symptom",
        .evidence = g_ptr_array_new_with_free_func((GDestroyNotify)vt_evidence_free),
    };
    eval->context.node = xmlDocGetRootElement(eval->context.domain->live);
    eval->outcome = vt_rule_cond_eval(eval->rule->symptom, &eval->context, 0);
    if (domain)
        vt_domain_ref((VtDomain *)domain);
}

static inline void test_eval_clear(TestEval *eval)
{
    vt_rule_free(eval->rule);
    vt_rule_measure_free(eval->context.measure);
    g_ptr_array_unref(eval->context.evidence);
    vt_domain_unref((VtDomain *)eval->context.domain);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TestEval, test_eval_clear)

static inline const VtEvidence *test_evidence(const TestEval *eval, guint i)
{
    assert_true(i < eval->context.evidence->len);
    return g_ptr_array_index(eval->context.evidence, i);
}
