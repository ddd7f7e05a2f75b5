/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on what another rule says. */
#include "config.h"

#include "rule/rule-match.h"
#include "vt-test-rule.h"

#define NIC(mac, model)                                                                            \
    "<interface type='network'><mac address='" mac "'/><model type='" model "'/></interface>"
#define MAC_A "52:54:00:00:00:0a"
#define MAC_B "52:54:00:00:00:0b"
#define EACH "<each select='devices/interface'/>"
#define BUSY "<symptom><rate metric='exit.mmio' above='1000'/></symptom>"

typedef struct {
    VtRuleSet *rules;
    VtDomain *domain;
    VtProfile *profile;
    GPtrArray *findings;
} Fixture;

static int setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->rules = vt_rule_set_new();
    f->domain =
        test_domain("<devices>" NIC(MAC_A, "e1000") NIC(MAC_B, "virtio") "</devices>", NULL);
    f->profile = test_profile(3, "exit", "exit.mmio 30000 30000 30000", NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    Fixture *f = *state;

    vt_rule_set_free(f->rules);
    vt_domain_unref(f->domain);
    vt_profile_unref(f->profile);
    g_clear_pointer(&f->findings, g_ptr_array_unref);
    g_free(f);
    return 0;
}

static void add(Fixture *f, const char *id, const char *body)
{
    g_autofree char *all = g_strconcat(TEST_CHANGE, body, NULL);

    vt_rule_set_add(f->rules, test_rule_full(id, "", all));
}

static void match(Fixture *f, gboolean brief)
{
    VtMatchInput input = {.domain = f->domain, .profile = f->profile, .brief = brief};

    g_clear_pointer(&f->findings, g_ptr_array_unref);
    f->findings = vt_rule_match(f->rules, &input);
}

/* The only finding of @rule about @device (NULL: the domain). */
static const VtFinding *find(const Fixture *f, const char *rule, const char *device)
{
    const VtFinding *found = NULL;

    for (guint i = 0; i < f->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(f->findings, i);

        if (!g_str_equal(finding->rule, rule) || g_strcmp0(finding->device, device) != 0)
            continue;
        if (found)
            fail_msg("%s speaks twice of %s", rule, device ? device : "the domain");
        found = finding;
    }
    if (!found)
        fail_msg("%s says nothing of %s", rule, device ? device : "the domain");
    return found;
}

/* The same whether or not evidence is wanted. */
static void assert_verdict(Fixture *f, const char *rule, const char *device, VtVerdict verdict)
{
    for (int brief = 0; brief < 2; brief++) {
        match(f, brief);
        if (find(f, rule, device)->verdict != verdict)
            fail_msg("%s: %s, not %s", rule, vt_verdict_name(find(f, rule, device)->verdict),
                     vt_verdict_name(verdict));
    }
}

/* "a" comes first by name and asks for "z". */
static void test_order(void **state)
{
    Fixture *f = *state;

    add(f, "z", BUSY);
    add(f, "a", BUSY "<require><rule id='z' verdict='advise'/></require>");
    add(f, "b", BUSY "<guard why='W'><rule id='z' verdict='quiet|advise'/></guard>");
    add(f, "c", BUSY "<require><not><rule id='z' verdict='advise'/></not></require>");
    assert_verdict(f, "a", NULL, VT_VERDICT_ADVISE);
    assert_verdict(f, "b", NULL, VT_VERDICT_BLOCKED);
    assert_verdict(f, "c", NULL, VT_VERDICT_NOT_APPLICABLE);
    assert_verdict(f, "z", NULL, VT_VERDICT_ADVISE);
    assert_int_equal(f->findings->len, 4);
}

static void test_chain(void **state)
{
    Fixture *f = *state;

    add(f, "c", BUSY "<guard why='W'><domain test='name'/></guard>");
    add(f, "b", BUSY "<require><rule id='c' verdict='blocked'/></require>");
    add(f, "a", BUSY "<require><rule id='b' verdict='advise'/></require>");
    assert_verdict(f, "a", NULL, VT_VERDICT_ADVISE);
}

static void test_same_device(void **state)
{
    Fixture *f = *state;

    add(f, "nic", EACH BUSY "<satisfied test=\"model/@type='virtio'\"/>");
    add(f, "queues", EACH BUSY "<require><rule id='nic' verdict='satisfied'/></require>");
    add(f, "whole", BUSY "<require><rule id='nic' verdict='satisfied'/></require>");
    assert_verdict(f, "queues", MAC_A, VT_VERDICT_NOT_APPLICABLE);
    assert_verdict(f, "queues", MAC_B, VT_VERDICT_ADVISE);
    assert_verdict(f, "whole", NULL, VT_VERDICT_ADVISE);
}

