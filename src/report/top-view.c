/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the live view: what is sorted, filtered, selected, and where a page is scrolled to. */
#include "config.h"

#include "report/top-view.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/report.h"
#include "report/table.h"

VtTopRow *vt_top_row_new(const VtDomain *domain, const VtProfileLast *last, int advice)
{
    VtTopRow *row = g_new0(VtTopRow, 1);

    row->uuid = g_strdup(domain->uuid);
    row->name = g_strdup(domain->name);
    row->id = domain->id;
    row->state = domain->active ? NULL : g_strdup(domain->state);
    row->vcpus = last ? last->vcpus : domain->vcpus;
    row->has_advice = advice >= 0;
    row->advice = (guint)MAX(advice, 0);
    if (!last)
        return row;
    row->has_exits = last->has_busy;
    row->exits_per_s = last->busy_per_s;
    row->at_least = last->at_least;
    row->has_hlt = last->has_hlt;
    row->hlt_per_s = last->hlt_per_s;
    row->has_time = last->has_time;
    row->time_pct = last->time_pct;
    row->worst = last->worst ? g_strdup(last->worst + strlen("exit.")) : NULL;
    return row;
}

void vt_top_row_free(VtTopRow *row)
{
    if (!row)
        return;
    g_free(row->uuid);
    g_free(row->name);
    g_free(row->worst);
    g_free(row->state);
    g_free(row);
}

static const char *const sort_names[VT_TOP_SORTS] = {
    [VT_TOP_EXITS] = "exits", [VT_TOP_TIME] = "time", [VT_TOP_ADVICE] = "advice",
    [VT_TOP_NAME] = "name",   [VT_TOP_ID] = "id",
};

const char *vt_top_sort_name(VtTopSort sort)
{
    return sort_names[sort];
}

gboolean vt_top_sort_parse(const char *name, VtTopSort *ret_sort)
{
    for (guint i = 0; i < VT_TOP_SORTS; i++)
        if (g_str_equal(name, sort_names[i])) {
            *ret_sort = i;
            return TRUE;
        }
    return FALSE;
}

static const VtTopColumn columns[VT_TOP_COLUMNS] = {
    {N_("ID"), 5, 5, TRUE, 4},         {N_("NAME"), 8, 0, FALSE, 0},  {N_("VCPUS"), 5, 5, TRUE, 2},
    {N_("EXITS/S"), 11, 11, TRUE, 6},  {N_("HLT/S"), 10, 10, TRUE, 1}, {N_("TIME"), 7, 7, TRUE, 3},
    {N_("MOST"), 10, 18, FALSE, 5},    {N_("ADVICE"), 6, 6, TRUE, 7},
};

const VtTopColumn *vt_top_columns(void)
{
    return columns;
}

/* What is not known of a domain that does not run is nothing to wait for. */
static char *cell_unknown(const VtTopRow *row)
{
    return g_strdup(row->state ? "-" : "?");
}

static char *cell_rate(const VtTopRow *row, gboolean known, gboolean at_least, double rate)
{
    g_autofree char *count = known ? vt_text_format_count(rate) : NULL;

    return count ? g_strconcat(at_least ? vt_table_glyph("≥ ", ">= ") : "", count, NULL) : cell_unknown(row);
}

char **vt_top_row_cells(const VtTopRow *row)
{
    char **cells = g_new0(char *, VT_TOP_COLUMNS + 1);
    char **cell = cells;

    *cell++ = row->id >= 0 ? g_strdup_printf("%d", row->id) : g_strdup("-");
    *cell++ = vt_text_printable(row->name, FALSE);
    *cell++ = row->vcpus > 0 ? g_strdup_printf("%u", row->vcpus) : g_strdup("?");
    *cell++ = cell_rate(row, row->has_exits, row->at_least, row->exits_per_s);
    *cell++ = cell_rate(row, row->has_hlt, FALSE, row->hlt_per_s);
    *cell++ = row->has_time ? g_strdup_printf("%.1f %%", row->time_pct) : cell_unknown(row);
    *cell++ = row->state ? g_strdup_printf("(%s)", row->state) : g_strdup(row->worst ? row->worst : "-");
    *cell++ = !row->has_advice ? cell_unknown(row) : row->advice ? g_strdup_printf("%u", row->advice) : g_strdup("-");
    return cells;
}

