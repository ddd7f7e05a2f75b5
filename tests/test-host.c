/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include "model/host.h"

/* A running domain; each pin is a CPU list or NULL for none. */
static VtHostDomain *add(VtHost *host, const char *uuid, const char *emulator, guint vcpus,
                         const char *const *pins)
{
    VtHostDomain *domain = vt_host_add_domain(host, uuid, uuid, vcpus);

    domain->pins_known = TRUE;
    for (guint i = 0; pins && i < vcpus; i++)
        domain->vcpu_pins->pdata[i] = pins[i] ? vt_cpus_parse(pins[i], NULL) : NULL;
    domain->emulator_pin = emulator ? vt_cpus_parse(emulator, NULL) : NULL;
    return domain;
}

#define PINS(...) ((const char *const[]){__VA_ARGS__})

static VtHost *host_with(const char *online)
{
    VtHost *host = vt_host_new();

    vt_host_set(host, "cpus.online", online);
    host->domains_complete = TRUE;
    return host;
}

static void assert_fact(const VtHost *host, const char *uuid, const char *fact, const char *value)
{
    const char *found = vt_host_get_for(host, uuid, fact);

    if (g_strcmp0(found, value) != 0)
        fail_msg("%s is %s and not %s", fact, found ? found : "unknown", value ? value : "unknown");
}

static void test_facts(void **state)
{
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(GPtrArray) names = NULL;

    vt_host_set(host, "smt", "on");
    vt_host_set(host, "smt", "off");
    vt_host_set(host, "smt", NULL);
    vt_host_set(host, "arch", "x86_64");
    assert_string_equal(vt_host_get(host, "smt"), "off");
    assert_null(vt_host_get(host, "cpus.online"));
    assert_fact(host, NULL, "arch", "x86_64");
    assert_fact(host, NULL, "domain.pinning", NULL);
    assert_fact(host, "nobody", "domain.pinning", NULL);
    names = vt_host_fact_names(host);
    assert_int_equal(names->len, 2);
    assert_string_equal(names->pdata[0], "arch");
}

static void test_known_facts(void **state)
{
    assert_true(vt_host_fact_is_known("overcommit"));
    assert_true(vt_host_fact_is_known("domain.pinning"));
    assert_true(vt_host_fact_is_known("kvm.backend"));
    assert_true(vt_host_fact_is_known("kvm_intel.ple_gap"));
    assert_false(vt_host_fact_is_known("kvm_intel."));
    assert_false(vt_host_fact_is_known("kvm_intel.a b"));
    assert_false(vt_host_fact_is_known("kvm_arm.x"));
    assert_false(vt_host_fact_is_known("domain.nothing"));
    assert_false(vt_host_fact_is_known(""));
    assert_true(vt_host_fact_is_set("cpu.flags"));
    assert_true(vt_host_fact_is_set("kernel.cmdline"));
    assert_false(vt_host_fact_is_set("cpus.online"));
}

static void test_irqs(void **state)
{
    g_autoptr(VtHost) host = vt_host_new();
    VtHostIrq *irq = vt_host_add_irq(host, "24", "eth0-rx-0");

    assert_int_equal(irq->managed, VT_UNKNOWN);
    assert_ptr_equal(vt_host_add_irq(host, "24", NULL), irq);
    assert_string_equal(irq->device, "eth0-rx-0");
    vt_host_add_irq(host, "24", irq->device);
    vt_host_add_irq(host, "24", "eth1");
    assert_string_equal(vt_host_irq(host, "24")->device, "eth1");
    assert_int_equal(host->irqs->len, 1);
    assert_null(vt_host_irq(host, "2"));
}

