/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The locale and the way into the verb table; everything else is in src/cmd. */
#include "config.h"

#include <locale.h>

#include "cmd/cmd.h"

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    bindtextdomain(GETTEXT_PACKAGE, LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    return vt_cmd_main(argc, argv);
}