VtTopView *vt_top_view_new(void)
{
    VtTopView *view = g_new0(VtTopView, 1);

    view->filter = g_string_new(NULL);
    view->rows = g_ptr_array_new_with_free_func((GDestroyNotify)vt_top_row_free);
    view->shown = g_ptr_array_new();
    view->height = 1;
    return view;
}

void vt_top_view_free(VtTopView *view)
{
    if (!view)
        return;
    g_string_free(view->filter, TRUE);
    g_free(view->selected);
    g_ptr_array_unref(view->shown);
    g_ptr_array_unref(view->rows);
    g_strfreev(view->lines);
    g_free(view);
}

/* The largest first; what is not known comes last. */
static int by_number(gboolean a_known, double a, gboolean b_known, double b)
{
    if (a_known != b_known)
        return a_known ? -1 : 1;
    return (a < b) - (a > b);
}

static int compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
    const VtTopRow *left = *(const VtTopRow *const *)a, *right = *(const VtTopRow *const *)b;
    const VtTopView *view = data;
    int order = 0;

    switch (view->sort) {
    case VT_TOP_EXITS:
        order = by_number(left->has_exits, left->exits_per_s, right->has_exits, right->exits_per_s);
        break;
    case VT_TOP_TIME:
        order = by_number(left->has_time, left->time_pct, right->has_time, right->time_pct);
        break;
    case VT_TOP_ADVICE:
        order = by_number(left->has_advice, left->advice, right->has_advice, right->advice);
        break;
    case VT_TOP_ID:
        order = (left->id > right->id) - (left->id < right->id);
        break;
    default:
        break;
    }
    if (order == 0)
        order = strcmp(left->name, right->name);
    return view->reverse ? -order : order;
}

static gboolean matches(const VtTopRow *row, const char *filter)
{
    g_autofree char *name = g_utf8_casefold(row->name, -1);
    g_autofree char *part = g_utf8_casefold(filter, -1);

    return strstr(name, part) != NULL;
}

guint vt_top_view_position(const VtTopView *view)
{
    for (guint i = 0; i < view->shown->len; i++)
        if (g_strcmp0(((const VtTopRow *)view->shown->pdata[i])->uuid, view->selected) == 0)
            return i;
    return 0;
}

static void select_at(VtTopView *view, guint position)
{
    g_clear_pointer(&view->selected, g_free);
    if (view->shown->len > 0)
        view->selected =
            g_strdup(((const VtTopRow *)view->shown->pdata[MIN(position, view->shown->len - 1)])->uuid);
}

static guint length_of_page(const VtTopView *view)
{
    return view->page == VT_TOP_LIST ? view->shown->len : view->lines ? g_strv_length(view->lines) : 0;
}

/* The page shows as much as it can, and of the list the selected domain. */
static void scroll(VtTopView *view)
{
    guint length = length_of_page(view), most = length > view->height ? length - view->height : 0;

    if (view->page == VT_TOP_LIST) {
        guint position = vt_top_view_position(view);

        if (position < view->first)
            view->first = position;
        if (position >= view->first + view->height)
            view->first = position - view->height + 1;
    }
    view->first = MIN(view->first, most);
}

/* @position: where the selection goes if its domain is not shown any more. */
static void arrange(VtTopView *view, guint position)
{
    gboolean there = FALSE;

    g_ptr_array_set_size(view->shown, 0);
    for (guint i = 0; i < view->rows->len; i++) {
        VtTopRow *row = view->rows->pdata[i];

        if (view->filter->len == 0 || matches(row, view->filter->str))
            g_ptr_array_add(view->shown, row);
    }
    g_ptr_array_sort_with_data(view->shown, compare_rows, view);
    for (guint i = 0; i < view->shown->len; i++)
        there = there || g_strcmp0(((const VtTopRow *)view->shown->pdata[i])->uuid, view->selected) == 0;
    /* A page about a domain stays with it, also while the list lacks it. */
    if (!there && view->page == VT_TOP_LIST)
        select_at(view, position);
    scroll(view);
}

void vt_top_view_set_rows(VtTopView *view, GPtrArray *rows)
{
    guint position = vt_top_view_position(view);

    g_ptr_array_set_size(view->shown, 0);
    g_ptr_array_unref(view->rows);
    view->rows = rows;
    /* Until somebody has chosen a domain, it is the first one. */
    if (!view->chosen && view->page == VT_TOP_LIST)
        g_clear_pointer(&view->selected, g_free);
    arrange(view, position);
}

void vt_top_view_set_text(VtTopView *view, const char *text)
{
    g_strfreev(view->lines);
    view->lines = g_strsplit(text, "\n", -1);
    scroll(view);
}

