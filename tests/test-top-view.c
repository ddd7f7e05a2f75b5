/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vt-test.h"

#include <locale.h>
#include <string.h>

#include "model/profile-join.h"
#include "report/profile-table.h"
#include "report/top-view.h"
#include "source/native.h"

static VtTopRow *row(const char *name, int id, double exits, double time, int advice)
{
    VtTopRow *self = g_new0(VtTopRow, 1);

    self->uuid = g_strconcat("uuid of ", name, NULL);
    self->name = g_strdup(name);
    self->id = id;
    self->vcpus = 1;
    self->has_exits = exits >= 0;
    self->exits_per_s = exits;
    self->has_time = time >= 0;
    self->time_pct = time;
    self->has_advice = advice >= 0;
    self->advice = (guint)MAX(advice, 0);
    return self;
}

static GPtrArray *some_rows(void)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)vt_top_row_free);

    g_ptr_array_add(rows, row("mail", 3, 100, 5, 0));
    g_ptr_array_add(rows, row("Web", 1, 30000, -1, 2));
    g_ptr_array_add(rows, row("db", 2, -1, 7, -1));
    g_ptr_array_add(rows, row("web2", 4, 30000, 1, 3));
    return rows;
}

/* "Web web2 …" as they stand in the list. */
static void assert_shown(const VtTopView *view, const char *names)
{
    g_autoptr(GString) shown = g_string_new(NULL);

    for (guint i = 0; i < view->shown->len; i++)
        g_string_append_printf(shown, "%s%s", i ? " " : "", ((const VtTopRow *)view->shown->pdata[i])->name);
    assert_string_equal(shown->str, names);
}

static void assert_selected(const VtTopView *view, const char *name)
{
    g_autofree char *uuid = name ? g_strconcat("uuid of ", name, NULL) : NULL;

    assert_true(g_strcmp0(view->selected, uuid) == 0);
}

static void type(VtTopView *view, const char *text)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        assert_int_equal(vt_top_view_key(view, g_utf8_get_char(p)), VT_TOP_STAY);
}

static VtTopView *new_view(guint height)
{
    VtTopView *view = vt_top_view_new();

    vt_top_view_set_height(view, height);
    vt_top_view_set_rows(view, some_rows());
    return view;
}

/* What is not known is no zero: it comes last. */
static void test_sort(void **state)
{
    g_autoptr(VtTopView) view = new_view(10);

    assert_shown(view, "Web web2 mail db");
    type(view, "s");
    assert_shown(view, "db mail web2 Web");
    type(view, "s");
    assert_shown(view, "web2 Web mail db");
    type(view, "s");
    assert_shown(view, "Web db mail web2");
    type(view, "s");
    assert_shown(view, "Web db mail web2");
    type(view, "r");
    assert_shown(view, "web2 mail db Web");
    type(view, "rs");
    assert_shown(view, "Web web2 mail db");
}

static void test_sort_names(void **state)
{
    VtTopSort sort = VT_TOP_SORTS;

    for (VtTopSort i = 0; i < VT_TOP_SORTS; i++) {
        assert_true(vt_top_sort_parse(vt_top_sort_name(i), &sort));
        assert_int_equal(sort, i);
    }
    assert_false(vt_top_sort_parse("Exits", &sort));
    assert_false(vt_top_sort_parse("", &sort));
}

