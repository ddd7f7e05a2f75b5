/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML report: whole sections word for word, hostile names, the order of a fleet, ids and
 * headings. */
#include "config.h"

#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "base/xml.h"
#include "model/profile-vcpu.h"
#include "report-fixture.h"
#include "report/report-rank.h"
#include "report/report-chart.h"
#include "vt-test.h"

/* What stands between the style sheet and the end: the style sheet changes with taste. */
static char *body_of(const char *page)
{
    const char *body = strstr(page, "</style>");

    assert_non_null(body);
    return g_strdup(body + strlen("</style>\n"));
}

/* libxml2 knows the elements of HTML 4 and takes the others as they come. */
static xmlDoc *parse(const char *page)
{
    xmlDoc *doc = htmlReadMemory(page, (int)strlen(page), "page", "UTF-8",
                                 HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);

    assert_non_null(doc);
    return doc;
}

static double evaluate(xmlDoc *doc, const char *expression)
{
    xmlXPathContext *context = xmlXPathNewContext(doc);
    xmlXPathObject *object = xmlXPathEval(BAD_CAST expression, context);
    double value;

    assert_non_null(object);
    value = xmlXPathCastToNumber(object);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
    return value;
}

#define assert_xpath(doc, expression, expected)                                                    \
    do {                                                                                           \
        double found_ = evaluate(doc, expression);                                                 \
                                                                                                   \
        if (fabs(found_ - (expected)) > 1e-9)                                                      \
            fail_msg("%s is %g", expression, found_);                                              \
    } while (0)

static void test_one_domain(void **state)
{
    g_autofree char *page =
        vt_report_fixture_write(&vt_report_html, 1, FALSE, "qemu:///system", TRUE);
    g_autofree char *body = body_of(page);

    vt_report_fixture_compare(body, "one.html");
}

