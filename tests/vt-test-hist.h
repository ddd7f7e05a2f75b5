/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own count of exits by reason: a histogram trigger of kvm_exit in tracefs. */
#pragma once

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "vt-test.h"

#define VT_HIST_EVENT "/sys/kernel/tracing/events/kvm/kvm_exit/"

/* @text: "hist:keys=exit_reason,isa", with a "!" before it to end it. */
static inline void vt_test_hist_trigger(const char *text)
{
    int fd = open(VT_HIST_EVENT "trigger", O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (gssize)strlen(text));
    close(fd);
}

/* "{ exit_reason: 123, isa: 2 } hitcount: 45" */
static inline guint64 vt_test_hist_count(const char *hist, guint code)
{
    g_autofree char *pattern =
        g_strdup_printf("exit_reason:\\s*%u[,\\s][^}]*\\}\\s*hitcount:\\s*(\\d+)", code);
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    g_autofree char *digits = NULL;

    if (!g_regex_match(regex, hist, 0, &match))
        return 0;
    digits = g_match_info_fetch(match, 1);
    return g_ascii_strtoull(digits, NULL, 10);
}

/* The caller frees it. */
static inline char *vt_test_hist_read(void)
{
    char *hist = NULL;

    assert_true(g_file_get_contents(VT_HIST_EVENT "hist", &hist, NULL, NULL));
    return hist;
}

/* All events together ("Hits: 8003"). */
static inline guint64 vt_test_hist_hits(const char *hist)
{
    g_auto(GStrv) parts = g_strsplit(hist, "Hits: ", 2);

    assert_int_equal(g_strv_length(parts), 2);
    return g_ascii_strtoull(parts[1], NULL, 10);
}
