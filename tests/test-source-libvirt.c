/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source "libvirt" on libvirt's test driver, which knows the state of a domain and no
 * statistics; where a test asks for it, some are added to its answers. Counting is tested in test-domstats (made-up statistics) and end to end on KVM. */
#include "config.h"

#include <dlfcn.h>
#include <math.h>

#include "base/clock.h"
#include "source/source.h"
#include "vt-test.h"

/* What is added to the answers of the driver. */
static struct {
    gboolean vcpus; /* the number of vCPUs, as QEMU's driver tells */
    gboolean kvm;   /* KVM's statistics, */
    guint late;     /* but not in the first so many answers */
    guint calls;
    guint moves;    /* another one of them stands still, but goes up by 5 at this answer; 0: there is none */
    guint comes;    /* another one that stands still comes with this answer; 0: there is none */
    gboolean devices;   /* those of a disk, where they are asked for; each call 40 more */
    gboolean breaks;    /* what costs much is refused with an error from the second time on */
    guint dear;         /* calls that asked for it */
    gboolean old;       /* the driver knows no NOWAIT, as before libvirt 4.5.0, */
    guint known;        /* and no groups but these; 0: all */
    guint refused;      /* calls that were */
} added;

#define DEAR (VIR_DOMAIN_STATS_BLOCK | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_VM)

/* In place of libvirt's own, which the program's floors find here first. */
int virConnectGetVersion(virConnectPtr connection, unsigned long *version)
{
    *version = added.vcpus ? 7002000 : 2;
    return 0;
}

int virDomainListGetStats(virDomainPtr *domains, unsigned int stats, virDomainStatsRecordPtr **records,
                          unsigned int flags)
{
    int (*real)(virDomainPtr *, unsigned int, virDomainStatsRecordPtr **, unsigned int) =
        dlsym(RTLD_NEXT, "virDomainListGetStats");
    gboolean refused = (added.old && flags != 0) || (added.known != 0 && (stats & ~added.known) != 0);
    /* Without domains it refuses with VIR_ERR_INVALID_ARG, as drivers do with what they do not know. */
    int n = real(refused ? NULL : domains, added.vcpus ? VIR_DOMAIN_STATS_STATE : stats, records, 0);

    added.refused += refused;
    if (refused)
        return n;
    added.calls++;
    added.dear += (stats & DEAR) != 0;
    if (added.breaks && (stats & DEAR) && added.dear > 1)
        return -1;
    for (int i = 0; i < n && added.vcpus; i++) {
        virDomainStatsRecordPtr record = (*records)[i];
        int room = record->nparams;

        assert_int_equal(virTypedParamsAddUInt(&record->params, &record->nparams, &room,
                                               "vcpu.current", 1),
                         0);
        if (added.kvm && added.calls > added.late)
            assert_int_equal(virTypedParamsAddULLong(&record->params, &record->nparams, &room,
                                                     "vcpu.0.exits.sum", 1000 * added.calls),
                             0);
        if (added.moves)
            assert_int_equal(virTypedParamsAddULLong(&record->params, &record->nparams, &room, "vcpu.0.hypercalls.sum",
                                                     added.calls < added.moves ? 7 : 12),
                             0);
        if (added.comes && added.calls >= added.comes)
            assert_int_equal(virTypedParamsAddULLong(&record->params, &record->nparams, &room, "vcpu.0.halt_exits.sum", 9),
                             0);
        if (!added.devices || !(stats & VIR_DOMAIN_STATS_BLOCK))
            continue;
        assert_int_equal(virTypedParamsAddUInt(&record->params, &record->nparams, &room, "block.count", 1), 0);
        assert_int_equal(virTypedParamsAddULLong(&record->params, &record->nparams, &room,
                                                 "block.0.rd.reqs", 30 * added.calls),
                         0);
        assert_int_equal(virTypedParamsAddULLong(&record->params, &record->nparams, &room,
                                                 "block.0.wr.reqs", 10 * added.calls),
                         0);
        assert_int_equal(virTypedParamsAddULLong(&record->params, &record->nparams, &room, "cpu.time", 0), 0);
        assert_int_equal(virTypedParamsAddULLong(&record->params, &record->nparams, &room, "vcpu.0.time", 0), 0);
    }
    return n;
}

typedef struct {
    VtVirt *virt;
    VtRoot *root;
    GPtrArray *domains;
    virDomainPtr handle;
    void (*meanwhile)(virDomainPtr domain); /* called once, after the first window */
    gboolean every_window;
    guint windows;                          /* that were taken */
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
    memset(&added, 0, sizeof(added));
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
    f->windows++;
}

