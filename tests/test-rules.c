/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every rule of data/rules on its fixtures, tests/rules/ID/CASE: evidence in, verdict and changed
 * XML out.
 *
 * A case is a directory of files in the program's own formats, so that it can be looked at with
 * "virt-tune explain ID --xml domain.xml --profile profile.json --host host.json":
 *     domain.xml    the running domain
 *     inactive.xml  its definition, where that differs
 *     profile.json  what was measured
 *     host.json     the host
 *     guest.json    what libosinfo would say of the guest
 *     expect.json   {"verdict", "confidence", "device", "pending", "guest_driver_unknown"}, or a
 *                   list with one such for each device
 *     after.xml     the definition as the advised change leaves it
 *     commands.txt  the host's and the guest's commands, and how to undo them
 * A file that a case lacks is taken from tests/rules/ID, else from tests/rules; an empty one stands
 * for nothing known. The first word of CASE tells what it shows: hit, quiet, satisfied, unknown,
 * na, or guard-N for the rule's Nth guard; hit.before-OTHER shows that OTHER, which the rule supersedes,
 * waits. VT_REGENERATE=1 rewrites after.xml and commands.txt. */
#include "config.h"

#include "vt-test.h"
#include "vt-test-case.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "plan/plan.h"
#include "rule/rule-load.h"
#include "rule/rule-match.h"
#include "source/redact.h"

#define LIBVIRT_SCHEMA "/usr/share/libvirt/schemas/domain.rng"

static VtRuleSet *rules;
static VtXmlSchema *libvirt_schema; /* NULL: not installed */
static gboolean host_model_known;   /* by it */
static GPtrArray *cases;            /* VtTestCase */

static GPtrArray *match(const VtRule *rule, const VtTestEvidence *evidence)
{
    const VtMatchInput input = {
        .domain = evidence->domain, .profile = evidence->profile, .host = evidence->host};

    return vt_rule_match_one(rules, rule, &input);
}

static VtFinding *find_finding(const GPtrArray *findings, const char *device)
{
    for (guint i = 0; i < findings->len; i++) {
        VtFinding *finding = g_ptr_array_index(findings, i);

        if (g_strcmp0(finding->device, device) == 0)
            return finding;
    }
    return NULL;
}

static const char *get_string(JsonObject *object, const char *member)
{
    return json_object_get_string_member_with_default(object, member, NULL);
}

static gboolean get_boolean(JsonObject *object, const char *member)
{
    return json_object_get_boolean_member_with_default(object, member, FALSE);
}

static void check_finding(const VtTestCase *one, const VtFinding *finding, JsonObject *expected)
{
    const char *confidence = get_string(expected, "confidence");

    if (g_strcmp0(vt_verdict_name(finding->verdict), get_string(expected, "verdict")) != 0)
        fail_msg("%s: verdict %s instead of %s: %s", one->name, vt_verdict_name(finding->verdict),
                 get_string(expected, "verdict"), finding->reason);
    if (g_strcmp0(vt_confidence_name(finding->confidence), confidence ? confidence : "none") != 0)
        fail_msg("%s: confidence %s instead of %s: %s", one->name,
                 vt_confidence_name(finding->confidence), confidence ? confidence : "none",
                 finding->reason);
    assert_int_equal(finding->pending, get_boolean(expected, "pending"));
    assert_int_equal(finding->guest_driver_unknown, get_boolean(expected, "guest_driver_unknown"));
}

static void check_findings(const VtTestCase *one, const GPtrArray *findings)
{
    g_autofree char *path = NULL;
    g_autofree char *text = vt_test_case_text(one, "expect.json", &path);
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) node = text ? json_from_string(text, &error) : NULL;
    g_autoptr(JsonArray) list = NULL;

    if (!node) {
        fail_msg("%s: expect.json: %s", one->name, error ? error->message : "missing");
        return;
    }
    if (JSON_NODE_HOLDS_ARRAY(node)) {
        list = json_array_ref(json_node_get_array(node));
    } else {
        list = json_array_new();
        json_array_add_object_element(list, json_object_ref(json_node_get_object(node)));
    }
    assert_int_equal(findings->len, json_array_get_length(list));
    for (guint i = 0; i < findings->len; i++) {
        JsonObject *expected = json_array_get_object_element(list, i);
        const VtFinding *finding = find_finding(findings, get_string(expected, "device"));

        if (finding)
            check_finding(one, finding, expected);
        else
            fail_msg("%s: nothing is said of %s", one->name, get_string(expected, "device"));
    }
}

