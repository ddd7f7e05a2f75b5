/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, units and safe text: what is taken, and that nothing else is. */
#include "vt-test.h"

#include <locale.h>

#include <math.h>

#include "base/error.h"
#include "base/text.h"

static void assert_message(GError *error, const char *part)
{
    assert_non_null(error);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!strstr(error->message, part))
        fail_msg("\"%s\" does not contain \"%s\"", error->message, part);
    g_error_free(error);
}

static void u64_takes_decimal_and_hexadecimal(void **state)
{
    static const struct {
        const char *text;
        guint64 value;
    } good[] = {
        {"0", 0},
        {"00012", 12},
        {"18446744073709551615", G_MAXUINT64},
        {"0x1f7", 0x1f7},
        {"0XFEE000b0", 0xfee000b0},
        {"0xffffffffffffffff", G_MAXUINT64},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        guint64 value = 42;

        assert_true(vt_text_parse_u64(good[i].text, 0, G_MAXUINT64, &value, &error));
        assert_null(error);
        assert_true(value == good[i].value);
    }
}

static void u64_refuses_the_rest(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "is not a whole number"},
        {" 1", "is not a whole number"},
        {"1 ", "is not a whole number"},
        {"1\n", "is not a whole number"},
        {"+1", "is not a whole number"},
        {"-1", "is not a whole number"},
        {"1.0", "is not a whole number"},
        {"1e3", "is not a whole number"},
        {"0x", "is not a whole number"},
        {"0xg", "is not a whole number"},
        {"0x-1", "is not a whole number"},
        {"ff", "is not a whole number"},
        {"12kB", "is not a whole number"},
        {"\xd9\xa1\xd9\xa2", "is not a whole number"}, /* Arabic-Indic digits */
        {"18446744073709551616", "out of range"},
        {"0x10000000000000000", "out of range"},
        {"99999999999999999999999999999999999999", "out of range"},
        {"99999999999999999999999999999999999999x", "is not a whole number"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        guint64 value = 42;

        assert_false(vt_text_parse_u64(bad[i].text, 0, G_MAXUINT64, &value, &error));
        assert_message(error, bad[i].message);
        assert_int_equal(value, 42);
    }
}

static void u64_respects_its_range(void **state)
{
    GError *error = NULL;
    guint64 value = 42;

    assert_true(vt_text_parse_u64("7", 7, 9, &value, NULL));
    assert_true(vt_text_parse_u64("9", 7, 9, &value, NULL));
    assert_int_equal(value, 9);
    assert_false(vt_text_parse_u64("6", 7, 9, &value, NULL));
    assert_false(vt_text_parse_u64("10", 7, 9, &value, &error));
    assert_message(error, "'10' is out of range: it must be from 7 to 9");
    assert_int_equal(value, 9);
}

static void messages_show_hostile_text_safely_and_short(void **state)
{
    g_autofree char *huge = g_strnfill(1000000, 'x');
    g_autofree char *cut =
        g_strconcat("12345678901234567890123456789012345678901234567890123456789", "漢漢漢", NULL);
    GError *error = NULL;
    guint64 value;

    assert_false(vt_text_parse_u64("1\x1b[2J", 0, 9, &value, &error));
    assert_message(error, "'1\\x1b[2J'");

    error = NULL;
    assert_false(vt_text_parse_u64(huge, 0, 9, &value, &error));
    assert_true(strlen(error->message) < 200);
    assert_message(error, "xxx…'");

    /* The cut falls into a character and moves in front of it. */
    error = NULL;
    assert_false(vt_text_parse_u64(cut, 0, 9, &value, &error));
    assert_message(error, "6789…'");
}

static void double_takes_decimals(void **state)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},      {"0.25", 0.25},    {"-1.5", -1.5}, {"1000", 1000},
        {"1e3", 1000}, {"1.5E-2", 0.015}, {"2e+1", 20},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        double value = 42;

        assert_true(vt_text_parse_double(good[i].text, -10, 10000, &value, NULL));
        assert_true(value == good[i].value);
    }
}

static void double_refuses_the_rest(void **state)
{
    static const char *const bad[] = {
        "",
        " 1",
        "1 ",
        "1,5",
        ".5",
        "5.",
        "+1",
        "--1",
        "inf",
        "nan",
        "-inf",
        "INFINITY",
        "0x10",
        "0x1p3",
        "1e",
        "1e+",
        "1.2.3",
        "1e999",
        "1e1000000000000",
        "-",
        "-.5",
        "10001",
        "-10.5",
    };
    double value = 42;

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;

        if (vt_text_parse_double(bad[i], -10, 10000, &value, &error))
            fail_msg("%s was taken", bad[i]);
        assert_message(error, "'");
        assert_true(value == 42);
    }
    assert_false(vt_text_parse_double("-0", 0, 1, &value, NULL));
}

