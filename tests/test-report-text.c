/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text report: whole reports word for word, colour on a terminal only, nothing that acts on a
 * terminal. */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "report-fixture.h"
#include "report/report-fleet.h"
#include "report/report-page.h"
#include "vt-test.h"

static char *write_text(guint domains, gboolean verbose, const char *uri, gboolean with_host)
{
    return vt_report_fixture_write(&vt_report_text, domains, verbose, uri, with_host);
}

static void test_one_domain(void **state)
{
    g_autofree char *text = write_text(1, FALSE, "qemu:///system", TRUE);

    vt_report_fixture_compare(text, "one.txt");
}

static void test_verbose(void **state)
{
    g_autofree char *text = write_text(1, TRUE, NULL, TRUE);

    vt_report_fixture_compare(text, "verbose.txt");
}

static void test_fleet(void **state)
{
    g_autofree char *text = write_text(3, FALSE, "qemu+ssh://a b/system", FALSE);

    vt_report_fixture_compare(text, "fleet.txt");
}

static void test_several_hosts(void **state)
{
    g_autofree char *text = vt_report_fixture_write_hosts(&vt_report_text);
    const char *second = strstr(text, "ev\\x1b"), *third = strstr(text, "fine ("), *unknown;

    assert_non_null(second);
    assert_non_null(third);
    assert_true(g_str_has_prefix(text, "web1"));
    assert_true(strstr(text, "  Host: qemu+ssh://a/system, Linux 6.1.0.\n  The kernel's") < second);
    assert_non_null(strstr(third, "  Host: Linux 6.1.0.\n  The kernel's"));
    unknown = strstr(text, "Nothing is known of the host");
    assert_true(unknown > strstr(text, "  Host: qemu+ssh://b/system.\n") && unknown > second && unknown < third);
    assert_null(strstr(unknown + 1, "Nothing is known of the host"));
    assert_non_null(strstr(text, "virt-tune -c qemu+ssh://a/system apply web1 "));
    assert_non_null(strstr(second, "virt-tune -c qemu+ssh://b/system apply "));
}

static void test_no_domain(void **state)
{
    g_autofree char *text = write_text(0, FALSE, NULL, TRUE);

    assert_non_null(strstr(text, "There is no domain to report on.\n"));
}

/* Names, notes and commands come from outside. */
static void test_nothing_acts_on_the_terminal(void **state)
{
    g_autofree char *text = write_text(3, TRUE, "qemu:///system", TRUE);

    for (const char *p = text; *p; p++)
        assert_true((guchar)*p >= 0x20 || *p == '\n');
    assert_true(g_utf8_validate(text, -1, NULL));
    assert_non_null(strstr(text, "ev\\x1b[31mil\\x0a\\xff"));
    /* The name cannot be typed, the UUID can. */
    assert_non_null(
        strstr(text, "virt-tune -c qemu:///system apply 11111111-2222-3333-4444-666666666666 "));
}

static void test_width(void **state)
{
    g_autofree char *text = write_text(3, TRUE, NULL, TRUE);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    /* 80 columns but for commands and diffs, which stay as they are, and words that are longer. */
    for (char **line = lines; *line; line++)
        if (vt_text_columns(*line) > 80 && !strstr(*line, "virt-tune "))
            fail_msg("longer than 80 columns: %s", *line);
}

/* The two ends of a pseudo terminal that is 100 columns wide. */
static FILE *open_terminal(int *ret_master)
{
    struct winsize size = {.ws_row = 25, .ws_col = 100};
    struct termios raw;
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        return NULL;
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave < 0 || tcgetattr(slave, &raw) < 0)
        return NULL;
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    ioctl(slave, TIOCSWINSZ, &size);
    *ret_master = master;
    return fdopen(slave, "w");
}

static void test_colour_on_a_terminal(void **state)
{
    static const char *const labels[] = {"Label", NULL};
    static const char expected[] =
        "  \033[1m--- a/x\033[0m\n  \033[1m+++ b/x\033[0m\n  \033[36m@@ -1 +1 @@\033[0m\n"
        "  \033[31m-old\033[0m\n  \033[32m+new\033[0m\n   same\n"
        " \033[2mLabel\033[0m  \033[33mtext\033[0m\n";
    char buffer[4096] = "";
    VtReportPage page;
    FILE *file;
    int master = -1;
    GPollFD fd = {.events = G_IO_IN};
    size_t length = 0;
    ssize_t n;

    assert_true(g_setenv("TERM", "xterm", TRUE));
    g_unsetenv("NO_COLOR");
    file = open_terminal(&master);
    if (!file) {
        print_message("no pseudo terminal is to be had here\n");
        skip();
        return;
    }
    fd.fd = master;
    {
        g_autoptr(VtTerm) term = vt_term_new(file);

        vt_report_page_init(&page, term, labels);
        assert_int_equal(page.width, 100);
        vt_report_page_diff(&page, 2, "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n");
        vt_report_page_field(&page, 1, "Label", VT_STYLE_YELLOW, "text");
    }
    /* The kernel hands it over in its own time, and may drop what is left when the terminal's end is closed first. */
    fflush(file);
    while (length < sizeof(expected) - 1 && g_poll(&fd, 1, 60 * 1000) == 1 &&
           (n = read(master, buffer + length, sizeof(buffer) - 1 - length)) > 0)
        length += (size_t)n;
    fclose(file);
    while ((n = read(master, buffer + length, sizeof(buffer) - 1 - length)) > 0)
        length += (size_t)n;
    close(master);
    assert_string_equal(buffer, expected);
}