static VtDomain *kvm_domain(void)
{
    static const char xml[] = "<domain type='kvm'><name>test</name>"
                              "<uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid></domain>";
    VtDomain *domain = vt_domain_from_xml(xml, strlen(xml), "test.xml", NULL);

    assert_non_null(domain);
    domain->vcpus = 1;
    return domain;
}

static void use_kvm_domain(Fixture *f)
{
    g_ptr_array_set_size(f->domains, 0);
    g_ptr_array_add(f->domains, kvm_domain());
}

/* Samples three windows; the profile or NULL, and the note. */
static VtProfile *sample(Fixture *f, char **ret_note)
{
    VtSampleOptions options = {
        .duration_ns = 60 * 1000000,
        .interval_ns = 20 * 1000000,
        .source = "libvirt",
        .every_window = f->every_window,
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
    *ret_note = g_strdup(g_ptr_array_index(notes, 0));
    return g_ptr_array_index(profiles, 0) ? vt_profile_ref(g_ptr_array_index(profiles, 0)) : NULL;
}

static void assert_nothing(Fixture *f, const char *reason)
{
    g_autofree char *note = NULL;

    assert_null(sample(f, &note));
    if (!strstr(note, reason))
        fail_msg("“%s” does not say “%s”", note, reason);
}

/* There is nothing to wait for. */
static void test_state_only(void **state)
{
    Fixture *f = *state;
    gint64 begin_us = vt_clock_now_us();

    assert_nothing(f, "Nothing was measured. This connection gives no statistics of VM exits");
    assert_int_equal(f->windows, 0);
    assert_true(vt_clock_now_us() == begin_us);
}

/* The base is taken again until the statistics are there, and every window counts. */
static void test_late_base(void **state)
{
    Fixture *f = *state;
    g_autofree char *note = NULL;
    g_autoptr(VtProfile) profile = NULL;

    added.vcpus = added.kvm = TRUE;
    added.late = 4;
    use_kvm_domain(f);
    profile = sample(f, &note);
    assert_non_null(profile);
    assert_int_equal(profile->windows->len, 3);
    /* The base of the figures of whole domains, and the last ones. */
    assert_int_equal(added.calls, 5 + 3 + 2);
    assert_int_equal(added.dear, 2);
    assert_int_equal(profile->notes->len, 0);
}

/* A counter that stands still is zero in those windows, and not missing. */
static void test_still_counters(void **state)
{
    static const guint64 wanted[] = {0, 5, 0};
    Fixture *f = *state;
    g_autofree char *note = NULL;
    g_autoptr(VtProfile) profile = NULL;
    const VtMetric *hypercalls;

    added.vcpus = added.kvm = TRUE;
    added.moves = 4; /* the first two answers are the bases */
    use_kvm_domain(f);
    profile = sample(f, &note);
    hypercalls = vt_profile_get(profile, "exit.hypercall");
    assert_non_null(hypercalls);
    assert_int_equal(hypercalls->counts->len, G_N_ELEMENTS(wanted));
    assert_memory_equal(hypercalls->counts->data, wanted, sizeof wanted);
    assert_int_equal(vt_profile_get(profile, "exits")->count, 4000);
}

/* One that comes, with a window that is not counted, is known from then on also where it stands still. */
static void test_still_counter_comes(void **state)
{
    Fixture *f = *state;
    g_autofree char *note = NULL;
    g_autoptr(VtProfile) profile = NULL;
    const VtMetric *hlt;

    added.vcpus = added.kvm = TRUE;
    added.comes = 4;
    use_kvm_domain(f);
    profile = sample(f, &note);
    assert_int_equal(profile->windows->len, 2);
    hlt = vt_profile_get(profile, "exit.hlt");
    assert_non_null(hlt);
    assert_int_equal(hlt->count, 0);
}

static VtProfile *sample_disk(Fixture *f)
{
    g_autofree char *note = NULL;
    VtProfile *profile;

    added.vcpus = added.kvm = added.devices = TRUE;
    use_kvm_domain(f);
    profile = sample(f, &note);
    assert_non_null(profile);
    assert_int_equal(profile->windows->len, 3);
    assert_null(note);
    return profile;
}

/* What costs much is asked for at both ends only, and counted over all that lies between. */
static void test_whole_sample(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = sample_disk(f);
    const VtMetric *requests = vt_profile_get(profile, "block.requests");
    const VtMetric *exits = vt_profile_get(profile, "exits");

    assert_int_equal(added.dear, 2);
    assert_int_equal(exits->whole_ns, 0);
    assert_int_equal(exits->counts->len, 3);
    assert_non_null(requests);
    assert_int_equal(requests->count, 4 * 40); /* from the second call to the sixth */
    assert_int_equal(requests->counts->len, 0);
    assert_true(requests->whole_ns > 0);
    assert_true(requests->whole_ns == vt_profile_get(profile, "qemu.busy-ns")->whole_ns);
    assert_true(fabs(requests->rate - 160e9 / (double)requests->whole_ns) < 1);
    assert_true(vt_profile_covers(profile, "block.requests"));
    assert_false(vt_profile_covers(profile, "net.packets"));
}

/* A libvirt that refuses a flag or a group is asked once for each thing less, and then no more for it. */
static void test_old_libvirt(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = NULL;

    added.old = TRUE;
    profile = sample_disk(f);
    assert_int_equal(added.refused, 2);
    assert_int_equal(added.dear, 2);
    assert_int_equal(profile->notes->len, 0);
    assert_int_equal(vt_profile_get(profile, "block.requests")->count, 4 * 40);
    assert_int_equal(vt_profile_get(profile, "exits")->counts->len, 3);
}

static void test_older_libvirt(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = NULL;

    added.old = TRUE;
    added.known = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_VCPU;
    profile = sample_disk(f);
    assert_int_equal(added.dear, 0);
    assert_int_equal(vt_profile_get(profile, "exits")->counts->len, 3);
    assert_null(vt_profile_get(profile, "block.requests"));
    assert_false(vt_profile_covers(profile, "block.requests"));
}

/* Nothing is known to it at all: that is said, and not tried for ever. */
static void test_no_statistics(void **state)
{
    Fixture *f = *state;
    VtSampleOptions options = {.duration_ns = 20 * 1000000, .interval_ns = 20 * 1000000, .source = "libvirt"};
    g_autoptr(GPtrArray) profiles = NULL, notes = NULL;
    g_autoptr(GError) error = NULL;

    added.vcpus = added.kvm = added.old = TRUE;
    added.known = VIR_DOMAIN_STATS_BALLOON;
    use_kvm_domain(f);
    assert_false(vt_source_sample(f->virt, f->root, f->domains, NULL, &options, &profiles, &notes, &error));
    assert_non_null(strstr(error->message, "gives no statistics of its domains"));
    assert_int_equal(added.refused, 5);
    assert_int_equal(added.calls, 0);
}

/* Unless every window is to have it. */
static void test_every_window(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = NULL;
    const VtMetric *requests;

    f->every_window = TRUE;
    profile = sample_disk(f);
    requests = vt_profile_get(profile, "block.requests");
    assert_int_equal(added.dear, 4);
    assert_int_equal(added.calls, 4);
    assert_int_equal(requests->whole_ns, 0);
    assert_int_equal(requests->counts->len, 3);
    assert_int_equal(requests->count, 3 * 40);
}

/* The rest of the sample is not lost with it. */
static void test_whole_sample_fails(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = NULL;

    added.breaks = TRUE;
    profile = sample_disk(f);
    assert_null(vt_profile_get(profile, "block.requests"));
    assert_false(vt_profile_covers(profile, "block.requests"));
    assert_int_equal(profile->notes->len, 1);
    assert_non_null(strstr(g_ptr_array_index(profile->notes, 0), "Disk requests, packets"));
}

static void restart(virDomainPtr domain)
{
    assert_int_equal(virDomainDestroy(domain), 0);
    assert_int_equal(virDomainCreate(domain), 0);
}

/* Counters of two runs have no difference. */
static void test_whole_sample_restarted(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtProfile) profile = NULL;
    g_autofree char *note = NULL;

    added.vcpus = added.kvm = added.devices = TRUE;
    use_kvm_domain(f);
    f->meanwhile = restart;
    profile = sample(f, &note);
    assert_non_null(profile);
    assert_int_equal(profile->windows->len, 2);
    assert_null(vt_profile_get(profile, "block.requests"));
    assert_non_null(strstr(g_ptr_array_index(profile->notes, 0), "started anew"));
}

