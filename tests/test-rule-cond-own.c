/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own="yes": what is counted where the addresses of a device are known, and where they are not. */
#include "config.h"

#include "model/region.h"
#include "vt-test-rule.h"

#define NIC(alias) "<interface><model type='e1000'/>" alias "</interface>"
#define DISK(bus, controller) \
    "<disk><target bus='" bus "'/><address type='drive' controller='" controller "'/></disk>"
#define SATA "<controller type='sata' index='0'><alias name='sata0'/></controller>" \
    "<controller type='sata' index='1'><alias name='sata1'/></controller>"
#define RATE "<rate metric='exit.mmio' own='yes' above='1000'/>"

/* 5,000 accesses to each of the first two devices, 100 ports of the first, 9 addresses of the third. */
static VtProfile *make(const char *covers)
{
    VtProfile *profile =
        test_profile(3, covers, "exits 20000 20000 20000", "exit.hlt 0 0 0", "exit.mmio 11000 11000 11000",
                     "exit.io 3000 3000 3000", "mmio.0xfeb00008 5000 5000 5000",
                     "mmio.0xfeb40000 3000 3000 3000", "mmio.0xfeb40fff 2000 2000 2000",
                     "mmio.0xfeb80000 9 9 9", "pio.0xc000 100 100 100", NULL);

    profile->regions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_region_free);
    g_ptr_array_add(profile->regions, vt_region_new(TRUE, 0xc000, 0xc000, "net0", "e1000", "00:02.0"));
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0xfeb00000, 0xfeb1ffff, "net0", "e1000", "00:02.0"));
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0xfeb40000, 0xfeb407ff, "sata0", "sata", "00:1f.2"));
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0xfeb40800, 0xfeb40fff, "sata0", "sata", "00:1f.2"));
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0xfeb80000, 0xfeb80fff, NULL, "Bridge", "00:04.0"));
    return profile;
}

