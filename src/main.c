/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The locale and the way into the verb table; everything else is in src/cmd. */
#include "config.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>

#include "cmd/cmd.h"

int main(int argc, char **argv)
{
    const char *dir = getenv("TEXTDOMAINDIR"); /* as gettext(1) takes it */

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* reports are compared and read by programs */
    bindtextdomain(GETTEXT_PACKAGE, dir && *dir ? dir : LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    return vt_cmd_main(argc, argv);
}