/* "guard-2.amd" -> 2; 0 for a case that shows no guard. */
static guint guard_of(const VtTestCase *one)
{
    const char *kind = strchr(one->name, '/') + 1;

    if (!g_str_has_prefix(kind, "guard-"))
        return 0;
    return (guint)g_ascii_strtoull(kind + strlen("guard-"), NULL, 10);
}

/* A blocked finding gives the reason of the guard that the case is for, not of another one. */
static void check_guard(const VtTestCase *one, const GPtrArray *findings)
{
    guint n = guard_of(one);
    gboolean said = FALSE;

    if (n == 0)
        return;
    if (n > one->rule->guards->len) {
        fail_msg("%s: the rule has %u guards only", one->name, one->rule->guards->len);
        return;
    }
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        const VtGuard *guard = g_ptr_array_index(one->rule->guards, n - 1);

        said = said || (finding->verdict == VT_VERDICT_BLOCKED &&
                        g_str_has_prefix(finding->reason, guard->why));
    }
    if (!said)
        fail_msg("%s: not blocked by this guard", one->name);
}

/* Compares @text with the case's @file; no file and no text are equal. */
static void check_file(const VtTestCase *one, const char *file, const char *text)
{
    g_autofree char *path = g_build_filename(one->dir, file, NULL);
    g_autofree char *there = NULL;
    g_autoptr(GError) error = NULL;

    if (g_getenv("VT_REGENERATE") && *text && !g_file_set_contents(path, text, -1, &error))
        vt_test_case_fail(one, error);
    if (!g_file_get_contents(path, &there, NULL, NULL))
        there = g_strdup("");
    if (strcmp(there, text) != 0)
        fail_msg("%s/%s differs (VT_REGENERATE=1 rewrites it); it is now:\n%s", one->name, file,
                 text);
}

/* Whether the schema is of libvirt 11.9 or later, which know this mode of <hyperv>. */
static gboolean schema_knows(const char *mode)
{
    g_autofree char *text = g_strdup_printf("<domain type='kvm'><name>x</name><memory>1</memory><os><type>hvm</type></os>"
                                            "<features><hyperv mode='%s'/></features></domain>",
                                            mode);
    g_autoptr(xmlDoc) doc = vt_xml_parse(text, strlen(text), "probe", NULL);

    assert_non_null(doc);
    return vt_xml_schema_validate(libvirt_schema, doc, "probe", NULL);
}

/* A copy for schemas that do not know it. */
static xmlDoc *without_host_model(xmlDoc *doc)
{
    xmlDoc *copy = xmlCopyDoc(doc, 1);
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/features/hyperv[@mode = 'host-model']", NULL);
    g_autoptr(GPtrArray) nodes = NULL;

    if (vt_xpath_nodes(xpath, xmlDocGetRootElement(copy), &nodes, NULL))
        for (guint i = 0; i < nodes->len; i++)
            xmlUnsetProp(g_ptr_array_index(nodes, i), BAD_CAST "mode");
    return copy;
}

static void check_valid(const VtTestCase *one, xmlDoc *doc, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(xmlDoc) known = NULL;

    if (!libvirt_schema)
        return;
    known = host_model_known ? NULL : without_host_model(doc);
    if (!vt_xml_schema_validate(libvirt_schema, known ? known : doc, what, &error))
        fail_msg("%s: not valid for libvirt: %s", one->name, error->message);
}

static gboolean changes_domain(const VtRule *rule)
{
    for (guint i = 0; i < rule->changes->len; i++)
        if (strcmp(((const VtChange *)g_ptr_array_index(rule->changes, i))->target, "domain") == 0)
            return TRUE;
    return FALSE;
}

static void check_domain_changes(const VtTestCase *one, const VtTestEvidence *evidence,
                                 const GPtrArray *findings)
{
    g_autoptr(GString) after = g_string_new(NULL);

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);
        g_autoptr(GError) error = NULL;
        g_autoptr(xmlDoc) doc = NULL;
        g_autofree char *text = NULL;

        if (finding->verdict != VT_VERDICT_ADVISE || !changes_domain(one->rule))
            continue;
        doc = vt_plan_apply(one->rule, finding, evidence->domain, evidence->host, &error);
        if (!doc) {
            g_string_append_printf(after, "<!-- %s -->\n", error->message);
            continue;
        }
        check_valid(one, doc, "after.xml");
        text = vt_xml_pretty(doc);
        g_string_append(after, text);
    }
    check_file(one, "after.xml", after->str);
}

