/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The native profile: what is written is read again, and nothing that is wrong passes. */
#include "vt-test.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "model/profile-vcpu.h"
#include "model/region.h"
#include "source/native.h"
#include "vt-test-schema.h"

#define UUID "c7a5fdbd-edaf-9455-926a-d65c16db1809"

static VtProfile *make(void)
{
    VtProfile *profile = vt_profile_new();
    const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {0, 0, 4, 0, 9};

    profile->name = g_strdup("web \"1\"\n");
    profile->uuid = g_strdup(UUID);
    profile->isa = VT_ISA_VMX;
    profile->lost = 3;
    profile->started_s = 1795341600;
    profile->exits_low = TRUE;
    profile->irqs_at_most = TRUE;
    vt_profile_add_source(profile, "systemtap");
    vt_profile_add_source(profile, "libvirt");
    vt_profile_set_covers(profile, "msr.write");
    vt_profile_set_covers(profile, "exit");
    vt_profile_note(profile, "It was 100 %% busy.");
    for (guint i = 0; i < 3; i++) {
        guint window = vt_profile_add_window(profile, 1000000000 + i, i == 2 ? 4 : 2);

        vt_profile_add(profile, window, "exit.hlt", "systemtap", 1000 * i + 1);
        vt_profile_add(profile, window, "msr.write.0x80b", "libvirt", 7);
    }
    vt_profile_add_whole(profile, "net.packets", "libvirt", 12, 4000000000);
    vt_profile_add(profile, 0, "mmio.0xfed000f0", "bpf", 9);
    vt_profile_add_user(profile, "mmio.0xfed000f0", "bpf", 4);
    vt_profile_add_writes(profile, "mmio.0xfed000f0", "bpf", 2);
    vt_profile_add_writes(profile, "mmio.0xfed000f0", "another", 2);
    vt_profile_add_user(profile, "mmio.0xfed000f0", "another", 4);
    vt_profile_add(profile, 0, "irq.36", "interrupts", 9);
    vt_profile_set_device(profile, "irq.36", "virtio1-req.0");
    vt_profile_add_time(profile, "exit.hlt", 123456789);
    vt_profile_add_histogram(profile, "exit.hlt", buckets);
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static void test_round_trip(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = vt_native_format(profile);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) again = vt_native_parse(text, strlen(text), "p.json", &error);
    g_autofree char *text_again = NULL;

    assert_no_error(error);
    text_again = vt_native_format(again);
    assert_string_equal(text, text_again);
    assert_string_equal(again->name, profile->name);
    assert_string_equal(again->uuid, UUID);
    assert_int_equal(again->isa, VT_ISA_VMX);
    assert_int_equal(again->vcpus, 4);
    assert_true(again->duration_ns == 3000000003);
    assert_int_equal(again->windows->len, 3);
    assert_int_equal(g_array_index(again->windows, VtWindow, 0).vcpus, 2);
    assert_true(again->lost == 3);
    assert_true(again->started_s == 1795341600);
    assert_non_null(strstr(text, "\"started\": \"2026-11-22T10:00:00Z\""));
    assert_true(again->exits_low);
    assert_true(again->irqs_at_most);
    assert_string_equal(vt_profile_get(again, "irq.36")->device, "virtio1-req.0");
    assert_string_equal(again->sources->pdata[1], "libvirt");
    assert_string_equal(again->notes->pdata[0], "It was 100 % busy.");
    assert_true(vt_profile_covers(again, "exit.io"));
    assert_string_equal(vt_profile_get(again, "msr.write.0x80b")->source, "libvirt");
    assert_true(vt_profile_get(again, "exit.hlt")->time_ns == 123456789);
    assert_false(vt_profile_get(again, "msr.write.0x80b")->has_time);
    assert_null(vt_profile_get(again, "msr.write.0x80b")->histogram);
    assert_non_null(strstr(text, "\"histogram\": [0, 0, 4, 0, 9], "));
    assert_memory_equal(vt_profile_get(again, "exit.hlt")->histogram,
                        vt_profile_get(profile, "exit.hlt")->histogram,
                        VT_HISTOGRAM_BUCKETS * sizeof(guint64));
    assert_true(vt_profile_get(again, "exits")->count == 3003);
    assert_true(vt_profile_get(again, "exit.hlt")->rate ==
                vt_profile_get(profile, "exit.hlt")->rate);
}

