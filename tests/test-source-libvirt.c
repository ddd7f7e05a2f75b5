/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source "libvirt" on libvirt's test driver, which knows the state of a domain and no
 * statistics. Counting is tested in test-domstats (made-up statistics) and end to end on KVM. */
#include "config.h"

#include "base/clock.h"
#include "source/source.h"
#include "vt-test.h"

typedef struct {
    VtVirt *virt;
    VtRoot *root;
    GPtrArray *domains;
    virDomainPtr handle;
    void (*meanwhile)(virDomainPtr domain); /* called once, after the first window */
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    VtDomain *domain = vt_domain_new("test", "6695eb01-f6a4-8304-79aa-97f2502e193f");

    f->virt = vt_virt_open("test:///default", TRUE, FALSE, NULL);
    assert_non_null(f->virt);
    f->handle = vt_virt_lookup(f->virt, "test", NULL);
    assert_non_null(f->handle);
    f->root = vt_root_new("/nonexistent");
    f->domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    domain->vcpus = 2;
    g_ptr_array_add(f->domains, domain);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    virDomainFree(f->handle);
    g_ptr_array_unref(f->domains);
    vt_root_free(f->root);
    vt_virt_close(f->virt);
    g_free(f);
    return 0;
}

static void on_progress(guint64 elapsed_ns, guint64 total_ns, gpointer data)
{
    Fixture *f = data;

    if (f->meanwhile)
        f->meanwhile(f->handle);
    f->meanwhile = NULL;
}

/* Samples three windows and expects a domain of which nothing was measured. */
static void assert_nothing(Fixture *f, const char *reason)
{
    VtSampleOptions options = {
        .duration_ns = 60 * 1000000,
        .interval_ns = 20 * 1000000,
        .source = "libvirt",
        .progress = on_progress,
        .progress_data = f,
    };
    g_autoptr(GPtrArray) profiles = NULL;
    g_autoptr(GPtrArray) notes = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(
        vt_source_sample(f->virt, f->root, f->domains, NULL, &options, &profiles, &notes, &error));
    assert_null(error);
    assert_int_equal(profiles->len, f->domains->len);
    assert_null(g_ptr_array_index(profiles, 0));
    if (!strstr(g_ptr_array_index(notes, 0), reason))
        fail_msg("“%s” does not say “%s”", (const char *)g_ptr_array_index(notes, 0), reason);
}

static void test_state_only(void **state)
{
    assert_nothing(*state, "Nothing was measured. This connection gives no statistics of VM exits");
}

static void test_not_running(void **state)
{
    Fixture *f = *state;

    assert_int_equal(virDomainDestroy(f->handle), 0);
    assert_nothing(f, "The domain was not running.");
}

static void destroy(virDomainPtr domain)
{
    assert_int_equal(virDomainDestroy(domain), 0);
}

static void test_stops(void **state)
{
    Fixture *f = *state;

    f->meanwhile = destroy;
    assert_nothing(f, "The domain was not running.");
}

static void undefine(virDomainPtr domain)
{
    assert_int_equal(virDomainDestroy(domain), 0);
    assert_int_equal(virDomainUndefine(domain), 0);
}

static void test_vanishes(void **state)
{
    Fixture *f = *state;

    f->meanwhile = undefine;
    assert_nothing(f, "The domain was not running.");
}

static void test_unknown_domain(void **state)
{
    Fixture *f = *state;

    /* No domain at all that libvirt knows: the call must not be made, it would ask for every
     * domain. */
    g_ptr_array_set_size(f->domains, 0);
    g_ptr_array_add(f->domains, vt_domain_new("gone", "11111111-2222-3333-4444-555555555555"));
    assert_nothing(f, "libvirt does not know the domain any more.");
}

static void test_emulated(void **state)
{
    static const char xml[] = "<domain type='qemu'><name>test</name>"
                              "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid></domain>";
    Fixture *f = *state;
    VtDomain *domain = vt_domain_from_xml(xml, strlen(xml), "test.xml", NULL);

    assert_non_null(domain);
    g_ptr_array_set_size(f->domains, 0);
    g_ptr_array_add(f->domains, domain);
    assert_nothing(f, "does not use KVM");
}

static void test_paused(void **state)
{
    Fixture *f = *state;

    assert_int_equal(virDomainSuspend(f->handle), 0);
    assert_nothing(f, "The domain was paused.");
}

static void test_probe(void **state)
{
    Fixture *f = *state;
    g_autofree char *why = NULL;

    assert_true(vt_source_libvirt.probe(f->virt, f->root, &why));
    assert_null(why);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_state_only), TEST(test_not_running),    TEST(test_stops),    TEST(test_vanishes),
        TEST(test_paused),     TEST(test_unknown_domain), TEST(test_emulated), TEST(test_probe),
    };

    vt_clock_simulate(TRUE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
