/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads key files line by line; GLib has the last word on values. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/key-file.h"

#define FILE_MAX (1024 * 1024)

static void entry_free(gpointer data)
{
    VtKeyFileEntry *entry = data;

    g_free(entry->key);
    g_free(entry->value);
    g_free(entry);
}

void vt_key_file_free(VtKeyFile *file)
{
    if (!file)
        return;
    g_ptr_array_unref(file->entries);
    g_ptr_array_unref(file->groups);
    g_free(file->path);
    g_free(file);
}

/* A file as it is read. */
typedef struct {
    VtKeyFile *file;
    GHashTable *lines; /* "GROUP\nKEY", "GROUP" -> line */
} Reading;

static gboolean enter(Reading *reading, const char *group, const char *key, guint line,
                      GError **error)
{
    char *id = key ? g_strconcat(group, "\n", key, NULL) : g_strdup(group);
    const guint other = GPOINTER_TO_UINT(g_hash_table_lookup(reading->lines, id));
    VtKeyFileEntry *entry;

    if (other) {
        g_free(id);
        return key ? vt_error_set_input(error, reading->file->path, line,
                                        _("%1$s is also on line %2$u; keep one of them"), key,
                                        other)
                   : vt_error_set_input(error, reading->file->path, line,
                                        _("the group [%1$s] also begins on line %2$u; join them"),
                                        group, other);
    }
    g_hash_table_insert(reading->lines, id, GUINT_TO_POINTER(line));
    entry = g_new0(VtKeyFileEntry, 1);
    entry->group = group;
    entry->key = g_strdup(key);
    entry->line = line;
    g_ptr_array_add(reading->file->entries, entry);
    return TRUE;
}

/* @line without white space around it. */
static gboolean read_line(Reading *reading, const char *line, guint number, GError **error)
{
    GPtrArray *groups = reading->file->groups;
    const gsize length = strlen(line);
    const char *equals = strchr(line, '=');
    g_autofree char *word = NULL;

    if (length == 0 || line[0] == '#')
        return TRUE;
    if (line[0] == '[') {
        if (line[length - 1] != ']' || length == 2)
            return vt_error_set_input(error, reading->file->path, number,
                                      _("a group is a name in brackets, such as [rules]"));
        g_ptr_array_add(groups, g_strndup(line + 1, length - 2));
        return enter(reading, g_ptr_array_index(groups, groups->len - 1), NULL, number, error);
    }
    word = equals ? g_strchomp(g_strndup(line, (gsize)(equals - line))) : NULL;
    if (!word || !*word)
        return vt_error_set_input(error, reading->file->path, number,
                                  _("this is neither [GROUP] nor KEY=VALUE nor a # comment"));
    if (groups->len == 0)
        return vt_error_set_input(error, reading->file->path, number,
                                  _("%s stands before any [GROUP]"), word);
    return enter(reading, g_ptr_array_index(groups, groups->len - 1), word, number, error);
}

static gboolean read_lines(VtKeyFile *file, const char *text, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Reading reading = {file, seen};

    for (guint i = 0; lines[i]; i++)
        if (!read_line(&reading, g_strstrip(lines[i]), i + 1, error))
            return FALSE;
    return TRUE;
}

static gboolean read_values(VtKeyFile *file, const char *text, gsize length, GError **error)
{
    g_autoptr(GKeyFile) keys = g_key_file_new();
    g_autoptr(GError) why = NULL;

    if (!g_key_file_load_from_data(keys, text, length, G_KEY_FILE_NONE, &why))
        return vt_error_set_input(error, file->path, 0, "%s", why->message);
    for (guint i = 0; i < file->entries->len; i++) {
        VtKeyFileEntry *entry = g_ptr_array_index(file->entries, i);

        if (!entry->key)
            continue;
        entry->value = g_key_file_get_string(keys, entry->group, entry->key, &why);
        /* A bad escape gives a value all the same. */
        if (why)
            return vt_error_set_input(error, file->path, entry->line, "%s", why->message);
        g_strstrip(entry->value);
    }
    return TRUE;
}

VtKeyFile *vt_key_file_load(const char *path, GError **error)
{
    g_autoptr(VtKeyFile) file = g_new0(VtKeyFile, 1);
    g_autofree char *text = NULL;
    gsize length;

    file->path = g_strdup(path);
    file->entries = g_ptr_array_new_with_free_func(entry_free);
    file->groups = g_ptr_array_new_with_free_func(g_free);
    if (!vt_file_read(path, FILE_MAX, &text, &length, error))
        return NULL;
    if (strlen(text) != length || !g_utf8_validate(text, (gssize)length, NULL)) {
        vt_error_set_input(error, path, 0, _("this is no text in UTF-8"));
        return NULL;
    }
    if (!read_lines(file, text, error) || !read_values(file, text, length, error))
        return NULL;
    return g_steal_pointer(&file);
}
