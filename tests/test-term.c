/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A terminal (a pseudo-terminal of the test's own) and the lack of one. */
#include "vt-test.h"

#include <unistd.h>

#include "base/term.h"
#include "vt-test-terminal.h"

static int ask(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout);

    return vt_term_confirm(term, "Apply\x1b[2J?", NULL) ? 1 : 0;
}

static int ask_twice(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout);
    int first = vt_term_confirm(term, "One?", NULL) ? 1 : 0;

    return first + (vt_term_confirm(term, "Two?", NULL) ? 2 : 0);
}

static void only_yes_is_yes(void **state)
{
    static const struct {
        const char *typed;
        int yes;
    } cases[] = {
        {"y\n", 1},  {"Y\n", 1}, {"yes\n", 1}, {" Yes \n", 1}, {"YES\n", 1},
        {"\n", 0},   {"n\n", 0}, {"no\n", 0},  {"yess\n", 0},  {"yes no\n", 0},
        {"ye\n", 0}, {"j\n", 0}, {"\x04", 0},  {"y\x1b\n", 0}, {"true\n", 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        Result result = on_terminal(ask, cases[i].typed, 80, "xterm");

        if (result.status != cases[i].yes)
            fail_msg("case %zu gave %d", i, result.status);
        assert_true(g_str_has_prefix(result.output, "Apply\\x1b[2J? [y/N] "));
    }
}

static void a_long_answer_answers_one_question(void **state)
{
    g_autofree char *blanks = g_strnfill(62, ' ');
    g_autofree char *typed = g_strconcat(blanks, " y\nyes\n", NULL);
    Result result = on_terminal(ask_twice, typed, 80, "xterm");

    assert_int_equal(result.status, 2);
}

static int ask_a_pipe(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout);
    int ends[2];

    if (pipe(ends) < 0 || write(ends[1], "yes\n", 4) != 4 || dup2(ends[0], STDIN_FILENO) < 0)
        return 9;
    return vt_term_confirm(term, "Apply?", NULL) ? 1 : 0;
}

static void nobody_is_asked_without_a_terminal(void **state)
{
    Result result = on_terminal(ask_a_pipe, "yes\n", 80, "xterm");

    assert_int_equal(result.status, 0);
    assert_string_equal(result.output, "");
}

static int print_styles(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout);

    for (VtStyle style = VT_STYLE_NONE; style <= VT_STYLE_CYAN; style++)
        if ((*vt_term_style(term, style) != '\0') != (*vt_term_style(term, VT_STYLE_NONE) != '\0'))
            return 9;
    fprintf(vt_term_out(term), "%sx%s", vt_term_style(term, VT_STYLE_RED),
            vt_term_style(term, VT_STYLE_NONE));
    return vt_term_is_tty(term) ? 1 : 0;
}

static int print_styles_without_colour(void)
{
    g_setenv("NO_COLOR", "1", TRUE);
    return print_styles();
}

static int print_styles_with_empty_no_colour(void)
{
    g_setenv("NO_COLOR", "", TRUE);
    return print_styles();
}

static void colour_is_for_terminals_that_want_it(void **state)
{
    Result coloured = on_terminal(print_styles, "", 80, "xterm");
    Result dumb = on_terminal(print_styles, "", 80, "dumb");
    Result unset = on_terminal(print_styles, "", 80, "");
    Result refused = on_terminal(print_styles_without_colour, "", 80, "xterm");
    Result empty = on_terminal(print_styles_with_empty_no_colour, "", 80, "xterm");

    assert_int_equal(coloured.status, 1);
    assert_string_equal(coloured.output, "\033[31mx\033[0m");
    assert_string_equal(dumb.output, "x");
    assert_string_equal(unset.output, "x");
    assert_string_equal(refused.output, "x");
    assert_string_equal(empty.output, "\033[31mx\033[0m");
}

static int print_width(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout);

    return (int)vt_term_width(term);
}

static void width_is_the_terminals_within_reason(void **state)
{
    assert_int_equal(on_terminal(print_width, "", 100, "xterm").status, 100);
    assert_int_equal(on_terminal(print_width, "", 30, "xterm").status, 30);
    assert_int_equal(on_terminal(print_width, "", 20, "xterm").status, 24);
    assert_int_equal(on_terminal(print_width, "", 500, "xterm").status, 120);
    assert_int_equal(on_terminal(print_width, "", 0, "xterm").status, 80);
}

static void a_file_is_no_terminal(void **state)
{
    char *written = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&written, &length);
    VtTerm *term = vt_term_new(memory);

    assert_ptr_equal(vt_term_out(term), memory);
    assert_false(vt_term_is_tty(term));
    assert_int_equal(vt_term_width(term), 80);
    assert_string_equal(vt_term_style(term, VT_STYLE_RED), "");
    vt_term_free(term);
    fclose(memory);
    assert_int_equal(length, 0);
    free(written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_yes_is_yes),
        cmocka_unit_test(a_long_answer_answers_one_question),
        cmocka_unit_test(nobody_is_asked_without_a_terminal),
        cmocka_unit_test(colour_is_for_terminals_that_want_it),
        cmocka_unit_test(width_is_the_terminals_within_reason),
        cmocka_unit_test(a_file_is_no_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
