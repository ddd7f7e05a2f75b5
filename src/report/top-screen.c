/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drawing with ncurses, and its keys. */
#include "config.h"

#include "report/top-screen.h"

#include <curses.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "report/top-layout.h"

/* A resize is noticed by whichever thread gets the signal, so that poll() need not end. */
#define SLICE_MS 100
/* After that long an escape is a key and not the start of one. */
#define ESCAPE_MS 50

struct VtTopScreen {
    SCREEN *screen;
    gboolean ended; /* the input: it can be read, but there is no key */
};

VtTopScreen *vt_top_screen_new(GError **error)
{
    VtTopScreen *self;
    SCREEN *screen;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_USAGE,
                            _("the live view needs a terminal; top -b prints to a file or a pipe"));
        return NULL;
    }
    screen = newterm(NULL, stdout, stdin);
    if (screen && !tigetstr("cup")) {
        endwin();
        delscreen(screen);
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                    _("TERM=%s: text cannot be placed on such a terminal; use top -b"), g_getenv("TERM"));
        return NULL;
    }
    if (!screen) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("TERM=%s: no such terminal is known; set TERM, or use top -b"),
                    g_getenv("TERM") ? g_getenv("TERM") : "");
        return NULL;
    }
    self = g_new0(VtTopScreen, 1);
    self->screen = screen;
    cbreak();
    noecho();
    nonl();
    curs_set(0);
    set_escdelay(ESCAPE_MS);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    return self;
}

void vt_top_screen_free(VtTopScreen *screen)
{
    if (!screen)
        return;
    /* Where there is no other screen to go back to, the shell goes on here. */
    move(LINES - 1, 0);
    clrtoeol();
    refresh();
    endwin();
    delscreen(screen->screen);
    g_free(screen);
}

guint vt_top_screen_width(const VtTopScreen *screen)
{
    return (guint)MAX(COLS, 1);
}

static void put_line(int y, const char *text, attr_t style)
{
    const char *charset;
    gboolean utf8 = g_get_charset(&charset);
    g_autofree char *shown = vt_top_layout_shown(text);
    g_autofree char *line = vt_top_layout_fit(shown, (guint)COLS, FALSE);
    g_autofree char *local = utf8 ? NULL : g_convert(line, -1, charset, "UTF-8", NULL, NULL, NULL);

    attrset((int)style);
    mvaddstr(y, 0, local ? local : line);
    attrset(A_NORMAL);
}

static void draw_list(const VtTopView *view)
{
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    guint widths[VT_TOP_COLUMNS], position = vt_top_view_position(view);
    g_autofree char *titles = NULL;

    for (guint i = view->first; i < view->shown->len && i - view->first < view->height; i++)
        g_ptr_array_add(cells, vt_top_row_cells(view->shown->pdata[i]));
    vt_top_layout_columns(cells, (guint)COLS, widths);
    titles = vt_top_layout_titles(widths);
    put_line(1, titles, A_REVERSE);
    for (guint i = 0; i < cells->len; i++) {
        const VtTopRow *row = view->shown->pdata[view->first + i];
        g_autofree char *line = vt_top_layout_row(cells->pdata[i], widths);

        put_line(2 + (int)i, line, view->first + i == position ? A_STANDOUT : row->advice > 0 ? A_BOLD : A_NORMAL);
    }
    if (view->shown->len == 0)
        put_line(2, view->rows->len > 0 ? _("No domain has such a name.") : _("No domain is running."), A_NORMAL);
}

static void draw_text(const VtTopView *view)
{
    guint length = view->lines ? g_strv_length(view->lines) : 0;

    for (guint i = 0; i < view->height && view->first + i < length; i++)
        put_line(2 + (int)i, view->lines[view->first + i], A_NORMAL);
}

void vt_top_screen_draw(VtTopScreen *screen, VtTopView *view, const char *head, const char *message)
{
    const char *hint = view->page == VT_TOP_LIST
                           ? _("Enter domain  a advice  s sort  r reverse  / filter  ? help  q quit")
                           : _("q back  arrows, PgUp, PgDn scroll");
    g_auto(GStrv) foot = vt_top_layout_foot(view, message, hint, (guint)COLS);
    int below = MIN((int)g_strv_length(foot), MAX(LINES - 2, 0));

    vt_top_view_set_height(view, (guint)MAX(LINES - 2 - below, 1));
    erase();
    put_line(0, head, A_BOLD);
    if (view->page == VT_TOP_LIST)
        draw_list(view);
    else
        draw_text(view);
    for (int i = 0; i < below; i++)
        put_line(LINES - below + i, foot[i], A_REVERSE);
    refresh();
}

static guint key_of(wint_t key, gboolean special)
{
    if (special)
        switch (key) {
        case KEY_UP:
            return VT_TOP_KEY_UP;
        case KEY_DOWN:
            return VT_TOP_KEY_DOWN;
        case KEY_PPAGE:
            return VT_TOP_KEY_PAGE_UP;
        case KEY_NPAGE:
            return VT_TOP_KEY_PAGE_DOWN;
        case KEY_HOME:
            return VT_TOP_KEY_HOME;
        case KEY_END:
            return VT_TOP_KEY_END;
        case KEY_ENTER:
            return VT_TOP_KEY_ENTER;
        case KEY_BACKSPACE:
            return VT_TOP_KEY_BACKSPACE;
        default:
            return 0;
        }
    switch (key) {
    case '\r':
    case '\n':
        return VT_TOP_KEY_ENTER;
    case 0x1b:
        return VT_TOP_KEY_ESCAPE;
    case 0x7f:
    case '\b':
        return VT_TOP_KEY_BACKSPACE;
    default:
        return key;
    }
}

gboolean vt_top_screen_key(VtTopScreen *screen, gint64 until_us, GCancellable *cancel, guint *ret_key)
{
    gboolean readable = FALSE;

    for (;;) {
        struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
        gint64 left_ms = (until_us - g_get_monotonic_time()) / 1000;
        wint_t key = 0;
        int got = get_wch(&key);

        if (got != ERR) {
            *ret_key = key_of(key, got == KEY_CODE_YES);
            return TRUE;
        }
        screen->ended = screen->ended || readable;
        if (screen->ended)
            vt_clock_sleep_until(until_us, cancel);
        if (left_ms <= 0 || screen->ended || g_cancellable_is_cancelled(cancel))
            return FALSE;
        readable = poll(&fd, 1, (int)MIN(left_ms, SLICE_MS)) > 0;
    }
}
