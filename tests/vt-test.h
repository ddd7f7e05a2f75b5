/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test needs: cmocka in its required order, and paths into the sources. */
#pragma once

/* First of all: it decides which functions the system's headers declare. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glib.h>

/* A path below the source tree; the caller frees it. */
static inline char *vt_test_src(const char *rel)
{
    const char *top = g_getenv("VT_SRCDIR");

    return g_build_filename(top ? top : "..", rel, NULL);
}

/* Fails with the message of @error, where there is one. */
#define assert_no_error(error)                                                                                         \
    do {                                                                                                               \
        if (error)                                                                                                     \
            fail_msg("unexpected error: %s", (error)->message);                                                        \
    } while (0)
