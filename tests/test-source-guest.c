/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's OS from the metadata, by a small database of our own (tests/data/osinfo). */
#include "config.h"

#include <string.h>

#include "source/source-guest.h"
#include "vt-test-leaks.h"
#include "vt-test.h"

#define METADATA(id)                                                   \
    "<metadata><libosinfo:libosinfo "                                  \
    "xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'>" \
    "<libosinfo:os id='" id "'/></libosinfo:libosinfo></metadata>"

static VtDomain *fill(const char *inner)
{
    g_autofree char *xml = g_strdup_printf(
        "<domain type='kvm'><name>g</name>"
        "<uuid>3b1d8f6a-2c54-4e0f-9a57-0c5d1f8a7b11</uuid>%s</domain>",
        inner);
    VtDomain *domain = vt_domain_from_xml(xml, strlen(xml), "g.xml", NULL);

    assert_non_null(domain);
    vt_source_guest_fill(domain);
    return domain;
}

static void assert_unknown(const char *inner, const char *id)
{
    g_autoptr(VtDomain) domain = fill(inner);

    assert_string_equal(domain->guest.os_id ? domain->guest.os_id : "", id);
    assert_false(domain->guest.drivers_known);
    assert_int_equal(g_hash_table_size(domain->guest.supports), 0);
    assert_null(domain->guest.os_name);
}

static void test_no_metadata(void **state)
{
    assert_unknown("", "");
    assert_unknown("<metadata/>", "");
    assert_unknown("<metadata><x:libosinfo xmlns:x='http://example.org/other'>"
                   "<x:os id='a'/></x:libosinfo></metadata>",
                   "");
    assert_unknown(
        "<metadata><l:libosinfo xmlns:l='http://libosinfo.org/xmlns/libvirt/domain/1.0'><l:os/>"
        "</l:libosinfo></metadata>",
        "");
    assert_unknown(METADATA("http://nowhere.example/os/1"), "http://nowhere.example/os/1");
    assert_unknown(METADATA("nonsense"), "nonsense");
}

/* Whatever prefix the writer chose, the id is found. */
static void test_prefix(void **state)
{
    static const char inner[] =
        "<metadata><a:x xmlns:a='urn:a'/>"
        "<libosinfo xmlns='http://libosinfo.org/xmlns/libvirt/domain/1.0'>"
        "<os id='http://example.org/linux/1'/></libosinfo></metadata>";
    g_autoptr(VtDomain) domain = fill(inner);

    assert_string_equal(domain->guest.os_id, "http://example.org/linux/1");
}

#ifdef HAVE_LIBOSINFO
static gboolean supports(const VtDomain *domain, const char *device)
{
    return g_hash_table_contains(domain->guest.supports, device);
}

static void test_linux(void **state)
{
    g_autoptr(VtDomain) domain = fill(METADATA("http://example.org/linux/1"));

    assert_string_equal(domain->guest.os_name, "Example Linux 1");
    assert_string_equal(domain->guest.family, "linux");
    assert_true(domain->guest.drivers_known);
    assert_true(supports(domain, "virtio-net"));
    assert_true(supports(domain, "virtio-block"));
    assert_true(supports(domain, "e1000"));
    assert_false(supports(domain, "virtio-scsi"));
}

/* Devices are inherited, and virtio 1.0 is virtio. */
static void test_derived(void **state)
{
    g_autoptr(VtDomain) domain = fill(METADATA("http://example.org/linux/2"));

    assert_true(domain->guest.drivers_known);
    assert_true(supports(domain, "virtio-block"));
    assert_true(supports(domain, "virtio1.0-net"));
    assert_true(supports(domain, "virtio1.0-scsi"));
    assert_true(supports(domain, "virtio-scsi"));
}

/* Somebody may have installed the drivers. */
static void test_windows(void **state)
{
    g_autoptr(VtDomain) domain = fill(METADATA("http://example.org/win/7"));

    assert_string_equal(domain->guest.family, "winnt");
    assert_false(domain->guest.drivers_known);
    assert_true(supports(domain, "e1000"));
    assert_false(supports(domain, "virtio-net"));
}

static void test_no_devices(void **state)
{
    g_autoptr(VtDomain) domain = fill(METADATA("http://example.org/bare/1"));

    assert_string_equal(domain->guest.family, "bsd");
    assert_false(domain->guest.drivers_known);
}

/* A release that is newer than the database. */
static void test_family_of_siblings(void **state)
{
    g_autoptr(VtDomain) new = fill(METADATA("http://example.org/linux/99"));
    g_autoptr(VtDomain) mixed = fill(METADATA("http://example.org/mixed/99"));
    g_autoptr(VtDomain) other = fill(METADATA("http://example.org/lin"));
    g_autoptr(VtDomain) root = fill(METADATA("http://x"));

    assert_string_equal(new->guest.family, "linux");
    assert_false(new->guest.drivers_known);
    assert_null(new->guest.os_name);
    assert_null(mixed->guest.family);
    assert_null(other->guest.family);
    assert_null(root->guest.family);
}

/* Filling again forgets what was there. */
static void test_refill(void **state)
{
    g_autoptr(VtDomain) domain = fill(METADATA("http://example.org/linux/1"));

    domain->guest.drivers_known = TRUE;
    g_hash_table_add(domain->guest.supports, g_strdup("stale"));
    vt_source_guest_fill(domain);
    assert_false(supports(domain, "stale"));
    assert_true(supports(domain, "virtio-net"));
    assert_string_equal(domain->guest.os_id, "http://example.org/linux/1");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_metadata),
        cmocka_unit_test(test_prefix),
#ifdef HAVE_LIBOSINFO
        cmocka_unit_test(test_linux),
        cmocka_unit_test(test_derived),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_no_devices),
        cmocka_unit_test(test_family_of_siblings),
        cmocka_unit_test(test_refill),
#endif
    };
    g_autofree char *database = vt_test_src("tests/data/osinfo");
    const char *none = "/nonexistent";

    g_setenv("OSINFO_SYSTEM_DIR", database, TRUE);
    g_setenv("OSINFO_LOCAL_DIR", none, TRUE);
    g_setenv("OSINFO_USER_DIR", none, TRUE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