static void test_page_needs_nothing_else(void **state)
{
    g_autofree char *page =
        vt_report_fixture_write(&vt_report_html, 3, TRUE, "qemu:///system", TRUE);
    g_autoptr(xmlDoc) doc = parse(page);

    assert_true(g_str_has_prefix(page, "<!DOCTYPE html>\n<html lang=\"en\">"));
    assert_non_null(strstr(page, "default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
    assert_xpath(doc, "count(//script)", 0);
    assert_xpath(doc, "count(//@*[starts-with(name(), 'on')])", 0);
    assert_xpath(doc, "count(//@src)", 0);
    assert_xpath(doc, "count(//@href[not(starts-with(., '#')) and . != 'data:,'])", 0);
    assert_xpath(doc, "count(//@href[starts-with(., '#')][not(id(substring(., 2)))])", 0);
    assert_xpath(doc, "count(//@aria-labelledby[not(contains(., ' '))][not(//@id = .)])", 0);
    assert_xpath(doc, "count(//*[@id][@id = preceding::*/@id])", 0);
    assert_xpath(doc, "count(//h1)", 1);
    assert_xpath(doc, "count(//h4[not(preceding::h3)])", 0);
    assert_null(strstr(page, "@import"));
    assert_null(strstr(page, "url("));
}

/* Pictures have words. */
static void test_charts_have_alternatives(void **state)
{
    g_autofree char *page = vt_report_fixture_write(&vt_report_html, 1, FALSE, NULL, TRUE);
    g_autoptr(xmlDoc) doc = parse(page);

    assert_true(evaluate(doc, "count(//svg[@role = 'img'])") >= 4);
    assert_xpath(doc, "count(//svg[@role = 'img'][not(title) or not(desc)])", 0);
    assert_xpath(doc, "count(//svg[@role = 'img']/title[not(contains(../@aria-labelledby, @id))])",
                 0);
    assert_xpath(doc, "count(//svg[not(@role) and not(@aria-hidden) and not(ancestor::svg)])", 0);
    assert_non_null(strstr(page, "mmio (emulated memory-mapped I/O): 30,959/s (66 %);"));
    assert_xpath(doc, "count(//details//th[code = 'exit.mmio'])", 1);
    /* HLT is apart, and last. */
    assert_xpath(
        doc, "count(//svg[g//rect[contains(@class, 'idle')]][g[last()]//rect[contains(@class, 'idle')]])",
        2);
    /* What a bar is has a place on a narrow page, too. */
    assert_xpath(doc, "count(//svg/g[text/tspan and not(text[@class = 'what below'])])", 0);
    assert_true(evaluate(doc, "count(//svg/g/text[@class = 'what below'])") >= 4);
}

/* Two domains, the first without advice, of which each has hostile texts wherever there can be
 * some. */
static char *write_hostile(const char *text)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_autoptr(VtHost) host = vt_host_new();
    VtReportContext context = {.uri = text, .host = host, .term = term};
    gpointer report;
    GString *page = g_string_new(NULL);

    g_ptr_array_add(host->notes, g_strdup(text));
    report = vt_report_html.begin(&context);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(VtDomain) domain = vt_domain_new(text, NULL);
        g_autoptr(VtProfile) profile = vt_profile_new();
        g_autoptr(GPtrArray) findings =
            g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
        VtFinding *finding = vt_finding_new(text);
        VtFindingChange *change = vt_finding_add_change(finding, "domain", "live");
        VtFindingChange *host_change = vt_finding_add_change(finding, "host", "live");

        domain->state = g_strdup(text);
        vt_profile_add_window(profile, 1000000000, 1);
        vt_profile_add_source(profile, text);
        vt_profile_note(profile, "%s", text);
        assert_true(vt_profile_finish(profile, NULL));
        finding->verdict = i ? VT_VERDICT_ADVISE : VT_VERDICT_BLOCKED;
        finding->title = g_strdup(text);
        finding->reason = g_strdup(text);
        finding->why = g_strdup(text);
        finding->risk = g_strdup(text);
        finding->device = g_strdup(text);
        finding->device_element = g_strdup(text);
        finding->now = g_strdup(text);
        finding->has_gain = TRUE;
        finding->gain.high_pct = 5;
        finding->gain_basis = g_strdup(text);
        change->diff = g_strdup_printf("--- a/%s\n+++ b/%s\n@@ -1 +1 @@ %s\n-%s\n+%s\n", text, text,
                                       text, text, text);
        change->text = g_strdup(text);
        host_change->error = g_strdup(text);
        g_ptr_array_add(host_change->commands, g_strdup(text));
        g_ptr_array_add(host_change->undo, g_strdup(text));
        g_ptr_array_add(findings, finding);
        vt_report_html.domain(report, &(VtReportDomain){.domain = domain, .profile = profile,
                                                        .note = text, .findings = findings});
    }
    assert_true(vt_report_html.end(report, NULL));
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        g_string_append_c(page, (char)c);
    fclose(file);
    return g_string_free(page, FALSE);
}

static void test_hostile_names(void **state)
{
    static const char *const texts[] = {
        "<script>alert(1)</script>",
        "\"onmouseover=\"alert(1)",
        "]]>",
        "--><img src=x onerror=alert(1)>",
        "</style></title><script>",
        "'><svg/onload=alert(1)>",
        "&lt;script&gt;",
        "&#60;script>",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *page = write_hostile(texts[i]);
        g_autoptr(xmlDoc) doc = parse(page);
        g_autofree char *quoted =
            g_strdup_printf("count(//h2[. = concat('%c', substring(\"%s\", 2))])", texts[i][0],
                            strchr(texts[i], '"') ? "" : texts[i]);

        assert_xpath(doc, "count(//script | //img)", 0);
        assert_xpath(doc, "count(//@*[starts-with(name(), 'on')])", 0);
        assert_xpath(doc, "count(//style)", 1);
        assert_xpath(doc, "count(//section)", 2);
        if (!strchr(texts[i], '"') && texts[i][0] != '\'')
            assert_xpath(doc, quoted, 2);
    }
}

/* Written in this order: fine, then one with advice. The page has the worse one first. */
static void test_fleet_is_sorted(void **state)
{
    g_autofree char *page = vt_report_fixture_write(&vt_report_html, 3, FALSE, NULL, FALSE);
    g_autofree char *hostile = write_hostile("d");
    g_autoptr(xmlDoc) doc = parse(page), two = parse(hostile);

    assert_xpath(doc, "count(//nav//tbody/tr)", 3);
    assert_xpath(doc, "count(//nav//tbody/tr[1]//a[. = 'web1' or starts-with(., 'ev')])", 1);
    assert_xpath(doc, "count(//nav//tbody/tr[3]//a[. = 'fine'])", 1);
    assert_xpath(doc, "count(//section)", 3);
    assert_xpath(two, "count(//section[1][@id = 'domain-2'])", 1);
    assert_xpath(two, "count(//section[1]//article)", 1);
    assert_xpath(two, "count(//section[2]//article)", 0);
    assert_non_null(strstr(page, "Nothing is known of the host"));
}