/* vCPUs 0 and 2 are told apart, of two metrics; of a third they are not. */
static VtProfile *make_vcpus(guint windows)
{
    VtProfile *profile = vt_profile_new();
    const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {0, 5};

    for (guint i = 0; i < windows; i++) {
        vt_profile_add_window(profile, 1000000000, 2);
        vt_profile_add(profile, i, "exits", "bpf", 30 + i);
        vt_profile_vcpu_add(profile, i, "exits", "bpf", 2, 20 + i);
        vt_profile_add(profile, i, "pio.0x80", "bpf", 0);
        vt_profile_vcpu_add(profile, i, "pio.0x80", "bpf", 0, 0);
        vt_profile_add(profile, i, "irq.24", "interrupts", 3);
    }
    vt_profile_vcpu_add_time(profile, "exits", 2, 77);
    vt_profile_vcpu_add_histogram(profile, "exits", 2, buckets);
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static void test_vcpus(void **state)
{
    for (guint windows = 1; windows < 4; windows += 2) {
        g_autoptr(VtProfile) profile = make_vcpus(windows);
        g_autofree char *text = vt_native_format(profile);
        g_autoptr(GError) error = NULL;
        g_autoptr(VtProfile) again = vt_native_parse(text, strlen(text), "p.json", &error);
        g_autofree char *text_again = NULL;
        const VtMetricVcpu *part;

        assert_no_error(error);
        text_again = vt_native_format(again);
        assert_string_equal(text, text_again);
        assert_int_equal(again->numbered->len, 2);
        assert_int_equal(vt_profile_get(again, "exits")->vcpus->len, 1);
        part = vt_profile_vcpu_get(vt_profile_get(again, "exits"), 2);
        assert_int_equal(part->counts->len, windows);
        assert_int_equal(part->time_ns, 77);
        assert_int_equal(part->histogram[1], 5);
        assert_true(part->rate == 20 + (windows - 1) / 2);
        assert_non_null(vt_profile_get(again, "pio.0x80")->vcpus);
        assert_int_equal(vt_profile_get(again, "pio.0x80")->vcpus->len, 0);
        assert_null(vt_profile_get(again, "irq.24")->vcpus);
    }
}

static void test_regions(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL, *text_again = NULL, *label = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) again = NULL;

    profile->regions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_region_free);
    g_ptr_array_add(profile->regions, vt_region_new(TRUE, 0xc000, 0xc000, NULL, "IDE \"x\"", "00:01.1"));
    g_ptr_array_add(profile->regions, vt_region_new(FALSE, 0, G_MAXINT64, "net0", "e1000", "01:02.0"));
    text = vt_native_format(profile);
    again = vt_native_parse(text, strlen(text), "p.json", &error);
    assert_no_error(error);
    text_again = vt_native_format(again);
    assert_string_equal(text, text_again);
    assert_int_equal(again->regions->len, 2);
    label = vt_region_describe(again, "mmio.0xfeb00008");
    assert_string_equal(label, "net0 (e1000)");
}

static void test_no_regions(void **state)
{
    g_autoptr(VtProfile) profile = make();
    g_autofree char *text = NULL;
    g_autoptr(VtProfile) again = NULL;

    profile->regions = g_ptr_array_new();
    text = vt_native_format(profile);
    again = vt_native_parse(text, strlen(text), "p.json", NULL);
    assert_int_equal(again->regions->len, 0);
}

static void test_text(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;

    vt_profile_add_window(profile, 1000000000, 2);
    vt_profile_add(profile, 0, "exit.hlt", "systemtap", 9617);
    vt_profile_add_source(profile, "systemtap");
    assert_true(vt_profile_finish(profile, NULL));
    text = vt_native_format(profile);
    assert_string_equal(
        text, "{\n"
              "  \"format\": \"virt-tune-profile\",\n"
              "  \"version\": 1,\n"
              "  \"domain\": {\"name\": null, \"uuid\": null},\n"
              "  \"isa\": \"unknown\",\n"
              "  \"vcpus\": 2,\n"
              "  \"duration_ns\": 1000000000,\n"
              "  \"sources\": [\"systemtap\"],\n"
              "  \"windows\": 1,\n"
              "  \"covers\": [],\n"
              "  \"metrics\": {\n"
              "    \"exit.hlt\": {\"count\": 9617, \"rate_per_vcpu_s\": 4808.5, \"min\": 4808.5, "
              "\"max\": 4808.5, \"source\": \"systemtap\"}\n"
              "  },\n"
              "  \"notes\": [],\n"
              "  \"lost\": 0\n"
              "}\n");
}

