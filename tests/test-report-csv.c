/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CSV report: word for word, and as many fields in each record as in its header. */
#include "config.h"

#include <string.h>

#include "report-fixture.h"
#include "vt-test.h"

static void test_report(void **state)
{
    g_autofree char *text = vt_report_fixture_write(&vt_report_csv, 3, FALSE, "qemu:///system", TRUE);

    vt_report_fixture_compare(text, "report.csv");
}

/* Counts the fields of each record by the rules of RFC 4180. */
static void test_fields(void **state)
{
    g_autofree char *text = vt_report_fixture_write(&vt_report_csv, 3, FALSE, NULL, FALSE);
    gboolean quoted = FALSE;
    guint fields = 1, expected = 0, records = 0;

    for (const char *p = text; *p; p++) {
        if (*p == '"') {
            quoted = !quoted;
        } else if (*p == ',' && !quoted) {
            fields++;
        } else if (g_str_has_prefix(p, "\r\n") && !quoted) {
            if (records++ == 0)
                expected = fields;
            assert_int_equal(fields, expected);
            fields = 1;
            p++;
        }
    }
    assert_false(quoted);
    assert_in_range(records, 4, 1000);
    assert_int_equal(expected, 18);
}

static void test_no_domain(void **state)
{
    g_autofree char *text = vt_report_fixture_write(&vt_report_csv, 0, FALSE, NULL, FALSE);

    assert_true(g_str_has_prefix(text, "domain,uuid,state,"));
    assert_ptr_equal(strstr(text, "\r\n"), text + strlen(text) - 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_no_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
