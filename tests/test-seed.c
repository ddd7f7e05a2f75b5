/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which disks are cloud-init's: by name, by serial, and by the label of an image. */
#include "plan/seed.h"
#include "vt-test-apply.h"

static gboolean is_seed(const char *inner, gboolean local)
{
    g_autofree char *xml = g_strdup_printf("<disk>%s</disk>", inner);
    g_autoptr(xmlDoc) doc = test_parse(xml);

    return vt_seed_is(xmlDocGetRootElement(doc), local);
}

static void test_names(void **state)
{
    static const char *const seeds[] = {
        "<source file='/x/Cloud-Init.img'/>", "<source dev='/dev/vg/vm-cidata'/>",
        "<source file='/v/web1-seed.iso'/>",  "<source file='/v/seed.qcow2'/>",
        "<source file='/v/user-data.img'/>",  "<source volume='web1_seed.img' pool='p'/>",
        "<source name='pool/configdrive'/>",  "<source file='/v/a.img'/><serial>CIDATA</serial>",
        "<source file='/v/a'/><serial>config-2</serial>",
    };
    static const char *const others[] = {
        "", "<source file='/v/web1.img'/>", "<source file='/seed/web1.img'/><serial>S1</serial>",
        "<source file='/v/linseed.img'/>", "<source dev='/dev/vg/birdseeds'/>",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(seeds); i++)
        if (!is_seed(seeds[i], FALSE))
            fail_msg("%s", seeds[i]);
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        if (is_seed(others[i], TRUE))
            fail_msg("%s", others[i]);
}

