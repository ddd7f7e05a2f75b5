/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short options as getopt() has them, for GOption. */
#include "config.h"

#include "cmd/short-options.h"

#include <string.h>

gboolean vt_short_options_takes_value(const GOptionEntry *entry)
{
    return entry->arg != G_OPTION_ARG_NONE && !(entry->flags & G_OPTION_FLAG_OPTIONAL_ARG);
}

static const GOptionEntry *find_short(const GOptionEntry *const *tables, char name)
{
    for (; *tables; tables++)
        for (const GOptionEntry *entry = *tables; entry->long_name; entry++)
            if (entry->short_name == name)
                return entry;
    return NULL;
}

static const GOptionEntry *find_long(const GOptionEntry *const *tables, const char *name)
{
    for (; *tables; tables++)
        for (const GOptionEntry *entry = *tables; entry->long_name; entry++)
            if (g_str_equal(entry->long_name, name))
                return entry;
    return NULL;
}

/* Where the value begins in "-bn1"; its end where it is the next word; NULL where none is taken. */
static const char *value_in(const GOptionEntry *const *tables, const char *word)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const GOptionEntry *entry = find_short(tables, *letter);

        if (!entry)
            return NULL;
        if (vt_short_options_takes_value(entry))
            return letter + 1;
    }
    return NULL;
}

void vt_short_options_split(char ***argv, const GOptionEntry *const *tables, gboolean to_operand)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    char **word = *argv;

    /* The first is the program's name. */
    if (*word)
        g_ptr_array_add(words, *word++);
    while (*word && !g_str_equal(*word, "--")) {
        gboolean option = **word == '-' && (*word)[1], next = FALSE;

        if (!option && to_operand)
            break;
        if (option && (*word)[1] == '-') {
            const GOptionEntry *entry = find_long(tables, *word + 2);

            next = entry && vt_short_options_takes_value(entry);
        } else if (option) {
            const char *value = value_in(tables, *word);

            next = value && !*value;
            if (value && *value) {
                g_ptr_array_add(words, g_strndup(*word, (gsize)(value - *word)));
                memmove(*word, value, strlen(value) + 1);
            }
        }
        g_ptr_array_add(words, *word++);
        if (next && *word)
            g_ptr_array_add(words, *word++);
    }
    while (*word)
        g_ptr_array_add(words, *word++);
    g_ptr_array_add(words, NULL);
    g_free(*argv);
    *argv = (char **)g_ptr_array_steal(words, NULL);
}
