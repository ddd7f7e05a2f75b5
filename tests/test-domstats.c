/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics by name: fields of every kind and age, made up here as libvirt would send them. */
#include "config.h"

#include "source/domstats.h"
#include "vt-test.h"

static virTypedParameter ull(const char *field, unsigned long long value)
{
    virTypedParameter param = {.type = VIR_TYPED_PARAM_ULLONG, .value.ul = value};

    g_strlcpy(param.field, field, sizeof(param.field));
    return param;
}

static virTypedParameter integer(const char *field, int value)
{
    virTypedParameter param = {.type = VIR_TYPED_PARAM_INT, .value.i = value};

    g_strlcpy(param.field, field, sizeof(param.field));
    return param;
}

static virTypedParameter boolean(const char *field, gboolean value)
{
    virTypedParameter param = {.type = VIR_TYPED_PARAM_BOOLEAN, .value.b = (char)value};

    g_strlcpy(param.field, field, sizeof(param.field));
    return param;
}

/* Field, value pairs up to NULL. */
static VtDomstats *make(const char *field, ...) G_GNUC_NULL_TERMINATED;
static VtDomstats *make(const char *field, ...)
{
    VtDomstats *stats = vt_domstats_new();
    va_list args;

    va_start(args, field);
    for (; field; field = va_arg(args, const char *))
        vt_domstats_add(stats, field, va_arg(args, guint64));
    va_end(args);
    return stats;
}
#define N(value) ((guint64)(value))
#define RUNNING "state.state", N(VIR_DOMAIN_RUNNING), "vcpu.current", N(1)

static void sum(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    GHashTable *sums = data;
    guint64 *value = g_hash_table_lookup(sums, metric);

    if (!value) {
        value = g_new0(guint64, 1);
        g_hash_table_insert(sums, g_strdup(metric), value);
    }
    *value += delta;
}

static GHashTable *delta(const VtDomstats *before, const VtDomstats *after)
{
    GHashTable *sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    assert_int_equal(vt_domstats_compare(before, after), VT_GAP_NONE);
    vt_domstats_delta(before, after, sum, sums);
    return sums;
}

static void assert_sum(GHashTable *sums, const char *metric, guint64 expected)
{
    const guint64 *value = g_hash_table_lookup(sums, metric);

    if (!value)
        fail_msg("%s is absent", metric);
    assert_int_equal(*value, expected);
}

static void test_params(void **state)
{
    const virTypedParameter first[] = {
        integer("state.state", VIR_DOMAIN_RUNNING),
        integer("vcpu.current", 2),
        ull("vcpu.0.delay", 1000),
        ull("vcpu.1.delay", 0),
        ull("vcpu.0.exits.sum", 10),
        ull("vcpu.0.halt_exits.sum", 4),
        ull("vcpu.0.halt_poll_fail_ns.sum", 7),
        ull("vcpu.1.exits.sum", 5),
        ull("vcpu.1.halt_exits.sum", 3),
        ull("vcpu.1.halt_poll_fail_ns.sum", 7),
        boolean("vcpu.0.guest_mode.cur", FALSE),
        boolean("vcpu.0.halted", FALSE),
        ull("vm.mmu_pte_write.sum", 3),
        ull("vm.pages_4k.cur", 99),
        ull("vm.max_mmu_rmap_size.max", 9),
        integer("block.count", 1),
        ull("block.0.rd.reqs", 1),
        ull("block.0.wr.reqs", 2),
        ull("block.0.fl.reqs", 3),
        ull("block.0.rd.bytes", 4096),
        integer("net.count", 1),
        ull("net.0.rx.pkts", 1),
        ull("net.0.tx.pkts", 2),
        ull("net.0.rx.bytes", 100),
    };
    const virTypedParameter second[] = {
        integer("state.state", VIR_DOMAIN_RUNNING),
        integer("vcpu.current", 2),
        ull("vcpu.0.delay", 1500),
        ull("vcpu.1.delay", 0),
        ull("vcpu.0.exits.sum", 110),
        ull("vcpu.0.halt_exits.sum", 4),
        ull("vcpu.0.halt_poll_fail_ns.sum", 9),
        ull("vcpu.1.exits.sum", 1005),
        ull("vcpu.1.halt_exits.sum", 23),
        ull("vcpu.1.halt_poll_fail_ns.sum", 8),
        boolean("vcpu.0.guest_mode.cur", TRUE),
        boolean("vcpu.0.halted", TRUE),
        ull("vm.mmu_pte_write.sum", 4),
        ull("vm.pages_4k.cur", 1),
        ull("vm.max_mmu_rmap_size.max", 10),
        integer("block.count", 1),
        ull("block.0.rd.reqs", 11),
        ull("block.0.wr.reqs", 22),
        ull("block.0.fl.reqs", 33),
        ull("block.0.rd.bytes", 8192),
        integer("net.count", 1),
        ull("net.0.rx.pkts", 101),
        ull("net.0.tx.pkts", 202),
        ull("net.0.rx.bytes", 900),
    };
    g_autoptr(VtDomstats) a = vt_domstats_from_params(first, G_N_ELEMENTS(first), NULL);
    g_autoptr(VtDomstats) b = vt_domstats_from_params(second, G_N_ELEMENTS(second), a);
    g_autoptr(GHashTable) sums = NULL;

    assert_int_equal(b->state, VIR_DOMAIN_RUNNING);
    assert_int_equal(b->vcpus, 2);
    assert_true(b->has_kvm);
    assert_true(b->has_block);
    assert_true(b->has_net);

    sums = delta(a, b);
    assert_sum(sums, "exits", 1100);
    assert_sum(sums, "kvm.exits", 1100);
    assert_sum(sums, "exit.hlt", 20);
    assert_sum(sums, "kvm.halt_exits", 20);
    assert_sum(sums, "kvm.halt_poll_fail_ns", 3);
    assert_sum(sums, "kvm.mmu_pte_write", 1);
    assert_sum(sums, "block.requests", 60);
    assert_sum(sums, "net.packets", 300);
    assert_sum(sums, "sched.run-delay-ns", 500);
    assert_int_equal(g_hash_table_size(sums), 9);
}