static void test_large_numbers(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) again = NULL;

    vt_profile_add_window(profile, 1, 1);
    vt_profile_add(profile, 0, "exit.hlt", "a", G_MAXUINT64);
    assert_true(vt_profile_finish(profile, NULL));
    text = vt_native_format(profile);
    again = vt_native_parse(text, strlen(text), "p.json", &error);
    assert_no_error(error);
    assert_true(vt_profile_get(again, "exit.hlt")->count == G_MAXINT64);
}

static void test_no_metrics(void **state)
{
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *text = NULL;
    g_autoptr(VtProfile) again = NULL;

    vt_profile_add_window(profile, 5, 1);
    vt_profile_add_window(profile, 5, 1);
    assert_true(vt_profile_finish(profile, NULL));
    text = vt_native_format(profile);
    again = vt_native_parse(text, strlen(text), "p.json", NULL);
    assert_non_null(again);
    assert_int_equal(again->windows->len, 2);
}

#define HEAD "{\"format\": \"virt-tune-profile\", \"version\": 1, "

static VtProfile *parse(const char *text, GError **error)
{
    return vt_native_parse(text, strlen(text), "p.json", error);
}

/* The least that a hand-made profile needs; without counts per window it is one window, however
 * many it had. */
static void test_hand_made(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) profile = parse(
        HEAD
        "\"isa\": \"svm\", \"vcpus\": 2, \"duration_ns\": 10000000000, \"windows\": 10, "
        "\"covers\": [\"exit\"],"
        "\"metrics\": {\"exit.io\": {\"count\": 40}, \"exit.hlt\": {\"count\": 2, \"min\": 0}}}",
        &error);

    assert_no_error(error);
    assert_int_equal(profile->windows->len, 1);
    assert_true(profile->duration_ns == 10000000000);
    assert_int_equal(profile->isa, VT_ISA_SVM);
    assert_true(vt_profile_get(profile, "exit.io")->rate == 2);
    assert_true(vt_profile_get(profile, "exits")->count == 42);
    assert_string_equal(vt_profile_get(profile, "exit.io")->source, "native");
    assert_null(profile->name);
}

#define LENGTH "\"vcpus\": 1, \"duration_ns\": 10, "
#define METRIC(text) HEAD LENGTH "\"metrics\": {\n\"exit.io\": {" text "}}}"

#define VCPUS(ids, parts)                                                                        \
    HEAD LENGTH "\"vcpu_ids\": [" ids "], \"metrics\": {\n\"exit.io\": {\"count\": 7, "            \
                "\"per_vcpu\": [" parts "]}}}"

#define REGION(member) HEAD LENGTH "\"metrics\": {}, \"regions\": [{" member "}]}"

