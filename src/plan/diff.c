/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unified differences by diff(1). */
#include "config.h"

#include "plan/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* The two directories that are compared hold one file a pair, named by its index. */
typedef struct {
    char *path;
    gsize n;
} Workspace;

static const char *const sides[] = {"a", "b"};

static void workspace_clear(Workspace *workspace)
{
    if (!workspace->path)
        return;
    for (gsize side = 0; side < G_N_ELEMENTS(sides); side++) {
        g_autofree char *dir = g_build_filename(workspace->path, sides[side], NULL);

        for (gsize i = 0; i < workspace->n; i++) {
            g_autofree char *file = g_strdup_printf("%s/%" G_GSIZE_FORMAT, dir, i);

            g_unlink(file); /* a pair without difference has none */
        }
        g_rmdir(dir);
    }
    g_rmdir(workspace->path);
    g_clear_pointer(&workspace->path, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Workspace, workspace_clear)

static gboolean write_file(const char *dir, gsize index, const char *text, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%" G_GSIZE_FORMAT, dir, index);
    FILE *file = fopen(path, "wxe");
    gsize length = strlen(text);
    gboolean ok;

    if (!file) {
        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot create %s: %s"), path,
                    g_strerror(errno));
        return FALSE;
    }
    ok = fwrite(text, 1, length, file) == length;
    if (fclose(file) != 0 || !ok) {
        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot write %s: %s"), path,
                    g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}

/* In memory where the user did not say otherwise: there a pair takes 0.1 ms, on a disk 0.3 to 2 ms,
 * and what stands in a definition leaves no trace on one. */
static char *make_directory(GError **error)
{
    g_autofree char *path = g_strdup("/dev/shm/virt-tune-XXXXXX");
    g_autoptr(GError) why = NULL;

    if (!g_getenv("TMPDIR") && g_mkdtemp(path))
        return g_steal_pointer(&path);
    g_free(path);
    path = g_dir_make_tmp("virt-tune-XXXXXX", &why);
    if (!path)
        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot make a temporary directory: %s"),
                    why->message);
    return g_steal_pointer(&path);
}

static gboolean fill_workspace(Workspace *workspace, const VtDiffPair *pairs, GError **error)
{
    workspace->path = make_directory(error);
    if (!workspace->path)
        return FALSE;
    for (gsize side = 0; side < G_N_ELEMENTS(sides); side++) {
        g_autofree char *dir = g_build_filename(workspace->path, sides[side], NULL);

        if (g_mkdir(dir, 0700) != 0) {
            g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot create %s: %s"), dir,
                        g_strerror(errno));
            return FALSE;
        }
        for (gsize i = 0; i < workspace->n; i++)
            if (!g_str_equal(pairs[i].before, pairs[i].after) &&
                !write_file(dir, i, side == 0 ? pairs[i].before : pairs[i].after, error))
                return FALSE;
    }
    return TRUE;
}

/* Reads "START[,COUNT]"; a missing COUNT is one line. */
static guint64 hunk_count(const char *range, const char **end)
{
    char *p;

    g_ascii_strtoull(range, &p, 10);
    if (*p != ',') {
        *end = p;
        return 1;
    }
    return g_ascii_strtoull(p + 1, (char **)end, 10);
}

/* What diff(1) wrote about the whole directories. Inside a hunk the announced numbers of lines are
 * counted down, so that no text can pass for a header. */
typedef struct {
    VtDiffPair *pairs;
    gsize n;
    GString *diff; /* of the pair in hand; NULL before the first */
    gsize index;
    guint64 old_left, new_left;
} Parser;

static void parser_end_pair(Parser *parser)
{
    if (!parser->diff)
        return;
    g_free(parser->pairs[parser->index].diff);
    parser->pairs[parser->index].diff = g_string_free(g_steal_pointer(&parser->diff), FALSE);
}