static const struct {
    const char *devices, *device; /* XPath of the one that is looked at */
    const char *leaf;
    const char *covers;
    VtTri outcome;
    gboolean specific;
    const char *detail;
} cases[] = {
    {NIC("<alias name='net0'/>"), "devices/interface", RATE, "mmio", VT_YES, TRUE,
     "mmio.0xfeb00000-0xfeb1ffff (net0 (e1000)) is 5,000/s per vCPU, above 1,000"},
    {NIC("<alias name='net0'/>"), "devices/interface", "<rate metric='exit.mmio' own='yes' above='5000'/>", "mmio",
     VT_NO, FALSE, "mmio.0xfeb00000-0xfeb1ffff (net0 (e1000)) is 5,000/s per vCPU, not above 5,000"},
    {NIC("<alias name='net0'/>"), "devices/interface",
     "<rate metric='exit.mmio' own='yes' per='domain' above='1000'/>", "mmio", VT_YES, TRUE,
     "mmio.0xfeb00000-0xfeb1ffff (net0 (e1000)) is 5,000/s of the whole domain, above 1,000"},
    {NIC("<alias name='net0'/>"), "devices/interface", "<share metric='exit.mmio' own='yes' above='0.3'/>", "mmio",
     VT_NO, FALSE,
     "mmio.0xfeb00000-0xfeb1ffff (net0 (e1000)) is 25.0 % of the exits without HLT, not above 30 %"},
    {NIC("<alias name='net0'/>"), "devices/interface", "<rate metric='exit.io' own='yes' above='10'/>", "mmio pio",
     VT_YES, TRUE, "pio.0xc000 (net0 (e1000)) is 100/s per vCPU, above 10"},
    /* Not asked for, not known, or not measured. */
    {NIC("<alias name='net0'/>"), "devices/interface", "<rate metric='exit.mmio' own='no' above='1000'/>", "mmio",
     VT_YES, FALSE, "exit.mmio is 11,000/s per vCPU, above 1,000"},
    {NIC("<alias name='net0'/>"), "devices/interface", RATE, "", VT_YES, FALSE,
     "exit.mmio is 11,000/s per vCPU, above 1,000"},
    {NIC("<alias name='net0'/>"), "devices/interface", "<rate metric='exit.io' own='yes' above='10'/>", "mmio",
     VT_YES, FALSE, "exit.io is 3,000/s per vCPU, above 10"},
    {NIC("<alias name='net7'/>"), "devices/interface", RATE, "mmio", VT_YES, FALSE,
     "exit.mmio is 11,000/s per vCPU, above 1,000"},
    {NIC(""), "devices/interface", RATE, "mmio", VT_YES, FALSE, "exit.mmio is 11,000/s per vCPU, above 1,000"},
    {"", ".", RATE, "mmio", VT_YES, FALSE, "exit.mmio is 11,000/s per vCPU, above 1,000"},
    /* The controller's, for a disk alone on it. */
    {SATA DISK("sata", "0"), "devices/disk", RATE, "mmio", VT_YES, TRUE,
     "mmio.0xfeb40000-0xfeb407ff mmio.0xfeb40800-0xfeb40fff (sata0 (sata)) is 5,000/s per vCPU, above 1,000"},
    {SATA DISK("sata", "0") DISK("sata", "1") DISK("ide", "0"), "devices/disk", RATE, "mmio", VT_YES, TRUE,
     "mmio.0xfeb40000-0xfeb407ff mmio.0xfeb40800-0xfeb40fff (sata0 (sata)) is 5,000/s per vCPU, above 1,000"},
    {SATA DISK("sata", "0") DISK("sata", "0"), "devices/disk", RATE, "mmio", VT_YES, FALSE,
     "exit.mmio is 11,000/s per vCPU, above 1,000"},
    {SATA DISK("sata", "2"), "devices/disk", RATE, "mmio", VT_YES, FALSE,
     "exit.mmio is 11,000/s per vCPU, above 1,000"},
    {DISK("sata", "0"), "devices/disk", RATE, "mmio", VT_YES, FALSE, "exit.mmio is 11,000/s per vCPU, above 1,000"},
    {"<disk><address type='drive'/></disk>", "devices/disk", RATE, "mmio", VT_YES, FALSE,
     "exit.mmio is 11,000/s per vCPU, above 1,000"},
};

static void test_cases(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *body = g_strdup_printf("<devices>%s</devices>", cases[i].devices);
        g_autoptr(VtDomain) domain = test_domain(body, NULL);
        g_autoptr(VtProfile) profile = make(cases[i].covers);
        g_autoptr(VtXPath) path = vt_xpath_new(cases[i].device, NULL);
        g_autoptr(GPtrArray) nodes = NULL;
        g_auto(TestEval) eval = {0};
        VtTri outcome;

        test_eval(&eval, cases[i].leaf, domain, profile, NULL);
        assert_true(vt_xpath_nodes(path, eval.context.node, &nodes, NULL));
        eval.context.node = g_ptr_array_index(nodes, 0);
        eval.context.any_specific_hit = FALSE;
        g_ptr_array_set_size(eval.context.evidence, 0);
        outcome = vt_rule_cond_eval(eval.rule->symptom, &eval.context, 0);
        if (outcome != cases[i].outcome || eval.context.any_specific_hit != cases[i].specific)
            fail_msg("case %u: outcome %d, specific %d", i, outcome, eval.context.any_specific_hit);
        assert_string_equal(test_evidence(&eval, 0)->detail, cases[i].detail);
    }
}

/* Regions of nobody: as if --devices had not been given. */
static void test_no_regions(void **state)
{
    g_autoptr(VtDomain) domain = test_domain("<devices>" NIC("<alias name='net0'/>") "</devices>", NULL);
    g_autoptr(VtProfile) profile = make("mmio");
    g_auto(TestEval) eval = {0};

    g_ptr_array_set_size(profile->regions, 0);
    test_eval(&eval, RATE, domain, profile, NULL);
    assert_false(eval.context.any_specific_hit);
    assert_string_equal(test_evidence(&eval, 0)->subject, "exit.mmio");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_no_regions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
