/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program was started with (descriptors, the locale), and the way into the verb table; everything else is in
 * src/cmd. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cmd.h"

static int open_nothing(void)
{
    int fd = open("/dev/null", O_PATH);

    return fd < 0 ? open("/", O_PATH) : fd;
}

/* What is opened next takes the lowest number that is free: a file or libvirt's socket would become standard output, and
 * the report would go into it. In the place of one that is closed stands what can be neither read nor written: both fail
 * with EBADF, as they would have done. */
static void keep_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open_nothing() != fd)
            abort();
}

int main(int argc, char **argv)
{
    const char *dir = getenv("TEXTDOMAINDIR"); /* as gettext(1) takes it */

    keep_standard_descriptors();
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* reports are compared and read by programs */
    bindtextdomain(GETTEXT_PACKAGE, dir && *dir ? dir : LOCALEDIR);
    bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
    textdomain(GETTEXT_PACKAGE);
    return vt_cmd_main(argc, argv);
}