static void test_several_hosts(void **state)
{
    g_autofree char *page = vt_report_fixture_write_hosts(&vt_report_html);
    g_autoptr(xmlDoc) doc = parse(page);

    assert_xpath(doc, "count(//header//p[contains(., 'Nothing is known') or contains(., 'configuration')])", 0);
    assert_xpath(doc, "count(//section[contains(., 'web1')]/p[. = 'Host: qemu+ssh://a/system, Linux 6.1.0.'])", 1);
    assert_xpath(doc, "count(//section/p[starts-with(., 'Nothing is known of the host')])", 1);
    assert_xpath(doc, "count(//section[p[. = 'Host: qemu+ssh://b/system.']]"
                      "/p[starts-with(., 'Nothing is known of the host')])", 1);
    assert_xpath(doc, "count(//section/p[contains(., 'configuration cannot be read')])", 2);
    assert_non_null(strstr(page, "virt-tune -c qemu+ssh://a/system apply web1 "));
}

static void assert_rate(const VtReportRank *rank, const char *expected)
{
    g_autofree char *text = vt_report_rank_rate(rank, "≥ ", "none");

    assert_string_equal(text, expected);
}

/* A lower bound is one in the fleet as in the section of the domain. */
static void test_fleet_has_lower_bounds(void **state)
{
    g_autoptr(VtDomain) domain = vt_domain_new("d", NULL);
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autoptr(GPtrArray) findings = g_ptr_array_new();
    VtReportDomain entry = {.domain = domain, .profile = profile, .findings = findings};
    guint window = vt_profile_add_window(profile, G_GUINT64_CONSTANT(1000000000), 1);
    VtReportRank *rank;

    vt_profile_add(profile, window, "exits", "a", 1234);
    vt_profile_add(profile, window, "exit.hlt", "a", 0);
    assert_true(vt_profile_finish(profile, NULL));
    rank = vt_report_rank_new(&entry);
    assert_rate(rank, "1,234");
    vt_report_rank_free(rank);
    profile->exits_low = TRUE;
    rank = vt_report_rank_new(&entry);
    assert_rate(rank, "≥ 1,234");
    vt_report_rank_free(rank);
    entry.profile = NULL;
    rank = vt_report_rank_new(&entry);
    assert_rate(rank, "none");
    vt_report_rank_free(rank);
}

static char *page_of(const VtProfile *profile)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_autoptr(VtDomain) domain = vt_domain_new("d", NULL);
    g_autoptr(GPtrArray) findings = g_ptr_array_new();
    g_autoptr(GString) page = g_string_new(NULL);
    gpointer report = vt_report_html.begin(&(VtReportContext){.term = term});

    for (guint i = 0; i < 2; i++)
        vt_report_html.domain(report, &(VtReportDomain){.domain = domain,
                                                        .profile = profile,
                                                        .note = profile ? NULL : "Nothing was measured. N",
                                                        .findings = findings});
    assert_true(vt_report_html.end(report, NULL));
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        g_string_append_c(page, (char)c);
    fclose(file);
    return g_string_free(g_steal_pointer(&page), FALSE);
}

/* Not all exits are counted: their sum is no less than what is known of its parts. There is no
 * column of what nobody measured, and what is there is more than 0.0 %. */