/* What an answer is compared with as it is read does not change it: names in another order, more or fewer of them, or a
 * number that is none. */
static void test_like(void **state)
{
    const virTypedParameter first[] = {integer("vcpu.current", 1), boolean("vcpu.0.halted", TRUE),
                                       ull("vcpu.0.exits.sum", 1), ull("vcpu.0.halt_exits.sum", 2),
                                       ull("net.0.rx.pkts", 3)};
    const virTypedParameter same[] = {integer("vcpu.current", 1), boolean("vcpu.0.halted", FALSE),
                                      ull("vcpu.0.exits.sum", 11), ull("vcpu.0.halt_exits.sum", 22),
                                      ull("net.0.rx.pkts", 33)};
    const virTypedParameter mixed[] = {ull("net.0.rx.pkts", 33), ull("vcpu.0.halt_exits.sum", 22),
                                       integer("vcpu.current", 1), ull("vcpu.0.exits.sum", 11)};
    const virTypedParameter negative[] = {integer("vcpu.current", 1), integer("vcpu.0.exits.sum", -1),
                                          ull("vcpu.0.halt_exits.sum", 22), ull("net.0.rx.pkts", 33)};
    const struct {
        const virTypedParameter *params;
        gsize n;
        VtGap gap;
    } cases[] = {
        {same, G_N_ELEMENTS(same), VT_GAP_NONE},
        {mixed, G_N_ELEMENTS(mixed), VT_GAP_NONE},
        {same, G_N_ELEMENTS(same) - 1, VT_GAP_DEVICES},
        {negative, G_N_ELEMENTS(negative), VT_GAP_DEVICES},
        {same, 0, VT_GAP_VCPUS},
    };
    g_autoptr(VtDomstats) before = vt_domstats_from_params(first, G_N_ELEMENTS(first), NULL);
    g_autoptr(VtDomstats) less = vt_domstats_from_params(first, G_N_ELEMENTS(first) - 1, NULL);
    g_autoptr(VtDomstats) more = vt_domstats_from_params(same, G_N_ELEMENTS(same), less);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtDomstats) after = vt_domstats_from_params(cases[i].params, cases[i].n, before);
        g_autoptr(GHashTable) sums = NULL;

        assert_int_equal(vt_domstats_compare(before, after), cases[i].gap);
        if (cases[i].gap != VT_GAP_NONE)
            continue;
        assert_int_equal(vt_domstats_counters(after), 3);
        sums = delta(before, after);
        assert_sum(sums, "exits", 10);
        assert_sum(sums, "exit.hlt", 20);
        assert_sum(sums, "net.packets", 30);
    }
    assert_int_equal(vt_domstats_counters(more), 3);
    assert_int_equal(vt_domstats_compare(less, more), VT_GAP_DEVICES);
}

static void sum_second(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    if (vcpu == 1)
        sum(metric, vcpu, delta, data);
    else
        assert_true(vcpu == 0 || vcpu == VT_DOMSTATS_NO_VCPU);
}