static void test_exclusive(void **state)
{
    g_autoptr(VtHost) host = host_with("0-7");
    g_autoptr(VtCpus) cpus = NULL;

    add(host, "a", "0-1", 2, PINS("2", "3"));
    add(host, "b", "0-1", 2, PINS("4", "5"));
    vt_host_derive(host);
    assert_fact(host, "a", "domain.pinning", "exclusive");
    assert_fact(host, "b", "domain.pinning", "exclusive");
    assert_fact(host, "a", "domain.vcpu-cpus", "2-3");
    assert_fact(host, "a", "domain.emulator-pinned", "Y");
    assert_fact(host, "a", "domain.emulator-overlaps", "N");
    assert_fact(host, NULL, "overcommit", "N");
    assert_fact(host, NULL, "vcpus.running", "4");
    assert_fact(host, NULL, "cpus.housekeeping", "0-1,6-7");
    cpus = vt_host_vcpu_cpus(host, "b");
    assert_int_equal(vt_cpus_count(cpus), 2);
}

static void test_memory(void **state)
{
    g_autoptr(VtHost) host = host_with("0-7");

    add(host, "a", "0-1", 2, PINS("2", "3"));
    add(host, "b", "0-1", 2, PINS("3", "4"));
    add(host, "c", "0-1", 2, NULL);
    vt_host_derive(host);
    assert_fact(host, "a", "domain.node", NULL);
    assert_fact(host, "a", "domain.hugepages-fit", NULL);
    vt_host_set(host, "numa.cpus", "0=0-3 1=4-7 2=");
    vt_host_set(host, "hugepages.free-kib", "2097152");
    g_hash_table_insert(vt_host_domain(host, "a")->facts, g_strdup("memory-kib"),
                        g_strdup("2097152"));
    g_hash_table_insert(vt_host_domain(host, "b")->facts, g_strdup("memory-kib"),
                        g_strdup("2097153"));
    vt_host_derive(host);
    assert_fact(host, "a", "domain.node", "0");
    assert_fact(host, "b", "domain.node", "several");
    assert_fact(host, "c", "domain.node", NULL);
    assert_fact(host, "a", "domain.hugepages-fit", "Y");
    assert_fact(host, "b", "domain.hugepages-fit", "N");
    assert_fact(host, "c", "domain.hugepages-fit", NULL);
}

static void test_whole_cores(void **state)
{
    g_autoptr(VtHost) host = host_with("0-7");

    add(host, "a", "0-1", 2, PINS("2", "6"));
    add(host, "b", "0-1", 2, PINS("3", "4"));
    add(host, "c", "0-1", 2, PINS("5", NULL));
    vt_host_derive(host);
    assert_fact(host, "a", "domain.whole-cores", NULL);
    assert_fact(host, "c", "domain.whole-cores", "N");
    vt_host_set(host, "smt.cores", "0,4 1,5 2,6");
    vt_host_derive(host);
    assert_fact(host, "a", "domain.whole-cores", "Y");
    assert_fact(host, "b", "domain.whole-cores", "N");
    vt_host_set(host, "smt.cores", "0 1 2 4 x");
    vt_host_domain(host, "b")->pins_known = FALSE;
    g_hash_table_remove(vt_host_domain(host, "a")->facts, "whole-cores");
    g_hash_table_remove(vt_host_domain(host, "b")->facts, "whole-cores");
    vt_host_derive(host);
    assert_fact(host, "a", "domain.whole-cores", NULL); /* nothing is said of CPU 6 */
    assert_fact(host, "b", "domain.whole-cores", NULL);
}

static void test_exceeds_host(void **state)
{
    g_autoptr(VtHost) host = host_with("0-1");

    add(host, "a", NULL, 2, NULL);
    add(host, "b", NULL, 3, NULL);
    vt_host_derive(host);
    assert_fact(host, "a", "domain.exceeds-host", "N");
    assert_fact(host, "b", "domain.exceeds-host", "Y");
    g_hash_table_remove(host->facts, "cpus.online");
    add(host, "c", NULL, 3, NULL);
    vt_host_derive(host);
    assert_fact(host, "c", "domain.exceeds-host", NULL);
}