static void test_figures(void **state)
{
    static const guint64 buckets[VT_HISTOGRAM_BUCKETS] = {[3] = 2};
    g_autoptr(VtProfile) profile = vt_profile_new();
    g_autofree char *low = NULL, *timed = NULL;
    g_autoptr(xmlDoc) doc = NULL, timed_doc = NULL;
    guint window = vt_profile_add_window(profile, G_GUINT64_CONSTANT(1000000000), 1);

    vt_profile_add(profile, window, "exits", "a", 18917);
    vt_profile_add(profile, window, "exit.hlt", "a", 9);
    vt_profile_add(profile, window, "mmio.0xfebc0008", "a", 28336);
    vt_profile_add(profile, window, "exit.cpuid", "a", 2);
    vt_profile_add(profile, window, "sched.run-delay-ns", "a", 250000000);
    assert_true(vt_profile_finish(profile, NULL));
    assert_true(profile->exits_low);
    low = page_of(profile);
    doc = parse(low);
    assert_xpath(doc, "count(//tr[th/code = 'exits'][td[2] = '≥ 28,345'][td[3] = ''])", 2);
    assert_xpath(doc, "count(//tr[th/code = 'exit.cpuid'][td[4] = '≤ 0.1 %'])", 2);
    assert_xpath(doc, "count(//tr[th/code = 'sched.run-delay-ns'][td[2] = '250 ms'][td[3] = '250 ms–250 ms'])", 2);
    assert_null(strstr(low, "99th percentile"));
    assert_null(strstr(low, "Of a vCPU"));
    profile->exits_low = FALSE;
    vt_profile_add_time(profile, "exit.cpuid", 1000);
    timed = page_of(profile);
    assert_non_null(strstr(timed, "Of a vCPU"));
    assert_null(strstr(timed, "99th percentile"));
    g_free(timed);
    vt_profile_add_histogram(profile, "exit.cpuid", buckets);
    timed = page_of(profile);
    assert_non_null(strstr(timed, "99th percentile"));
    timed_doc = parse(timed);
    assert_xpath(timed_doc, "count(//tr[th/code = 'exits'][td[2] = '18,917'])", 2);
    assert_xpath(timed_doc, "count(//tr[th/code = 'exit.cpuid'][td[4] = '< 0.1 %'])", 2);
}

/* A profile of a window of a second and @vcpus vCPUs. */
static VtProfile *second_of(guint vcpus)
{
    VtProfile *profile = vt_profile_new();

    vt_profile_add_window(profile, G_GUINT64_CONSTANT(1000000000), vcpus);
    return profile;
}

/* The worst vCPUs, wherever they are, and what the others come to. */
static void test_worst_vcpus(void **state)
{
    g_autoptr(VtProfile) profile = second_of(40);
    g_autofree char *page = NULL;
    g_autoptr(xmlDoc) doc = NULL;

    vt_profile_add(profile, 0, "exits", "a", 40 * 100 + 900);
    vt_profile_add(profile, 0, "exit.hlt", "a", 0);
    vt_profile_vcpu_add(profile, 0, "exit.hlt", "a", 0, 0);
    for (guint i = 0; i < 40; i++) {
        vt_profile_vcpu_number(profile, i);
        vt_profile_vcpu_add(profile, 0, "exits", "a", i, i == 37 ? 1000 : 100);
    }
    assert_true(vt_profile_finish(profile, NULL));
    page = page_of(profile);
    doc = parse(page);
    assert_xpath(doc, "count(//figure[figcaption = 'Exits by vCPU']//text[starts-with(., 'vCPU ')])", 2 * 32);
    assert_xpath(doc, "count(//figure[figcaption = 'Exits by vCPU']/svg/g[1]/text[. = 'vCPU 37'])", 2);
    assert_xpath(doc, "count(//figure[figcaption = 'Exits by vCPU']/svg/g[2]/text[. = 'vCPU 0'])", 2);
    assert_xpath(doc, "count(//figure/p[contains(., ' is 1,000. vCPUs that are not shown: 8, with 800/s together "
                      "and 100/s at most.')])", 2);
    profile->exits_low = TRUE;
    g_free(page);
    page = page_of(profile);
    assert_non_null(strstr(page, "≥ 1,000/s"));
}

