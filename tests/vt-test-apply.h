/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain in libvirt's test driver, the project's rules, and a state directory of its own. */
#pragma once

#include <glib/gstdio.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "base/virt.h"
#include "base/xml.h"
#include "model/domain.h"
#include "plan/define.h"
#include "plan/store.h"
#include "rule/rule-load.h"
#include "vt-test.h"

#define TEST_UUID "11111111-2222-4333-8444-555555555555"

#define TEST_DISKS                                                                                 \
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/d/a.img'/>"    \
    "<target dev='hda' bus='ide'/><serial>S1</serial></disk>"                                      \
    "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='hdc' "          \
    "bus='ide'/><readonly/></disk>"
#define TEST_NIC                                                                                   \
    "<interface type='user'><mac address='52:54:00:00:00:01'/><model type='e1000'/></interface>"
#define TEST_DOMAIN(head, devices)                                                                 \
    "<domain type='kvm'><name>web1</name><uuid>" TEST_UUID                                         \
    "</uuid><memory>65536</memory><vcpu>2</vcpu><os><type arch='x86_64' "                          \
    "machine='pc'>hvm</type><boot dev='hd'/></os>" head "<devices>" devices                        \
    "<graphics type='vnc' port='-1' autoport='yes' passwd='sesame'/></devices></domain>"

static const char test_domain_xml[] G_GNUC_UNUSED =
    TEST_DOMAIN("<features><acpi/><apic eoi='off'/></features>", TEST_DISKS TEST_NIC);

typedef struct {
    char *dir;   /* everything is below it */
    char *state; /* for vt_store_new() */
    VtVirt *virt;
    VtRuleSet *rules;
    VtStore *store;
} TestApply;

static inline void test_remove(const char *dir)
{
    const char *argv[] = {"rm", "-rf", "--", dir, NULL};

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static inline VtRuleSet *test_rules(void)
{
    g_autofree char *rng = vt_test_src("data/rules.rng"), *dir = vt_test_src("data/rules");
    g_autoptr(GError) error = NULL;
    g_autoptr(VtXmlSchema) schema = vt_xml_schema_load(rng, &error);
    VtRuleSet *rules = schema ? vt_rule_load_dir(dir, schema, &error) : NULL;

    assert_no_error(error);
    return rules;
}

static inline void test_define(TestApply *test, const char *xml)
{
    g_autoptr(virDomain) domain = virDomainDefineXML(vt_virt_connection(test->virt), xml);

    if (!domain)
        fail_msg("%s", virGetLastErrorMessage());
}

/* An empty node of the test driver with the one domain @xml, shut off. */
static inline TestApply *test_apply_new(const char *xml)
{
    TestApply *test = g_new0(TestApply, 1);
    g_autofree char *node = NULL, *uri = NULL;
    g_autoptr(GError) error = NULL;

    test->dir = g_dir_make_tmp("vt-test-apply-XXXXXX", NULL);
    test->state = g_build_filename(test->dir, "state", NULL);
    node = g_build_filename(test->dir, "node.xml", NULL);
    uri = g_strconcat("test://", node, NULL);
    assert_true(g_file_set_contents(node, "<node/>", -1, NULL));
    test->virt = vt_virt_open(uri, TRUE, FALSE, &error);
    assert_no_error(error);
    test->rules = test_rules();
    test->store = vt_store_new(test->state, uri, TEST_UUID);
    test_define(test, xml);
    return test;
}

static inline void test_apply_free(TestApply *test)
{
    vt_store_free(test->store);
    vt_rule_set_free(test->rules);
    vt_virt_close(test->virt);
    test_remove(test->dir);
    g_free(test->dir);
    g_free(test->state);
    g_free(test);
}

/* The definition with secrets; NULL where there is no such domain. */
static inline char *test_definition(TestApply *test)
{
    g_autoptr(virDomain) domain =
        virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);

    return domain ? virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE)
                  : NULL;
}

static inline xmlDoc *test_parse(const char *xml)
{
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = vt_xml_parse(xml, strlen(xml), NULL, &error);

    assert_no_error(error);
    return doc;
}

/* @text with the first @from replaced, which must be there. */
static inline char *test_replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    if (!at)
        fail_msg("'%s' is not in: %s", from, text);
    return g_strdup_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* Replaces @from by @to in the definition, as the change that @record tells of. */
static inline void test_change(TestApply *test, VtRecord *record, const char *from, const char *to)
{
    g_autofree char *before = test_definition(test), *wanted = test_replace(before, from, to);
    g_autofree char *shown = test_replace(wanted, " passwd='sesame'", "");
    g_autofree char *sum = vt_store_sum(before);
    g_autoptr(GError) error = NULL;
    VtDefine define = {.virt = test->virt,
                       .store = test->store,
                       .before_sha256 = sum,
                       .wanted = wanted,
                       .wanted_shown = shown,
                       .record = record};

    vt_define_run(&define, &error);
    assert_no_error(error);
}

#define assert_message(error, part)                                                                \
    do {                                                                                           \
        assert_non_null(error);                                                                    \
        if (!strstr((error)->message, part))                                                       \
            fail_msg("'%s' is not in: %s", part, (error)->message);                                \
    } while (0)