/* Counted once, beside metrics that have windows, and where there are none of those. */
static void test_whole(void **state)
{
    static const char text[] =
        HEAD LENGTH "\"windows\": 2, \"window_ns\": [4, 6], \"metrics\": {\"net.packets\": "
                    "{\"count\": 3, \"whole_ns\": 30, \"source\": \"libvirt\"}}}";
    g_autoptr(VtProfile) profile = make(), again = NULL, alone = NULL;
    g_autofree char *written = vt_native_format(profile);
    g_autoptr(GError) error = NULL;
    const VtMetric *packets;

    again = vt_native_parse(written, strlen(written), "p.json", &error);
    assert_no_error(error);
    packets = vt_profile_get(again, "net.packets");
    assert_int_equal(packets->count, 12);
    assert_int_equal(packets->whole_ns, 4000000000);
    assert_int_equal(packets->counts->len, 0);
    assert_string_equal(packets->source, "libvirt");
    assert_int_equal(vt_profile_get(again, "exit.hlt")->counts->len, 3);
    assert_false(vt_profile_get(again, "exit.hlt")->has_user);
    assert_true(vt_profile_get(again, "mmio.0xfed000f0")->has_user);
    assert_int_equal(vt_profile_get(again, "mmio.0xfed000f0")->user, 4);
    assert_true(vt_profile_get(again, "mmio.0xfed000f0")->has_writes);
    assert_int_equal(vt_profile_get(again, "mmio.0xfed000f0")->writes, 2);
    alone = vt_native_parse(text, strlen(text), "p.json", &error);
    assert_no_error(error);
    assert_int_equal(alone->windows->len, 2);
    assert_int_equal(vt_profile_get(alone, "net.packets")->whole_ns, 30);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text;
        const char *const messages[3];
    } bad[] = {
        {"", {"p.json:1: ", "empty"}},
        {"{}", {"p.json: ", "“format” is missing"}},
        {"{\"format\": \"virt-tune-host\"}", {"virt-tune-host", "virt-tune-profile"}},
        {"{\"format\": 1}", {"“format” must be a string"}},
        {"{\"format\": \"virt-tune-profile\"}", {"“version” is missing"}},
        {"{\"format\": \"virt-tune-profile\", \"version\": 2}", {"version 2 is newer", "update"}},
        {"{\"format\": \"virt-tune-profile\", \"version\": 0}", {"“version” must be"}},
        {"{\"format\": \"virt-tune-profile\", \"version\": \"1\"}", {"“version” must be"}},
        {HEAD "\"metrics\": {}}", {"“vcpus” is missing"}},
        {HEAD "\"vcpus\": 0, \"duration_ns\": 1, \"metrics\": {}}",
         {"“vcpus” must be", "1 to 65536"}},
        {HEAD "\"vcpus\": 1, \"duration_ns\": 0, \"metrics\": {}}", {"“duration_ns” must be"}},
        {HEAD "\"vcpus\": 1, \"duration_ns\": 1.5, \"metrics\": {}}", {"“duration_ns” must be"}},
        {HEAD LENGTH "\"metrics\": []}", {"“metrics” must be an object"}},
        {HEAD LENGTH "\"metric\": {}}", {"“metric” is not known here"}},
        {HEAD LENGTH "\"isa\": \"riscv\", \"metrics\": {}}", {"“isa” must be"}},
        {HEAD LENGTH "\"covers\": [\"msr\"], \"metrics\": {}}", {"“msr” is no group"}},
        {HEAD LENGTH "\"covers\": \"exit\", \"metrics\": {}}", {"“covers” must be an array"}},
        {HEAD LENGTH "\"notes\": [1], \"metrics\": {}}", {"strings only"}},
        {HEAD LENGTH "\"domain\": {\"id\": 3}, \"metrics\": {}}", {"“id” is not known"}},
        {HEAD LENGTH "\"domain\": {\"uuid\": \"../x\"}, \"metrics\": {}}", {"must be a UUID"}},
        {HEAD LENGTH "\"metrics\": {\"net.packets\": {\"count\": 1, \"whole_ns\": 0}}}", {"“whole_ns” must be"}},
        {HEAD LENGTH "\"metrics\": {\"net.packets\": {\"count\": 1, \"whole_ns\": 5, \"time_ns\": 5}}}",
         {"a metric with “whole_ns” has only a count"}},
        {HEAD LENGTH "\"metrics\": {\"net.packets\": {\"count\": 1, \"whole_ns\": 5, \"per_window\": [1]}}}",
         {"a metric with “whole_ns” has only a count"}},
        {HEAD LENGTH "\"metrics\": {\"pio.0x80\": {\"count\": 1, \"user_count\": 1}}}", {"only addresses"}},
        {HEAD LENGTH "\"metrics\": {\"pio.0x80\": {\"count\": 1, \"device\": \"eth0\"}}}", {"only interrupts"}},
        {HEAD LENGTH "\"metrics\": {\"irq.24\": {\"count\": 1, \"write_count\": 1}}}", {"only ports"}},
        {HEAD LENGTH "\"metrics\": {\"pio.0x1f7\": {\"count\": 600, \"write_count\": 601}}}",
         {"pio.0x1f7: ", "more writes (“write_count”) than accesses"}},
        {HEAD LENGTH "\"started\": \"2026-11-22\", \"metrics\": {}}", {"“started” must be a time such as 2026-"}},
        {HEAD LENGTH "\"started\": 1795341600, \"metrics\": {}}", {"“started” must be"}},
        {HEAD LENGTH "\"irqs_at_most\": 1, \"metrics\": {}}", {"“irqs_at_most” must be"}},
        {HEAD LENGTH "\"metrics\": {\"net.packets\": {\"whole_ns\": 5}}}", {"“count” is missing"}},
        {HEAD LENGTH "\"windows\": 0, \"metrics\": {}}", {"“windows” must be"}},
        {HEAD LENGTH "\"windows\": 2, \"window_ns\": [10], \"metrics\": {}}",
         {"has 1 elements for 2 windows"}},
        {HEAD LENGTH "\"windows\": 2, \"window_ns\": [5, 6], \"metrics\": {}}",
         {"add up to 11", "is 10"}},
        {HEAD LENGTH "\"windows\": 2, \"window_ns\": [5, 0], \"metrics\": {}}",
         {"“window_ns” must be"}},
        {HEAD LENGTH
         "\"windows\": 2, \"window_ns\": [5, 5], \"window_vcpus\": [1], \"metrics\": {}}",
         {"“window_vcpus” has 1"}},
        {HEAD LENGTH "\"windows\": 2, \"window_ns\": [9223372036854775807, 9223372036854775807], "
                     "\"metrics\": {}}",
         {"too long"}},
        {HEAD LENGTH
         "\"windows\": 2, \"metrics\": {\"exits\": {\"count\": 1, \"per_window\": [0, 1]}}}",
         {"“window_ns” is missing"}},
        {HEAD LENGTH "\"metrics\": {\"exits\": {\"count\": 1, \"per_window\": [1]}, \"exit.io\": "
                     "{\"count\": 1}}}",
         {"exit.io: “per_window” is missing"}},
        {HEAD LENGTH "\"metrics\": {\n\n\"exit.foo\": {\"count\": 1}}}",
         {"p.json:3: ", "“exit.foo” is not a metric"}},
        {HEAD LENGTH "\"metrics\": {\"exit.\\u001b[31m\": {\"count\": 1}}}", {"\\x1b[31m"}},
        {HEAD LENGTH "\"metrics\": {\"exit.io\": 7}}", {"“exit.io” must be an object"}},
        {HEAD LENGTH "\"metrics\": {\"exit.io\": {\"count\": 1}, \"exit.io\": {\"count\": 1}}}",
         {"stands twice"}},
        {HEAD LENGTH "\"metrics\": {}, \"regions\": {}}", {"“regions” must be an array"}},
        {REGION(""), {"“space” is missing"}},
        {REGION("\"space\": \"ram\""), {"“space” must be “io” or “memory”"}},
        {REGION("\"space\": \"io\", \"first\": 65536"), {"“first” must be"}},
        {REGION("\"space\": \"io\", \"first\": 5, \"last\": 4"), {"“last” must be"}},
        {REGION("\"space\": \"memory\", \"first\": -1"), {"“first” must be"}},
        {REGION("\"space\": \"memory\", \"first\": 1, \"last\": 9223372036854775808"), {"9223372036854775808"}},
        {REGION("\"space\": \"memory\", \"first\": 1, \"last\": 1"), {"“model” is missing"}},
        {REGION("\"space\": \"memory\", \"first\": 1, \"last\": 1, \"model\": \"m\", \"pci\": 5"),
         {"“pci” must be a string"}},
        {REGION("\"size\": 1"), {"“size” is not known here"}},
        {METRIC(""), {"p.json: exit.io: “count” is missing"}},
        {METRIC("\"count\": -1"), {"p.json:2: exit.io: “count” must be a whole number"}},
        {METRIC("\"count\": 1.0"), {"“count” must be a whole number"}},
        {METRIC("\"count\": 1e3"), {"“count” must be a whole number"}},
        {METRIC("\"count\": \"1\""), {"“count” must be a whole number"}},
        {METRIC("\"count\": true"), {"“count” must be a whole number"}},
        {METRIC("\"count\": null"), {"“count” is missing"}},
        {METRIC("\"count\": 9223372036854775808"), {"p.json:2: ", "too large"}},
        {METRIC("\"count\": 1, \"time\": 1"), {"exit.io: “time” is not known"}},
        {METRIC("\"count\": 1, \"time_ns\": -1"), {"“time_ns” must be"}},
        {METRIC("\"count\": 1, \"histogram\": [-1]"), {"“histogram” must be"}},
        {METRIC("\"count\": 1, \"histogram\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
                "0,0,0,0,0,1]"),
         {"“histogram” has 33 elements"}},
        {METRIC("\"count\": 1, \"min\": -1"), {"“min” must be"}},
        {METRIC("\"count\": 1, \"max\": \"x\""), {"“max” must be"}},
        {METRIC("\"count\": 1, \"per_window\": [1, 0]"),
         {"exit.io: “per_window” has 2 elements for 1 windows"}},
        {METRIC("\"count\": 1, \"per_window\": [2]"), {"adds up to 2"}},
        {METRIC("\"count\": 1, \"per_window\": [-1]"), {"“per_window” must be"}},
        {METRIC("\"count\": 1, \"per_vcpu\": []"), {"exit.io: “vcpu_ids” is missing"}},
        {VCPUS("1, 0", ""), {"“vcpu_ids” must ascend"}},
        {VCPUS("0, 0", ""), {"“vcpu_ids” must ascend"}},
        {VCPUS("0, 65536", ""), {"“vcpu_ids” must be"}},
        {VCPUS("0, 1", "7"), {"“per_vcpu” must"}},
        {VCPUS("0, 1", "{\"count\": 1}"), {"exit.io: “vcpu” is missing"}},
        {VCPUS("0, 1", "{\"vcpu\": 0}"), {"exit.io: “count” is missing"}},
        {VCPUS("0, 1", "{\"vcpu\": -1, \"count\": 1}"), {"“vcpu” must be"}},
        {VCPUS("0, 1", "{\"vcpu\": 0, \"count\": 1, \"rate\": 1}"), {"“rate” is not known"}},
        {VCPUS("0, 1", "{\"vcpu\": 2, \"count\": 1}"), {"vCPU 2 is not in “vcpu_ids”"}},
        {VCPUS("0, 1", "{\"vcpu\": 1, \"count\": 1}, {\"vcpu\": 0, \"count\": 1}"), {"must ascend"}},
        {VCPUS("0, 1", "{\"vcpu\": 1, \"count\": 0}, {\"vcpu\": 1, \"count\": 1}"), {"must ascend"}},
        {VCPUS("0, 1", "{\"vcpu\": 0, \"count\": 8}"), {"more than the domain"}},
        {VCPUS("0, 1", "{\"vcpu\": 0, \"count\": 4}, {\"vcpu\": 1, \"count\": 4}"),
         {"more than the domain"}},
        {VCPUS("0, 1", "{\"vcpu\": 0, \"count\": 9223372036854775807}"), {"more than the domain"}},
        {HEAD LENGTH "\"windows\": 2, \"window_ns\": [5, 5], \"vcpu_ids\": [0], \"metrics\": "
                     "{\"exit.io\": {\"count\": 7, \"per_window\": [3, 4], \"per_vcpu\": "
                     "[{\"vcpu\": 0, \"count\": 5}]}}}",
         {"exit.io: “per_window” is missing"}},
        {HEAD LENGTH "\"windows\": 2, \"window_ns\": [5, 5], \"vcpu_ids\": [0], \"metrics\": "
                     "{\"exit.io\": {\"count\": 7, \"per_window\": [3, 4], \"per_vcpu\": "
                     "[{\"vcpu\": 0, \"count\": 5, \"per_window\": [4, 1]}]}}}",
         {"more than the domain"}},
        {METRIC("\"count\": 1") " {}", {"more text follows"}},
        {HEAD LENGTH "\"metrics\": {\"exit.io\": {\"cou", {"cut short"}},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(VtProfile) profile = parse(bad[i].text, &error);

        if (profile)
            fail_msg("taken: %s", bad[i].text);
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        for (guint j = 0; j < 3 && bad[i].messages[j]; j++) {
            if (!strstr(error->message, bad[i].messages[j]))
                fail_msg("%s\ngives: %s", bad[i].text, error->message);
        }
    }
}

