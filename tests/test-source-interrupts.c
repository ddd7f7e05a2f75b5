/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host interrupts in the windows of a sample: whose CPUs count, from a /proc/interrupts that
 * changes meanwhile. */
#include "config.h"

#include "base/clock.h"
#include "model/profile-vcpu.h"
#include "source/source.h"
#include "vt-test-tree.h"

#define PINNED "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define FREE "22222222-2222-2222-2222-222222222222"

static guint vcpus_now = 1;

/* A source that opens every window, as long as the clock says. */
static gboolean start(VtSample *sample, gpointer *ret_state, GError **error)
{
    *ret_state = g_new0(guint, 1);
    return TRUE;
}

static gboolean snapshot(VtSample *sample, gpointer state, gint64 *ret_when_ns, GError **error)
{
    GPtrArray *domains = vt_sample_domains(sample);
    guint *n = state;

    *ret_when_ns = vt_clock_now_us() * 1000;
    for (guint i = 0; *n > 0 && i < domains->len; i++)
        vt_sample_ready(sample, g_ptr_array_index(domains, i), vcpus_now);
    (*n)++;
    return TRUE;
}

static void collect(VtSample *sample, gpointer state, VtSampleDomain *domain)
{
}

static void stop(VtSample *sample, gpointer state)
{
    g_free(state);
}

static const VtSource windows = {
    .name = "windows", .start = start, .snapshot = snapshot, .collect = collect, .stop = stop};

static const char *const tables[] = {
    "     CPU0 CPU1\n 24: 10 20 PCI-MSI 1-edge eth0\n 25: 5 5 PCI-MSI 2-edge nvme0q1\nLOC: 100 200 "
    "Local timer\nERR: 0\n",
    "     CPU0 CPU1\n 24: 11 60 PCI-MSI 1-edge eth0\n 25: 9 5 PCI-MSI 2-edge nvme0q1\nLOC: 150 900 "
    "Local timer\nERR: 0\n",
    "     CPU0 CPU1\n 24: 11 61 PCI-MSI 1-edge eth0\n 25: 9 5 PCI-MSI 2-edge nvme0q1\nLOC: 151 901 "
    "Local timer\nERR: 7\n",
};

typedef struct {
    char *dir;
    guint next;
    const char *const *texts;
    guint vcpus;
} Tree;

static Tree *written;

/* As above, and rewrites the file just before the interrupts are read. */
static gboolean snapshot_and_write(VtSample *sample, gpointer state, gint64 *ret_when_ns,
                                   GError **error)
{
    assert_in_range(written->next, 0, G_N_ELEMENTS(tables) - 1);
    vcpus_now = written->vcpus;
    vt_test_tree_write(written->dir, "proc/interrupts", written->texts[written->next++], -1);
    return snapshot(sample, state, ret_when_ns, error);
}

static const VtSource writer = {.name = "writer",
                                .start = start,
                                .snapshot = snapshot_and_write,
                                .collect = collect,
                                .stop = stop};

static GPtrArray *make_domains(void)
{
    GPtrArray *domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);

    g_ptr_array_add(domains, vt_domain_new("test", PINNED));
    g_ptr_array_add(domains, vt_domain_new("free", FREE));
    return domains;
}

static void assert_parts(GPtrArray *profiles, guint domain, const char *name, guint vcpu, guint64 a, guint64 b)
{
    const VtMetricVcpu *part =
        vt_profile_vcpu_get(vt_profile_get(g_ptr_array_index(profiles, domain), name), vcpu);

    assert_non_null(part);
    assert_int_equal(part->count, a + b);
    assert_int_equal(g_array_index(part->counts, guint64, 0), a);
}

static void assert_counts(GPtrArray *profiles, guint domain, const char *name, guint64 a, guint64 b)
{
    const VtMetric *metric = vt_profile_get(g_ptr_array_index(profiles, domain), name);

    assert_non_null(metric);
    assert_string_equal(metric->source, "interrupts");
    assert_int_equal(metric->counts->len, 2);
    assert_int_equal(g_array_index(metric->counts, guint64, 0), a);
    assert_int_equal(g_array_index(metric->counts, guint64, 1), b);
}

