/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/redact-word.h"

gboolean vt_redact_word_is_switch(const char *value)
{
    static const char *const switches[] = {"auto", "default", "false", "no", "off", "on", "true", "yes", NULL};

    return g_strv_contains(switches, value);
}