static void test_recognise(void **state)
{
    assert_true(vt_native_recognise(" \n{", 3));
    assert_false(vt_native_recognise("", 0));
    assert_false(vt_native_recognise("   ", 3));
    assert_false(vt_native_recognise("[ EXIT_REASON_HLT] [12] count = 1", 20));
}

static void test_files(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("vt-native-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "p.json", NULL);
    g_autofree char *fifo = g_build_filename(dir, "fifo", NULL);
    g_autofree char *huge = g_build_filename(dir, "huge", NULL);
    g_autofree char *nowhere = g_build_filename(dir, "none", "p.json", NULL);
    g_autoptr(VtProfile) profile = make();
    g_autoptr(VtProfile) again = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(vt_native_save(profile, path, &error));
    again = vt_native_load(path, &error);
    assert_no_error(error);
    assert_true(vt_profile_get(again, "exits")->count == 3003);

    assert_false(vt_native_save(profile, nowhere, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_non_null(strstr(error->message, nowhere));
    g_clear_error(&error);

    assert_null(vt_native_load(nowhere, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    g_clear_error(&error);
    assert_null(vt_native_load(dir, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    g_clear_error(&error);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_null(vt_native_load(fifo, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    g_clear_error(&error);

    /* Sparse: 1 GiB that is never read. */
    assert_true(g_file_set_contents(huge, "{", 1, NULL));
    assert_int_equal(truncate(huge, 1024 * 1024 * 1024), 0);
    assert_null(vt_native_load(huge, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    assert_non_null(strstr(error->message, "64 MiB"));

    g_unlink(path);
    g_unlink(fifo);
    g_unlink(huge);
    g_rmdir(dir);
}

static void test_schema(void **state)
{
    static const char *const bad[] = {
        "{}",
        HEAD LENGTH "\"metrics\": {}, \"more\": 1}",
        HEAD LENGTH "\"started\": \"2026-11-22\", \"metrics\": {}}",
        HEAD "\"vcpus\": 0, \"duration_ns\": 1, \"metrics\": {}}",
        HEAD LENGTH "\"covers\": [\"msr\"], \"metrics\": {}}",
        HEAD LENGTH "\"metrics\": {\"pio.0x01\": {\"count\": 1}}}",
        HEAD LENGTH "\"metrics\": {\"exits\": {\"count\": -1}}}",
        HEAD LENGTH "\"metrics\": {\"exits\": {}}}",
        REGION("\"space\": \"ram\", \"first\": 1, \"last\": 1, \"model\": \"m\", \"pci\": \"0\""),
        REGION("\"space\": \"io\", \"first\": 1, \"last\": 1, \"model\": \"m\""),
        VCPUS("0, 65536", ""),
        VCPUS("0", "{\"vcpu\": 0}"),
        VCPUS("0", "{\"vcpu\": 0, \"count\": 1, \"rate\": 1}"),
    };
    static const char least[] = HEAD LENGTH "\"metrics\": {\"exits\": {\"count\": 1}}}";
    g_autoptr(VtProfile) profile = NULL, vcpus = NULL, regions = NULL;
    g_autofree char *text = NULL, *vcpus_text = NULL, *regions_text = NULL;

    vt_test_schema_or_skip();
    regions = make();
    regions->regions = g_ptr_array_new_with_free_func((GDestroyNotify)vt_region_free);
    g_ptr_array_add(regions->regions, vt_region_new(TRUE, 0xc000, 0xc00f, NULL, "IDE", "00:01.1"));
    g_ptr_array_add(regions->regions, vt_region_new(FALSE, 1, 2, "net0", "e1000", "00:02.0"));
    regions_text = vt_native_format(regions);
    vt_test_validate("profile.schema.json", regions_text);
    vcpus = make_vcpus(3);
    vcpus_text = vt_native_format(vcpus);
    vt_test_validate("profile.schema.json", vcpus_text);
    profile = make();
    text = vt_native_format(profile);
    vt_test_validate("profile.schema.json", text);
    vt_test_validate("profile.schema.json", least);
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *message = NULL;

        assert_null(parse(bad[i], NULL));
        if (vt_test_schema_takes("profile.schema.json", bad[i], &message) ||
            !strstr(message, ": /"))
            fail_msg("the schema takes %s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_text),
        cmocka_unit_test(test_large_numbers), cmocka_unit_test(test_no_metrics),
        cmocka_unit_test(test_hand_made),     cmocka_unit_test(test_errors), cmocka_unit_test(test_whole),
        cmocka_unit_test(test_recognise),     cmocka_unit_test(test_files),
        cmocka_unit_test(test_schema),        cmocka_unit_test(test_vcpus),
        cmocka_unit_test(test_regions),       cmocka_unit_test(test_no_regions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
