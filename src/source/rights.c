/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities are a thread's own: every thread drops its own. */
#include "config.h"

#include "source/rights.h"

#ifdef HAVE_BPF
#include <stdio.h>
#include <sys/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

static gboolean can_read_maps_without(void)
{
    struct utsname name;
    unsigned major = 0, minor = 0;

    return uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
           (major > 5 || (major == 5 && minor >= 19));
}

gboolean vt_rights_drop(void)
{
    cap_t none;
    gboolean dropped;

    if (geteuid() == 0 || !can_read_maps_without())
        return FALSE;
    none = cap_init();
    cap_reset_ambient();
    dropped = none && cap_set_proc(none) == 0;
    cap_free(none);
    return dropped;
}
#else
gboolean vt_rights_drop(void)
{
    return FALSE;
}
#endif