static void test_filter(void **state)
{
    g_autoptr(VtTopView) view = new_view(10);

    type(view, "/WEBx");
    assert_shown(view, "");
    assert_selected(view, NULL);
    vt_top_view_key(view, VT_TOP_KEY_BACKSPACE);
    assert_shown(view, "Web web2");
    assert_selected(view, "Web");
    vt_top_view_key(view, VT_TOP_KEY_ENTER);
    assert_false(view->editing);
    vt_top_view_set_rows(view, some_rows());
    assert_shown(view, "Web web2");
    /* Further keys are no part of it. */
    type(view, "j");
    assert_selected(view, "web2");
    vt_top_view_key(view, VT_TOP_KEY_ESCAPE);
    assert_shown(view, "Web web2 mail db");
    assert_selected(view, "web2");
    type(view, "/äö");
    vt_top_view_key(view, VT_TOP_KEY_BACKSPACE);
    assert_string_equal(view->filter->str, "ä");
    vt_top_view_key(view, VT_TOP_KEY_BACKSPACE);
    vt_top_view_key(view, VT_TOP_KEY_BACKSPACE);
    vt_top_view_key(view, VT_TOP_KEY_UP);
    assert_string_equal(view->filter->str, "");
    vt_top_view_key(view, VT_TOP_KEY_ESCAPE);
    assert_false(view->editing);
}

/* Until somebody chooses, the first is selected; afterwards the domain stays, wherever it moves to. */
static void test_selection(void **state)
{
    g_autoptr(VtTopView) view = new_view(10);
    GPtrArray *rows;

    assert_selected(view, "Web");
    rows = some_rows();
    g_ptr_array_add(rows, row("new", 9, 1e6, 1, 1));
    vt_top_view_set_rows(view, rows);
    assert_selected(view, "new");
    type(view, "jj");
    assert_selected(view, "web2");
    rows = some_rows();
    ((VtTopRow *)rows->pdata[3])->exits_per_s = 1;
    vt_top_view_set_rows(view, rows);
    assert_shown(view, "Web mail web2 db");
    assert_selected(view, "web2");
    /* It has gone: the one that takes its place. */
    rows = some_rows();
    g_ptr_array_remove_index(rows, 3);
    vt_top_view_set_rows(view, rows);
    assert_selected(view, "db");
    vt_top_view_set_rows(view, g_ptr_array_new());
    assert_selected(view, NULL);
    assert_int_equal(vt_top_view_key(view, VT_TOP_KEY_ENTER), VT_TOP_STAY);
    assert_int_equal(view->page, VT_TOP_LIST);
}

static void test_scrolling(void **state)
{
    g_autoptr(VtTopView) view = new_view(2);

    vt_top_view_key(view, VT_TOP_KEY_DOWN);
    assert_int_equal(view->first, 0);
    vt_top_view_key(view, VT_TOP_KEY_DOWN);
    assert_int_equal(view->first, 1);
    vt_top_view_key(view, VT_TOP_KEY_PAGE_DOWN);
    assert_selected(view, "db");
    assert_int_equal(view->first, 2);
    vt_top_view_key(view, VT_TOP_KEY_UP);
    assert_int_equal(view->first, 2);
    vt_top_view_set_height(view, 4);
    assert_int_equal(view->first, 0);
    vt_top_view_key(view, VT_TOP_KEY_HOME);
    vt_top_view_key(view, VT_TOP_KEY_UP);
    assert_selected(view, "Web");
    vt_top_view_key(view, VT_TOP_KEY_END);
    assert_selected(view, "db");
    vt_top_view_set_height(view, 0);
    assert_int_equal(view->height, 1);
    assert_int_equal(view->first, 3);
}