/* Whose a counter is; numbers beyond reason are nobody's. */
static void test_per_vcpu(void **state)
{
    g_autoptr(VtDomstats) a =
        make(RUNNING, "vcpu.0.exits.sum", N(1), "vcpu.1.halt_exits.sum", N(1), "vcpu.1.delay", N(1),
             "vm.exits.sum", N(1), "vcpu.65536.exits.sum", N(1),
             "vcpu.99999999999999999999.exits.sum", N(1), "block.1.rd.reqs", N(1), NULL);
    g_autoptr(VtDomstats) b =
        make(RUNNING, "vcpu.0.exits.sum", N(9), "vcpu.1.halt_exits.sum", N(5), "vcpu.1.delay", N(8),
             "vm.exits.sum", N(9), "vcpu.65536.exits.sum", N(9),
             "vcpu.99999999999999999999.exits.sum", N(9), "block.1.rd.reqs", N(9), NULL);
    g_autoptr(GHashTable) sums = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    vt_domstats_delta(a, b, sum_second, sums);
    assert_int_equal(g_hash_table_size(sums), 3);
    assert_sum(sums, "exit.hlt", 4);
    assert_sum(sums, "kvm.halt_exits", 4);
    assert_sum(sums, "sched.run-delay-ns", 7);
}

/* A counter that did not move was measured: it is zero, not absent. */
static void test_zero(void **state)
{
    g_autoptr(VtDomstats) a = make("vcpu.current", N(1), "vcpu.0.mmio_exits.sum", N(5), NULL);
    g_autoptr(GHashTable) sums = delta(a, a);

    assert_sum(sums, "exit.mmio", 0);
    assert_sum(sums, "kvm.mmio_exits", 0);
}

/* A kernel without scheduling information reports 0 for ever. */
static void test_no_delay(void **state)
{
    g_autoptr(VtDomstats) a = make(RUNNING, "vcpu.0.exits.sum", N(1), "vcpu.0.delay", N(0), NULL);
    g_autoptr(GHashTable) sums = delta(a, a);

    assert_false(g_hash_table_contains(sums, "sched.run-delay-ns"));
}

#define TWO_VCPUS RUNNING, "vcpu.current", N(2), "vcpu.0.exits.sum", N(1)

static void test_busy(void **state)
{
    g_autoptr(VtDomstats) a = make(TWO_VCPUS, "cpu.time", N(1000), "vcpu.0.time", N(300),
                                   "vcpu.1.time", N(200), NULL);
    g_autoptr(VtDomstats) b = make(TWO_VCPUS, "cpu.time", N(1900), "vcpu.0.time", N(500),
                                   "vcpu.1.time", N(600), NULL);
    g_autoptr(VtDomstats) ahead = make(TWO_VCPUS, "cpu.time", N(1900), "vcpu.0.time", N(500),
                                       "vcpu.1.time", N(1600), NULL);
    g_autoptr(VtDomstats) part = make(TWO_VCPUS, "cpu.time", N(1900), "vcpu.0.time", N(500), NULL);
    g_autoptr(VtDomstats) none = make(TWO_VCPUS, "vcpu.0.time", N(500), "vcpu.1.time", N(600),
                                      NULL);
    g_autoptr(GHashTable) sums = delta(a, b);
    g_autoptr(GHashTable) sums_ahead = delta(a, ahead);
    g_autoptr(GHashTable) sums_part = delta(a, part);
    g_autoptr(GHashTable) sums_none = delta(a, none);
    g_autoptr(GHashTable) sums_back = delta(b, a);

    assert_sum(sums, "qemu.busy-ns", 300);
    assert_sum(sums_ahead, "qemu.busy-ns", 0);
    assert_false(g_hash_table_contains(sums_part, "qemu.busy-ns"));
    assert_false(g_hash_table_contains(sums_none, "qemu.busy-ns"));
    assert_false(g_hash_table_contains(sums_back, "qemu.busy-ns"));
}

static void test_old_names(void **state)
{
    g_autoptr(VtDomstats) a = make("vcpu.current", N(1), "vcpu.0.irq_window.sum", N(5), NULL);
    g_autoptr(VtDomstats) b = make("vcpu.current", N(1), "vcpu.0.irq_window.sum", N(8), NULL);
    g_autoptr(GHashTable) sums = delta(a, b);

    assert_sum(sums, "kvm.irq_window_exits", 3);
    assert_sum(sums, "exit.interrupt-window", 3);
    assert_false(g_hash_table_contains(sums, "kvm.irq_window"));
}

