/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before and after: what counts as a difference, and when nothing can be told. */
#include <string.h>

#include "plan/verify.h"
#include "rule/rule-load.h"
#include "vt-test.h"

#define GAIN(attributes) "<gain " attributes " to='user' basis='B'/>"

static VtXmlSchema *schema;

static int set_up(void **state)
{
    g_autofree char *path = vt_test_src("data/rules.rng");

    schema = vt_xml_schema_load(path, NULL);
    return schema ? 0 : -1;
}

static int tear_down(void **state)
{
    vt_xml_schema_free(schema);
    return 0;
}

static VtRule *rule_with(const char *body)
{
    g_autofree char *text = g_strdup_printf(
        "<rule format='1' id='r' severity='low' since='0.1'><title>T</title><why>W</why>"
        "<risk>R</risk>%s<change target='guest' effect='live'><command>true</command></change>"
        "<reference href='https://example.org/'>R</reference></rule>",
        body);
    g_autoptr(GError) error = NULL;
    VtRule *rule = vt_rule_load_memory(text, strlen(text), "r.xml", schema, &error);

    assert_no_error(error);
    return rule;
}

/* A second per window and one vCPU; @counts ends in -1. */
static void add(VtProfile *profile, const char *metric, const char *source, const gint64 *counts)
{
    for (guint i = 0; counts[i] >= 0; i++) {
        if (profile->windows->len <= i)
            vt_profile_add_window(profile, 1000000000, 1);
        vt_profile_add(profile, i, metric, source, (guint64)counts[i]);
    }
}

#define ADD(profile, metric, ...) add(profile, metric, "libvirt", (const gint64[]){__VA_ARGS__, -1})

