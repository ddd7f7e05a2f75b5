/* SPDX-License-Identifier: GPL-2.0-or-later */
/* top: the domains that leave guest mode most, as it happens. */
#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/progress.h"
#include "base/text.h"
#include "cmd/acquire.h"
#include "cmd/acquire-rules.h"
#include "cmd/top-sampling.h"
#include "report/table.h"
#ifdef HAVE_NCURSES
#include "report/top-layout.h"
#include "report/top-screen.h"
#endif

#define DELAY_MIN_NS (100 * G_GUINT64_CONSTANT(1000000))

static struct {
    guint64 delay_ns;
    int iterations; /* 0: without an end */
    gboolean batch;
    char *sort;
} opt;

static gboolean parse_delay(const char *option, const char *value, gpointer data, GError **error)
{
    if (!vt_acquire_parse_time(option, value, &opt.delay_ns, error))
        return FALSE;
    if (opt.delay_ns >= DELAY_MIN_NS)
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("%s %s: at least 100ms"), option, value);
    return FALSE;
}

static const GOptionEntry entries[] = {
    {"delay", 'd', 0, G_OPTION_ARG_CALLBACK, (gpointer)parse_delay, N_("time between updates (1s)"), "TIME"},
    {"iterations", 'n', 0, G_OPTION_ARG_INT, &opt.iterations, N_("end after so many updates"), "NUMBER"},
    {"batch", 'b', 0, G_OPTION_ARG_NONE, &opt.batch, N_("print the updates one after the other"), NULL},
    {"sort", 0, 0, G_OPTION_ARG_STRING, &opt.sort, N_("what comes first"), "exits|time|advice|name|id"},
    {"source", 0, 0, G_OPTION_ARG_STRING, &vt_acquire_options.source,
     N_("where exits are read: auto, or a source's name"), "NAME"},
    G_OPTION_ENTRY_NULL,
};

/* The view and what feeds it. */
typedef struct {
    VtApp *app;
    VtTopSampling *sampling;
    VtTopView *view;
    char *lost; /* why there is no connection; NULL */
    gint64 next_us;
} Top;

static char *head_line(const Top *top)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *clock = now ? g_date_time_format(now, "%H:%M:%S") : g_strdup("");
    g_autofree char *delay = vt_text_format_duration(opt.delay_ns);
    const char *uri = vt_top_sampling_uri(top->sampling);

    return g_strdup_printf(
        g_dngettext(GETTEXT_PACKAGE, "virt-tune top  %s  %u domain  every %s  by %s  %s",
                    "virt-tune top  %s  %u domains  every %s  by %s  %s", top->view->rows->len),
        clock, top->view->rows->len, delay, vt_top_sort_name(top->view->sort), uri ? uri : "-");
}

/* Ends a window, or tries to connect again. */
static void update(Top *top)
{
    g_autoptr(GError) error = NULL;

    g_clear_pointer(&top->lost, g_free);
    vt_top_sampling_follow(top->sampling, opt.batch ? NULL : top->view->selected);
    if (!vt_top_sampling_step(top->sampling, &error))
        top->lost = g_strdup_printf(_("Nothing is measured, trying again: %s"), error->message);
    vt_top_view_set_rows(top->view, vt_top_sampling_rows(top->sampling));
    top->next_us = MAX(top->next_us + (gint64)(opt.delay_ns / 1000), vt_clock_now_us());
}

/* FALSE where it cannot be written. */
static gboolean print_table(Top *top)
{
    struct libscols_table *table = vt_table_new(top->app->term);
    const VtTopColumn *columns = vt_top_columns();
    g_autofree char *head = head_line(top);
    FILE *out = vt_term_out(top->app->term);
    gboolean written;

    for (guint i = 0; i < VT_TOP_COLUMNS; i++)
        scols_table_new_column(table, _(columns[i].title), columns[i].width ? 0 : 0.4,
                               columns[i].right ? SCOLS_FL_RIGHT : 0);
    for (guint i = 0; i < top->view->shown->len; i++) {
        g_auto(GStrv) cells = vt_top_row_cells(top->view->shown->pdata[i]);
        struct libscols_line *line = scols_table_new_line(table, NULL);

        for (guint j = 0; j < VT_TOP_COLUMNS; j++)
            scols_line_set_data(line, j, cells[j]);
    }
    fprintf(out, "%s\n", head);
    vt_table_print(top->app->term, table);
    fputc('\n', out);
    written = fflush(out) == 0 && !ferror(out);
    if (top->lost)
        g_printerr("virt-tune: %s\n", top->lost);
    return written;
}

/* Also ends where nothing can be written any more, which vt_cmd_main() reports. */
static void run_batch(Top *top)
{
    vt_progress_begin(_("sampling (Ctrl-C ends it early)"));
    for (int n = 0; opt.iterations == 0 || n < opt.iterations; n++) {
        if (!vt_clock_sleep_until(top->next_us, top->app->cancel))
            return;
        /* The tables show that it goes on. */
        vt_progress_close();
        update(top);
        if (!print_table(top))
            return;
    }
}

