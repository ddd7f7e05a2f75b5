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
    VtVerifyVerdict found = vt_verify_rule(rule, NULL, before, after, &reason);

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
           "exit.mmio was 1,000 a second and vCPU (900 to 1,100) and is 10 (8 to 12)");
    expect(VT_VERIFY_WORSE, quiet, busy, gain, "exit.mmio was 10");
    expect(VT_VERIFY_NO_CHANGE, busy, near, gain, "950");
    expect(VT_VERIFY_NO_CHANGE, busy, wide, gain, "500"); /* half, but the windows overlap */
    expect(VT_VERIFY_WORKED, busy, close, gain, "890");
    expect(VT_VERIFY_NO_CHANGE, busy, busy, gain, "1,000");
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
    expect(VT_VERIFY_UNKNOWN, busy, quiet, cheaper, "cheaper");
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
    assert_int_equal(vt_verify_rule(rule, xmlDocGetRootElement(doc), before, after, &reason),
                     VT_VERIFY_WORKED);
    assert_non_null(strstr(reason, "exit.mmio"));
    assert_int_equal(vt_verify_rule(rule, NULL, before, after, &any), VT_VERIFY_NO_CHANGE);
}

static void test_rows(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), after = vt_profile_new();
    g_autoptr(GPtrArray) rows = NULL;
    const VtVerifyRow *first, *second, *third;

    ADD(before, "exit.mmio", 1000, 1000, 1000);
    ADD(before, "exit.hlt", 5, 5, 5);
    ADD(before, "kvm.exits", 2000, 1000, 3000);
    ADD(after, "exit.hlt", 50, 50, 50);
    ADD(after, "exit.cpuid", 7, 7, 7);
    ADD(after, "kvm.exits", 1500, 900, 2500);
    vt_profile_set_covers(before, "exit");
    vt_profile_set_covers(after, "exit");
    done(before);
    done(after);
    rows = vt_verify_rows(before, after);
    /* exits is the sum of the families, and moves with them. */
    first = rows->pdata[0];
    second = rows->pdata[1];
    third = rows->pdata[2];
    assert_string_equal(first->metric, "exit.mmio"); /* gone is zero where all families were seen */
    assert_int_equal(first->moved, -1);
    assert_true(first->after == 0);
    assert_string_equal(second->metric, "exits");
    assert_string_equal(third->metric, "exit.hlt");
    assert_int_equal(third->moved, 1);
    assert_int_equal(rows->len, 5);
    assert_string_equal(((VtVerifyRow *)rows->pdata[3])->metric, "exit.cpuid"); /* and new was zero */
    assert_string_equal(((VtVerifyRow *)rows->pdata[4])->metric, "kvm.exits");
    assert_int_equal(((VtVerifyRow *)rows->pdata[4])->moved, 0);
}

static void test_mismatch(void **state)
{
    g_autoptr(VtProfile) before = vt_profile_new(), same = vt_profile_new();
    g_autoptr(VtProfile) other = vt_profile_new(), bigger = vt_profile_new();
    g_autofree char *none = NULL, *load = NULL, *vcpus = NULL;

    ADD(before, "net.packets", 100, 100, 100);
    ADD(before, "block.requests", 1, 1, 1);
    ADD(same, "net.packets", 140, 140, 140);
    ADD(same, "block.requests", 9, 9, 9); /* too few to say anything */
    ADD(other, "net.packets", 160, 160, 160);
    done(before);
    done(same);
    done(other);
    vt_profile_add_window(bigger, 1000000000, 2);
    done(bigger);
    none = vt_verify_mismatch(before, same);
    assert_null(none);
    load = vt_verify_mismatch(before, other);
    assert_non_null(strstr(load, "net.packets was 100 a second and vCPU, and is 160"));
    vcpus = vt_verify_mismatch(before, bigger);
    assert_non_null(strstr(vcpus, "1 vCPUs then and has 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),       cmocka_unit_test(test_cannot_tell),
        cmocka_unit_test(test_gain_of_device), cmocka_unit_test(test_rows),
        cmocka_unit_test(test_mismatch),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
