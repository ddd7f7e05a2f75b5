/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts about memory from files that are whole, partial or broken, and the memory of a domain in all
 * units. */
#include "config.h"

#include "source/host-memory.h"
#include "vt-test-tree.h"

static void assert_fact(const char *dir, const char *fact, const char *expected)
{
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autoptr(VtHost) host = vt_host_new();
    const char *value;

    vt_host_memory_add(host, root);
    value = vt_host_get(host, fact);
    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is “%s”, expected “%s”", fact, value ? value : "unknown",
                 expected ? expected : "unknown");
    if (value)
        assert_true(vt_host_fact_is_known(fact));
}

static void write_meminfo(const char *dir, const char *text)
{
    vt_test_tree_write(dir, "proc/meminfo", text, -1);
}

static void test_meminfo(void **state)
{
    char *dir = vt_test_tree_new();

    assert_fact(dir, "memory.available-percent", NULL);
    write_meminfo(dir, "MemTotal:       16384000 kB\nMemFree: 1 kB\nMemAvailable:    4096000 kB\n"
                       "HugePages_Total:    1024\nHugePages_Free:     700\n"
                       "HugePages_Rsvd:      188\nHugepagesize:       2048 kB\n");
    assert_fact(dir, "memory.available-percent", "25");
    assert_fact(dir, "hugepages.free-kib", "1048576"); /* 700 less 188 that are spoken for */
    write_meminfo(dir, "MemTotal: 100 kB\nMemAvailable: 200 kB\nHugePages_Free: 1\n"
                       "HugePages_Rsvd: 2\nHugepagesize: 2048 kB\n");
    assert_fact(dir, "memory.available-percent", NULL);
    assert_fact(dir, "hugepages.free-kib", NULL);
    write_meminfo(dir, "MemTotal: 0 kB\nMemAvailable: 0 kB\n");
    assert_fact(dir, "memory.available-percent", NULL);
    write_meminfo(dir, "MemTotal: many kB\nMemAvailable:");
    assert_fact(dir, "memory.available-percent", NULL);
    write_meminfo(dir, "XMemTotal: 100 kB\nMemTotalX: 100 kB\nMemAvailable: 10 kB");
    assert_fact(dir, "memory.available-percent", NULL);
    vt_test_tree_free(dir);
}

static void test_ksm(void **state)
{
    char *dir = vt_test_tree_new();

    assert_fact(dir, "ksm", NULL);
    vt_test_tree_write(dir, "sys/kernel/mm/ksm/run", "1\n", -1);
    vt_test_tree_write(dir, "sys/kernel/mm/ksm/pages_sharing", "78123\n", -1);
    assert_fact(dir, "ksm", "running");
    assert_fact(dir, "ksm.pages-sharing", "78123");
    vt_test_tree_write(dir, "sys/kernel/mm/ksm/run", "2\n", -1); /* unmerges all pages and stops */
    vt_test_tree_write(dir, "sys/kernel/mm/ksm/pages_sharing", "-1\n", -1);
    assert_fact(dir, "ksm", "stopped");
    assert_fact(dir, "ksm.pages-sharing", NULL);
    vt_test_tree_free(dir);
}

static void test_numa_balancing(void **state)
{
    char *dir = vt_test_tree_new();

    assert_fact(dir, "numa-balancing", NULL);
    vt_test_tree_write(dir, "proc/sys/kernel/numa_balancing", "0\n", -1);
    assert_fact(dir, "numa-balancing", "N");
    vt_test_tree_write(dir, "proc/sys/kernel/numa_balancing", "1\n", -1);
    assert_fact(dir, "numa-balancing", "Y");
    vt_test_tree_free(dir);
}

static void test_nodes(void **state)
{
    char *dir = vt_test_tree_new();

    vt_test_tree_write(dir, "sys/devices/system/node/online", "0,2\n", -1);
    vt_test_tree_write(dir, "sys/devices/system/node/node0/cpulist", "0-3,8-11\n", -1);
    assert_fact(dir, "numa.cpus", NULL); /* a half of it would be wrong */
    vt_test_tree_write(dir, "sys/devices/system/node/node2/cpulist", "4-7\n", -1);
    assert_fact(dir, "numa.cpus", "0=0-3,8-11 2=4-7");
    vt_test_tree_write(dir, "sys/devices/system/node/online", "nodes\n", -1);
    assert_fact(dir, "numa.cpus", NULL);
    vt_test_tree_free(dir);
}

static void assert_memory(const char *element, guint64 expected)
{
    g_autofree char *xml = g_strdup_printf("<domain type='kvm'><name>a</name>%s</domain>", element);
    g_autoptr(VtDomain) domain = vt_domain_from_xml(xml, strlen(xml), "a.xml", NULL);
    guint64 kib = 0;

    assert_non_null(domain);
    assert_int_equal(vt_host_memory_of(domain, &kib), expected > 0);
    assert_int_equal(kib, expected);
}

static void test_memory_of_domain(void **state)
{
    assert_memory("<memory unit='KiB'>2097152</memory>", 2097152);
    assert_memory("<memory>2097152</memory>", 2097152);
    assert_memory("<memory unit='GiB'> 2 </memory>", 2097152);
    assert_memory("<memory unit='M'>512</memory>", 524288);
    assert_memory("<memory unit='MB'>1024</memory>", 1000000);
    assert_memory("<memory unit='bytes'>1048576</memory>", 1024);
    assert_memory("<memory unit='TiB'>1</memory>", 1 << 30);
    assert_memory("<memory unit='pages'>2</memory>", 0);
    assert_memory("<memory unit='KiB'>-2</memory>", 0);
    assert_memory("<memory unit='TiB'>18446744073709551615</memory>", 0);
    assert_memory("<memory/>", 0);
    assert_memory("", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meminfo),        cmocka_unit_test(test_ksm),
        cmocka_unit_test(test_numa_balancing), cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_memory_of_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