#ifdef HAVE_NCURSES
static const char help[] =
    N_("Domains by the exits of their guests; HLT is idle time and stands apart.\n"
       "\n"
       "EXITS/S  exits a second of the whole domain but HLT; ≥: there are more\n"
       "HLT/S    exits to wait for an interrupt\n"
       "TIME     share of the vCPUs' time that went to exits, where it is measured\n"
       "MOST     the family of exits that is most frequent\n"
       "ADVICE   how many changes virt-tune advises for what was measured lately\n"
       "?        not measured, or not yet\n"
       "\n"
       "up, down, PgUp, PgDn, Home, End (k, j, g, G)  move\n"
       "Enter    families, MSRs, ports and addresses of the domain, its vCPUs, and\n"
       "         histograms of times, where they are measured\n"
       "a        advice for it\n"
       "s        sort by exits, time, advice, name, id\n"
       "r        reverse the order\n"
       "/        show only names with a text in them; Esc shows all again\n"
       "q, Esc   back; q in the list ends the program\n");

static void fill_page(Top *top, guint width)
{
    VtTopView *view = top->view;
    g_autofree char *text = NULL;

    if (view->page == VT_TOP_LIST)
        return;
    if (view->page == VT_TOP_HELP) {
        text = g_strdup(_(help));
    } else if (view->page == VT_TOP_DOMAIN) {
        text = vt_top_sampling_profile(top->sampling, view->selected, width);
    } else {
        g_autofree char *report = vt_top_sampling_advice(top->sampling, view->selected, width);

        /* Commands and differences of definitions are as long as they are. */
        text = vt_top_layout_wrap(report, width);
    }
    vt_top_view_set_text(view, text);
}

static gboolean run_live(Top *top, GError **error)
{
    g_autoptr(VtTopScreen) screen = vt_top_screen_new(error);
    guint key;

    if (!screen)
        return FALSE;
    for (int n = 0; !g_cancellable_is_cancelled(top->app->cancel);) {
        g_autofree char *head = head_line(top);

        vt_top_screen_draw(screen, top->view, head, top->lost);
        if (vt_top_screen_key(screen, top->next_us, top->app->cancel, &key)) {
            VtTopAction action = key ? vt_top_view_key(top->view, key) : VT_TOP_TEXT;

            if (action == VT_TOP_QUIT)
                return TRUE;
            if (action == VT_TOP_TEXT)
                fill_page(top, vt_top_screen_width(screen));
        } else if (vt_clock_now_us() >= top->next_us) {
            if (opt.iterations > 0 && n++ == opt.iterations)
                return TRUE;
            update(top);
            /* Advice stays while somebody reads it. */
            if (top->view->page == VT_TOP_DOMAIN)
                fill_page(top, vt_top_screen_width(screen));
        }
    }
    return TRUE;
}
#else
static gboolean run_live(Top *top, GError **error)
{
    g_set_error_literal(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                        _("this program was built without ncurses, which the live view needs; use top -b"));
    return FALSE;
}
#endif

static gboolean top(VtApp *app, char **argv, int *ret_status, GError **error)
{
    g_autoptr(VtRuleSet) rules = NULL;
    g_autoptr(VtPolicy) policy = NULL;
    g_autoptr(VtTopSampling) sampling = NULL;
    g_autoptr(VtTopView) view = vt_top_view_new();
    Top state = {.app = app, .view = view};
    gboolean ok = TRUE;

    if (opt.iterations < 0) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--iterations %d: a number of updates, or 0 for no end"),
                    opt.iterations);
        return FALSE;
    }
    if (opt.sort && !vt_top_sort_parse(opt.sort, &view->sort)) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--sort %s: use exits, time, advice, name or id"), opt.sort);
        return FALSE;
    }
    if (opt.delay_ns == 0)
        opt.delay_ns = G_GUINT64_CONSTANT(1000000000);
    vt_cmd_catch_signals(app);
    rules = vt_acquire_rules(NULL, &policy, error);
    sampling = rules ? vt_top_sampling_new(app, argv, rules, policy, error) : NULL;
    if (!opt.batch)
        vt_progress_close();
    if (!sampling)
        return FALSE;
    state.sampling = sampling;
    state.next_us = vt_clock_now_us() + (gint64)(opt.delay_ns / 1000);
    vt_top_view_set_rows(view, vt_top_sampling_rows(sampling));
    if (opt.batch)
        run_batch(&state);
    else
        ok = run_live(&state, error);
    g_free(state.lost);
    return ok;
}

const VtCmd vt_cmd_top = {
    .name = "top",
    .operands = N_("[DOMAIN…]"),
    .complete = "domain",
    .summary = N_("show the domains that leave guest mode most, as it happens"),
    .options = entries,
    .run = top,
};