static void check_commands(const VtTestCase *one, const VtTestEvidence *evidence, GPtrArray *findings)
{
    VtPlanItem item = {.domain = evidence->domain, .host = evidence->host, .findings = findings};
    g_autoptr(GString) commands = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    if (!vt_plan_fill(rules, &item, 1, &error))
        vt_test_case_fail(one, error);
    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        for (guint j = 0; j < finding->changes->len; j++) {
            const VtFindingChange *change = g_ptr_array_index(finding->changes, j);

            if (strcmp(change->target, "domain") == 0)
                continue;
            g_string_append_printf(commands, "%s, %s\n", change->target, change->effect);
            for (guint k = 0; k < change->needs->len; k++) {
                const VtEvidence *need = g_ptr_array_index(change->needs, k);

                g_string_append_printf(commands, "  %s: %s\n",
                                       need->outcome == VT_YES ? "needed" : "NOT FULFILLED",
                                       need->detail);
            }
            if (change->error)
                g_string_append_printf(commands, "  not possible: %s\n", change->error);
            for (guint k = 0; k < change->commands->len; k++) {
                const char *undo = g_ptr_array_index(change->undo, k);

                g_string_append_printf(commands, "  %s\n",
                                       (const char *)g_ptr_array_index(change->commands, k));
                if (undo)
                    g_string_append_printf(commands, "    undone by: %s\n", undo);
            }
        }
    }
    check_file(one, "commands.txt", commands->str);
}

static void test_case(void **state)
{
    const VtTestCase *one = *state;
    g_auto(VtTestEvidence) evidence = vt_test_case_evidence(one);
    g_autoptr(GPtrArray) findings = match(one->rule, &evidence);

    check_valid(one, evidence.domain->live, "domain.xml");
    check_valid(one, evidence.domain->inactive, "inactive.xml");
    check_findings(one, findings);
    check_guard(one, findings);
    check_domain_changes(one, &evidence, findings);
    check_commands(one, &evidence, findings);
}

static void test_migrating(void **state)
{
    for (guint i = 0; i < cases->len; i++) {
        const VtTestCase *one = g_ptr_array_index(cases, i);
        g_auto(VtTestEvidence) evidence = vt_test_case_evidence(one);
        g_autoptr(GPtrArray) findings = NULL;

        evidence.domain->migrating = VT_YES;
        findings = match(one->rule, &evidence);
        for (guint j = 0; j < findings->len; j++)
            if (((const VtFinding *)g_ptr_array_index(findings, j))->verdict != VT_VERDICT_BLOCKED)
                fail_msg("%s: not blocked while the domain migrates", one->name);
    }
}