/* What has no bar and no row of its own is one together; what takes no more room alone stays alone. */
static void test_rest(void **state)
{
    static const char *const families[] = {"exit.cpuid", "exit.cr-access", "exit.io", "exit.mmio", "exit.msr-read",
                                           "exit.msr-write", "exit.ept-violation", "exit.pause", "exit.rdtsc", "exit.hypercall"};
    g_autoptr(VtProfile) nine = second_of(1), ten = second_of(1);
    g_autofree char *nine_page = NULL, *ten_page = NULL;
    g_autoptr(xmlDoc) nine_doc = NULL, ten_doc = NULL;

    for (guint i = 0; i < 10; i++) {
        if (i < 9)
            vt_profile_add(nine, 0, families[i], "a", 1000 - i);
        vt_profile_add(ten, 0, families[i], "a", 1000 - i);
    }
    vt_profile_add(ten, 0, "exits", "a", 9955);
    vt_profile_add(ten, 0, "exit.hlt", "a", 0);
    for (guint i = 0; i < 150; i++) {
        g_autofree char *port = g_strdup_printf("pio.0x%x", 0x1000 + i);

        vt_profile_add(ten, 0, port, "a", 2);
    }
    vt_profile_add(ten, 0, "kvm.exits", "a", 7);
    assert_true(vt_profile_finish(nine, NULL) && vt_profile_finish(ten, NULL));
    nine_page = page_of(nine);
    nine_doc = parse(nine_page);
    assert_xpath(nine_doc, "count(//figure[figcaption = 'Exits by family']/svg/g)", 2 * 9);
    ten_page = page_of(ten);
    ten_doc = parse(ten_page);
    assert_xpath(ten_doc, "count(//figure[figcaption = 'Exits by family']/svg/g)", 2 * 9);
    assert_xpath(ten_doc, "count(//figure[figcaption = 'Exits by family']/svg/g[9]"
                          "[contains(., '2 more')][contains(., '1,983/s (20 %)')])", 2);
    assert_xpath(ten_doc, "count(//figure[figcaption = 'Ports']/svg/g[9][contains(., '142 more')]"
                          "[contains(., '284/s (3 %)')])", 2);
    assert_xpath(ten_doc, "count(//tr[starts-with(th/code, 'pio.')])", 2 * 100);
    assert_xpath(ten_doc, "count(//tr[th = 'pio: 50 more'][td[2] = '100'][count(td) = 4])", 2);
    assert_xpath(ten_doc, "count(//tr[th/code = 'kvm.exits'])", 2);
}

/* A bound is one at the bars as in the table and in the text. */
static void test_bounds(void **state)
{
    g_autoptr(VtProfile) profile = second_of(1);
    g_autofree char *page = NULL;
    g_autoptr(xmlDoc) doc = NULL;

    vt_profile_add(profile, 0, "exits", "a", 1000);
    vt_profile_add(profile, 0, "exit.hlt", "a", 0);
    vt_profile_add(profile, 0, "exit.io", "a", 300);
    vt_profile_add(profile, 0, "pio.0x1f7", "a", 330);
    vt_profile_add(profile, 0, "msr.write.0x80b", "a", 330);
    vt_profile_add(profile, 0, "mmio.0xfebc0008", "a", 340);
    vt_profile_add(profile, 0, "irq.24", "a", 598);
    profile->exits_low = profile->irqs_at_most = TRUE;
    assert_true(vt_profile_finish(profile, NULL));
    page = page_of(profile);
    doc = parse(page);
    assert_non_null(strstr(page, "300/s (≤ 30 %)"));
    assert_xpath(doc, "count(//text[. = '330/s (≤ 33 %)'])", 2 * 2);
    assert_xpath(doc, "count(//text[. = '340/s (≤ 34 %)'])", 2);
    assert_xpath(doc, "count(//text[. = '≤ 598/s'])", 2);
    assert_xpath(doc, "count(//tr[th/code = 'irq.24'][td[2] = '≤ 598'])", 2);
    assert_null(strstr(page, "all exits but HLT"));
    assert_xpath(doc, "count(//p[contains(., 'is 1,000, the exits but HLT that were counted: there are more.')])", 4 * 2);
}

/* Of what was not measured nobody can say that it needs no advice. */
static void test_not_measured(void **state)
{
    g_autofree char *page = page_of(NULL);
    g_autoptr(xmlDoc) doc = parse(page);

    assert_xpath(doc, "count(//*[@class = 'badge none'])", 0);
    assert_xpath(doc, "count(//*[@class = 'good'])", 0);
    assert_xpath(doc, "count(//*[@class = 'badge info'][. = 'not measured'])", 4);
    assert_xpath(doc, "count(//p[contains(., 'not measured: N')])", 2);
}