static void test_ignored(void **state)
{
    static const char *const fields[] = {
        "",
        "vcpu",
        "vcpu.",
        "vcpu.0",
        "vcpu.0.",
        "vcpu..exits.sum",
        "vcpu.x.exits.sum",
        "vcpu.-1.exits.sum",
        "vcpu.0.exits",
        "vcpu.0..sum",
        "vcpu.0.exits.sum.sum",
        "vcpu.0.exits.cur",
        "vcpu.0.Weird name!.sum",
        "vcpu.0.time",
        "vcpu.maximum",
        "vm..sum",
        "vm.sum",
        "vm.exits.max",
        "block.0.rd.times",
        "block..rd.reqs",
        "net.0.rx.pkts.extra",
        "cpu.time",
        "balloon.current",
    };
    const virTypedParameter params[] = {
        integer("vcpu.0.exits.sum", -1),
        boolean("vcpu.1.exits.sum", TRUE),
        {.field = "vcpu.2.exits.sum", .type = VIR_TYPED_PARAM_DOUBLE, .value.d = 5},
        {.field = "vcpu.3.exits.sum", .type = VIR_TYPED_PARAM_LLONG, .value.l = -5},
        integer("vcpu.current", -1),
        integer("state.state", -1),
    };
    g_autoptr(VtDomstats) named = vt_domstats_new();
    g_autoptr(VtDomstats) typed = vt_domstats_from_params(params, G_N_ELEMENTS(params), NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        vt_domstats_add(named, fields[i], 5);
    vt_domstats_add(named, "vcpu.current", G_MAXUINT64);
    assert_int_equal(vt_domstats_counters(named), 0);
    assert_false(named->has_kvm);
    assert_int_equal(named->vcpus, 0);

    assert_int_equal(vt_domstats_counters(typed), 0);
    assert_false(typed->has_kvm);
    assert_int_equal(typed->vcpus, 0);
    assert_int_equal(typed->state, -1);
}

static void assert_gap(VtDomstats *a, VtDomstats *b, VtGap expected)
{
    assert_int_equal(vt_domstats_compare(a, b), expected);
    vt_domstats_free(a);
    vt_domstats_free(b);
}

static void test_gaps(void **state)
{
    assert_gap(make(RUNNING, "vcpu.0.exits.sum", N(5), NULL),
               make(RUNNING, "vcpu.0.exits.sum", N(5), NULL), VT_GAP_NONE);
    assert_gap(make(RUNNING, "vcpu.0.exits.sum", N(5), NULL),
               make("state.state", N(VIR_DOMAIN_SHUTOFF), NULL), VT_GAP_STOPPED);
    assert_gap(make("state.state", N(VIR_DOMAIN_CRASHED), NULL),
               make(RUNNING, "vcpu.0.exits.sum", N(5), NULL), VT_GAP_STOPPED);
    assert_gap(make(RUNNING, "vcpu.0.exits.sum", N(5), NULL),
               make("state.state", N(VIR_DOMAIN_PAUSED), "vcpu.current", N(1), "vcpu.0.exits.sum",
                    N(5), NULL),
               VT_GAP_PAUSED);
    assert_gap(make("state.state", N(VIR_DOMAIN_PMSUSPENDED), NULL),
               make(RUNNING, "vcpu.0.exits.sum", N(5), NULL), VT_GAP_PAUSED);
    assert_gap(make(RUNNING, "vcpu.0.exits.sum", N(5), NULL),
               make("vcpu.current", N(2), "vcpu.0.exits.sum", N(6), "vcpu.1.exits.sum", N(0), NULL),
               VT_GAP_VCPUS);
    /* The sum grew, one vCPU's counter went back. */
    assert_gap(
        make("vcpu.current", N(2), "vcpu.0.exits.sum", N(5), "vcpu.1.exits.sum", N(5), NULL),
        make("vcpu.current", N(2), "vcpu.0.exits.sum", N(4), "vcpu.1.exits.sum", N(99), NULL),
        VT_GAP_BACK);
    /* libvirt did not ask a busy monitor: what it knows by itself is there, QEMU's figures not. */
    assert_gap(make(RUNNING, "vcpu.0.exits.sum", N(5), "vcpu.0.delay", N(5), NULL),
               make(RUNNING, "vcpu.0.delay", N(6), "block.count", N(1), NULL), VT_GAP_BUSY);
    assert_gap(make(RUNNING, "vcpu.0.delay", N(5), NULL),
               make(RUNNING, "vcpu.0.exits.sum", N(6), NULL), VT_GAP_BUSY);
    assert_gap(make(RUNNING, "vcpu.0.exits.sum", N(5), NULL),
               make(RUNNING, "vcpu.0.exits.sum", N(6), "net.0.rx.pkts", N(1), NULL),
               VT_GAP_DEVICES);
    assert_gap(make(RUNNING, "vcpu.0.exits.sum", N(5), "net.0.rx.pkts", N(1), NULL),
               make(RUNNING, "vcpu.0.exits.sum", N(6), "block.0.rd.reqs", N(1), NULL),
               VT_GAP_DEVICES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_params),   cmocka_unit_test(test_like),     cmocka_unit_test(test_zero),
        cmocka_unit_test(test_no_delay), cmocka_unit_test(test_busy), cmocka_unit_test(test_old_names),
        cmocka_unit_test(test_per_vcpu), cmocka_unit_test(test_ignored),  cmocka_unit_test(test_gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
