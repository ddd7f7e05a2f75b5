/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The progress line and the thread that draws it. */
#include "config.h"

#include "base/progress.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

#define DELAY_US G_USEC_PER_SEC
#define STEP_US (G_USEC_PER_SEC / 5)
#define WIDTH_DEFAULT 80

static struct {
    GMutex lock;
    GCond changed;
    gboolean wanted;
    void (*in_thread)(void);
    GThread *thread; /* from the first thing that goes on */
    gint64 start_us;
    char *what; /* NULL: nothing */
    guint64 done, total;
    gint64 begin_us, end_us; /* of what takes a time that is known; 0: of nothing */
    char *shown; /* the line that stands there; NULL: none */
} progress;

/* Cuts @text where it would reach the last column, for a line that wraps cannot be replaced. */
static void cut(char *text)
{
    struct winsize size;
    guint columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 ? WIDTH_DEFAULT : size.ws_col;

    text[vt_text_cut(text, columns - 1)] = '\0';
}

static void erase(void)
{
    if (!progress.shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    g_clear_pointer(&progress.shown, g_free);
}

static void draw(void)
{
    g_autofree char *line = NULL;

    if (progress.end_us > 0) {
        gint64 total_us = progress.end_us - progress.begin_us;
        gint64 elapsed_us = MIN(g_get_monotonic_time() - progress.begin_us, total_us);
        gint64 elapsed_s = elapsed_us / G_USEC_PER_SEC; /* whole ones that are over */

        line = g_strdup_printf(_("%1$s: %2$.0f of %3$.0f s"), progress.what, (double)elapsed_s,
                               (double)total_us / G_USEC_PER_SEC);
    } else if (progress.total > 0) {
        g_autofree char *done = vt_text_format_count((double)progress.done);
        g_autofree char *total = vt_text_format_count((double)progress.total);

        line = g_strdup_printf(_("%1$s: %2$s of %3$s"), progress.what, done, total);
    } else {
        line = g_strdup(progress.what);
    }
    cut(line);
    if (g_strcmp0(line, progress.shown) == 0)
        return;
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
    g_free(progress.shown);
    progress.shown = g_steal_pointer(&line);
}

static gpointer run(gpointer data)
{
    if (progress.in_thread)
        progress.in_thread();
    g_mutex_lock(&progress.lock);
    while (progress.wanted) {
        gint64 now_us = g_get_monotonic_time();

        if (progress.what && now_us >= progress.start_us + DELAY_US)
            draw();
        g_cond_wait_until(&progress.changed, &progress.lock, now_us + STEP_US);
    }
    g_mutex_unlock(&progress.lock);
    return NULL;
}

/* Signals are for the other threads, whichever of them wait for some. */
static void start_thread(void)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    progress.thread = g_thread_try_new("progress", run, NULL, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void vt_progress_open(gboolean quiet, void (*in_thread)(void))
{
    const char *type = g_getenv("TERM");

    progress.wanted = !quiet && isatty(STDERR_FILENO) && type && *type != '\0' && !g_str_equal(type, "dumb");
    progress.in_thread = in_thread;
    progress.start_us = g_get_monotonic_time();
}

void vt_progress_close(void)
{
    GThread *thread = NULL;

    g_mutex_lock(&progress.lock);
    erase();
    progress.wanted = FALSE;
    g_clear_pointer(&progress.what, g_free);
    thread = g_steal_pointer(&progress.thread);
    g_cond_signal(&progress.changed);
    g_mutex_unlock(&progress.lock);
    if (thread)
        g_thread_join(thread);
}

static void set_what(char *what)
{
    g_mutex_lock(&progress.lock);
    g_free(progress.what);
    progress.what = what;
    progress.done = progress.total = 0;
    progress.begin_us = progress.end_us = 0;
    if (!what)
        erase();
    g_mutex_unlock(&progress.lock);
}

void vt_progress_begin(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (!progress.wanted)
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    set_what(vt_text_printable(text, FALSE));
    if (!progress.thread)
        start_thread();
}

void vt_progress_count(guint64 done, guint64 total)
{
    if (!progress.wanted)
        return;
    g_mutex_lock(&progress.lock);
    progress.done = done;
    progress.total = total;
    g_mutex_unlock(&progress.lock);
}

void vt_progress_time(guint64 elapsed_us, guint64 total_us)
{
    if (!progress.wanted)
        return;
    g_mutex_lock(&progress.lock);
    progress.begin_us = g_get_monotonic_time() - (gint64)elapsed_us;
    progress.end_us = progress.begin_us + (gint64)total_us;
    g_mutex_unlock(&progress.lock);
}

void vt_progress_end(void)
{
    if (progress.wanted)
        set_what(NULL);
}

void vt_progress_printerr(const char *message)
{
    g_autofree char *local = vt_text_local(message);

    g_mutex_lock(&progress.lock);
    erase();
    fputs(local, stderr);
    fflush(stderr);
    g_mutex_unlock(&progress.lock);
}