static void test_shared(void **state)
{
    g_autoptr(VtHost) host = host_with("0-7");

    add(host, "a", NULL, 2, PINS("2", "3"));
    add(host, "b", NULL, 1, PINS("3-4"));
    add(host, "wide", NULL, 1, PINS("6-7"));
    add(host, "twice", NULL, 2, PINS("5", "5"));
    add(host, "partly", NULL, 2, PINS("1", NULL));
    vt_host_set(host, "cpus.isolated", "1-7");
    vt_host_derive(host);
    assert_fact(host, "a", "domain.pinning", "shared");
    assert_fact(host, "b", "domain.pinning", "shared");
    assert_fact(host, "wide", "domain.pinning", "shared");
    assert_fact(host, "twice", "domain.pinning", "shared");
    assert_fact(host, "partly", "domain.pinning", "shared");
    assert_fact(host, "partly", "domain.vcpu-cpus", NULL);
    assert_fact(host, "a", "domain.emulator-pinned", "N");
    assert_fact(host, "a", "domain.emulator-overlaps", "Y");
}

/* An unpinned neighbour may come to any CPU that is not isolated. */
static void test_unpinned_neighbour(void **state)
{
    g_autoptr(VtHost) host = host_with("0-7");

    add(host, "a", NULL, 1, PINS("2"));
    add(host, "b", NULL, 2, NULL);
    vt_host_derive(host);
    assert_fact(host, "a", "domain.pinning", NULL);
    assert_fact(host, "b", "domain.pinning", "none");
    vt_host_set(host, "cpus.isolated", "");
    vt_host_derive(host);
    assert_fact(host, "a", "domain.pinning", "shared");
    vt_host_set(host, "cpus.isolated", "2");
    vt_host_derive(host);
    assert_fact(host, "a", "domain.pinning", "exclusive");
}

static void test_what_is_unknown_stays_so(void **state)
{
    g_autoptr(VtHost) host = vt_host_new();

    add(host, "a", NULL, 1, PINS("2"));
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", NULL);
    assert_fact(host, NULL, "vcpus.running", NULL);
    assert_fact(host, NULL, "cpus.housekeeping", NULL);
    assert_fact(host, "a", "domain.pinning", NULL);
    /* This much follows from the domain alone. */
    assert_fact(host, "a", "domain.vcpu-cpus", "2");

    vt_host_set(host, "cpus.online", "0-3");
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", NULL);
    host->domains_complete = TRUE;
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", "N");
    assert_fact(host, "a", "domain.pinning", "exclusive");
}

static void test_unknown_pins(void **state)
{
    g_autoptr(VtHost) host = host_with("0-3");

    add(host, "a", "0", 1, PINS("2"))->pins_known = FALSE;
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", NULL);
    assert_fact(host, NULL, "cpus.housekeeping", NULL);
    assert_fact(host, "a", "domain.pinning", NULL);
    assert_fact(host, "a", "domain.vcpu-cpus", NULL);
    assert_fact(host, "a", "domain.emulator-pinned", NULL);
    assert_fact(host, "a", "domain.emulator-overlaps", NULL);
    assert_null(vt_host_vcpu_cpus(host, "a"));
}

/* What a file states remains where nothing decides it, and gives way where something does. */
static void test_stated_facts(void **state)
{
    g_autoptr(VtHost) host = vt_host_new();

    vt_host_set(host, "overcommit", "N");
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", "N");
    vt_host_set(host, "cpus.online", "0");
    add(host, "a", NULL, 2, NULL);
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", "Y");
}

static void test_unknown_neighbour(void **state)
{
    g_autoptr(VtHost) host = host_with("0-3");

    add(host, "a", NULL, 1, PINS("2"));
    add(host, "b", NULL, 1, NULL)->pins_known = FALSE;
    vt_host_derive(host);
    assert_fact(host, "a", "domain.pinning", NULL);
}

