/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Snapshots of virsh domstats. */
#include "vt-test-import.h"

#include "model/profile-vcpu.h"

#define DOMAIN(name) "Domain: '" name "'\n  state.state=1\n  state.reason=5\n  vcpu.current=2\n"
#define CPUS(exits, hlt)                                               \
    "  vcpu.0.state=1\n  vcpu.0.halted=no\n  vcpu.0.exits.sum=" #exits \
    "\n  vcpu.0.halt_exits.sum=" #hlt "\n  vcpu.1.exits.sum=7\n  vcpu.1.halt_exits.sum=7\n\n"

static const VtImportOptions ten_seconds = {.duration_ns = 10000000000};

static void test_two_snapshots(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        DOMAIN("web01") CPUS(1000, 100) DOMAIN("web01") CPUS(5000, 300), &ten_seconds);

    assert_string_equal(profile->name, "web01");
    assert_int_equal(profile->vcpus, 2);
    assert_int_equal(profile->windows->len, 1);
    assert_true(vt_test_count(profile, "exits") == 4000);
    assert_true(vt_test_count(profile, "kvm.exits") == 4000);
    assert_true(vt_profile_get(profile, "exit.hlt")->rate == 10);
    assert_string_equal(vt_profile_get(profile, "exits")->source, "domstats");
    assert_int_equal(profile->notes->len, 0);
    assert_false(vt_profile_covers(profile, "exit.io"));
    assert_false(vt_profile_covers(profile, "block.requests"));
}

static void test_per_vcpu(void **state)
{
    const VtImportOptions apart = {.duration_ns = 10000000000, .per_vcpu = TRUE};
    const char *text = DOMAIN("web01") CPUS(1000, 100) DOMAIN("web01") CPUS(5000, 300);
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &apart);
    g_autoptr(VtProfile) plain = vt_test_import_good(text, &ten_seconds);

    assert_int_equal(vt_profile_vcpu_get(vt_profile_get(profile, "exits"), 0)->count, 4000);
    assert_null(vt_profile_vcpu_get(vt_profile_get(profile, "exits"), 1));
    assert_int_equal(profile->numbered->len, 2);
    assert_null(plain->numbered);
}

/* virsh domstats of running domains, in a private driver. */
static void test_recorded(void **state)
{
    const VtImportOptions e1000 = {.domain = "e1000-ide"}, idle = {.domain = "idle"};
    g_autoptr(VtProfile) busy = vt_test_import_recording("domstats.txt", &e1000);
    g_autoptr(VtProfile) quiet = vt_test_import_recording("domstats.txt", &idle);

    assert_string_equal(busy->name, "e1000-ide");
    assert_int_equal(busy->windows->len, 2);
    assert_true(busy->duration_ns > 1000000000);
    assert_true(vt_profile_get(busy, "exit.mmio")->rate > 1000);
    assert_true(vt_profile_covers(busy, "block.requests"));
    assert_true(vt_test_count(quiet, "exit.mmio") == 0);
}

/* The software back end of KVM completes port I/O without counting it, and has a zero there for ever. */
static void test_uncounted_ports(void **state)
{
#define IO(exits, io) DOMAIN("a") "  vcpu.0.exits.sum=" #exits "\n  vcpu.0.io_exits.sum=" #io "\n\n"
    g_autoptr(VtProfile) never = vt_test_import_good(IO(1000, 0) IO(5000, 0), &ten_seconds);
    g_autoptr(VtProfile) quiet = vt_test_import_good(IO(1000, 3) IO(5000, 3), &ten_seconds);
    g_autoptr(VtProfile) paused = vt_test_import_good(IO(0, 0) IO(0, 0), &ten_seconds);

    assert_null(vt_profile_get(never, "exit.io"));
    assert_null(vt_profile_get(never, "kvm.io_exits"));
    assert_true(never->exits_low && vt_test_has_note(never, "exit.io is unknown"));
    assert_true(vt_test_count(quiet, "exit.io") == 0 && !quiet->exits_low);
    assert_true(vt_test_count(paused, "exit.io") == 0);
}

static void test_dates(void **state)
{
    const char *text =
        "1763766611.500000000\n" DOMAIN("a") CPUS(0, 0) "1763766612.000000000\n" DOMAIN("a")
            CPUS(10, 0) "1763766614.000000000\n" DOMAIN("a") CPUS(30, 0);
    const VtImportOptions told = {.duration_ns = 4000000000};
    g_autoptr(VtProfile) profile = vt_test_import_good(text, NULL);
    g_autoptr(VtProfile) given = vt_test_import_good(text, &told);

    assert_true(profile->duration_ns == 2500000000);
    assert_true(vt_profile_get(profile, "exits")->max == 10);
    assert_true(vt_profile_get(profile, "exits")->min == 5);
    assert_true(given->duration_ns == 4000000000);
    vt_test_import_bad("1763766611.500000000\n" DOMAIN("a")
                           CPUS(0, 0) "1763766611.500000000\n" DOMAIN("a") CPUS(10, 0),
                       NULL, "r.txt:24: ", "not later than");
    vt_test_import_bad(DOMAIN("a") CPUS(0, 0) "1763766611.500000000\n" DOMAIN("a") CPUS(10, 0),
                       NULL, "r.txt:23: ", "some snapshots have a time");
}

