/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures on demand, for tests. */
#include "config.h"

#include "plan/fault.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"

gboolean (*vt_fault_hook)(VtFaultPoint point, GError **error);

static const struct {
    const char *name;
    gboolean libvirt; /* behind it libvirt is talked to */
} points[] = {
    [VT_FAULT_LOCK] = {"lock", FALSE},
    [VT_FAULT_FETCH] = {"fetch", TRUE},
    [VT_FAULT_VALIDATE] = {"validate", FALSE},
    [VT_FAULT_BACKUP_DIR] = {"backup-dir", FALSE},
    [VT_FAULT_BACKUP_DEFINITION] = {"backup-definition", FALSE},
    [VT_FAULT_BACKUP_WANTED] = {"backup-wanted", FALSE},
    [VT_FAULT_BACKUP_PROFILE] = {"backup-profile", FALSE},
    [VT_FAULT_BACKUP_MANIFEST] = {"backup-manifest", FALSE},
    [VT_FAULT_BACKUP_PUBLISH] = {"backup-publish", FALSE},
    [VT_FAULT_BACKED_UP] = {"backed-up", FALSE},
    [VT_FAULT_REFETCH] = {"refetch", TRUE},
    [VT_FAULT_DEFINE] = {"define", TRUE},
    [VT_FAULT_DEFINED] = {"defined", TRUE},
    [VT_FAULT_READ_BACK] = {"read-back", TRUE},
    [VT_FAULT_COMPARE] = {"compare", FALSE},
    [VT_FAULT_RESTORE] = {"restore", TRUE},
    [VT_FAULT_RESTORED] = {"restored", TRUE},
    [VT_FAULT_SAVE_AFTER] = {"save-after", FALSE},
    [VT_FAULT_SAVE_UNDONE] = {"save-undone", FALSE},
    [VT_FAULT_SAVE_MANIFEST] = {"save-manifest", FALSE},
    [VT_FAULT_SAVED] = {"saved", FALSE},
};
G_STATIC_ASSERT(G_N_ELEMENTS(points) == VT_FAULT_LAST);

const char *vt_fault_name(VtFaultPoint point)
{
    return points[point].name;
}

static gboolean fail(VtFaultPoint point, GError **error)
{
    g_set_error(error, VT_ERROR, points[point].libvirt ? VT_ERROR_LIBVIRT : VT_ERROR_IO,
                "fault injected at %s", points[point].name);
    return FALSE;
}

/* What the environment wants at @point: "kill", "stop", "fail", "drop"; NULL. */
static const char *wanted_at(VtFaultPoint point)
{
    static char **wanted;

    if (!wanted)
        wanted = g_strsplit(g_getenv("VT_FAULT") ? g_getenv("VT_FAULT") : "", ",", -1);
    for (char **word = wanted; *word; word++) {
        const char *colon = strchr(*word, ':');

        if (colon && strlen(points[point].name) == (gsize)(colon - *word) &&
            g_str_has_prefix(*word, points[point].name))
            return colon + 1;
    }
    return NULL;
}

gboolean vt_fault_at(VtFaultPoint point, GError **error)
{
    static gboolean dropped;
    const char *wanted;

    if (vt_fault_hook)
        return vt_fault_hook(point, error);
    if (dropped && points[point].libvirt)
        return fail(point, error);
    wanted = wanted_at(point);
    if (!wanted)
        return TRUE;
    if (g_str_equal(wanted, "kill"))
        raise(SIGKILL);
    if (g_str_equal(wanted, "stop")) {
        raise(SIGSTOP);
        return TRUE;
    }
    dropped = g_str_equal(wanted, "drop");
    return fail(point, error);
}
