/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A site's policy: what it makes of rules and findings, what it takes from which file, and what it
 * refuses. */
#include "config.h"

#include <glib/gstdio.h>

#include "base/error.h"
#include "rule/policy.h"
#include "rule/rule-match.h"
#include "vt-test-rule.h"

#define MAC "52:54:00:00:00:0a"
#define NIC "<devices><interface type='network'><mac address='" MAC "'/></interface></devices>"
#define WAIVER(name, more)                                                                         \
    "[waiver " name "]\nrule=nic\ndomain=d\nreason=Because.\n" more

/* 2027-03-31 00:00 UTC; the harness leaves the time zone, so bounds are a day apart. */
#define DAY (G_GINT64_CONSTANT(1806451200))
#define HOURS(n) ((gint64)(n) * 3600)

typedef struct {
    char *dir, *path;
    VtRuleSet *rules;
    VtDomain *domain;
    VtPolicy *policy;
} Fixture;

static void add(Fixture *f, const char *id, const char *body)
{
    g_autofree char *all = g_strconcat(TEST_CHANGE, body, NULL);

    vt_rule_set_add(f->rules, test_rule_full(id, "", all));
}

static int setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = g_dir_make_tmp("vt-policy-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "virt-tune.conf", NULL);
    f->rules = vt_rule_set_new();
    f->policy = vt_policy_new();
    f->domain = test_domain(NIC, NULL);
    add(f, "nic",
        "<each select='devices/interface'/><symptom><any><rate metric='exit.mmio' above='1000'/>"
        "<share metric='exit.mmio' above='0.25'/></any></symptom>"
        "<require><host fact='cpus.count' above='1'/></require>");
    add(f, "halt",
        "<symptom><rate metric='exit.hlt' above='100' below='5000'/>"
        "<rate metric='exits' minus='exit.hlt' below='1000'/></symptom>"
        "<guard why='W'><all><ratio metric='kvm.halt_successful_poll' of='kvm.halt_attempted_poll'"
        " below='0.2'/><version of='qemu' below='9'/></all></guard>"
        "<satisfied><rate metric='exit.hlt' below='10'/></satisfied>");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    Fixture *f = *state;

    g_unlink(f->path);
    g_rmdir(f->dir);
    vt_rule_set_free(f->rules);
    vt_policy_free(f->policy);
    vt_domain_unref(f->domain);
    g_free(f->dir);
    g_free(f->path);
    g_free(f);
    return 0;
}

static gboolean read_text(Fixture *f, const char *text, GError **error)
{
    assert_true(g_file_set_contents(f->path, text, -1, NULL));
    return vt_policy_read(f->policy, f->path, error);
}

/* Reads and applies. */
static void must(Fixture *f, const char *text)
{
    g_autoptr(GError) error = NULL;

    if (!read_text(f, text, &error) || !vt_policy_apply(f->policy, f->rules, &error))
        fail_msg("%s", error->message);
}

static void assert_refused(Fixture *f, const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *expected = g_strconcat(f->path, message, NULL);

    vt_policy_free(f->policy);
    f->policy = vt_policy_new();
    if (read_text(f, text, &error) && vt_policy_apply(f->policy, f->rules, &error))
        fail_msg("“%s” was accepted", text);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!g_str_has_prefix(error->message, expected))
        fail_msg("“%s”: expected “%s”, got “%s”", text, expected, error->message);
}

static void assert_thresholds(const Fixture *f, const char *id, const char *expected)
{
    g_autoptr(GPtrArray) lines = vt_policy_thresholds(vt_rule_set_find(f->rules, id));
    g_autofree char *text = NULL;

    g_ptr_array_add(lines, NULL);
    text = g_strjoinv("|", (char **)lines->pdata);
    assert_string_equal(text, expected);
}

#define HALT                                                                                       \
    "above.rate.exit.hlt=100|below.rate.exit.hlt=5000|below.rate.exits - exit.hlt=1000|"           \
    "below.ratio.kvm.halt_successful_poll / kvm.halt_attempted_poll=0.2"

