/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule, what it is matched against, and its findings; each time also briefly, and by a set that has its verdict. */
#pragma once

#include "rule/rule-match.h"
#include "vt-test-rule.h"

#define NIC(model)                                                                                 \
    "<devices><interface type='network'><mac address='52:54:00:00:00:01'/><model type='" model     \
    "'/></interface></devices>"
#define EACH_E1000 "<each select=\"devices/interface[model/@type='e1000']\"/>"
#define SYMPTOM "<symptom><rate metric='exit.mmio' above='1000'/></symptom>"

/* The input and the findings of one rule. */
typedef struct {
    VtRule *rule;
    VtDomain *domain;
    VtProfile *profile;
    VtHost *host;
    gboolean assume;
    GPtrArray *findings;
} Case;

static inline void case_clear(Case *c)
{
    vt_rule_free(c->rule);
    vt_domain_unref(c->domain);
    vt_profile_unref(c->profile);
    vt_host_unref(c->host);
    g_clear_pointer(&c->findings, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Case, case_clear)

/* Busy, and far above the symptom's threshold. */
static inline VtProfile *busy(void)
{
    return test_profile(3, "exit", "exit.mmio 30000 30000 30000", "exit.hlt 500 500 500", NULL);
}

/* A brief match says the same of every device, only with fewer words. */
static inline void assert_brief_agrees(const Case *c, VtMatchInput input)
{
    g_autoptr(GPtrArray) brief = NULL;

    input.brief = TRUE;
    brief = vt_rule_match_one(NULL, c->rule, &input);
    assert_int_equal(brief->len, c->findings->len);
    for (guint i = 0; i < brief->len; i++) {
        const VtFinding *a = g_ptr_array_index(brief, i);
        const VtFinding *b = g_ptr_array_index(c->findings, i);
        const gboolean shown = a->verdict == VT_VERDICT_ADVISE || a->verdict == VT_VERDICT_NOTE ||
                               a->verdict == VT_VERDICT_UNKNOWN;

        assert_int_equal(a->verdict, b->verdict);
        assert_int_equal(a->confidence, b->confidence);
        assert_int_equal(a->pending, b->pending);
        if (b->verdict == VT_VERDICT_BLOCKED)
            assert_int_equal(a->no_symptom, b->no_symptom);
        assert_int_equal(a->changes->len, b->changes->len);
        assert_int_equal(a->evidence->len, shown ? b->evidence->len : 0);
        assert_true(g_strcmp0(a->device, b->device) == 0);
        assert_string_equal(a->title, b->title);
        assert_non_null(a->reason);
        if (shown)
            assert_string_equal(a->reason, b->reason);
    }
}

/* And one for its verdicts alone, with none. */
static inline void assert_verdicts_agree(const Case *c, VtMatchInput input)
{
    g_autoptr(GPtrArray) verdicts = NULL;

    input.verdicts = TRUE;
    verdicts = vt_rule_match_one(NULL, c->rule, &input);
    assert_int_equal(verdicts->len, c->findings->len);
    for (guint i = 0; i < verdicts->len; i++) {
        const VtFinding *a = g_ptr_array_index(verdicts, i);
        const VtFinding *b = g_ptr_array_index(c->findings, i);

        assert_int_equal(a->verdict, b->verdict);
        assert_true(g_strcmp0(a->device, b->device) == 0);
        assert_int_equal(a->evidence->len + a->changes->len, 0);
        assert_null(a->why);
        assert_non_null(a->reason);
    }
}

static inline VtFinding *match(Case *c)
{
    VtMatchInput input = {
        .profile = c->profile, .host = c->host, .assume_guest_drivers = c->assume};

    if (!c->domain)
        c->domain = test_domain("", NULL);
    input.domain = c->domain;
    g_clear_pointer(&c->findings, g_ptr_array_unref);
    c->findings = vt_rule_match_one(NULL, c->rule, &input);
    assert_true(c->findings->len > 0);
    assert_brief_agrees(c, input);
    assert_verdicts_agree(c, input);
    return g_ptr_array_index(c->findings, 0);
}

static inline void assert_verdict(Case *c, VtVerdict verdict, const char *reason)
{
    const VtFinding *finding = match(c);

    if (finding->verdict != verdict)
        fail_msg("%s, not %s: %s", vt_verdict_name(finding->verdict), vt_verdict_name(verdict),
                 finding->reason);
    if (!strstr(finding->reason, reason))
        fail_msg("expected “%s”, got “%s”", reason, finding->reason);
}

static inline const VtFinding *finding_of(const Case *c, const char *device)
{
    for (guint i = 0; i < c->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(c->findings, i);

        if (g_strcmp0(finding->device, device) == 0)
            return finding;
    }
    fail_msg("no finding of %s", device);
    return NULL;
}

/* The order: each verdict with everything that comes later in it also true. */