static void parser_header(Parser *parser, const char *line)
{
    const char *p = line;

    if (g_str_has_prefix(line, "--- a/")) {
        guint64 index = g_ascii_strtoull(line + strlen("--- a/"), NULL, 10);

        parser_end_pair(parser);
        if (index >= parser->n)
            return;
        parser->index = index;
        parser->diff = g_string_new(NULL);
    }
    if (!parser->diff)
        return;
    if (g_str_has_prefix(line, "--- a/") || g_str_has_prefix(line, "+++ b/")) {
        g_autofree char *label = vt_text_printable(parser->pairs[parser->index].label, FALSE);

        g_string_append_printf(parser->diff, "%.6s%s\n", line, label);
    } else if (g_str_has_prefix(line, "@@ -")) {
        parser->old_left = hunk_count(line + strlen("@@ -"), &p);
        if (g_str_has_prefix(p, " +"))
            parser->new_left = hunk_count(p + 2, &p);
        g_string_append_printf(parser->diff, "%s\n", line);
    } else if (*line == '\\') {
        g_string_append_printf(parser->diff, "%s\n", line);
    }
}

static void parser_line(Parser *parser, const char *line)
{
    if (parser->old_left == 0 && parser->new_left == 0) {
        parser_header(parser, line);
        return;
    }
    g_string_append_printf(parser->diff, "%s\n", line);
    if (*line != '+' && *line != '\\' && parser->old_left > 0)
        parser->old_left--;
    if (*line != '-' && *line != '\\' && parser->new_left > 0)
        parser->new_left--;
}

static void parse_output(VtDiffPair *pairs, gsize n, char *output, gsize length)
{
    Parser parser = {.pairs = pairs, .n = n};
    char *line = output, *limit = output + length;

    while (line < limit) {
        char *end = memchr(line, '\n', (gsize)(limit - line));

        if (!end)
            break;
        *end = '\0';
        parser_line(&parser, line);
        line = end + 1;
    }
    parser_end_pair(&parser);
}

static GBytes *run_program(const char *program, const char *cwd, GError **error)
{
    const char *const argv[] = {program, "-a", "-r", "-U", "3", sides[0], sides[1], NULL};
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
    g_autoptr(GSubprocess) process = NULL;
    g_autoptr(GBytes) out = NULL, messages = NULL;
    g_autoptr(GError) why = NULL;

    g_subprocess_launcher_set_cwd(launcher, cwd);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
    process = g_subprocess_launcher_spawnv(launcher, argv, &why);
    if (!process) {
        g_set_error(error, VT_ERROR,
                    g_error_matches(why, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT) ? VT_ERROR_UNSUPPORTED
                                                                             : VT_ERROR_FAILED,
                    _("cannot run diff(1): %s; install diffutils to see changes as differences"),
                    why->message);
        return NULL;
    }
    if (!g_subprocess_communicate(process, NULL, NULL, &out, &messages, &why)) {
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("cannot read what diff(1) wrote: %s"),
                    why->message);
        return NULL;
    }
    /* 0: no difference, 1: differences, 2: trouble. */
    if (!g_subprocess_get_if_exited(process) || g_subprocess_get_exit_status(process) > 1) {
        g_autofree char *text = g_strdup_printf("%.*s", (int)MIN(g_bytes_get_size(messages), 1000),
                                                (const char *)g_bytes_get_data(messages, NULL));
        g_autofree char *printable = vt_text_printable(g_strchomp(text), FALSE);

        g_set_error(error, VT_ERROR, VT_ERROR_FAILED, _("diff(1) failed: %s"), printable);
        return NULL;
    }
    return g_steal_pointer(&out);
}

gboolean vt_diff_run_with(const char *program, VtDiffPair *pairs, gsize n, GError **error)
{
    g_auto(Workspace) workspace = {.n = n};
    g_autoptr(GBytes) output = NULL;
    gsize different = 0, length;
    char *text;

    for (gsize i = 0; i < n; i++) {
        pairs[i].diff = NULL;
        different += !g_str_equal(pairs[i].before, pairs[i].after);
    }
    if (different > 0) {
        if (!fill_workspace(&workspace, pairs, error))
            return FALSE;
        output = run_program(program, workspace.path, error);
        if (!output)
            return FALSE;
        text = g_bytes_unref_to_data(g_steal_pointer(&output), &length);
        parse_output(pairs, n, text, length);
        g_free(text);
    }
    for (gsize i = 0; i < n; i++)
        if (!pairs[i].diff)
            pairs[i].diff = g_strdup("");
    return TRUE;
}

gboolean vt_diff_run(VtDiffPair *pairs, gsize n, GError **error)
{
    return vt_diff_run_with(VT_DIFF, pairs, n, error);
}