/* What all rules decide, a line each. */
static char *verdicts(const VtTestEvidence *evidence)
{
    const VtMatchInput input = {
        .domain = evidence->domain, .profile = evidence->profile, .host = evidence->host};
    g_autoptr(GPtrArray) findings = vt_rule_match(rules, &input);
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; i < findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(findings, i);

        g_string_append_printf(out, "%s %s %s%s\n", finding->rule, vt_verdict_name(finding->verdict),
                               vt_confidence_name(finding->confidence), finding->pending ? " pending" : "");
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Nothing that a rule looks at may go: neither with the secrets nor with the names. */
static void test_redacted(void **state)
{
    for (guint i = 0; i < cases->len; i++) {
        const VtTestCase *one = g_ptr_array_index(cases, i);
        g_auto(VtTestEvidence) evidence = vt_test_case_evidence(one);
        g_autoptr(VtBundle) bundle = vt_bundle_new();
        g_autofree char *want = verdicts(&evidence), *ordinary = NULL, *redacted = NULL;

        vt_redact_secrets(evidence.domain->live);
        vt_redact_secrets(evidence.domain->inactive);
        ordinary = verdicts(&evidence);
        bundle->host = evidence.host ? vt_host_ref(evidence.host) : NULL;
        vt_bundle_add(bundle, evidence.domain, evidence.profile, NULL);
        vt_redact_bundle(bundle);
        redacted = verdicts(&evidence);
        if (strcmp(ordinary, want) != 0)
            fail_msg("%s: without its secrets:\n%s\ninstead of\n%s", one->name, ordinary, want);
        if (strcmp(redacted, want) != 0)
            fail_msg("%s: without its names:\n%s\ninstead of\n%s", one->name, redacted, want);
    }
    assert_true(cases->len > 100);
}

static gboolean has_case(const VtRule *rule, const char *kind)
{
    const gsize length = strlen(kind);

    for (guint i = 0; i < cases->len; i++) {
        const VtTestCase *one = g_ptr_array_index(cases, i);
        const char *name = strchr(one->name, '/') + 1;

        if (one->rule == rule && strncmp(name, kind, length) == 0 &&
            (name[length] == '\0' || name[length] == '.'))
            return TRUE;
    }
    return FALSE;
}

/* The least that a rule must show. */
static void test_fixtures_are_complete(void **state)
{
    static const char *const kinds[] = {"hit", "quiet", "unknown"};
    g_autoptr(GString) missing = g_string_new(NULL);

    for (guint i = 0; i < rules->rules->len; i++) {
        const VtRule *rule = g_ptr_array_index(rules->rules, i);

        for (guint j = 0; j < G_N_ELEMENTS(kinds); j++)
            if (!has_case(rule, kinds[j]))
                g_string_append_printf(missing, " %s/%s", rule->id, kinds[j]);
        if ((changes_domain(rule) || rule->satisfied->len > 0) && !has_case(rule, "satisfied"))
            g_string_append_printf(missing, " %s/satisfied", rule->id);
        for (guint j = 1; j <= rule->guards->len; j++) {
            g_autofree char *kind = g_strdup_printf("guard-%u", j);

            if (!has_case(rule, kind))
                g_string_append_printf(missing, " %s/%s", rule->id, kind);
        }
    }
    if (missing->len > 0)
        fail_msg("no such fixture in tests/rules:%s", missing->str);
}

static void check_pair(const VtRule *rule, const VtRule *other, const VtTestCase *one)
{
    g_auto(VtTestEvidence) evidence = vt_test_case_evidence(one);
    g_autoptr(GPtrArray) findings = match(rule, &evidence), others = match(other, &evidence);
    const VtFinding *above, *below;

    assert_int_equal(findings->len, 1);
    assert_int_equal(others->len, 1);
    above = g_ptr_array_index(findings, 0);
    below = g_ptr_array_index(others, 0);
    g_ptr_array_add(findings, g_ptr_array_steal_index(others, 0));
    if (above->verdict != VT_VERDICT_ADVISE || below->verdict != VT_VERDICT_ADVISE)
        fail_msg("%s: it is to show both rules, but %s says: %s", one->name,
                 above->verdict != VT_VERDICT_ADVISE ? rule->id : other->id,
                 above->verdict != VT_VERDICT_ADVISE ? above->reason : below->reason);
    vt_plan_order(rules, findings);
    assert_null(above->superseded_by);
    if (g_strcmp0(below->superseded_by, rule->id) != 0)
        fail_msg("%s: %s does not wait", one->name, other->id);
    assert_non_null(below->superseded_why);
    assert_true(vt_finding_is_open(above));
    assert_false(vt_finding_is_open(below));
}

static const VtTestCase *find_case(const char *name)
{
    for (guint i = 0; i < cases->len; i++)
        if (strcmp(((const VtTestCase *)g_ptr_array_index(cases, i))->name, name) == 0)
            return g_ptr_array_index(cases, i);
    return NULL;
}

/* Each rule that supersedes another has a case hit.before-OTHER where both are advised. */
static void test_superseded(void **state)
{
    g_autoptr(GString) missing = g_string_new(NULL);
    guint n = 0;

    for (guint i = 0; i < rules->rules->len; i++) {
        const VtRule *rule = g_ptr_array_index(rules->rules, i);

        for (guint j = 0; j < rule->supersedes->len; j++) {
            const VtRuleLink *link = g_ptr_array_index(rule->supersedes, j);
            g_autofree char *name = g_strdup_printf("%s/hit.before-%s", rule->id, link->rule);
            const VtTestCase *one = find_case(name);

            n++;
            if (one)
                check_pair(rule, vt_rule_set_find(rules, link->rule), one);
            else
                g_string_append_printf(missing, " %s", name);
        }
    }
    if (missing->len > 0)
        fail_msg("no such fixture in tests/rules:%s", missing->str);
    assert_true(n > 0);
}

static gboolean is_measured(const VtCond *cond)
{
    for (guint i = 0; cond && i < cond->children->len; i++)
        if (is_measured(g_ptr_array_index(cond->children, i)))
            return TRUE;
    return cond && cond->metric && (cond->has_above || cond->has_below);
}

/* Where a figure is from: it is an estimate or a heuristic, a default of somebody's, or a per cent
 * of a vCPU. */
static gboolean says_where_from(const char *why)
{
    static const char *const words[] = {"heuristic", "estimate", "by default", "default is"};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(why, words[i]))
            return TRUE;
    return FALSE;
}

