/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/kvm-debugfs.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "source/qemu-process.h"

/* A line of "/proc/self/mountinfo" and a counter are far shorter. */
#define MOUNTS_MAX (16 * 1024 * 1024)
#define COUNTER_MAX 64

struct VtKvmDebugfs {
    const VtRoot *root;
    char *dir;   /* of KVM */
    GStrv names; /* of its counters */
};

/* The mount point of a line of /proc/self/mountinfo where that is of a whole debugfs, else NULL
 * (proc_pid_mountinfo(5): "36 35 0:8 / /sys/kernel/debug rw shared:7 - debugfs none rw"). */
static char *mount_point(const char *line)
{
    const char *separator = strstr(line, " - ");
    g_auto(GStrv) words = NULL;

    if (!separator || !g_str_has_prefix(separator, " - debugfs "))
        return NULL;
    words = g_strsplit(line, " ", 6);
    if (g_strv_length(words) < 6 || strcmp(words[3], "/") != 0 || words[4][0] != '/')
        return NULL;
    return g_strcompress(words[4]);
}

/* What keeps the counters from being read, by what happened to one of them. */
static void explain(GError **error, const GError *why, const char *dir)
{
    g_autofree char *name = vt_text_printable(dir, FALSE);

    if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_ACCES))
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("only root may read %s; run virt-tune as root"), name);
    else if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_PERM))
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("the kernel lets nobody read the counters in %s, as where it is locked down "
                      "(Secure Boot)"),
                    name);
    else if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED, _("KVM has no counters in %s"), name);
    else
        g_set_error_literal(error, VT_ERROR, VT_ERROR_UNSUPPORTED, why->message);
}

/* KVM's directory in the first debugfs where its counters can be read. One debugfs may be mounted more than
 * once, and below something that hides it or others may not pass. */
static char *find_directory(const VtRoot *root, GError **error)
{
    g_autofree char *mounts = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) first = NULL;

    if (!vt_root_read(root, "/proc/self/mountinfo", MOUNTS_MAX, &mounts, NULL, error))
        return NULL;
    lines = g_strsplit(mounts, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autofree char *mount = mount_point(*line);
        g_autofree char *dir = mount ? g_build_filename(mount, "kvm", NULL) : NULL;
        g_autofree char *file = dir ? g_build_filename(dir, "exits", NULL) : NULL;
        g_autofree char *text = NULL;
        g_autoptr(GError) local = NULL;

        if (!mount)
            continue;
        if (vt_root_read(root, file, COUNTER_MAX, &text, NULL, &local))
            return g_steal_pointer(&dir);
        if (!first)
            explain(&first, local, dir);
    }
    if (first)
        g_propagate_error(error, g_steal_pointer(&first));
    else
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("debugfs is not mounted; as root: mount -t debugfs debugfs "
                      "/sys/kernel/debug"));
    return NULL;
}

static gboolean is_counter(const char *name)
{
    return g_ascii_isalpha(*name) &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0' &&
           !vt_metric_kvm_stat_is_gauge(name);
}

VtKvmDebugfs *vt_kvm_debugfs_open(const VtRoot *root, GError **error)
{
    g_autoptr(VtKvmDebugfs) self = g_new0(VtKvmDebugfs, 1);
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    g_auto(GStrv) entries = NULL;

    if (vt_qemu_process_is_namespaced(root)) {
        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("KVM names its counters by the host's process ids, which are others here; run "
                      "virt-tune in the host's PID namespace"));
        return NULL;
    }
    self->root = root;
    self->dir = find_directory(root, error);
    if (!self->dir)
        return NULL;
    /* The sums over all VMs have the names. What else is in a VM's directory is no counter, and
     * reading it may hold the VM up for long (mmu_rmaps_stat). */
    entries = vt_root_list(root, self->dir);
    for (guint i = 0; entries && entries[i]; i++)
        if (is_counter(entries[i]))
            g_strv_builder_add(names, entries[i]);
    self->names = g_strv_builder_end(names);
    return g_steal_pointer(&self);
}

void vt_kvm_debugfs_free(VtKvmDebugfs *debugfs)
{
    if (!debugfs)
        return;
    g_free(debugfs->dir);
    g_strfreev(debugfs->names);
    g_free(debugfs);
}

GStrv vt_kvm_debugfs_list(const VtKvmDebugfs *debugfs)
{
    g_autoptr(GStrvBuilder) vms = g_strv_builder_new();
    g_auto(GStrv) entries = vt_root_list(debugfs->root, debugfs->dir);

    for (guint i = 0; entries && entries[i]; i++)
        if (g_ascii_isdigit(entries[i][0]) && strchr(entries[i], '-'))
            g_strv_builder_add(vms, entries[i]);
    return g_strv_builder_end(vms);
}

GStrv vt_kvm_debugfs_select(const char *const *vms, guint32 pid)
{
    g_autoptr(GStrvBuilder) own = g_strv_builder_new();
    g_autofree char *prefix = g_strdup_printf("%u-", pid);

    for (guint i = 0; vms[i]; i++)
        if (g_str_has_prefix(vms[i], prefix))
            g_strv_builder_add(own, vms[i]);
    return g_strv_builder_end(own);
}

static gboolean read_counter(const VtKvmDebugfs *self, const char *vm, const char *name,
                             guint64 *ret_value)
{
    g_autofree char *path = g_build_filename(self->dir, vm, name, NULL);
    g_autofree char *text = NULL;

    return vt_root_read(self->root, path, COUNTER_MAX, &text, NULL, NULL) &&
           g_ascii_isdigit(g_strchomp(text)[0]) && text[1] != 'x' &&
           vt_text_parse_u64(text, 0, G_MAXINT64, ret_value, NULL);
}

VtDomstats *vt_kvm_debugfs_read(const VtKvmDebugfs *debugfs, const char *const *vms)
{
    g_autoptr(VtDomstats) stats = vt_domstats_new();

    for (guint i = 0; debugfs->names[i]; i++) {
        g_autofree char *field = g_strdup_printf("vm.%s.sum", debugfs->names[i]);
        guint64 sum = 0;
        guint n = 0;

        for (guint64 value; vms[n] && read_counter(debugfs, vms[n], debugfs->names[i], &value); n++)
            sum += value;
        if (n > 0 && !vms[n])
            vt_domstats_add(stats, field, sum);
    }
    for (guint n = 0; vms[n]; n++) {
        g_autofree char *path = g_build_filename(debugfs->dir, vms[n], NULL);

        if (!vt_root_exists(debugfs->root, path))
            return NULL;
    }
    stats->has_kvm = vt_domstats_counters(stats) > 0;
    return g_steal_pointer(&stats);
}