static void test_thresholds(void **state)
{
    Fixture *f = *state;

    assert_thresholds(f, "nic",
                      "above.rate.exit.mmio=1000|above.share.exit.mmio=0.25|"
                      "above.host.cpus.count=1");
    assert_thresholds(f, "halt", HALT "|below.rate.exit.hlt=10");
    must(f, "[rule nic]\nabove.rate.exit.mmio=500\nabove.host.cpus.count = 3\n"
            "[rule halt]\nbelow.rate.exits - exit.hlt=7.5\n");
    assert_thresholds(f, "nic",
                      "above.rate.exit.mmio=500|above.share.exit.mmio=0.25|"
                      "above.host.cpus.count=3");
    /* Every condition with this bound. */
    must(f, "[rule halt]\nbelow.rate.exit.hlt=4000\n");
    assert_thresholds(f, "halt",
                      "above.rate.exit.hlt=100|below.rate.exit.hlt=4000|"
                      "below.rate.exits - exit.hlt=7.5|"
                      "below.ratio.kvm.halt_successful_poll / kvm.halt_attempted_poll=0.2");
}

/* The figure counts in the matcher, and is what the evidence says. */
static void test_threshold_matches(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(VtProfile) profile =
        test_profile(3, "exit", "exit.mmio 2000 2000 2000", "exit.hlt 9 9 9", NULL);
    VtMatchInput input = {.domain = f->domain, .profile = profile, .host = host};
    const VtRule *rule = vt_rule_set_find(f->rules, "nic");
    g_autoptr(GPtrArray) before = NULL, after = NULL;

    vt_host_set(host, "cpus.count", "8");
    before = vt_rule_match_one(NULL, rule, &input);
    assert_int_equal(((const VtFinding *)before->pdata[0])->verdict, VT_VERDICT_ADVISE);
    must(f, "[rule nic]\nabove.rate.exit.mmio=3000\nabove.share.exit.mmio=0.999\n");
    vt_rule_set_silence(f->rules, "halt");
    {
        g_autoptr(VtProfile) other = test_profile(3, "exit", "exit.mmio 2000 2000 2000",
                                                  "exit.io 900 900 900", NULL);

        input.profile = other;
        after = vt_rule_match_one(NULL, rule, &input);
        assert_int_equal(((const VtFinding *)after->pdata[0])->verdict, VT_VERDICT_QUIET);
        assert_non_null(strstr(((const VtFinding *)after->pdata[0])->reason, "not above 3,000"));
    }
}

static void test_off(void **state)
{
    Fixture *f = *state;

    must(f, "[rules]\noff= nic ; halt;\n");
    assert_true(vt_rule_set_find(f->rules, "nic")->off);
    assert_true(vt_rule_set_find(f->rules, "halt")->off);
    /* A user may want to hear of it all the same. */
    must(f, "[rule nic]\noff=no\n");
    assert_false(vt_rule_set_find(f->rules, "nic")->off);
    assert_true(vt_rule_set_find(f->rules, "halt")->off);
}