static void test_pages(void **state)
{
    g_autoptr(VtTopView) view = new_view(3);

    assert_int_equal(vt_top_view_key(view, VT_TOP_KEY_ENTER), VT_TOP_TEXT);
    assert_int_equal(view->page, VT_TOP_DOMAIN);
    vt_top_view_set_text(view, "1\n2\n3\n4\n5");
    vt_top_view_key(view, VT_TOP_KEY_END);
    assert_int_equal(view->first, 2);
    vt_top_view_key(view, VT_TOP_KEY_DOWN);
    assert_int_equal(view->first, 2);
    /* The text is written anew and shorter; the domain may be gone from the list. */
    vt_top_view_set_text(view, "1\n2");
    assert_int_equal(view->first, 0);
    vt_top_view_set_rows(view, g_ptr_array_new());
    assert_selected(view, "Web");
    assert_int_equal(vt_top_view_key(view, 'a'), VT_TOP_TEXT);
    assert_int_equal(view->page, VT_TOP_REPORT);
    assert_null(view->lines);
    assert_int_equal(vt_top_view_key(view, '?'), VT_TOP_TEXT);
    assert_int_equal(view->page, VT_TOP_HELP);
    assert_int_equal(vt_top_view_key(view, 's'), VT_TOP_STAY);
    assert_int_equal(view->sort, VT_TOP_EXITS);
    assert_int_equal(vt_top_view_key(view, 'q'), VT_TOP_TEXT);
    assert_int_equal(view->page, VT_TOP_REPORT);
    assert_int_equal(vt_top_view_key(view, 'q'), VT_TOP_STAY);
    assert_int_equal(view->page, VT_TOP_LIST);
    assert_selected(view, NULL);
    assert_int_equal(vt_top_view_key(view, 'q'), VT_TOP_QUIT);
}

/* Help is closed to where it was opened, and asked for twice it is still one. */
static void test_help(void **state)
{
    g_autoptr(VtTopView) view = new_view(3);

    assert_int_equal(vt_top_view_key(view, '?'), VT_TOP_TEXT);
    assert_int_equal(vt_top_view_key(view, 'q'), VT_TOP_STAY);
    assert_int_equal(view->page, VT_TOP_LIST);
    assert_false(view->chosen);
    vt_top_view_key(view, VT_TOP_KEY_ENTER);
    vt_top_view_set_text(view, "1\n2\n3\n4\n5");
    type(view, "jj");
    assert_int_equal(vt_top_view_key(view, '?'), VT_TOP_TEXT);
    vt_top_view_set_text(view, "1\n2\n3\n4");
    assert_int_equal(view->first, 0);
    type(view, "j");
    assert_int_equal(vt_top_view_key(view, 'h'), VT_TOP_TEXT);
    assert_int_equal(vt_top_view_key(view, VT_TOP_KEY_ESCAPE), VT_TOP_TEXT);
    assert_int_equal(view->page, VT_TOP_DOMAIN);
    assert_null(view->lines);
    vt_top_view_set_text(view, "1\n2\n3\n4\n5");
    assert_int_equal(view->first, 2);
    assert_selected(view, "Web");
    assert_int_equal(vt_top_view_key(view, 'q'), VT_TOP_STAY);
    assert_int_equal(view->page, VT_TOP_LIST);
}

static void assert_cells(const VtTopRow *self, const char *expected)
{
    g_auto(GStrv) cells = vt_top_row_cells(self);
    g_autofree char *all = g_strjoinv("|", cells);

    assert_int_equal(g_strv_length(cells), VT_TOP_COLUMNS);
    assert_string_equal(all, expected);
}

static void test_cells(void **state)
{
    g_autoptr(VtDomain) domain = vt_domain_new("a\x1b[2J", "u");
    g_autoptr(VtProfile) profile = vt_profile_new();
    guint window = vt_profile_add_window(profile, G_GUINT64_CONSTANT(2000000000), 2);
    VtProfileLast last;
    VtTopRow *self;

    domain->id = -1;
    domain->vcpus = 4;
    self = vt_top_row_new(domain, NULL, -1);
    assert_cells(self, "-|a\\x1b[2J|4|?|?|?|-|?");
    vt_top_row_free(self);
    domain->vcpus = 0;
    domain->state = g_strdup("shut off");
    self = vt_top_row_new(domain, NULL, -1);
    assert_cells(self, "-|a\\x1b[2J|?|-|-|-|(shut off)|-");
    vt_top_row_free(self);
    domain->active = TRUE;

    domain->id = 12;
    vt_profile_add(profile, window, "exits", "a", 5000);
    vt_profile_add(profile, window, "exit.hlt", "a", 1000);
    vt_profile_add(profile, window, "exit.mmio", "a", 3000);
    vt_profile_add(profile, window, "exit.cpuid", "a", 0);
    vt_profile_add_time(profile, "exit.mmio", 400000000);
    vt_profile_add_time(profile, "exit.hlt", 3000000000);
    vt_profile_last(profile, &last);
    self = vt_top_row_new(domain, &last, 0);
    assert_cells(self, "12|a\\x1b[2J|2|2,000|500|10.0 %|mmio|-");
    vt_top_row_free(self);
    last.at_least = TRUE;
    self = vt_top_row_new(domain, &last, 3);
    setlocale(LC_ALL, "C.UTF-8");
    assert_cells(self, "12|a\\x1b[2J|2|≥ 2,000|500|10.0 %|mmio|3");
    setlocale(LC_ALL, "C");
    assert_cells(self, "12|a\\x1b[2J|2|>= 2,000|500|10.0 %|mmio|3");
    vt_top_row_free(self);
    vt_profile_last_clear(&last);
}