static void duration_knows_its_units(void **state)
{
    static const struct {
        const char *text;
        guint64 ns;
    } good[] = {
        {"10", 10000000000},  {"10s", 10000000000},           {"0.5", 500000000},
        {"1.5s", 1500000000}, {"500ms", 500000000},           {"250us", 250000},
        {"2m", 120000000000}, {"1h", 3600000000000},          {"24h", 86400000000000},
        {"0.000000001", 1},   {"0.1234567891234", 123456789},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        guint64 ns = 42;

        if (!vt_text_parse_duration(good[i].text, &ns, NULL) || ns != good[i].ns)
            fail_msg("%s gave %" G_GUINT64_FORMAT, good[i].text, ns);
    }
}

static void duration_refuses_the_rest(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "write for example"},
        {"s", "write for example"},
        {"-1s", "write for example"},
        {"+1s", "write for example"},
        {" 1s", "write for example"},
        {"1 s", "write for example"},
        {"1s ", "write for example"},
        {"1S", "write for example"},
        {"1sec", "write for example"},
        {"1d", "write for example"},
        {"1.s", "write for example"},
        {".5s", "write for example"},
        {"1.5.5", "write for example"},
        {"1e3", "write for example"},
        {"0", "more than zero"},
        {"0ms", "more than zero"},
        {"0.0000000001", "more than zero"},
        {"24.1h", "longer than 24 hours"},
        {"86401", "longer than 24 hours"},
        {"18446744073709551616", "longer than 24 hours"},
        {"18446744073709551615h", "longer than 24 hours"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        GError *error = NULL;
        guint64 ns = 42;

        assert_false(vt_text_parse_duration(bad[i].text, &ns, &error));
        assert_message(error, bad[i].message);
        assert_int_equal(ns, 42);
    }
}

static void durations_for_people(void **state)
{
    static const struct {
        guint64 ns;
        const char *text;
    } cases[] = {
        {0, "0 ns"},
        {999, "999 ns"},
        {1000, "1 us"},
        {1049, "1 us"},
        {1050, "1.1 us"},
        {200000000, "200 ms"},
        {999900000, "999.9 ms"},
        {999949999, "999.9 ms"},
        {999950000, "1 s"},
        {1500000000, "1.5 s"},
        {10000000000, "10 s"},
        {59949999999, "59.9 s"},
        {59950000000, "1 min"},
        {90000000000, "1.5 min"},
        {3600000000000, "1 h"},
        {G_MAXUINT64, "5124095.6 h"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = vt_text_format_duration(cases[i].ns);

        assert_string_equal(text, cases[i].text);
    }
}

static void counts_have_thousands(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.4, "0"},
        {999.4, "999"},
        {999.5, "1,000"},
        {30959, "30,959"},
        {100000, "100,000"},
        {1234567, "1,234,567"},
        {-1234.6, "-1,235"},
        {1e15, "1,000,000,000,000,000"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = vt_text_format_count(cases[i].value);

        assert_string_equal(text, cases[i].text);
    }
}