static void test_unknown(void **state)
{
    Fixture *f = *state;
    const VtEvidence *evidence;

    add(f, "port", "<symptom><rate metric='kvm.insn_emulation' above='1'/></symptom>");
    add(f, "a", BUSY "<require><rule id='port' verdict='advise'/></require>");
    add(f, "b", BUSY "<require><rule id='port' verdict='unknown'/></require>");
    assert_verdict(f, "a", NULL, VT_VERDICT_UNKNOWN);
    assert_verdict(f, "b", NULL, VT_VERDICT_ADVISE);
    match(f, FALSE);
    evidence = g_ptr_array_index(find(f, "a", NULL)->evidence, 1);
    assert_string_equal(evidence->kind, "rule");
    assert_string_equal(evidence->subject, "port");
    assert_string_equal(evidence->text_value, "unknown");
    assert_string_equal(evidence->detail, "the rule port cannot be decided");
    assert_string_equal(evidence->remedy, "`virt-tune explain port d` tells what is missing");
    evidence = g_ptr_array_index(find(f, "b", NULL)->evidence, 1);
    assert_string_equal(evidence->detail, "the rule port says unknown");
}

/* One that is not there is not taken for quiet. */
static void test_absent(void **state)
{
    Fixture *f = *state;

    add(f, "a", BUSY "<require><rule id='nobody' verdict='quiet'/></require>");
    assert_verdict(f, "a", NULL, VT_VERDICT_UNKNOWN);
    match(f, FALSE);
    assert_non_null(strstr(find(f, "a", NULL)->reason, "the rule nobody was not evaluated"));
}

/* The loader refuses it; whoever makes such a set gets an answer all the same. */
static void test_circle(void **state)
{
    Fixture *f = *state;

    add(f, "a", BUSY "<require><rule id='b' verdict='advise'/></require>");
    add(f, "b", BUSY "<require><rule id='a' verdict='advise'/></require>");
    assert_verdict(f, "a", NULL, VT_VERDICT_UNKNOWN);
    assert_verdict(f, "b", NULL, VT_VERDICT_UNKNOWN);
}

static void test_silent(void **state)
{
    Fixture *f = *state;
    VtMatchInput input = {.domain = f->domain, .profile = f->profile};
    g_autoptr(GPtrArray) one = NULL;

    add(f, "z", BUSY);
    add(f, "a", BUSY "<require><rule id='z' verdict='advise'/></require>");
    vt_rule_set_silence(f->rules, "z");
    vt_rule_set_silence(f->rules, "nobody");
    assert_null(vt_rule_set_find(f->rules, "z"));
    assert_non_null(vt_rule_set_find_any(f->rules, "z"));
    assert_verdict(f, "a", NULL, VT_VERDICT_ADVISE);
    assert_int_equal(f->findings->len, 1);
    one = vt_rule_match_one(f->rules, vt_rule_set_find(f->rules, "a"), &input);
    assert_int_equal(one->len, 1);
    assert_int_equal(((const VtFinding *)g_ptr_array_index(one, 0))->verdict, VT_VERDICT_ADVISE);
}

/* Of one rule, only what that one says, although the other one was evaluated for it. */
static void test_one(void **state)
{
    Fixture *f = *state;
    VtMatchInput input = {.domain = f->domain, .profile = f->profile};
    g_autoptr(GPtrArray) one = NULL;

    add(f, "z", BUSY);
    add(f, "a", BUSY "<require><rule id='z' verdict='advise'/></require>");
    one = vt_rule_match_one(f->rules, vt_rule_set_find(f->rules, "a"), &input);
    assert_int_equal(one->len, 1);
    assert_string_equal(((const VtFinding *)g_ptr_array_index(one, 0))->rule, "a");
    assert_int_equal(((const VtFinding *)g_ptr_array_index(one, 0))->verdict, VT_VERDICT_ADVISE);
}

static void test_migrating(void **state)
{
    Fixture *f = *state;

    add(f, "z", BUSY);
    add(f, "a", BUSY "<require><rule id='z' verdict='advise'/></require>");
    f->domain->migrating = VT_YES;
    assert_verdict(f, "a", NULL, VT_VERDICT_BLOCKED);
    assert_verdict(f, "z", NULL, VT_VERDICT_BLOCKED);
    f->domain->migrating = VT_UNKNOWN;
    assert_verdict(f, "a", NULL, VT_VERDICT_ADVISE);
}

static int teardown_all(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_same_device, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_circle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_migrating, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, teardown_all);
}
