/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live view shows and how keys change it; nothing of a terminal in it. */
#pragma once

#include "model/domain.h"
#include "model/profile-last.h"

/* One domain; rates are per second of the whole domain, over the last window. */
typedef struct {
    char *uuid;
    char *name;
    int id;
    char *state; /* of a domain that does not run; NULL */
    guint vcpus;
    gboolean has_exits;
    double exits_per_s; /* HLT apart */
    gboolean at_least;  /* there are more */
    gboolean has_hlt;
    double hlt_per_s;
    gboolean has_time;
    double time_pct; /* of the vCPUs' time, HLT apart */
    char *worst;     /* a family; NULL where none moved */
    gboolean has_advice;
    guint advice;
} VtTopRow;

/* @last NULL: nothing was measured. @advice below 0: not known yet. */
VtTopRow *vt_top_row_new(const VtDomain *domain, const VtProfileLast *last, int advice);
void vt_top_row_free(VtTopRow *row);

typedef enum { VT_TOP_EXITS, VT_TOP_TIME, VT_TOP_ADVICE, VT_TOP_NAME, VT_TOP_ID, VT_TOP_SORTS } VtTopSort;
/* "exits", "time", "advice", "name", "id". */
const char *vt_top_sort_name(VtTopSort sort);
gboolean vt_top_sort_parse(const char *name, VtTopSort *ret_sort);

typedef enum { VT_TOP_LIST, VT_TOP_DOMAIN, VT_TOP_REPORT, VT_TOP_HELP } VtTopPage;

typedef struct {
    VtTopPage page;
    VtTopSort sort;
    gboolean reverse;
    GString *filter;  /* part of a name, whatever its case */
    gboolean editing; /* keys go to the filter */
    gboolean chosen;  /* by somebody; else it is the first one */
    char *selected;   /* UUID; NULL in an empty list */
    GPtrArray *rows;  /* VtTopRow, all of them */
    GPtrArray *shown; /* of them, filtered and sorted; not owned */
    guint first;      /* the first line of the page that is on the screen */
    guint height;     /* lines of the page that fit */
    char **lines;     /* of the pages but the list; NULL: none yet */
    VtTopPage under;  /* the page that help was opened over, */
    guint under_first; /* and where that was scrolled to */
} VtTopView;

VtTopView *vt_top_view_new(void);
void vt_top_view_free(VtTopView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtTopView, vt_top_view_free)

/* Takes @rows (VtTopRow). The selected domain stays selected; where it has gone, its neighbour is. */
void vt_top_view_set_rows(VtTopView *view, GPtrArray *rows);
/* The text of a page but the list; the place in it stays. */
void vt_top_view_set_text(VtTopView *view, const char *text);
/* How many lines of a page the terminal has. */
void vt_top_view_set_height(VtTopView *view, guint height);
/* Where the selected domain stands in @shown; 0 in an empty list. */
guint vt_top_view_position(const VtTopView *view);

/* Keys that are not characters; above all of those. */
enum {
    VT_TOP_KEY_UP = 0x200000,
    VT_TOP_KEY_DOWN,
    VT_TOP_KEY_PAGE_UP,
    VT_TOP_KEY_PAGE_DOWN,
    VT_TOP_KEY_HOME,
    VT_TOP_KEY_END,
    VT_TOP_KEY_ENTER,
    VT_TOP_KEY_ESCAPE,
    VT_TOP_KEY_BACKSPACE,
};

typedef enum {
    VT_TOP_STAY,
    VT_TOP_TEXT, /* another page: its text is wanted */
    VT_TOP_QUIT,
} VtTopAction;
VtTopAction vt_top_view_key(VtTopView *view, guint key);

/* The cells of a row as text, for the columns of vt_top_columns(); the caller frees them. */
#define VT_TOP_COLUMNS 8
char **vt_top_row_cells(const VtTopRow *row);
typedef struct {
    const char *title; /* N_() */
    guint least;       /* columns of the terminal; numbers are never cut */
    guint width;       /* where there is room; 0: what is left */
    gboolean right;    /* a number */
    guint worth;       /* where there is no room, the smallest goes first; 0: it stays */
} VtTopColumn;
const VtTopColumn *vt_top_columns(void);