/* What one command changes it or a later one of the same change takes back. */
static gboolean can_be_undone(const VtChange *change)
{
    gboolean undone = TRUE;

    for (guint i = 0; i < change->commands->len; i++)
        undone = ((const VtCommand *)g_ptr_array_index(change->commands, i))->undo != NULL;
    return undone;
}

/* What the loader does not insist on, but our own rules have. */
static void test_rules_are_complete(void **state)
{
    for (guint i = 0; i < rules->rules->len; i++) {
        const VtRule *rule = g_ptr_array_index(rules->rules, i);

        if (rule->references->len == 0)
            fail_msg("%s has no reference", rule->id);
        if (is_measured(rule->symptom) && !says_where_from(rule->why))
            fail_msg("%s does not say where its thresholds are from", rule->id);
        for (guint j = 0; j < rule->changes->len; j++)
            if (!can_be_undone(g_ptr_array_index(rule->changes, j)))
                fail_msg("%s does not say how to undo it", rule->id);
        if (rule->note)
            continue;
        if (!rule->symptom || !rule->require || rule->gains->len == 0 || !rule->risk)
            fail_msg("%s lacks a symptom, a requirement, a gain or a risk", rule->id);
        if (rule->guards->len == 0)
            fail_msg("%s names no reason not to give this advice", rule->id);
    }
}

static void load_rules(void)
{
    g_autofree char *schema_path = vt_test_src("data/rules.rng");
    g_autofree char *dir = vt_test_src("data/rules");
    g_autoptr(GError) error = NULL;
    VtXmlSchema *schema = vt_xml_schema_load(schema_path, &error);

    rules = schema ? vt_rule_load_dir(dir, schema, &error) : NULL;
    if (!rules)
        g_error("%s", error->message);
    vt_xml_schema_free(schema);
    if (g_file_test(LIBVIRT_SCHEMA, G_FILE_TEST_EXISTS)) {
        libvirt_schema = vt_xml_schema_load(LIBVIRT_SCHEMA, &error);
        if (!libvirt_schema)
            g_error("%s", error->message);
        if (!schema_knows("passthrough"))
            g_error("%s does not know a mode that it should", LIBVIRT_SCHEMA);
        host_model_known = schema_knows("host-model");
    } else {
        print_message("# %s is missing: the XML is not validated against it\n", LIBVIRT_SCHEMA);
    }
}

static int compare_cases(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const VtTestCase *const *)a)->name, (*(const VtTestCase *const *)b)->name);
}

static void add_cases(const VtRule *rule, const char *top)
{
    g_autofree char *path = g_build_filename(top, rule->id, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *case_path = g_build_filename(path, name, NULL);
        VtTestCase *one;

        if (!g_file_test(case_path, G_FILE_TEST_IS_DIR))
            continue;
        one = g_new0(VtTestCase, 1);
        one->rule = rule;
        one->name = g_strdup_printf("%s/%s", rule->id, name);
        one->dir = g_steal_pointer(&case_path);
        g_ptr_array_add(cases, one);
    }
}

int main(void)
{
    g_autofree char *top = vt_test_src("tests/rules");
    g_autofree struct CMUnitTest *tests = NULL;
    const struct CMUnitTest whole[] = {
        cmocka_unit_test(test_rules_are_complete),
        cmocka_unit_test(test_fixtures_are_complete),
        cmocka_unit_test(test_superseded),
        cmocka_unit_test(test_migrating),
        cmocka_unit_test(test_redacted),
    };
    int failed;

    load_rules();
    cases = g_ptr_array_new_with_free_func(vt_test_case_free);
    for (guint i = 0; i < rules->rules->len; i++)
        add_cases(g_ptr_array_index(rules->rules, i), top);
    g_ptr_array_sort(cases, compare_cases);

    tests = g_new0(struct CMUnitTest, cases->len + G_N_ELEMENTS(whole));
    memcpy(tests, whole, sizeof whole);
    for (guint i = 0; i < cases->len; i++) {
        VtTestCase *one = g_ptr_array_index(cases, i);

        tests[G_N_ELEMENTS(whole) + i] =
            (struct CMUnitTest){.name = one->name, .test_func = test_case, .initial_state = one};
    }
    failed = _cmocka_run_group_tests("rules", tests, cases->len + G_N_ELEMENTS(whole), NULL, NULL);

    g_ptr_array_unref(cases);
    vt_rule_set_free(rules);
    vt_xml_schema_free(libvirt_schema);
    return failed;
}
