/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terminals: what standard output, input and error are connected to, decided once. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/progress.h"
#include "base/term.h"
#include "base/text.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MIN 24
#define WIDTH_MAX 120

struct VtTerm {
    FILE *out;
    gboolean is_tty;
    gboolean colour;
    guint width; /* that was set; 0: none */
};

VtTerm *vt_term_new(FILE *out)
{
    const char *type = g_getenv("TERM");
    const char *no_colour = g_getenv("NO_COLOR");
    gboolean capable = type && *type != '\0' && !g_str_equal(type, "dumb");
    VtTerm *term = g_new0(VtTerm, 1);
    int fd = fileno(out);

    term->out = out;
    term->is_tty = fd >= 0 && isatty(fd);
    /* no-color.org: an empty NO_COLOR counts as unset. */
    term->colour = term->is_tty && capable && !(no_colour && *no_colour != '\0');
    return term;
}

void vt_term_free(VtTerm *term)
{
    g_free(term);
}

FILE *vt_term_out(VtTerm *term)
{
    return term->out;
}

static guint columns_of(int fd)
{
    struct winsize size;

    if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return WIDTH_DEFAULT;
    return size.ws_col;
}

guint vt_term_width(VtTerm *term)
{
    guint width = term->width ? term->width : term->is_tty ? columns_of(fileno(term->out)) : WIDTH_DEFAULT;

    return CLAMP(width, WIDTH_MIN, WIDTH_MAX);
}

void vt_term_set_width(VtTerm *term, guint columns)
{
    term->width = columns;
}

gboolean vt_term_is_bounded(VtTerm *term)
{
    return term->is_tty || term->width > 0;
}

gboolean vt_term_is_tty(VtTerm *term)
{
    return term->is_tty;
}

const char *vt_term_style(VtTerm *term, VtStyle style)
{
    static const char *const sequences[] = {
        [VT_STYLE_NONE] = "\033[0m",  [VT_STYLE_BOLD] = "\033[1m",    [VT_STYLE_DIM] = "\033[2m",
        [VT_STYLE_RED] = "\033[31m",  [VT_STYLE_YELLOW] = "\033[33m", [VT_STYLE_GREEN] = "\033[32m",
        [VT_STYLE_CYAN] = "\033[36m",
    };

    return term->colour ? sequences[style] : "";
}

/* FALSE where @cancel was cancelled before there was something to read. */
static gboolean wait_for_answer(GCancellable *cancel)
{
    GPollFD fds[] = {{.fd = STDIN_FILENO, .events = G_IO_IN | G_IO_HUP}, {.fd = -1}};
    gboolean pollable = g_cancellable_make_pollfd(cancel, &fds[1]);

    while (pollable && !g_cancellable_is_cancelled(cancel) && fds[0].revents == 0)
        if (g_poll(fds, G_N_ELEMENTS(fds), -1) < 0 && errno != EINTR)
            break;
    if (pollable)
        g_cancellable_release_fd(cancel);
    return !g_cancellable_is_cancelled(cancel);
}

gboolean vt_term_confirm(VtTerm *term, const char *question, GCancellable *cancel)
{
    g_autofree char *printable = vt_text_printable(question, TRUE);
    g_autofree char *folded = NULL;
    char answer[64];
    size_t length;

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return FALSE;
    vt_progress_end();
    fflush(term->out);
    fprintf(stderr, _("%s [y/N] "), printable);
    fflush(stderr);
    if (!wait_for_answer(cancel) || !fgets(answer, sizeof answer, stdin)) {
        fputc('\n', stderr);
        return FALSE;
    }
    /* Whoever typed more than fits did not say yes; the rest must not answer the next question. */
    length = strlen(answer);
    if (length > 0 && answer[length - 1] != '\n') {
        for (int c; (c = getchar()) != '\n' && c != EOF;)
            ;
        return FALSE;
    }
    folded = vt_text_fold(answer);
    return g_ascii_strcasecmp(folded, "y") == 0 || g_ascii_strcasecmp(folded, "yes") == 0;
}

void vt_term_leave(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        dup2(fd, STDIN_FILENO);
        close(fd);
    }
    g_unsetenv("DISPLAY");
    /* Only the leader of a process group cannot begin a session. Where it leads its session, leaving the terminal would
     * take it from all others, too. */
    if (setsid() >= 0 || getsid(0) == getpid())
        return;
    fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return;
    ioctl(fd, TIOCNOTTY);
    close(fd);
}
