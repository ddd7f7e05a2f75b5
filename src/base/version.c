/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions between text and one number. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"

#define PARTS 3
#define DIGITS_MAX 3

gboolean vt_version_parse(const char *text, guint64 *ret_version, GError **error)
{
    const char *at = text;
    guint64 version = 0;
    guint parts = 0;

    for (;;) {
        gsize digits = strspn(at, "0123456789");

        if (digits == 0 || digits > DIGITS_MAX || parts == PARTS)
            break;
        version = version * 1000 + g_ascii_strtoull(at, NULL, 10);
        parts++;
        at += digits;
        if (*at == '\0') {
            for (; parts < PARTS; parts++)
                version *= 1000;
            *ret_version = version;
            return TRUE;
        }
        if (*at++ != '.')
            break;
    }
    {
        g_autofree char *quoted = vt_text_quote(text);

        g_set_error(error, VT_ERROR, VT_ERROR_INPUT,
                    _("%s is not a version such as 8.10 or 8.10.1"), quoted);
    }
    return FALSE;
}

gboolean vt_version_of_release(const char *release, guint64 *ret_version)
{
    guint64 parts[PARTS] = {0};
    const char *at = release;

    for (gsize i = 0; i < PARTS; i++) {
        gsize digits = strspn(at, "0123456789");

        if (digits == 0 || digits > DIGITS_MAX + 1)
            return FALSE;
        parts[i] = MIN(g_ascii_strtoull(at, NULL, 10), 999);
        at += digits;
        if (*at != '.')
            break;
        at++;
    }
    *ret_version = parts[0] * 1000000 + parts[1] * 1000 + parts[2];
    return TRUE;
}

char *vt_version_format(guint64 version)
{
    return g_strdup_printf("%" PRIu64 ".%" PRIu64 ".%" PRIu64, version / 1000000,
                           version / 1000 % 1000, version % 1000);
}