static void test_overcommit(void **state)
{
    const struct {
        const char *online, *isolated;
        const char *const *a, *const *b; /* two vCPUs each */
        const char *overcommit;
    } cases[] = {
        {"0-3", NULL, NULL, NULL, "N"},
        {"0-2", NULL, NULL, NULL, "Y"},
        {"0-3", NULL, PINS("0", "1"), PINS("2", "3"), "N"},
        {"0-7", NULL, PINS("0", "1"), PINS("1", "2"), "Y"},
        /* Sets may overlap as long as there are enough CPUs in them. */
        {"0-7", NULL, PINS("0-1", "0-1"), PINS("2", "1-3"), "N"},
        {"0-7", NULL, PINS("0-1", "0-1"), PINS("0-1", NULL), "Y"},
        /* To place 0-1, 0, 1-2, 2-3 one has to move along. */
        {"0-3", NULL, PINS("0-1", "0"), PINS("1-2", "2-3"), "N"},
        /* Unpinned vCPUs do not get to isolated CPUs. */
        {"0-4", "2-4", PINS("2", "3"), PINS(NULL, NULL), "N"},
        {"0-4", "1-4", PINS("2", "3"), PINS(NULL, NULL), "Y"},
        /* A pin that is wholly offline does not hold. */
        {"0-3", NULL, PINS("8", "8"), PINS(NULL, NULL), "N"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtHost) host = host_with(cases[i].online);

        vt_host_set(host, "cpus.isolated", cases[i].isolated);
        add(host, "a", NULL, 2, cases[i].a);
        add(host, "b", NULL, 2, cases[i].b);
        vt_host_derive(host);
        assert_fact(host, NULL, "overcommit", cases[i].overcommit);
    }
}

/* A yes needs not all domains. */
static void test_overcommit_of_some(void **state)
{
    g_autoptr(VtHost) host = host_with("0-3");

    host->domains_complete = FALSE;
    add(host, "a", NULL, 5, NULL);
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", "Y");
}

static void test_housekeeping(void **state)
{
    g_autoptr(VtHost) host = host_with("0-3");

    add(host, "a", "0", 2, PINS("2", "3"));
    vt_host_derive(host);
    /* A pin of emulator threads takes no CPU away from housekeeping. */
    assert_fact(host, NULL, "cpus.housekeeping", "0-1");
    vt_host_set(host, "cpus.isolated", "1-3");
    vt_host_derive(host);
    assert_fact(host, NULL, "cpus.housekeeping", "0");
}

static void test_all_cpus_taken(void **state)
{
    g_autoptr(VtHost) host = host_with("0-3");

    vt_host_set(host, "cpus.nohz-full", "2-3");
    add(host, "a", NULL, 2, PINS("0", "1"));
    vt_host_derive(host);
    assert_fact(host, NULL, "cpus.housekeeping", NULL);
}

static void test_many_vcpus(void **state)
{
    g_autoptr(VtHost) host = host_with("0-8191");
    VtHostDomain *domain = add(host, "a", NULL, 4096, NULL);

    for (guint i = 0; i < 4096; i++)
        domain->vcpu_pins->pdata[i] = vt_cpus_parse("0-4094", NULL);
    vt_host_derive(host);
    assert_fact(host, NULL, "overcommit", "Y");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_known_facts),
        cmocka_unit_test(test_irqs),
        cmocka_unit_test(test_exclusive),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_whole_cores),
        cmocka_unit_test(test_exceeds_host),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_unpinned_neighbour),
        cmocka_unit_test(test_what_is_unknown_stays_so),
        cmocka_unit_test(test_unknown_pins),
        cmocka_unit_test(test_stated_facts),
        cmocka_unit_test(test_unknown_neighbour),
        cmocka_unit_test(test_overcommit),
        cmocka_unit_test(test_overcommit_of_some),
        cmocka_unit_test(test_housekeeping),
        cmocka_unit_test(test_all_cpus_taken),
        cmocka_unit_test(test_many_vcpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
