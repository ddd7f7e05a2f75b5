/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions as text and as one number. */
#include "config.h"

#include "base/error.h"
#include "base/version.h"
#include "vt-test.h"

static void test_parse(void **state)
{
    static const struct {
        const char *text;
        guint64 version;
    } good[] = {{"8", 8000000},     {"8.10", 8010000},   {"8.10.1", 8010001}, {"0.0.1", 1},
                {"6.01", 6001000},  {"999.999.999", 999999999}};

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        guint64 version = 0;

        assert_true(vt_version_parse(good[i].text, &version, &error));
        assert_null(error);
        assert_int_equal(version, good[i].version);
    }
}

static void test_bad(void **state)
{
    static const char *const bad[] = {"",      ".",     "8.",     ".8",   "8..1",   "8.1.2.3", "v8",
                                      "8.10 ", " 8.10", "8.1000", "-1.0", "6.1-rc", "8,10"};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        guint64 version = 7;

        if (vt_version_parse(bad[i], &version, &error))
            fail_msg("“%s” is taken for a version", bad[i]);
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
        assert_int_equal(version, 7);
    }
}

static void test_release(void **state)
{
    static const struct {
        const char *text;
        guint64 version; /* 7: none */
    } releases[] = {{"6.1.0-18-amd64", 6001000},   {"5.19", 5019000}, {"4.14.1234-x", 4014999},
                    {"6.12.0-rc1+", 6012000},      {"", 7},           {"linux", 7},
                    {"6.1.", 7},                   {".1", 7},         {"-6.1", 7},
                    {"12345.1.1", 7},              {"6.x", 7},        {"99999999999999999999.1", 7}};

    for (guint i = 0; i < G_N_ELEMENTS(releases); i++) {
        guint64 version = 7;

        assert_int_equal(vt_version_of_release(releases[i].text, &version),
                         releases[i].version != 7);
        assert_int_equal(version, releases[i].version);
    }
}

static void test_format(void **state)
{
    g_autofree char *one = vt_version_format(8010000), *two = vt_version_format(999999999);

    assert_string_equal(one, "8.10.0");
    assert_string_equal(two, "999.999.999");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_release),
        cmocka_unit_test(test_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
