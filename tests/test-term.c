/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A terminal (a pseudo-terminal of the test's own) and the lack of one. */
#include "vt-test.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/term.h"

/* What runs in a child on the terminal; its result is the child's exit status. */
typedef int (*OnTerminal)(void);

typedef struct {
    int status;
    char output[4096];
} Result;

static void run_child(OnTerminal run, int slave, guint columns, const char *type)
{
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};

    ioctl(slave, TIOCSWINSZ, &size);
    dup2(slave, STDIN_FILENO);
    dup2(slave, STDOUT_FILENO);
    dup2(slave, STDERR_FILENO);
    setvbuf(stdout, NULL, _IONBF, 0);
    g_setenv("TERM", type, TRUE);
    _exit(run());
}

static int open_slave(int master)
{
    struct termios attributes;
    int slave;

    if (grantpt(master) < 0 || unlockpt(master) < 0)
        return -1;
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0 || tcgetattr(slave, &attributes) < 0)
        return -1;
    /* What is typed comes back only as the answer, and lines end as written. */
    attributes.c_lflag &= ~(tcflag_t)ECHO;
    attributes.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(slave, TCSANOW, &attributes);
    return slave;
}

/* Runs @run in a child whose three standard files are a terminal of @columns on which @typed is
 * typed. */
static Result on_terminal(OnTerminal run, const char *typed, guint columns, const char *type)
{
    Result result = {0};
    gsize used = 0;
    gssize n;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    int slave = master < 0 ? -1 : open_slave(master);
    int status;
    pid_t pid;

    assert_true(slave >= 0);
    fflush(NULL);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(master);
        run_child(run, slave, columns, type);
    }
    close(slave);
    assert_int_equal(write(master, typed, strlen(typed)), strlen(typed));
    /* EIO where the child has gone. */
    while (used < sizeof result.output - 1 &&
           (n = read(master, result.output + used, sizeof result.output - 1 - used)) > 0)
        used += (gsize)n;
    close(master);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    result.status = WEXITSTATUS(status);
    return result;
}

static int ask(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout, FALSE);

    return vt_term_confirm(term, "Apply\x1b[2J?", NULL) ? 1 : 0;
}

static int ask_twice(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout, FALSE);
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
    g_autoptr(VtTerm) term = vt_term_new(stdout, FALSE);
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
    g_autoptr(VtTerm) term = vt_term_new(stdout, FALSE);

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
    g_autoptr(VtTerm) term = vt_term_new(stdout, FALSE);

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

static int show_progress(void)
{
    VtTerm *term = vt_term_new(stdout, FALSE);

    vt_term_progress(term, NULL); /* nothing there yet */
    vt_term_progress(term, "%d of %s", 1, "2\x1b[2J\n");
    vt_term_progress(term, "2 of 2");
    vt_term_free(term);
    return 0;
}

static int show_long_progress(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout, FALSE);

    vt_term_progress(term, "123456漢字");
    vt_term_progress(term, NULL);
    vt_term_progress(term, NULL);
    return 0;
}

static int show_quiet_progress(void)
{
    g_autoptr(VtTerm) term = vt_term_new(stdout, TRUE);

    vt_term_progress(term, "1 of 2");
    return 0;
}

static void progress_is_one_line_that_goes(void **state)
{
    assert_string_equal(on_terminal(show_progress, "", 80, "xterm").output,
                        "\r\033[K1 of 2\\x1b[2J\\x0a\r\033[K2 of 2\r\033[K");
    /* The last column stays free: a cursor there would wrap. */
    assert_string_equal(on_terminal(show_long_progress, "", 9, "xterm").output,
                        "\r\033[K123456漢\r\033[K");
    assert_string_equal(on_terminal(show_quiet_progress, "", 80, "xterm").output, "");
    assert_string_equal(on_terminal(show_progress, "", 80, "dumb").output, "");
}

static void a_file_is_no_terminal(void **state)
{
    char *written = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&written, &length);
    VtTerm *term = vt_term_new(memory, FALSE);

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
        cmocka_unit_test(progress_is_one_line_that_goes),
        cmocka_unit_test(a_file_is_no_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
