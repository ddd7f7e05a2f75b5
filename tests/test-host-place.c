/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the threads of a domain may run, told by whole, partial and wrong XML. */
#include "config.h"

#include "vt-test.h"

#include "base/xml.h"
#include "source/host-place.h"

#define UUID "2d9d1ac7-0c5a-4f0e-9d0b-6f1f5b8f0a01"
#define VCPU_PINS "<vcpupin vcpu='0' cpuset='2'/><vcpupin vcpu='1' cpuset='3'/>"

static void assert_overlap(const char *inner, const char *expected)
{
    g_autofree char *text = g_strdup_printf("<domain>%s</domain>", inner);
    g_autoptr(xmlDoc) doc = vt_xml_parse(text, strlen(text), NULL, NULL);
    g_autoptr(VtHost) host = vt_host_new();
    VtHostDomain *place = vt_host_add_domain(host, UUID, "web", 2);
    const char *fact;

    assert_non_null(doc);
    vt_host_place_read(place, xmlDocGetRootElement(doc));
    fact = vt_host_get_for(host, UUID, "domain.iothreads-overlap");
    if (g_strcmp0(fact, expected) != 0)
        fail_msg("%s gives %s, expected %s", inner, fact ? fact : "unknown",
                 expected ? expected : "unknown");
    assert_true(vt_host_fact_is_known("domain.iothreads-overlap"));
}

static void test_iothreads(void **state)
{
    assert_overlap("<vcpu>2</vcpu><cputune>" VCPU_PINS "</cputune>", NULL);
    assert_overlap("<vcpu>2</vcpu><iothreads>0</iothreads><cputune>" VCPU_PINS "</cputune>", NULL);
    /* The emulator's pin is not theirs. */
    assert_overlap("<vcpu>2</vcpu><iothreads>1</iothreads><cputune>" VCPU_PINS
                   "<emulatorpin cpuset='0-1'/></cputune>",
                   "Y");
    assert_overlap("<vcpu>2</vcpu><iothreads>1</iothreads><cputune>" VCPU_PINS
                   "<iothreadpin iothread='1' cpuset='0-1'/></cputune>",
                   "N");
    assert_overlap("<vcpu>2</vcpu><iothreads>2</iothreads><cputune>" VCPU_PINS
                   "<iothreadpin iothread='1' cpuset='0-1'/></cputune>",
                   "Y");
    assert_overlap("<vcpu>2</vcpu><iothreads>2</iothreads><cputune>" VCPU_PINS
                   "<iothreadpin iothread='1' cpuset='0-1'/>"
                   "<iothreadpin iothread='7' cpuset='1,3'/></cputune>",
                   "Y");
    assert_overlap("<vcpu>2</vcpu><iothreads>1</iothreads>", "Y");
}

/* Without a pin of its own each thread has the CPUs of <vcpu cpuset=…>. */
static void test_common_pin(void **state)
{
    assert_overlap("<vcpu cpuset='0-1'>2</vcpu><iothreads>1</iothreads><cputune>" VCPU_PINS
                   "</cputune>",
                   "N");
    assert_overlap("<vcpu cpuset='0-2'>2</vcpu><iothreads>1</iothreads><cputune>" VCPU_PINS
                   "</cputune>",
                   "Y");
    assert_overlap("<vcpu cpuset='0-2'>2</vcpu><iothreads>1</iothreads>", "Y");
}

static void test_wrong(void **state)
{
    assert_overlap("<vcpu>2</vcpu><iothreads>many</iothreads>", NULL);
    assert_overlap("<vcpu>2</vcpu><iothreads>1</iothreads><cputune>" VCPU_PINS
                   "<iothreadpin iothread='1' cpuset='x'/></cputune>",
                   NULL);
    assert_overlap("<vcpu placement='auto'>2</vcpu><iothreads>1</iothreads>", NULL);
    assert_overlap("", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iothreads),
        cmocka_unit_test(test_common_pin),
        cmocka_unit_test(test_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