static void test_later_file_wins(void **state)
{
    Fixture *f = *state;

    must(f, "[rule nic]\nabove.rate.exit.mmio=500\n" WAIVER("w", "") "device=nothing\n");
    must(f, "[rule nic]\nabove.rate.exit.mmio=600\n" WAIVER("w", ""));
    assert_thresholds(f, "nic",
                      "above.rate.exit.mmio=600|above.share.exit.mmio=0.25|"
                      "above.host.cpus.count=1");
    {
        g_autoptr(GPtrArray)
            findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
        VtFinding *finding = vt_finding_new("nic");

        finding->verdict = VT_VERDICT_ADVISE;
        g_ptr_array_add(findings, finding);
        vt_policy_waive(f->policy, f->domain, findings, 0);
        assert_string_equal(finding->waived_by, "w");
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"[colours]\n", ":1: there is no group [colours]"},
        {"[rule]\n", ":1: there is no group [rule]"},
        {"[rules]\non=nic\n", ":2: the group [rules] has no key “on”; it has off"},
        {"[rules]\noff=nic;nobody\n", ":2: there is no rule “nobody”"},
        {"[rule nobody]\noff=yes\n", ":2: there is no rule “nobody”"},
        {"[rule nic]\noff=maybe\n", ":2: off is “maybe”; it must be yes or no"},
        {"[rule nic]\nseverity=low\n", ":2: “severity” is no setting of a rule"},
        {"[rule nic]\n\nabove.rate.exit.io=5\n", ":3: nic has no threshold above.rate.exit.io"},
        {"[rule nic]\nbelow.rate.exit.mmio=5\n", ":2: nic has no threshold below.rate.exit.mmio"},
        {"[rule nic]\nabove.rate.exit.mmio=many\n",
         ":2: above.rate.exit.mmio is “many”; it must be a number"},
        {"[rule nic]\nabove.rate.exit.mmio=-1\n", ":2: above.rate.exit.mmio is “-1”"},
        {"[rule nic]\nabove.share.exit.mmio=25\n", ":2: a share lies between 0 and 1"},
        {"[rule halt]\nabove.rate.exit.hlt=9000\n",
         ":2: nothing can be above and below these thresholds at once"},
        {"[rule halt]\nbelow.version.qemu=1\n", ":2: halt has no threshold below.version.qemu"},
        {WAIVER("w", "colour=red\n"), ":5: a waiver has no key “colour”"},
        {"[waiver w]\nrule=nic\ndomain=d\n", ":1: the waiver “w” lacks reason"},
        {"[waiver w]\nrule=nic\nreason=x\n", ":1: the waiver “w” lacks domain"},
        {"[waiver w]\ndomain=d\nreason=x\n", ":1: the waiver “w” lacks rule"},
        {"[waiver w]\nrule=nic\ndomain=\n", ":3: domain is empty"},
        {"[waiver w]\nrule=nobody\ndomain=d\nreason=x\n", ":1: there is no rule “nobody”"},
        {WAIVER("w", "expires=soon\n"), ":5: “soon” is no date such as 2027-03-31"},
        {WAIVER("w", "expires=2027-02-30\n"), ":5: “2027-02-30” is no date"},
        {WAIVER("w", "expires=31.3.2027\n"), ":5: “31.3.2027” is no date"},
        {WAIVER("w", "expires=2027-03-31x\n"), ":5: “2027-03-31x” is no date"},
        {WAIVER("w", "") WAIVER("w", ""), ":5: the group [waiver w] also begins on line 1"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_refused(*state, bad[i].text, bad[i].message);
}

static void test_absent_file(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    assert_false(vt_policy_read(f->policy, "/nonexistent/virt-tune.conf", &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
}

/* Waivers. */

typedef struct {
    const char *waiver; /* without its heading */
    gint64 now_s;
    gboolean covers;
} WaiverCase;

static const WaiverCase waivers[] = {
    {"rule=nic\ndomain=d\nreason=R\n", 0, TRUE},
    {"rule=nic\ndomain=*\nreason=R\n", 0, TRUE},
    {"rule=nic\ndomain=?\nreason=R\n", 0, TRUE},
    {"rule=nic\ndomain=D\nreason=R\n", 0, FALSE},
    {"rule=nic\ndomain=dd\nreason=R\n", 0, FALSE},
    {"rule=nic\ndomain=" TEST_UUID "\nreason=R\n", 0, TRUE},
    {"rule=halt\ndomain=*\nreason=R\n", 0, FALSE},
    {"rule=nic\ndomain=d\ndevice=" MAC "\nreason=R\n", 0, TRUE},
    {"rule=nic\ndomain=d\ndevice=52:54:00:00:00:0A\nreason=R\n", 0, TRUE},
    {"rule=nic\ndomain=d\ndevice=52:54:*\nreason=R\n", 0, TRUE},
    {"rule=nic\ndomain=d\ndevice=vda\nreason=R\n", 0, FALSE},
    {"rule=nic\ndomain=d\nreason=R\nexpires=2027-03-31\n", DAY - HOURS(15), TRUE},
    {"rule=nic\ndomain=d\nreason=R\nexpires=2027-03-31\n", DAY + HOURS(37), FALSE},
    {"rule=nic\ndomain=d\nreason=R\nexpires=2027-03-31T00:00:00Z\n", DAY - 1, TRUE},
    {"rule=nic\ndomain=d\nreason=R\nexpires=2027-03-31T00:00:00Z\n", DAY, FALSE},
    {"rule=nic\ndomain=d\nreason=R\nexpires=2027-03-31T02:00:00+02:00\n", DAY - 1, TRUE},
    {"rule=nic\ndomain=d\nreason=R\nexpires=2027-03-31T02:00:00+02:00\n", DAY, FALSE},
    {"rule=nic\ndomain=d\nreason=R\nexpires=9999-12-31\n", DAY, TRUE},
};

static void test_waivers(void **state)
{
    Fixture *f = *state;

    for (guint i = 0; i < G_N_ELEMENTS(waivers); i++) {
        g_autoptr(GPtrArray)
            findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
        g_autofree char *text = g_strconcat("[waiver w]\n", waivers[i].waiver, NULL);
        VtFinding *finding = vt_finding_new("nic");

        vt_policy_free(f->policy);
        f->policy = vt_policy_new();
        must(f, text);
        finding->verdict = VT_VERDICT_ADVISE;
        finding->device = g_strdup(MAC);
        g_ptr_array_add(findings, finding);
        vt_policy_waive(f->policy, f->domain, findings, waivers[i].now_s);
        if ((finding->waived_by != NULL) != waivers[i].covers)
            fail_msg("waiver %u: %s", i, waivers[i].waiver);
        if (waivers[i].covers)
            assert_string_equal(finding->waived_why, "R");
    }
}

/* The last day counts in the user's time zone. */
static void test_last_day(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    VtFinding *finding = vt_finding_new("nic");
    g_autoptr(GDateTime) last = g_date_time_new_local(2027, 3, 31, 23, 59, 59);

    finding->verdict = VT_VERDICT_ADVISE;
    g_ptr_array_add(findings, finding);
    must(f, WAIVER("w", "expires=2027-03-31\n"));
    vt_policy_waive(f->policy, f->domain, findings, g_date_time_to_unix(last) + 1);
    assert_null(finding->waived_by);
    vt_policy_waive(f->policy, f->domain, findings, g_date_time_to_unix(last));
    assert_string_equal(finding->waived_by, "w");
    assert_string_equal(finding->waived_until, "2027-03-31");
    assert_false(vt_finding_is_open(finding));
}

/* Only what would be said; the first by name is the one that is named. */
static void test_what_is_waived(void **state)
{
    Fixture *f = *state;

    must(f, WAIVER("z", "") WAIVER("b", "expires=2001-01-01\n") WAIVER("m", "device=" MAC "\n"));
    for (VtVerdict verdict = VT_VERDICT_NOT_APPLICABLE; verdict <= VT_VERDICT_NOTE; verdict++) {
        const gboolean said = verdict == VT_VERDICT_ADVISE || verdict == VT_VERDICT_NOTE;
        g_autoptr(GPtrArray)
            findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
        VtFinding *finding = vt_finding_new("nic"), *other = vt_finding_new("nic");

        finding->verdict = other->verdict = verdict;
        other->device = g_strdup(MAC);
        g_ptr_array_add(findings, finding);
        g_ptr_array_add(findings, other);
        vt_policy_waive(f->policy, f->domain, findings, DAY);
        assert_int_equal(g_strcmp0(finding->waived_by, said ? "z" : NULL), 0);
        assert_int_equal(g_strcmp0(other->waived_by, said ? "m" : NULL), 0);
    }
}

static void test_expired(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) sentences = NULL;
    g_autofree char *expected =
        g_strconcat(f->path, ":5: the waiver “b” expired (2001-01-01) and covers nothing", NULL);

    must(f, WAIVER("a", "") WAIVER("b", "expires=2001-01-01\n") WAIVER("c", "expires=2031-01-01\n"));
    sentences = vt_policy_expired(f->policy, DAY);
    assert_int_equal(sentences->len, 1);
    assert_true(g_str_has_prefix(sentences->pdata[0], expected));
}

static int teardown_all(void **state)
{
    test_schema_free();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_thresholds),   TEST(test_threshold_matches), TEST(test_off),
        TEST(test_later_file_wins), TEST(test_refused),        TEST(test_absent_file),
        TEST(test_waivers),      TEST(test_last_day),          TEST(test_what_is_waived),
        TEST(test_expired),
    };

    return cmocka_run_group_tests(tests, NULL, teardown_all);
}