/* An image of 64 KiB with some bytes set; whether it counts. */
static gboolean labelled(const char *driver, gsize offset, const char *bytes, gsize mark,
                         const char *marked, gboolean local)
{
    g_autofree char *dir = g_dir_make_tmp("vt-test-seed-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "disk.img", NULL), *inner = NULL;
    g_autofree char *image = g_malloc0(65536);
    gboolean seed;

    memcpy(image + offset, bytes, strlen(bytes));
    memcpy(image + mark, marked, strlen(marked));
    assert_true(g_file_set_contents(path, image, 65536, NULL));
    inner = g_strdup_printf("%s<source file='%s'/>", driver, path);
    seed = is_seed(inner, local);
    test_remove(dir);
    return seed;
}

static void test_labels(void **state)
{
    static const char raw[] = "<driver name='qemu' type='raw'/>";
    const gsize descriptor = 16 * 2048;

    assert_true(labelled(raw, descriptor + 40, "cidata   ", descriptor, "\1CD001", TRUE));
    assert_true(labelled("", descriptor + 40, "CIDATA", descriptor, "\1CD001", TRUE));
    assert_true(labelled(raw, descriptor + 40, "config-2 ", descriptor, "\1CD001", TRUE));
    assert_true(labelled(raw, 43, "CIDATA     ", 510, "\x55\xaa", TRUE));
    assert_true(labelled(raw, 71, "cidata     ", 510, "\x55\xaa", TRUE));

    assert_false(labelled(raw, descriptor + 40, "cidata2  ", descriptor, "\1CD001", TRUE));
    assert_false(labelled(raw, descriptor + 40, "cidata   ", descriptor, "\1NSR02", TRUE));
    assert_false(labelled(raw, 43, "CIDATA     ", 510, "\x55\xab", TRUE));
    /* The path is another machine's. */
    assert_false(labelled(raw, descriptor + 40, "cidata   ", descriptor, "\1CD001", FALSE));
    /* What the guest sees is not what the file holds. */
    assert_false(labelled("<driver type='qcow2'/>", descriptor + 40, "cidata", descriptor, "\1CD001",
                          TRUE));
}

static void test_unreadable(void **state)
{
    assert_false(is_seed("<source file='/nonexistent/a.img'/>", TRUE));
    assert_false(is_seed("<source file='/'/>", TRUE));
    assert_false(is_seed("<source file='relative.img'/>", TRUE));
    assert_false(is_seed("<source dev='/dev/null'/>", TRUE));
}

static VtFinding *finding_about(const char *rule, const char *element, const char *device)
{
    VtFinding *finding = vt_finding_new(rule);

    finding->verdict = VT_VERDICT_ADVISE;
    finding->confidence = VT_CONFIDENCE_CONFIRMED;
    finding->has_gain = TRUE;
    finding->device = g_strdup(device);
    finding->device_element = g_strdup(element);
    vt_finding_add_change(finding, "domain", "power-cycle");
    return finding;
}

static VtDomain *domain_with(const char *disks)
{
    g_autofree char *xml = g_strdup_printf(TEST_DOMAIN("", "%s"), disks);
    g_autoptr(GError) error = NULL;
    VtDomain *domain = vt_domain_from_xml(xml, strlen(xml), "web1.xml", &error);

    assert_no_error(error);
    return domain;
}

/* Whether advice about the disk vda of that domain is blocked. */
static gboolean blocks(const char *disk, const char *inactive, gboolean local)
{
    g_autoptr(VtDomain) domain = domain_with(disk), other = inactive ? domain_with(inactive) : NULL;
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    VtFinding *about_disk = finding_about("b-disk", "disk", "vda");
    const VtFinding *first;

    if (other) {
        domain->inactive = xmlCopyDoc(other->inactive, 1);
        assert_true(domain->inactive != domain->live);
    }
    g_ptr_array_add(findings, about_disk);
    g_ptr_array_add(findings, finding_about("c-card", "interface", "vda"));
    g_ptr_array_add(findings, finding_about("d-domain", NULL, NULL));
    vt_seed_block(domain, local, findings);
    first = g_ptr_array_index(findings, 0);
    assert_int_equal(first->verdict, VT_VERDICT_ADVISE);
    if (about_disk->verdict == VT_VERDICT_ADVISE) {
        assert_int_equal(about_disk->changes->len, 1);
        return FALSE;
    }
    assert_int_equal(about_disk->verdict, VT_VERDICT_BLOCKED);
    assert_int_equal(about_disk->confidence, VT_CONFIDENCE_NONE);
    assert_false(about_disk->has_gain);
    assert_int_equal(about_disk->changes->len, 0);
    assert_non_null(strstr(about_disk->reason, "cloud-init"));
    assert_string_equal(((VtFinding *)g_ptr_array_index(findings, 2))->rule, "b-disk");
    return TRUE;
}

#define VDA(inner) "<disk type='file' device='disk'><target dev='vda' bus='virtio'/>" inner "</disk>"

static void test_blocked(void **state)
{
    assert_false(blocks(VDA("<source file='/v/web1.img'/>"), NULL, TRUE));
    assert_true(blocks(VDA("<source file='/v/WEB1-CIDATA.img'/>"), NULL, FALSE));
    assert_true(blocks(VDA("<source file='/v/web1.img'/><readonly/>"), NULL, FALSE));
    assert_true(blocks("<disk type='file' device='cdrom'><target dev='vda' bus='virtio'/></disk>", NULL, FALSE));
    /* The running domain has another image in it than its definition. */
    assert_true(blocks(VDA("<source file='/v/web1.img'/>"), VDA("<source file='/v/Seed.img'/>"), FALSE));
    assert_true(blocks(VDA("<source file='/v/Seed.img'/>"), VDA("<source file='/v/web1.img'/>"), FALSE));
}

static void test_blocked_by_label(void **state)
{
    g_autofree char *dir = g_dir_make_tmp("vt-test-seed-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "disk.img", NULL), *disk = NULL;
    g_autofree char *image = g_malloc0(65536);
    g_autoptr(VtDomain) domain = NULL;
    g_autoptr(GPtrArray) findings = NULL;

    memcpy(image + 43, "CIDATA     ", 11);
    memcpy(image + 510, "\x55\xaa", 2);
    assert_true(g_file_set_contents(path, image, 65536, NULL));
    disk = g_strdup_printf(VDA("<driver name='qemu' type='raw'/><source file='%s'/>"), path);
    assert_true(blocks(disk, NULL, TRUE));
    assert_false(blocks(disk, NULL, FALSE));

    /* What was found is noted, and holds without the image. */
    domain = domain_with(disk);
    vt_seed_note(domain, FALSE);
    assert_int_equal(g_strv_length(domain->seed_disks), 0);
    vt_seed_note(domain, TRUE);
    vt_seed_note(domain, FALSE);
    assert_int_equal(g_strv_length(domain->seed_disks), 1);
    assert_string_equal(domain->seed_disks[0], "vda");
    findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    g_ptr_array_add(findings, finding_about("b-disk", "disk", "vda"));
    vt_seed_block(domain, FALSE, findings);
    assert_int_equal(((VtFinding *)g_ptr_array_index(findings, 0))->verdict, VT_VERDICT_BLOCKED);
    test_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_blocked),
        cmocka_unit_test(test_blocked_by_label),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