static void hostile_text_cannot_reach_the_terminal(void **state)
{
    static const struct {
        const char *text, *one_line, *lines;
    } cases[] = {
        {"web-01 größe 漢字 👩‍💻", "web-01 größe 漢字 👩‍💻", NULL},
        {"\x1b[31mred\x1b]0;t\x07", "\\x1b[31mred\\x1b]0;t\\x07", NULL},
        {"a\nb\tc", "a\\x0ab\\x09c", "a\nb\tc"},
        {"over\rwritten\x08\x7f", "over\\x0dwritten\\x08\\x7f", NULL},
        {"\xc2\x9b"
         "2J\xc2\x85",
         "\\u009b2J\\u0085", NULL},
        {"\xe2\x80\xae"
         "gpj.exe",
         "\\u202egpj.exe", NULL},
        {"\xe2\x81\xa6x\xe2\x81\xa9\xd8\x9c\xe2\x80\x8f", "\\u2066x\\u2069\\u061c\\u200f", NULL},
        {"\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf", "\\u2028\\u2029\\ufeff", NULL},
        {"\xf3\xa0\x81\x81", "\\U000e0041", NULL}, /* an invisible tag character */
        {"\xff\xfe", "\\xff\\xfe", NULL},
        {"cut\xe6\xbc", "cut\\xe6\\xbc", NULL},
        {"\xc0\xaf\xed\xa0\x80", "\\xc0\\xaf\\xed\\xa0\\x80", NULL}, /* overlong, surrogate */
        {"", "", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *one_line = vt_text_printable(cases[i].text, FALSE);
        g_autofree char *lines = vt_text_printable(cases[i].text, TRUE);

        assert_string_equal(one_line, cases[i].one_line);
        assert_string_equal(lines, cases[i].lines ? cases[i].lines : cases[i].one_line);
        assert_true(g_utf8_validate(one_line, -1, NULL));
    }
}

static void fold_leaves_single_spaces(void **state)
{
    g_autofree char *folded = vt_text_fold("  \n a\t\r\n b  c \f");
    g_autofree char *blank = vt_text_fold(" \n\t ");
    g_autofree char *hard = vt_text_fold("a\xc2\xa0 b");

    assert_string_equal(folded, "a b c");
    assert_string_equal(blank, "");
    assert_string_equal(hard, "a\xc2\xa0 b");
}

static void what_a_locale_lacks_is_a_question_mark(void **state)
{
    g_autofree char *ascii = NULL;
    g_autofree char *utf8 = NULL;

    setlocale(LC_ALL, "C");
    ascii = vt_text_local("VERB … 名 – done");
    setlocale(LC_ALL, "C.UTF-8");
    utf8 = vt_text_local("VERB … 名 – done");
    assert_string_equal(ascii, "VERB ? ? ? done");
    assert_string_equal(utf8, "VERB … 名 – done");
}

static void columns_count_what_is_seen(void **state)
{
    assert_int_equal(vt_text_columns(""), 0);
    assert_int_equal(vt_text_columns("abc d"), 5);
    assert_int_equal(vt_text_columns("\xe4\xbb\xae\xe6\x83\xb3"), 4); /* two wide characters */
    assert_int_equal(vt_text_columns("e\xcc\x81"), 1);                 /* a combining accent */
    assert_int_equal(vt_text_columns("\xff"), 1);
    assert_int_equal(vt_text_cut("abc", 0), 0);
    assert_int_equal(vt_text_cut("abc", 2), 2);
    assert_int_equal(vt_text_cut("abc", 9), 3);
    assert_int_equal(vt_text_cut("a\xe4\xbb\xae\xe6\x83\xb3", 4), 4); /* half a character is none */
    assert_int_equal(vt_text_cut("e\xcc\x81z", 1), 3);
}

static void wrap_keeps_to_the_width(void **state)
{
    static const struct {
        const char *text;
        guint width, indent;
        const char *wrapped;
    } cases[] = {
        {"", 10, 2, ""},
        {"  \n ", 10, 2, ""},
        {"one two three", 40, 0, "one two three"},
        {"one two three", 7, 0, "one two\nthree"},
        {"one two three", 6, 0, "one\ntwo\nthree"},
        {"one two three", 9, 2, "one two\n  three"},
        {"one\n  two", 40, 0, "one two"},
        {"see https://example.org/a/long/address for more", 10, 0,
         "see\nhttps://example.org/a/long/address\nfor more"},
        {"grö ßen", 3, 0, "grö\nßen"},
        {"漢字仮名", 4, 0, "漢字\n仮名"},
        {"漢字仮名", 5, 0, "漢字\n仮名"},
        {"漢字仮名", 8, 0, "漢字仮名"},
        {"漢字。仮名", 4, 0, "漢\n字。\n仮名"}, /* no full stop at the start of a line */
        {"漢「仮名」", 4, 0,
         "漢\n「仮\n名」"}, /* no opening bracket at the end, no closing one at the start */
        {"使用virtio設備", 9, 0, "使用\nvirtio設\n備"}, /* the Latin word stays whole */
        {"漢 a 字", 5, 1, "漢 a\n 字"},
        {"e\xcc\x81"
         "e\xcc\x81 e\xcc\x81",
         2, 0,
         "e\xcc\x81"
         "e\xcc\x81\ne\xcc\x81"}, /* combining accents take no column */
        {"a b", 0, 0, "a\nb"},
        {"a b", 2, 8, "a\n        b"},
        {"\xff\xff \xff", 2, 0, "\xff\xff\n\xff"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *wrapped = vt_text_wrap(cases[i].text, cases[i].width, cases[i].indent);

        assert_string_equal(wrapped, cases[i].wrapped);
    }
}

/* Whatever is quoted, a shell reads the same bytes back, and what is printed is harmless. */
static void shell_quoting_round_trips(void **state)
{
    static const char *const words[] = {
        "plain-word_1.2:/=@%+,",
        "",
        "two words",
        "it's",
        "$HOME `id` \\ \"x\" * ? ~ # ! ;|&<>()",
        "=ls",
        "a\nb",
        "\x1b[2J'\\",
        "\xff\x01tail7",
        "漢字",
        "-n",
        "\xe2\x80\xae"
        "0",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autofree char *quoted = vt_text_shell(words[i]);
        g_autofree char *harmless = vt_text_printable(quoted, FALSE);
        g_autofree char *command = g_strconcat("printf '%s' ", quoted, NULL);
        const char *argv[] = {"bash", "-c", command, NULL};
        g_autofree char *output = NULL;

        assert_string_equal(harmless, quoted);
        assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                                 &output, NULL, NULL, NULL));
        assert_string_equal(output, words[i]);
    }
}

