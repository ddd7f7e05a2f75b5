/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the source cannot be used, and what it says then. Counting is tested in test-vmexit and
 * test-bpf-meter, and end to end on domains. */
#include "config.h"

#include <string.h>

#include "source/source.h"
#include "vt-test.h"

static void test_table(void **state)
{
    assert_ptr_equal(vt_source_find("bpf"), &vt_source_bpf);
    assert_ptr_equal(vt_source_table()[0], &vt_source_bpf);
}

static void test_other_machine(void **state)
{
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new(NULL);
    g_autofree char *why = NULL;

    assert_non_null(virt);
    assert_false(vt_source_bpf.probe(virt, root, &why));
#ifdef HAVE_BPF
    assert_non_null(strstr(why, "run virt-tune there"));
#else
    assert_non_null(strstr(why, "built without libbpf"));
#endif
}

/* Named, it is no use to leave it out: the reason is the answer. */
static void test_asked_for(void **state)
{
    g_autoptr(VtVirt) virt = vt_virt_open("test:///default", FALSE, FALSE, NULL);
    g_autoptr(VtRoot) root = vt_root_new("/nonexistent");
    g_autoptr(GPtrArray) domains = g_ptr_array_new();
    g_autoptr(GPtrArray) profiles = NULL, notes = NULL;
    g_autoptr(GError) error = NULL;
    VtSampleOptions options = { .duration_ns = 1000000, .interval_ns = 1000000, .source = "bpf" };

    assert_non_null(virt);
    assert_false(vt_source_sample(virt, root, domains, NULL, &options, &profiles, &notes, &error));
    assert_non_null(strstr(error->message, "\nbpf: "));
    assert_null(profiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_other_machine),
        cmocka_unit_test(test_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