/* Half a report must not look like a whole one. */
static void test_full_temporary_file(void **state)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_autoptr(VtDomain) domain = vt_domain_new("d", NULL);
    g_autoptr(GPtrArray) findings = g_ptr_array_new();
    g_autoptr(GError) error = NULL;
    gpointer report = vt_report_html.begin(&(VtReportContext){.term = term});
    struct rlimit before, small;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1024;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (guint i = 0; i < 20; i++)
        vt_report_html.domain(report, &(VtReportDomain){.domain = domain, .findings = findings});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_false(vt_report_html.end(report, &error));
    assert_non_null(strstr(error->message, "temporary file: File too large"));
    assert_int_equal(ftell(file), 0);
    fclose(file);
}

/* A page has sections of the worst only, and links to those. */
static void test_many_domains(void **state)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    gpointer report = vt_report_html.begin(&(VtReportContext){.term = term});
    g_autoptr(GString) page = g_string_new(NULL);
    g_autoptr(xmlDoc) doc = NULL;

    for (guint i = 0; i < 600; i++) {
        g_autofree char *name = g_strdup_printf("d%u", i);
        g_autoptr(VtDomain) domain = vt_domain_new(name, NULL);
        g_autoptr(GPtrArray) findings =
            g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
        VtFinding *finding = vt_finding_new("rule");

        finding->verdict = VT_VERDICT_ADVISE;
        finding->has_gain = TRUE;
        finding->gain.high_pct = (double)(i * 7 % 600) / 6;
        g_ptr_array_add(findings, finding);
        vt_report_html.domain(report, &(VtReportDomain){.domain = domain, .findings = findings});
    }
    assert_true(vt_report_html.end(report, NULL));
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        g_string_append_c(page, (char)c);
    fclose(file);
    doc = parse(page->str);
    assert_xpath(doc, "count(//section)", 500);
    assert_xpath(doc, "count(//nav//tbody/tr)", 600);
    assert_xpath(doc, "count(//nav//tbody//a)", 500);
    assert_xpath(doc, "count(//nav//tbody/tr[1]//a[. = 'd257'])", 1); /* 257 * 7 % 600 = 599 */
    assert_xpath(doc, "count(//section[1]//h2[. = 'd257'])", 1);
    assert_xpath(doc, "count(//@href[starts-with(., '#')][not(id(substring(., 2)))])", 0);
    assert_non_null(strstr(page->str, "The first 500 of them have a section"));
}

static void test_no_domain(void **state)
{
    g_autofree char *page = vt_report_fixture_write(&vt_report_html, 0, FALSE, NULL, TRUE);

    assert_non_null(strstr(page, "There is no domain to report on."));
    assert_non_null(strstr(page, "</html>\n"));
}

/* Numbers that SVG reads have a point whatever the locale, and bars never leave the picture. */
static void test_chart_limits(void **state)
{
    static const double values[] = {0, 5, 2.5, NAN};
    const VtReportBar bars[] = {{.name = "a", .value = "1", .part = 1.7},
                                {.name = "b", .value = "2", .part = -1},
                                {.name = "c", .value = "3", .part = NAN, .idle = TRUE}};
    const VtReportLine line = {
        .caption = "c", .description = "d", .values = values, .n = 3, .duration_ns = 3000000000};
    FILE *file = tmpfile();
    VtHtml *html = vt_html_new(file);
    char text[16384] = "";

    vt_report_chart_bars(html, "caption", "scale", bars, G_N_ELEMENTS(bars));
    vt_report_chart_line(html, &line);
    assert_true(vt_html_free(html));
    rewind(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "width=\"100.00%\" height=\"8\" rx=\"4\"/>"));
    assert_non_null(strstr(text, "points=\"166.67,84.00 500.00,0.00 833.33,42.00\""));
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "-0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_domain),
        cmocka_unit_test(test_page_needs_nothing_else),
        cmocka_unit_test(test_charts_have_alternatives),
        cmocka_unit_test(test_several_hosts),
        cmocka_unit_test(test_hostile_names),
        cmocka_unit_test(test_fleet_is_sorted),
        cmocka_unit_test(test_fleet_has_lower_bounds),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_worst_vcpus),
        cmocka_unit_test(test_rest),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_not_measured),
        cmocka_unit_test(test_full_temporary_file),
        cmocka_unit_test(test_many_domains),
        cmocka_unit_test(test_no_domain),
        cmocka_unit_test(test_chart_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