#define COLUMNS 72
#define LINES 20

/* The page of a domain, as the view makes it, of what the BPF source counted in two stretches. */
static char *page_of_recorded_domain(void)
{
    const VtProfileTableOptions options = {.limit = 10, .vcpus = TRUE, .histograms = TRUE};
    g_autofree char *path = vt_test_src("tests/golden/sample-vcpu/profile.json");
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func((GDestroyNotify)vt_profile_unref);
    g_autoptr(VtProfile) profile = NULL;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    VtTerm *term = vt_term_new(out);

    for (guint i = 0; i < 2; i++)
        g_ptr_array_add(parts, vt_native_load(path, NULL));
    profile = vt_profile_join(parts, TRUE);
    vt_term_set_width(term, COLUMNS);
    vt_profile_table_print(term, "web01", profile, NULL, &options);
    vt_term_free(term);
    fclose(out);
    return text;
}

/* The end of that page has the histograms, those of each vCPU too, with bars that fit. */
static void test_histograms(void **state)
{
    g_autoptr(VtTopView) view = vt_top_view_new();
    g_autofree char *text = NULL;
    guint bars = 0, vcpus = 0;

    setlocale(LC_ALL, "C.UTF-8");
    text = page_of_recorded_domain();
    vt_top_view_set_rows(view, some_rows());
    vt_top_view_set_height(view, LINES);
    assert_int_equal(vt_top_view_key(view, VT_TOP_KEY_ENTER), VT_TOP_TEXT);
    vt_top_view_set_text(view, text);
    assert_true(g_str_has_prefix(view->lines[view->first], "web01: 6 s in 6 windows by bpf"));
    assert_int_equal(vt_top_view_key(view, 'G'), VT_TOP_STAY);
    assert_int_equal(view->first, g_strv_length(view->lines) - LINES);
    for (guint i = view->first; view->lines[i]; i++) {
        assert_true(g_utf8_strlen(view->lines[i], -1) <= COLUMNS);
        bars += view->lines[i][0] == '[' && strstr(view->lines[i], "|█") != NULL;
        vcpus += strstr(view->lines[i], " of vCPU ") != NULL;
    }
    assert_true(bars >= 2);
    assert_true(vcpus >= 1);
    /* 20,250 of them in three seconds, and as many again. */
    assert_non_null(strstr(text, "exit.io: ns out of the guest (mean "));
    assert_non_null(strstr(text, "[4K, 8K)             40,500 |█"));
    assert_null(strstr(text, "No times of single exits"));
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sort),      cmocka_unit_test(test_sort_names), cmocka_unit_test(test_filter),
        cmocka_unit_test(test_selection), cmocka_unit_test(test_scrolling),  cmocka_unit_test(test_pages),
        cmocka_unit_test(test_help),      cmocka_unit_test(test_cells),      cmocka_unit_test(test_histograms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
