/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A statistics call that answers, refuses, fails, hangs, or comes back after it was given up. */
#include "config.h"

#include "base/error.h"
#include "base/virt.h"
#include "source/stats-call.h"
#include "vt-test.h"

#define LONG_US (60 * G_USEC_PER_SEC)

/* A gate at which calls wait, and how many have come back from it. */
static struct {
    GMutex lock;
    GCond cond;
    gboolean open;
    guint returned;
} gate;

static int hang(virDomainPtr *domains, unsigned int stats, virDomainStatsRecordPtr **ret_records,
                unsigned int flags)
{
    int n = virDomainListGetStats(domains, VIR_DOMAIN_STATS_STATE, ret_records, 0);

    g_mutex_lock(&gate.lock);
    while (!gate.open)
        g_cond_wait(&gate.cond, &gate.lock);
    gate.returned++;
    g_cond_broadcast(&gate.cond);
    g_mutex_unlock(&gate.lock);
    return n;
}

static void open_gate(guint expected)
{
    g_mutex_lock(&gate.lock);
    gate.open = TRUE;
    g_cond_broadcast(&gate.cond);
    while (gate.returned < expected)
        g_cond_wait(&gate.cond, &gate.lock);
    g_mutex_unlock(&gate.lock);
    /* The thread has left the function and frees what it holds. */
    g_usleep(50 * 1000);
}

typedef struct {
    VtVirt *virt;
    GPtrArray *domains;
} Fixture;

static void free_domain(gpointer domain)
{
    if (domain)
        virDomainFree(domain);
}

static void find_domain(Fixture *f)
{
    f->domains = g_ptr_array_new_with_free_func(free_domain);
    g_ptr_array_add(f->domains, vt_virt_lookup(f->virt, "test", NULL));
    g_ptr_array_add(f->domains, NULL);
}

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    assert_non_null(f->virt);
    find_domain(f);
    assert_non_null(f->domains->pdata[0]);
    gate.open = FALSE;
    gate.returned = 0;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    g_ptr_array_unref(f->domains);
    vt_virt_close(f->virt);
    g_free(f);
    return 0;
}

static VtStatsOutcome call(Fixture *f, VtStatsFunc function, guint groups, guint flags,
                           gint64 timeout_us, GCancellable *cancel, GError **error)
{
    virDomainStatsRecordPtr *records = NULL;
    int n = -1;
    gint64 before_us = g_get_monotonic_time();
    gint64 when_us = -1;
    VtStatsOutcome outcome = vt_stats_call(function, f->domains, groups, flags, timeout_us, cancel,
                                           &records, &n, &when_us, error);

    if (outcome == VT_STATS_DONE) {
        assert_int_equal(n, 1);
        assert_string_equal(virDomainGetName(records[0]->dom), "test");
        assert_true(when_us >= before_us && when_us <= g_get_monotonic_time());
        virDomainStatsRecordListFree(records);
    } else {
        assert_null(records);
        assert_int_equal(n, -1);
        assert_int_equal(when_us, -1);
    }
    return outcome;
}

static void test_done(void **state)
{
    assert_int_equal(
        call(*state, virDomainListGetStats, VIR_DOMAIN_STATS_STATE, 0, LONG_US, NULL, NULL),
        VT_STATS_DONE);
}

/* The test driver rejects flags that it does not know. */
static void test_refused(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_int_equal(call(*state, virDomainListGetStats, VIR_DOMAIN_STATS_STATE, 1u << 20, LONG_US,
                          NULL, &error),
                     VT_STATS_REFUSED);
    assert_null(error);
}

static int fail_with_internal_error(virDomainPtr *domains, unsigned int stats,
                                    virDomainStatsRecordPtr **ret_records, unsigned int flags)
{
    /* An operation on a domain that is already running: neither a refusal nor an answer. */
    return virDomainCreate(domains[0]);
}

static void test_failed(void **state)
{
    g_autoptr(GError) error = NULL;

    assert_int_equal(call(*state, fail_with_internal_error, 0, 0, LONG_US, NULL, &error),
                     VT_STATS_FAILED);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_LIBVIRT));
    assert_non_null(strstr(error->message, "cannot read the statistics of the domains: "));
}

/* The call is given up, another one answers meanwhile, and the first one may come back later. */
static void test_timeout(void **state)
{
    gint64 begin_us = g_get_monotonic_time();

    assert_int_equal(call(*state, hang, 0, 0, 50 * 1000, NULL, NULL), VT_STATS_TIMEOUT);
    assert_true(g_get_monotonic_time() - begin_us >= 50 * 1000);
    assert_int_equal(
        call(*state, virDomainListGetStats, VIR_DOMAIN_STATS_STATE, 0, LONG_US, NULL, NULL),
        VT_STATS_DONE);
    open_gate(1);
}

static void test_cancelled(void **state)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();

    g_cancellable_cancel(cancel);
    assert_int_equal(call(*state, hang, 0, 0, LONG_US, cancel, NULL), VT_STATS_TIMEOUT);
    /* One that answers soon is still waited for: the last window of a sample that was ended. */
    assert_int_equal(
        call(*state, virDomainListGetStats, VIR_DOMAIN_STATS_STATE, 0, LONG_US, cancel, NULL),
        VT_STATS_DONE);
    open_gate(1);
}

/* What the call holds outlives its caller. */
static void test_connection_closed_meanwhile(void **state)
{
    Fixture *f = *state;

    assert_int_equal(call(f, hang, 0, 0, 1000, NULL, NULL), VT_STATS_TIMEOUT);
    g_ptr_array_unref(f->domains);
    vt_virt_close(f->virt);
    open_gate(1);
    f->virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    find_domain(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_done),    TEST(test_refused),   TEST(test_failed),
        TEST(test_timeout), TEST(test_cancelled), TEST(test_connection_closed_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