/* A live sample has it from time to time: the third window has that of three, then every tenth that of ten. */
static void test_whole_sample_live(void **state)
{
    static const VtSource *const sources[] = {&vt_source_libvirt, NULL};
    Fixture *f = *state;
    VtSampleOptions options = {0};
    g_autoptr(VtSample) live = NULL;

    added.vcpus = added.kvm = added.devices = TRUE;
    use_kvm_domain(f);
    live = vt_sample_open(sources, f->virt, f->root, f->domains, NULL, &options, NULL);
    assert_non_null(live);
    for (guint i = 1; i <= 24; i++) {
        const VtProfile *profile;
        const VtMetric *requests;
        char *note = NULL;

        g_usleep(1000);
        assert_true(vt_sample_step(live, NULL));
        profile = vt_sample_profile(live, 0, &note);
        assert_non_null(profile);
        assert_int_equal(profile->windows->len, (i - 1) % 10 + 1);
        requests = vt_profile_get(profile, "block.requests");
        assert_true(!!requests == (i % 10 >= 3 || i % 10 == 0));
        if (requests)
            assert_int_equal(requests->count, i <= 10 ? 4 * 40 : 11 * 40);
    }
}

/* In brief there is nothing but exits, and it is the same of them. */
static void test_brief(void **state)
{
    static const VtSource *const sources[] = {&vt_source_libvirt, NULL};
    Fixture *f = *state;
    VtSampleOptions options = {.per_vcpu = TRUE};
    g_autoptr(VtSample) live = NULL;
    g_autoptr(VtProfile) whole = NULL, brief = NULL;
    guint families = 0;
    char *note = NULL;
    GHashTableIter iter;
    const VtMetric *metric;

    added.vcpus = added.kvm = added.devices = TRUE;
    use_kvm_domain(f);
    live = vt_sample_open(sources, f->virt, f->root, f->domains, NULL, &options, NULL);
    /* The first one has what the base was short of. */
    for (guint i = 0; i < 30; i++) {
        g_usleep(1000);
        if (i == 20)
            vt_sample_set_brief(live, 0, TRUE);
        assert_true(vt_sample_step(live, NULL));
        if (i == 19)
            whole = vt_profile_ref(vt_sample_profile(live, 0, &note));
    }
    brief = vt_profile_ref(vt_sample_profile(live, 0, &note));
    assert_int_equal(brief->windows->len, 10);
    assert_true(vt_profile_finish(whole, NULL));
    assert_true(vt_profile_finish(brief, NULL));
    assert_non_null(vt_profile_get(whole, "exits")->vcpus);
    g_hash_table_iter_init(&iter, whole->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        const VtMetric *same = vt_profile_get(brief, metric->name);

        if (metric->kind != VT_METRIC_EXIT && metric->kind != VT_METRIC_EXITS) {
            assert_null(same);
            continue;
        }
        assert_non_null(same);
        assert_int_equal(same->count, metric->count);
        assert_null(same->vcpus);
        families++;
    }
    assert_true(families > 0 && g_hash_table_size(whole->metrics) > families);
    assert_null(brief->numbered);
}