static void test_page_hangs_and_continues(void **state)
{
    static const char *const labels[] = {"Long label", "Key", NULL};
    static const char words[] =
        "some words that are more than what fits into one line of eighty columns, so they wrap";
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    char buffer[1024] = "";
    VtReportPage page;

    vt_report_page_init(&page, term, labels);
    vt_report_page_paragraph(&page, 2, 4, VT_STYLE_RED, words);
    vt_report_page_field(&page, 2, "Key", VT_STYLE_NONE, words);
    vt_report_page_field(&page, 2, "", VT_STYLE_NONE, "");
    vt_report_page_verbatim(&page, 4, VT_STYLE_NONE, "one\n\ntwo\n");
    rewind(file);
    assert_true(fread(buffer, 1, sizeof(buffer) - 1, file) > 0);
    fclose(file);
    assert_string_equal(
        buffer, "  some words that are more than what fits into one line of eighty columns,\n"
                "      so they wrap\n"
                "  Key         some words that are more than what fits into one line of eighty\n"
                "              columns, so they wrap\n"
                "              \n"
                "    one\n    \n    two\n");
}

static void add_to_fleet(VtReportFleet *fleet, const char *name, double gain, VtSeverity severity)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
    g_autoptr(VtDomain) domain = vt_domain_new(name, NULL);
    VtFinding *finding = vt_finding_new("rule");

    finding->verdict = gain < 0 ? VT_VERDICT_QUIET : VT_VERDICT_ADVISE;
    finding->severity = severity;
    finding->has_gain = gain > 0;
    finding->gain.high_pct = gain;
    g_ptr_array_add(findings, finding);
    vt_report_fleet_add(fleet, &(VtReportDomain){.domain = domain, .findings = findings});
}

static void test_fleet_keeps_the_worst(void **state)
{
    g_autoptr(VtReportFleet) fleet = vt_report_fleet_new();
    g_autofree char *sentence = NULL, *table = NULL;
    g_auto(GStrv) lines = NULL;

    assert_null(vt_report_fleet_table(fleet, 80));
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *name = g_strdup_printf("d%u", i);

        add_to_fleet(fleet, name, i % 2 ? (double)(i * 7919 % 1000) / 10 : -1, VT_SEVERITY_LOW);
    }
    add_to_fleet(fleet, "severe", 0, VT_SEVERITY_HIGH);
    sentence = vt_report_fleet_sentence(fleet);
    assert_string_equal(
        sentence, "1001 domains: 501 with advice, 500 without. 1001 of them were not measured.");
    table = vt_report_fleet_table(fleet, 80);
    lines = g_strsplit(table, "\n", -1);
    assert_int_equal(g_strv_length(lines), 1 + VT_REPORT_FLEET_MAX + 1);
    assert_true(g_str_has_prefix(lines[0], "DOMAIN"));
    assert_true(g_str_has_prefix(lines[1], "d321 ")); /* 321 * 7919 % 1000 = 999 */
    assert_non_null(strstr(lines[1], " 99.9"));
    assert_null(strstr(table, "severe"));
}

static void test_fleet_without_gain(void **state)
{
    g_autoptr(VtReportFleet) fleet = vt_report_fleet_new();
    g_autofree char *table = NULL;

    add_to_fleet(fleet, "b", 0, VT_SEVERITY_LOW);
    add_to_fleet(fleet, "a", 0, VT_SEVERITY_LOW);
    add_to_fleet(fleet, "high", 0, VT_SEVERITY_HIGH);
    table = vt_report_fleet_table(fleet, 80);
    assert_true(strstr(table, "\nhigh ") < strstr(table, "\na "));
    assert_true(strstr(table, "\na ") < strstr(table, "\nb "));
}

static void test_formats(void **state)
{
    assert_ptr_equal(vt_report_format_find("text"), &vt_report_text);
    assert_ptr_equal(vt_report_format_find("json"), &vt_report_json);
    assert_ptr_equal(vt_report_format_find("html"), &vt_report_html);
    assert_null(vt_report_format_find("xml"));
    assert_null(vt_report_format_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_domain),
        cmocka_unit_test(test_verbose),
        cmocka_unit_test(test_fleet),
        cmocka_unit_test(test_several_hosts),
        cmocka_unit_test(test_no_domain),
        cmocka_unit_test(test_nothing_acts_on_the_terminal),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_colour_on_a_terminal),
        cmocka_unit_test(test_page_hangs_and_continues),
        cmocka_unit_test(test_fleet_keeps_the_worst),
        cmocka_unit_test(test_fleet_without_gain),
        cmocka_unit_test(test_formats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
