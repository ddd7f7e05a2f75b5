/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a JSON text what its schema says? */
#pragma once

#include "vt-test.h"

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

static inline gboolean vt_test_schema_run(char **argv, char **ret_message)
{
    g_autoptr(GError) error = NULL;
    int status;

    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, ret_message, &status,
                      &error))
        return FALSE;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Skips a test where python3's jsonschema is missing. To be called before anything is allocated,
 * because skip() leaves the test without freeing it. */
static inline void vt_test_schema_or_skip(void)
{
    char *argv[] = {(char *)"python3", (char *)"-c", (char *)"import jsonschema", NULL};
    char *message = NULL;
    gboolean can = vt_test_schema_run(argv, &message);

    g_free(message);
    if (can)
        return;
    print_message("not validated: python3's jsonschema module is not installed\n");
    skip();
}

/* By tests/validate-json.py; @schema is a name in data/schemas. What is wrong goes to @ret_message.
 */
static inline gboolean vt_test_schema_takes(const char *schema, const char *text,
                                            char **ret_message)
{
    g_autofree char *script = vt_test_src("tests/validate-json.py");
    g_autofree char *rel = g_strconcat("data/schemas/", schema, NULL);
    g_autofree char *schema_path = vt_test_src(rel);
    g_autofree char *path =
        g_build_filename(g_getenv("VT_BUILDDIR") ?: "/tmp", "test-json-XXXXXX", NULL);
    char *argv[] = {(char *)"python3", script, schema_path, path, NULL};
    int fd = g_mkstemp(path);
    gboolean takes;

    assert_true(fd >= 0);
    close(fd);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    takes = vt_test_schema_run(argv, ret_message);
    g_unlink(path);
    return takes;
}

static inline void vt_test_validate(const char *schema, const char *text)
{
    g_autofree char *message = NULL;

    if (!vt_test_schema_takes(schema, text, &message))
        fail_msg("%s", message);
}