static void test_cpus(void **state)
{
    static const VtSource *const sources[] = {&writer, &vt_source_interrupts, NULL};
    VtSampleOptions options = {.duration_ns = 600 * 1000000, .interval_ns = 300 * 1000000};
    Tree tree = {vt_test_tree_new(), 0, tables, 1};
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new(tree.dir);
    g_autoptr(GPtrArray) domains = make_domains();
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(GPtrArray) notes = NULL;
    VtHostDomain *place = vt_host_add_domain(host, PINNED, "test", 1);

    place->pins_known = TRUE;
    place->vcpu_pins->pdata[0] = vt_cpus_parse("1", NULL);
    vt_test_tree_write(tree.dir, "proc/irq/24/smp_affinity_list", "1\n", -1);
    written = &tree;
    assert_true(
        vt_sample_run(sources, virt, root, domains, host, &options, &profiles, &notes, NULL));

    assert_counts(profiles, 0, "irq.24", 40, 1);
    assert_counts(profiles, 0, "irq.LOC", 700, 1);
    assert_null(vt_profile_get(g_ptr_array_index(profiles, 0), "irq.25"));
    assert_true(vt_profile_covers(g_ptr_array_index(profiles, 0), "irq.25"));

    assert_counts(profiles, 1, "irq.24", 41, 1);
    assert_counts(profiles, 1, "irq.25", 4, 0);
    assert_counts(profiles, 1, "irq.LOC", 750, 2);
    assert_null(vt_profile_get(g_ptr_array_index(profiles, 1), "irq.ERR"));

    /* The one vCPU of the first domain has CPU 1 to itself; the other one's may have run on either. */
    assert_false(((VtProfile *)g_ptr_array_index(profiles, 0))->irqs_at_most);
    assert_true(((VtProfile *)g_ptr_array_index(profiles, 1))->irqs_at_most);
    assert_string_equal(vt_profile_get(g_ptr_array_index(profiles, 1), "irq.25")->device, "nvme0q1");
    assert_null(vt_profile_get(g_ptr_array_index(profiles, 1), "irq.LOC")->device);
    assert_null(vt_profile_get(g_ptr_array_index(profiles, 0), "irq.24")->vcpus);

    assert_non_null(vt_host_irq(host, "24"));
    assert_string_equal(vt_host_irq(host, "25")->device, "nvme0q1");
    assert_true(vt_cpus_has(vt_host_irq(host, "24")->affinity, 1));
    vt_test_tree_free(tree.dir);
}

/* Both tables of counters, by sources of which the first one writes them. */
static GPtrArray *sample_pins(guint vcpus, const char *const *pins, const char *const *texts, gboolean per_vcpu)
{
    static const VtSource *const sources[] = {&writer, &vt_source_interrupts, NULL};
    VtSampleOptions options = {
        .duration_ns = 600 * 1000000, .interval_ns = 300 * 1000000, .per_vcpu = per_vcpu};
    Tree tree = {vt_test_tree_new(), 0, texts, vcpus};
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new(tree.dir);
    g_autoptr(GPtrArray) domains = make_domains();
    g_autoptr(VtHost) host = vt_host_new();
    g_autoptr(GPtrArray) notes = NULL;
    GPtrArray *profiles = NULL;
    VtHostDomain *place = vt_host_add_domain(host, PINNED, "test", vcpus);

    place->pins_known = TRUE;
    for (guint i = 0; i < vcpus; i++)
        place->vcpu_pins->pdata[i] = pins[i] ? vt_cpus_parse(pins[i], NULL) : NULL;
    written = &tree;
    assert_true(
        vt_sample_run(sources, virt, root, domains, host, &options, &profiles, &notes, NULL));
    vt_test_tree_free(tree.dir);
    return profiles;
}

