/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that stand right behind a short option ("-n1"), which GOption does not take. */
#pragma once

#include <glib.h>

/* Whether the option takes a value, here or in the next word. */
gboolean vt_short_options_takes_value(const GOptionEntry *entry);

/* Makes two words of each such option of @argv: "-bn1" becomes "-bn" and "1". @tables: options, each ending in
 * G_OPTION_ENTRY_NULL; NULL-terminated. What stands behind "--", and the value of an option, stays as it is; so does
 * everything from the first operand on where @to_operand is set. */
void vt_short_options_split(char ***argv, const GOptionEntry *const *tables, gboolean to_operand);
