/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Imports from text in memory. */
#pragma once

#include "vt-test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "source/import.h"

static inline VtProfile *vt_test_import(const char *text, gsize length, const char *format,
                                        const VtImportOptions *options, GError **error)
{
    FILE *stream = length > 0 ? fmemopen((void *)text, length, "r") : fopen("/dev/null", "r");
    VtProfile *profile = vt_import_stream(stream, "r.txt", format, options, error);

    fclose(stream);
    return profile;
}

static inline VtProfile *vt_test_import_good(const char *text, const VtImportOptions *options)
{
    GError *error = NULL;
    VtProfile *profile = vt_test_import(text, strlen(text), NULL, options, &error);

    if (error)
        fail_msg("%s", error->message);
    return profile;
}

/* A recording that was made with the real tool. */
static inline VtProfile *vt_test_import_recording(const char *name, const VtImportOptions *options)
{
    g_autofree char *rel = g_build_filename("tests/data/recordings", name, NULL);
    g_autofree char *path = vt_test_src(rel);
    GError *error = NULL;
    VtProfile *profile = vt_import_file(path, NULL, options, &error);

    if (error)
        fail_msg("%s", error->message);
    return profile;
}

/* @text must be refused as malformed, with both parts in the message. */
static inline void vt_test_import_bad(const char *text, const char *format, const char *where,
                                      const char *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtProfile) profile = vt_test_import(text, strlen(text), format, NULL, &error);

    if (profile)
        fail_msg("taken: %s", text);
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_INPUT));
    if (!g_str_has_prefix(error->message, where) || !strstr(error->message, what))
        fail_msg("%s\ngives: %s", text, error->message);
}

static inline guint64 vt_test_count(const VtProfile *profile, const char *name)
{
    const VtMetric *metric = vt_profile_get(profile, name);

    if (!metric)
        fail_msg("%s is absent", name);
    return metric->count;
}

static inline gboolean vt_test_has_note(const VtProfile *profile, const char *part)
{
    for (guint i = 0; i < profile->notes->len; i++) {
        if (strstr(profile->notes->pdata[i], part))
            return TRUE;
    }
    return FALSE;
}