/* Each vCPU on a CPU of its own: what landed there is its own. */
static void test_vcpus(void **state)
{
    static const char *const pins[] = {"1", "0"};
    g_autoptr(GPtrArray) profiles = sample_pins(2, pins, tables, TRUE);

    assert_false(((VtProfile *)g_ptr_array_index(profiles, 0))->irqs_at_most);
    assert_counts(profiles, 0, "irq.24", 41, 1);
    assert_parts(profiles, 0, "irq.24", 0, 40, 1);
    assert_parts(profiles, 0, "irq.24", 1, 1, 0);
    assert_parts(profiles, 0, "irq.LOC", 1, 50, 1);
    assert_null(vt_profile_vcpu_get(vt_profile_get(g_ptr_array_index(profiles, 0), "irq.25"), 0));
    assert_null(vt_profile_get(g_ptr_array_index(profiles, 1), "irq.24")->vcpus);
}

/* Several CPUs, the same one, and no pin: whose interrupts they are is not known. */
static void test_at_most(void **state)
{
    static const char *const several[] = {"0-1"}, *const same[] = {"1", "1"}, *const half[] = {"1", NULL};

    for (guint i = 0; i < 3; i++) {
        g_autoptr(GPtrArray) profiles =
            sample_pins(i == 0 ? 1 : 2, i == 0 ? several : i == 1 ? same : half, tables, TRUE);

        assert_true(((VtProfile *)g_ptr_array_index(profiles, 0))->irqs_at_most);
        assert_null(vt_profile_get(g_ptr_array_index(profiles, 0), "irq.24")->vcpus);
        assert_counts(profiles, 0, "irq.24", i == 1 ? 40 : 41, 1);
    }
}

/* A counter that began anew leaves a gap for those on its CPU, and not a window of zeros. */
static void test_anew(void **state)
{
    static const char *const texts[] = {
        "     CPU0 CPU1\n 24: 500 20 PCI-MSI 1-edge eth0\n",
        "     CPU0 CPU1\n 24: 505 60 PCI-MSI 1-edge eth0\n",
        "     CPU0 CPU1\n 24: 10 61 PCI-MSI 1-edge eth0\n",
    };
    static const char *const pins[] = {"1"};
    g_autoptr(GPtrArray) profiles = sample_pins(1, pins, texts, FALSE);
    const VtProfile *other = g_ptr_array_index(profiles, 1);

    assert_counts(profiles, 0, "irq.24", 40, 1);
    assert_int_equal(other->windows->len, 1);
    assert_int_equal(vt_profile_get(other, "irq.24")->count, 45);
    assert_non_null(strstr(g_ptr_array_index(other->notes, 0), "A counter went back."));
}

/* Without the file it is left out, and the others go on. */
static void test_absent(void **state)
{
    static const VtSource *const sources[] = {&windows, &vt_source_interrupts, NULL};
    VtSampleOptions options = {.duration_ns = 20 * 1000000, .interval_ns = 20 * 1000000};
    char *dir = vt_test_tree_new();
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autoptr(GPtrArray) domains = make_domains();
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(GPtrArray) notes = NULL;
    const VtProfile *profile;

    assert_true(
        vt_sample_run(sources, virt, root, domains, NULL, &options, &profiles, &notes, NULL));
    profile = g_ptr_array_index(profiles, 0);
    assert_non_null(profile);
    assert_false(vt_profile_covers(profile, "irq.24"));
    assert_int_equal(profile->notes->len, 0);
    vt_test_tree_free(dir);
}

/* The test driver stands for a hypervisor elsewhere, about which this machine's interrupts say
 * nothing. */
static void test_probe(void **state)
{
    char *dir = vt_test_tree_new();
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new(dir);
    g_autofree char *why = NULL;

    vt_test_tree_write(dir, "proc/interrupts", tables[0], -1);
    assert_false(vt_source_interrupts.probe(virt, root, &why));
    assert_non_null(why);
    vt_test_tree_free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_at_most),
        cmocka_unit_test(test_anew),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_probe),
    };

    vt_clock_simulate(TRUE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