void vt_top_view_set_height(VtTopView *view, guint height)
{
    view->height = MAX(height, 1);
    scroll(view);
}

static void move(VtTopView *view, gint64 by)
{
    gint64 from = view->page == VT_TOP_LIST ? vt_top_view_position(view) : view->first;
    gint64 to = CLAMP(from + by, 0, (gint64)length_of_page(view));

    if (view->page == VT_TOP_LIST) {
        select_at(view, (guint)to);
        view->chosen = TRUE;
    } else {
        view->first = (guint)to;
    }
    scroll(view);
}

static VtTopAction open_page(VtTopView *view, VtTopPage page)
{
    if (page != VT_TOP_HELP && !view->selected)
        return VT_TOP_STAY;
    view->chosen = view->chosen || page != VT_TOP_HELP;
    if (page == VT_TOP_HELP && view->page != VT_TOP_HELP) {
        view->under = view->page;
        view->under_first = view->first;
    }
    view->page = page;
    view->first = 0;
    g_clear_pointer(&view->lines, g_strfreev);
    return VT_TOP_TEXT;
}

/* From help back to where it was opened, from another page to the list, there to no filter. */
static VtTopAction go_back(VtTopView *view)
{
    if (view->page == VT_TOP_HELP && view->under != VT_TOP_LIST) {
        open_page(view, view->under);
        view->first = view->under_first;
        return VT_TOP_TEXT;
    }
    if (view->page == VT_TOP_LIST)
        g_string_truncate(view->filter, 0);
    view->page = VT_TOP_LIST;
    view->first = 0;
    arrange(view, vt_top_view_position(view));
    return VT_TOP_STAY;
}

static void edit(VtTopView *view, guint key)
{
    switch (key) {
    case VT_TOP_KEY_ENTER:
        view->editing = FALSE;
        return;
    case VT_TOP_KEY_ESCAPE:
        view->editing = FALSE;
        g_string_truncate(view->filter, 0);
        break;
    case VT_TOP_KEY_BACKSPACE:
        if (view->filter->len > 0)
            g_string_truncate(view->filter,
                              (gsize)(g_utf8_prev_char(view->filter->str + view->filter->len) - view->filter->str));
        break;
    default:
        if (key < VT_TOP_KEY_UP && g_unichar_isprint(key))
            g_string_append_unichar(view->filter, key);
        break;
    }
    arrange(view, 0);
}

static VtTopAction list_key(VtTopView *view, guint key)
{
    switch (key) {
    case VT_TOP_KEY_ENTER:
        return open_page(view, VT_TOP_DOMAIN);
    case 's':
        view->sort = (view->sort + 1) % VT_TOP_SORTS;
        break;
    case 'r':
        view->reverse = !view->reverse;
        break;
    case '/':
        view->editing = TRUE;
        return VT_TOP_STAY;
    default:
        return VT_TOP_STAY;
    }
    view->first = 0;
    view->chosen = FALSE;
    g_clear_pointer(&view->selected, g_free);
    arrange(view, 0);
    return VT_TOP_STAY;
}

VtTopAction vt_top_view_key(VtTopView *view, guint key)
{
    if (view->editing) {
        edit(view, key);
        return VT_TOP_STAY;
    }
    switch (key) {
    case 'q':
        if (view->page == VT_TOP_LIST)
            return VT_TOP_QUIT;
        return go_back(view);
    case VT_TOP_KEY_ESCAPE:
    case VT_TOP_KEY_BACKSPACE:
        return go_back(view);
    case VT_TOP_KEY_UP:
    case 'k':
        move(view, -1);
        break;
    case VT_TOP_KEY_DOWN:
    case 'j':
        move(view, 1);
        break;
    case VT_TOP_KEY_PAGE_UP:
        move(view, -(gint64)view->height);
        break;
    case VT_TOP_KEY_PAGE_DOWN:
    case ' ':
        move(view, view->height);
        break;
    case VT_TOP_KEY_HOME:
    case 'g':
        move(view, G_MININT32);
        break;
    case VT_TOP_KEY_END:
    case 'G':
        move(view, G_MAXINT32);
        break;
    case 'a':
        return open_page(view, VT_TOP_REPORT);
    case '?':
    case 'h':
        return open_page(view, VT_TOP_HELP);
    default:
        return view->page == VT_TOP_LIST ? list_key(view, key) : VT_TOP_STAY;
    }
    return VT_TOP_STAY;
}