static VtProfile *done(VtProfile *profile)
{
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static VtProfile *mmio(gint64 a, gint64 b, gint64 c)
{
    VtProfile *profile = vt_profile_new();

    ADD(profile, "exit.mmio", a, b, c);
    return done(profile);
}

static void expect(VtVerifyVerdict verdict, const VtProfile *before, const VtProfile *after,
                   const char *body, const char *words)
{
    g_autoptr(VtRule) rule = rule_with(body);
    g_autofree char *reason = NULL;
    VtVerifyVerdict found = vt_verify_rule(rule, NULL, FALSE, before, after, &reason);

    if (found != verdict || !strstr(reason, words))
        fail_msg("%s: %s", vt_verify_word(found), reason);
}

static void test_verdicts(void **state)
{
    static const char gain[] =
        "<symptom><rate metric='exit.mmio' above='1'/></symptom>" GAIN("metric='exit.mmio' share='0.9'");
    g_autoptr(VtProfile) busy = mmio(1000, 900, 1100), quiet = mmio(10, 12, 8);
    g_autoptr(VtProfile) near = mmio(950, 850, 1050), wide = mmio(500, 100, 950);
    g_autoptr(VtProfile) close = mmio(890, 880, 895);

    expect(VT_VERIFY_WORKED, busy, quiet, gain,
           "exit.mmio was 1,000 a second and vCPU (900 to 1,100) and is 10 (8 to 12);");
    expect(VT_VERIFY_WORSE, quiet, busy, gain, "exit.mmio was 10");
    expect(VT_VERIFY_NO_CHANGE, busy, near, gain, "950");
    expect(VT_VERIFY_WORKED, busy, quiet, gain, "so few windows lie so by chance one time in 10");
    /* Half, but the windows overlap; and apart, but by a tenth only. */
    expect(VT_VERIFY_UNKNOWN, busy, wide, gain,
           "is 500 (100 to 950), but the windows are too few or too varied");
    expect(VT_VERIFY_UNKNOWN, busy, close, gain, "890");
    expect(VT_VERIFY_NO_CHANGE, busy, busy, gain, "1,000");
}

/* One window of ten that is out of the way does not hide what the others show. */
static void test_outlier(void **state)
{
    static const char gain[] =
        "<symptom><rate metric='exit.mmio' above='1'/></symptom>" GAIN("metric='exit.mmio' share='0.9'");
    g_autoptr(VtProfile) busy = vt_profile_new(), quiet = vt_profile_new();

    ADD(busy, "exit.mmio", 10000, 10100, 9900, 10000, 10050, 9950, 10000, 10000, 10200, 9800);
    ADD(quiet, "exit.mmio", 10, 12, 9, 60000, 10, 11, 10, 9, 12, 10);
    done(busy);
    done(quiet);
    expect(VT_VERIFY_WORKED, busy, quiet, gain,
           "exit.mmio was 10,000 a second and vCPU (9,800 to 10,200) and is 10 (9 to 60,000).");
    expect(VT_VERIFY_WORSE, quiet, busy, gain, "and is 10,000");
}

/* Times are told as in the other reports; a total that is too low both times tells nothing. */
static void test_figures(void **state)
{
    static const char delay[] =
        "<symptom><rate metric='sched.run-delay-ns' above='1'/></symptom>" GAIN("metric='sched.run-delay-ns' share='0.9'");
    static const char exits[] = "<symptom><rate metric='exits' above='1'/></symptom>" GAIN("metric='exits' share='0.9'");
    g_autoptr(VtProfile) busy = vt_profile_new(), quiet = vt_profile_new();

    ADD(busy, "sched.run-delay-ns", 250000000, 250000000, 300000000);
    ADD(quiet, "sched.run-delay-ns", 100000, 90000, 100000);
    ADD(busy, "exits", 1000, 1000, 1000);
    ADD(quiet, "exits", 10, 10, 10);
    done(busy);
    done(quiet);
    expect(VT_VERIFY_WORKED, busy, quiet, delay,
           "sched.run-delay-ns was 250 ms a second and vCPU (250 ms to 300 ms) and is 100 us (90 us to");
    expect(VT_VERIFY_WORKED, busy, quiet, exits, "exits was 1,000");
    quiet->exits_low = TRUE;
    expect(VT_VERIFY_UNKNOWN, busy, quiet, exits, "Not all exits were counted, so that exits cannot");
}

/* Interrupts that may be of anybody prove no change, unless there were none before and after. */
static void test_interrupts(void **state)
{
    static const char rule[] = "<symptom><rate metric='irq.LOC' above='1'/></symptom>" GAIN("metric='irq.*' share='0.9'");
    g_autoptr(VtProfile) busy = vt_profile_new(), quiet = vt_profile_new(), none = vt_profile_new();

    ADD(busy, "irq.24", 1000, 1000, 1000);
    ADD(quiet, "irq.24", 10, 10, 10);
    ADD(none, "irq.24", 0, 0, 0);
    vt_profile_set_covers(busy, "irq");
    vt_profile_set_covers(quiet, "irq");
    vt_profile_set_covers(none, "irq");
    done(busy);
    done(quiet);
    done(none);
    expect(VT_VERIFY_WORKED, busy, quiet, rule, "irq.* was 1,000");
    none->irqs_at_most = TRUE;
    expect(VT_VERIFY_WORKED, busy, none, rule, "irq.* was 1,000");
    quiet->irqs_at_most = TRUE;
    expect(VT_VERIFY_UNKNOWN, busy, quiet, rule, "Interrupts were counted on all CPUs on which the vCPUs may run, so that irq.* cannot");
    expect(VT_VERIFY_UNKNOWN, quiet, busy, rule, "so that irq.* cannot");
}

static void test_cannot_tell(void **state)
{
    static const char symptom[] = "<symptom><rate metric='exit.mmio' above='500'/></symptom>";
    static const char eoi[] = "<symptom><rate metric='exit.mmio' above='1'/></symptom>" GAIN(
        "metric='msr.write.0x80b' share='0.9'");
    static const char cheaper[] =
        "<symptom><rate metric='exit.mmio' above='1'/></symptom>" GAIN("metric='exit.mmio' share='0'");
    g_autoptr(VtProfile) busy = mmio(1000, 900, 1100), quiet = mmio(10, 12, 8);
    g_autoptr(VtProfile) other = vt_profile_new();

    expect(VT_VERIFY_UNKNOWN, busy, quiet, eoi, "msr.write.0x80b was not measured both times");
    expect(VT_VERIFY_UNKNOWN, busy, quiet, cheaper, "cost less");
    /* Without a gain the symptom that was there is what counts. */
    expect(VT_VERIFY_WORKED, busy, quiet, symptom, "exit.mmio was 1,000");
    expect(VT_VERIFY_UNKNOWN, quiet, busy, symptom, "above its threshold");
    add(other, "exit.mmio", "bpf", (const gint64[]){1, 1, 1, -1});
    done(other);
    expect(VT_VERIFY_UNKNOWN, busy, other, symptom, "by libvirt then and by bpf now");
}

/* The gain that is meant for the device as it was. */
static void test_gain_of_device(void **state)
{
    static const char body[] =
        "<each select='devices/disk'/><symptom><rate metric='exit.mmio' above='1'/></symptom>"
        "<gain if=\"target/@bus = 'ide'\" metric='exit.io' share='0.9' to='user' basis='B'/>"
        "<gain if=\"target/@bus = 'sata'\" metric='exit.mmio' share='0.9' to='user' basis='B'/>";
    static const char xml[] = "<disk><target dev='sda' bus='sata'/></disk>";
    g_autoptr(xmlDoc) doc = vt_xml_parse(xml, strlen(xml), NULL, NULL);
    g_autoptr(VtRule) rule = rule_with(body);
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autofree char *reason = NULL, *any = NULL;

    ADD(before, "exit.io", 500, 500, 500);
    ADD(before, "exit.mmio", 900, 900, 900);
    ADD(after, "exit.io", 500, 500, 500);
    ADD(after, "exit.mmio", 1, 1, 1);
    done(before);
    done(after);
    assert_int_equal(vt_verify_rule(rule, xmlDocGetRootElement(doc), FALSE, before, after, &reason),
                     VT_VERIFY_WORKED);
    assert_non_null(strstr(reason, "exit.mmio"));
    assert_int_equal(vt_verify_rule(rule, NULL, FALSE, before, after, &any), VT_VERIFY_NO_CHANGE);
}

/* Of the contrary of a change, what came to be above its threshold counts. */
static void test_against(void **state)
{
    static const char symptom[] = "<symptom><rate metric='exit.mmio' above='500'/></symptom>";
    g_autoptr(VtProfile) busy = mmio(1000, 900, 1100), quiet = mmio(10, 12, 8);
    g_autoptr(VtRule) rule = rule_with(symptom);
    g_autofree char *worse = NULL, *none = NULL;

    assert_int_equal(vt_verify_rule(rule, NULL, TRUE, quiet, busy, &worse), VT_VERIFY_WORSE);
    assert_non_null(strstr(worse, "exit.mmio was 10 a second and vCPU (8 to 12) and is 1,000"));
    assert_int_equal(vt_verify_rule(rule, NULL, TRUE, busy, quiet, &none), VT_VERIFY_UNKNOWN);
    assert_non_null(strstr(none, "above its threshold after"));
}

/* One window is one point: any two of them differ. */
static void test_few_windows(void **state)
{
    static const char gain[] =
        "<symptom><rate metric='exit.mmio' above='1'/></symptom>" GAIN("metric='exit.mmio' share='0.9'");
    g_autoptr(VtProfile) busy = mmio(1000, 900, 1100), one = vt_profile_new(), two = vt_profile_new();

    ADD(one, "exit.mmio", 10);
    ADD(two, "exit.mmio", 10, 12);
    done(one);
    done(two);
    expect(VT_VERIFY_UNKNOWN, busy, one, gain, "is 10, in fewer than three windows");
    expect(VT_VERIFY_UNKNOWN, one, busy, gain, "was 10 a second and vCPU and is 1,000");
    expect(VT_VERIFY_UNKNOWN, busy, two, gain, "fewer than three windows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),       cmocka_unit_test(test_interrupts), cmocka_unit_test(test_cannot_tell),
        cmocka_unit_test(test_against),        cmocka_unit_test(test_outlier),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_gain_of_device), cmocka_unit_test(test_few_windows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