static void test_no_time(void **state)
{
    g_autoptr(VtProfile) profile =
        vt_test_import_good(DOMAIN("a") CPUS(0, 0) DOMAIN("a") CPUS(10, 0), NULL);

    assert_true(profile->duration_ns == 1000000000);
    assert_true(vt_test_has_note(profile, "--duration"));
}

static void test_many_domains(void **state)
{
    const char *text = DOMAIN("a") CPUS(0, 0) DOMAIN("it's") CPUS(0, 0) DOMAIN("a") CPUS(10, 0)
        DOMAIN("it's") CPUS(50, 0);
    const VtImportOptions chosen = {.domain = "it's"}, absent = {.domain = "c"};
    g_autoptr(VtProfile) profile = vt_test_import_good(text, &chosen);
    g_autoptr(GError) error = NULL;

    assert_string_equal(profile->name, "it's");
    assert_true(vt_test_count(profile, "exits") == 50);
    vt_test_import_bad(text, NULL, "r.txt: ", "import --domain”: a, it's");
    assert_null(vt_test_import(text, strlen(text), NULL, &absent, &error));
    assert_string_equal(error->message, "r.txt: that domain is not in it, but these are: a, it's");
}

static void test_devices(void **state)
{
    g_autoptr(VtProfile) profile = vt_test_import_good(
        DOMAIN("a") "  block.count=1\n  block.0.name=vda=x\n  block.0.rd.reqs=5\n" CPUS(1, 0)
            DOMAIN("a") "  block.count=1\n  block.0.name=vda=x\n  block.0.rd.reqs=9\n" CPUS(1, 0),
        &ten_seconds);

    assert_true(vt_test_count(profile, "block.requests") == 4);
    assert_true(vt_profile_covers(profile, "block.requests"));
    assert_false(vt_profile_covers(profile, "net.packets"));
}

/* Windows in which a counter went back, or the domain was paused, are left out. */
static void test_gaps(void **state)
{
    const VtImportOptions options = {.vcpus = 4, .duration_ns = 3000000000};
    g_autoptr(VtProfile) profile = vt_test_import_good(
        DOMAIN("a") CPUS(100, 0) DOMAIN("a") CPUS(50, 0) DOMAIN("a")
            CPUS(60, 0) "Domain: 'a'\n  state.state=3\n  vcpu.current=2\n" CPUS(70, 0),
        &options);

    assert_int_equal(profile->windows->len, 1);
    assert_int_equal(profile->vcpus, 4);
    assert_true(profile->duration_ns == 1000000000);
    assert_true(vt_test_count(profile, "exits") == 10);
    assert_true(vt_test_has_note(profile, "1 of 3. A counter went back."));
    assert_true(vt_test_has_note(profile, "1 of 3. The domain was paused."));
}

static void test_bad(void **state)
{
    static const struct {
        const char *text, *where, *message;
    } bad[] = {
        {DOMAIN("a") CPUS(1, 1), "r.txt: ", "one snapshot only"},
        {DOMAIN("a") CPUS(2, 1) DOMAIN("a") CPUS(1, 1), "r.txt: ", "A counter went back"},
        {DOMAIN("a") "\n" DOMAIN("a"), "r.txt: ", "no KVM statistics"},
        {DOMAIN("a") CPUS(1, 1) DOMAIN("a") "  vcpu.0.exits.sum=5\n",
         "r.txt: ", "Devices came or went"},
        {DOMAIN("a") CPUS(1, 1) DOMAIN("a") "  vcpu.0.exits.sum=5", "r.txt:16: ", "has no end"},
        {DOMAIN("a") "  vcpu.0.exits.sum=5,5\n", "r.txt:5: ", "“5,5” is not a count"},
        {DOMAIN("a") "  vcpu.0.exits.sum=99999999999999999999\n", "r.txt:5: ", "is not a count"},
        {DOMAIN("a") "  vcpu.0.exits.sum=1\n  vcpu.0.exits.sum=1\n", "r.txt:6: ", "stands twice"},
        {DOMAIN("a") "  vcpu.0.exi\n", "r.txt:5: ", "cut short"},
        {DOMAIN("a") "vcpu.0.exits.sum=5\n", "r.txt:5: ", "cut short"},
        {DOMAIN("a") "  =5\n", "r.txt:5: ", "cut short"},
        {DOMAIN("a") "\n  vcpu.0.exits.sum=5\n", "r.txt:6: ", "cut short"},
        {DOMAIN("a") "Domain: 'b\n", "r.txt:5: ", "cut short"},
        {DOMAIN("a") "1763766611.5\n", "r.txt:5: ", "cut short"},
        {DOMAIN("a") "\x1b[2J\n", "r.txt:5: ", "\\x1b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        vt_test_import_bad(bad[i].text, NULL, bad[i].where, bad[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_snapshots), cmocka_unit_test(test_per_vcpu), cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_uncounted_ports), cmocka_unit_test(test_dates),         cmocka_unit_test(test_no_time),
        cmocka_unit_test(test_many_domains),  cmocka_unit_test(test_devices),
        cmocka_unit_test(test_gaps),          cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