/* But not for ever: a monitor that hangs costs a second. */
static void test_no_base(void **state)
{
    Fixture *f = *state;
    gint64 begin_us = vt_clock_now_us();

    added.vcpus = TRUE;
    use_kvm_domain(f);
    assert_nothing(f, "QEMU's monitor did not answer in time");
    assert_true(f->windows > 0);
    assert_true(vt_clock_now_us() - begin_us <= 1100 * 1000);
}

/* Nor where it is known that nothing will come. */
static void test_emulated_by_its_xml(void **state)
{
    Fixture *f = *state;

    added.vcpus = TRUE; /* the test driver's domain is of type test */
    assert_nothing(f, "does not use KVM");
    assert_int_equal(f->windows, 0);
    assert_int_equal(added.calls, 1);
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

    added.vcpus = TRUE;
    use_kvm_domain(f);
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

    added.vcpus = TRUE;
    use_kvm_domain(f);
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
        TEST(test_old_libvirt), TEST(test_older_libvirt), TEST(test_no_statistics),
        TEST(test_whole_sample), TEST(test_every_window), TEST(test_whole_sample_fails),
        TEST(test_whole_sample_restarted), TEST(test_whole_sample_live),
        TEST(test_brief),
        TEST(test_late_base),  TEST(test_no_base),        TEST(test_emulated_by_its_xml),
        TEST(test_still_counters), TEST(test_still_counter_comes),
        TEST(test_state_only), TEST(test_not_running),    TEST(test_stops),    TEST(test_vanishes),
        TEST(test_paused),     TEST(test_unknown_domain), TEST(test_emulated), TEST(test_probe),
    };

    vt_clock_simulate(TRUE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
