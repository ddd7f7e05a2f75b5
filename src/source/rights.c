/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities are a thread's own: every thread drops its own. */
#include "config.h"

#include "source/rights.h"

#ifdef HAVE_BPF
#include <sys/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/version.h"

static gboolean can_read_maps_without(void)
{
    struct utsname name;
    guint64 version;

    return uname(&name) == 0 && vt_version_of_release(name.release, &version) &&
           version >= 5019000;
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