static void plain_words_stay_bare(void **state)
{
    g_autofree char *plain = vt_text_shell("/sys/module/kvm/parameters/halt_poll_ns");
    g_autofree char *quoted = vt_text_shell("two words");

    assert_string_equal(plain, "/sys/module/kvm/parameters/halt_poll_ns");
    assert_string_equal(quoted, "'two words'");
}

static void fills_sentences(void **state)
{
    static const char none[] = "";
    const struct {
        char *text;
        const char *expected;
    } cases[] = {
        {vt_text_fill("%s is %s", "a", "b"), "a is b"},
        {vt_text_fill("%2$s is %1$s, %2$s", "a", "b"), "b is a, b"},
        {vt_text_fill("100 %% of %s", "a"), "100 % of a"},
        {vt_text_fill("%1$s %% %2$s", "x", none), "x % "},
        /* What is no string is left to printf(). */
        {vt_text_fill("%d of %s", 7, "a"), "7 of a"},
        {vt_text_fill("%1$3s", "a"), "  a"},
        {vt_text_fill("%s%s%s%s%s%s%s%s%s", "1", "2", "3", "4", "5", "6", "7", "8", "9"), "123456789"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_string_equal(cases[i].text, cases[i].expected);
        g_free(cases[i].text);
    }
}

static void counts_of_every_size(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"}, {-0.4, "0"}, {999.4, "999"}, {999.6, "1,000"}, {0.5, "0"}, {1.5, "2"},
                 {2.5, "2"}, {-1234567, "-1,234,567"}, {999999999999999999.0, "1,000,000,000,000,000,000"},
                 {9007199254740991.0, "9,007,199,254,740,991"}, {1e21, "1,000,000,000,000,000,000,000"}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = vt_text_format_count(cases[i].value);

        assert_string_equal(text, cases[i].text);
    }
    {
        g_autofree char *huge = vt_text_format_count(-G_MAXDOUBLE);

        assert_int_equal(strlen(huge), 1 + 309 + 102);
    }
}

static void test_about(void **state)
{
    static const struct {
        guint64 ns;
        const char *text;
    } rows[] = {
        {0, "~0 ns"},         {7, "~7 ns"},           {99, "~99 ns"},       {994, "~990 ns"},
        {995, "~1 us"},       {6735, "~6.7 us"},      {86343, "~86 us"},    {196600, "~200 us"},
        {856883, "~860 us"},  {1048576, "~1 ms"},     {3863318, "~3.9 ms"}, {260800, "~260 us"},
        {1450000000, "~1.5 s"}, {G_MAXUINT64, "~5000000 h"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = vt_text_format_about(rows[i].ns);

        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_about),
        cmocka_unit_test(fills_sentences),
        cmocka_unit_test(counts_of_every_size),
        cmocka_unit_test(u64_takes_decimal_and_hexadecimal),
        cmocka_unit_test(u64_refuses_the_rest),
        cmocka_unit_test(u64_respects_its_range),
        cmocka_unit_test(messages_show_hostile_text_safely_and_short),
        cmocka_unit_test(double_takes_decimals),
        cmocka_unit_test(double_refuses_the_rest),
        cmocka_unit_test(duration_knows_its_units),
        cmocka_unit_test(duration_refuses_the_rest),
        cmocka_unit_test(durations_for_people),
        cmocka_unit_test(counts_have_thousands),
        cmocka_unit_test(hostile_text_cannot_reach_the_terminal),
        cmocka_unit_test(fold_leaves_single_spaces),
        cmocka_unit_test(what_a_locale_lacks_is_a_question_mark),
        cmocka_unit_test(columns_count_what_is_seen),
        cmocka_unit_test(wrap_keeps_to_the_width),
        cmocka_unit_test(shell_quoting_round_trips),
        cmocka_unit_test(plain_words_stay_bare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
