/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The points at which a test can make changing a definition fail or stop. Only the test programs are
 * built with VT_FAULT_INJECTION; in the program that is installed a point is nothing. */
#pragma once

#include <glib.h>

/* In the order in which a change passes them; each stands before what it names, but for those called
 * "…ED", which stand behind. */
typedef enum {
    VT_FAULT_LOCK,
    VT_FAULT_FETCH,
    VT_FAULT_VALIDATE,
    VT_FAULT_BACKUP_DIR,
    VT_FAULT_BACKUP_DEFINITION,
    VT_FAULT_BACKUP_WANTED,
    VT_FAULT_BACKUP_PROFILE,
    VT_FAULT_BACKUP_MANIFEST,
    VT_FAULT_BACKUP_PUBLISH,
    VT_FAULT_BACKED_UP,
    VT_FAULT_REFETCH,
    VT_FAULT_DEFINE,
    VT_FAULT_DEFINED,
    VT_FAULT_READ_BACK,
    VT_FAULT_COMPARE,
    VT_FAULT_RESTORE,
    VT_FAULT_RESTORED,
    VT_FAULT_SAVE_AFTER,
    VT_FAULT_SAVE_UNDONE,
    VT_FAULT_SAVE_MANIFEST,
    VT_FAULT_SAVED,
    VT_FAULT_LAST
} VtFaultPoint;

#ifdef VT_FAULT_INJECTION
/* "backup-dir" … */
const char *vt_fault_name(VtFaultPoint point);
/* FALSE with @error where the test wants a failure here. */
gboolean vt_fault_at(VtFaultPoint point, GError **error);
/* Replaces what the environment says. NULL: VT_FAULT is a list, separated by commas, of NAME:fail,
 * NAME:kill, NAME:stop (with SIGSTOP, each time), and NAME:drop (this point and all behind it that talk
 * to libvirt fail, as after a lost connection). */
extern gboolean (*vt_fault_hook)(VtFaultPoint point, GError **error);
#else
static inline gboolean vt_fault_at(VtFaultPoint point, GError **error)
{
    return TRUE;
}
#endif
