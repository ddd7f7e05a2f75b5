/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/qemu-process.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"

/* The longest command line that Linux lets a process have is far above; QEMU's are some 10 KiB. */
#define CMDLINE_MAX (1024 * 1024)
#define VCPU_MAX 65535
/* PROC_PID_INIT_INO of Linux' include/linux/proc_ns.h. */
#define INITIAL_PID_NS 0xeffffffcu

char *vt_qemu_process_uuid(const VtRoot *root, const char *pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/cmdline", pid);
    g_autofree char *cmdline = NULL;
    const char *word, *end;
    gsize length;

    if (!vt_root_read_bytes(root, path, CMDLINE_MAX, &cmdline, &length, NULL))
        return NULL;
    end = cmdline + length;
    for (word = cmdline; word < end; word += strlen(word) + 1) {
        const char *next = word + strlen(word) + 1;

        if (strcmp(word, "-uuid") == 0 && next < end)
            return g_strdup(next);
    }
    return NULL;
}

static gboolean is_of(const VtRoot *root, const char *pid, const char *uuid)
{
    g_autofree char *found = vt_qemu_process_uuid(root, pid);

    return found && g_ascii_strcasecmp(found, uuid) == 0;
}

/* Where the QEMU driver keeps its PID files (libvirt, src/qemu/qemu_conf.c); NULL for a URI that is
 * not its own. */
static char *run_directory(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    g_autoptr(GHashTable) values = NULL;
    const char *root;

    if (!parsed || !g_str_has_prefix(g_uri_get_scheme(parsed), "qemu"))
        return NULL;
    if (strcmp(g_uri_get_path(parsed), "/system") == 0)
        return g_strdup("/run/libvirt/qemu");
    if (strcmp(g_uri_get_path(parsed), "/session") == 0)
        return g_build_filename(g_get_user_runtime_dir(), "libvirt", "qemu", "run", NULL);
    if (strcmp(g_uri_get_path(parsed), "/embed") != 0 || !g_uri_get_query(parsed))
        return NULL;
    values = g_uri_parse_params(g_uri_get_query(parsed), -1, "&;", G_URI_PARAMS_NONE, NULL);
    root = values ? g_hash_table_lookup(values, "root") : NULL;
    return root ? g_build_filename(root, "run", "qemu", NULL) : NULL;
}

static char *pid_from_file(const VtRoot *root, const char *uri, const char *name)
{
    g_autofree char *directory = run_directory(uri);
    g_autofree char *path = NULL;

    if (!directory || strchr(name, '/'))
        return NULL;
    path = g_strdup_printf("%s/%s.pid", directory, name);
    return vt_root_read_line(root, path);
}

gboolean vt_qemu_process_find(const VtRoot *root, const char *uri, const char *name,
                              const char *uuid, guint32 *ret_pid, GError **error)
{
    g_autofree char *noted = pid_from_file(root, uri, name);
    g_auto(GStrv) entries = NULL;
    guint64 pid;

    /* The file of a domain that died with the host is left behind. */
    if (noted && vt_text_parse_u64(noted, 1, G_MAXINT32, &pid, NULL) && is_of(root, noted, uuid)) {
        *ret_pid = (guint32)pid;
        return TRUE;
    }
    entries = vt_root_list(root, "/proc");
    for (guint i = 0; entries && entries[i]; i++) {
        if (!g_ascii_isdigit(entries[i][0]) ||
            !vt_text_parse_u64(entries[i], 1, G_MAXINT32, &pid, NULL) ||
            !is_of(root, entries[i], uuid))
            continue;
        *ret_pid = (guint32)pid;
        return TRUE;
    }
    g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                _("no process with “-uuid %s” can be seen in /proc; run virt-tune as root, and "
                  "where the domain does"),
                uuid);
    return FALSE;
}

/* The accelerator behind "CPU 3/" in the name of a vCPU's thread, with the number; NULL of any other
 * thread. */
static const char *parse_vcpu(const char *name, guint *ret_vcpu)
{
    g_autofree char *digits = NULL;
    const char *start, *slash;
    guint64 number;

    if (!g_str_has_prefix(name, "CPU "))
        return NULL;
    start = name + strlen("CPU ");
    slash = strchr(start, '/');
    digits = slash ? g_strndup(start, (gsize)(slash - start)) : NULL;
    if (!digits || !vt_text_parse_u64(digits, 0, VCPU_MAX, &number, NULL))
        return NULL;
    *ret_vcpu = (guint)number;
    return slash + 1;
}

/* Calls @each for the vCPU threads of a process. */
static void walk_threads(const VtRoot *root, guint32 pid,
                         void (*each)(guint thread, guint vcpu, const char *accelerator,
                                      gpointer data),
                         gpointer data)
{
    g_autofree char *directory = g_strdup_printf("/proc/%u/task", pid);
    g_auto(GStrv) threads = vt_root_list(root, directory);

    for (guint i = 0; threads && threads[i]; i++) {
        g_autofree char *path = g_strdup_printf("%s/%s/comm", directory, threads[i]);
        g_autofree char *name = vt_root_read_line(root, path);
        const char *accelerator;
        guint64 thread;
        guint vcpu;

        if (!name || !vt_text_parse_u64(threads[i], 1, G_MAXINT32, &thread, NULL))
            continue;
        accelerator = parse_vcpu(name, &vcpu);
        if (accelerator)
            each((guint)thread, vcpu, accelerator, data);
    }
}

static void add_thread(guint thread, guint vcpu, const char *accelerator, gpointer data)
{
    g_hash_table_insert(data, GUINT_TO_POINTER(thread), GUINT_TO_POINTER(vcpu));
}

GHashTable *vt_qemu_process_threads(const VtRoot *root, guint32 pid)
{
    GHashTable *threads = g_hash_table_new(NULL, NULL);

    walk_threads(root, pid, add_thread, threads);
    return threads;
}

guint vt_qemu_process_count_threads(const VtRoot *root, guint32 pid)
{
    g_autofree char *directory = g_strdup_printf("/proc/%u/task", pid);
    g_autofree char *path = vt_root_path(root, directory);
    struct stat list;

    /* A link for each (Linux, fs/proc/base.c), and two of the directory's own. */
    return path && stat(path, &list) == 0 && list.st_nlink > 2 ? (guint)list.st_nlink - 2 : 0;
}

typedef struct {
    guint kvm, emulated;
} Accelerators;

static void count_thread(guint thread, guint vcpu, const char *accelerator, gpointer data)
{
    Accelerators *count = data;

    count->kvm += strcmp(accelerator, "KVM") == 0;
    count->emulated += strcmp(accelerator, "TCG") == 0;
}

gboolean vt_qemu_process_vcpus(const VtRoot *root, guint32 pid, guint *ret_vcpus, gboolean *ret_kvm)
{
    Accelerators count = {0};

    walk_threads(root, pid, count_thread, &count);
    if (count.kvm + count.emulated == 0)
        return FALSE;
    *ret_vcpus = count.kvm + count.emulated;
    *ret_kvm = count.kvm > 0;
    return TRUE;
}

gboolean vt_qemu_process_is_namespaced(const VtRoot *root)
{
    g_autofree char *path = vt_root_path(root, "/proc/self/ns/pid");
    struct stat ns;

    return path && stat(path, &ns) == 0 && ns.st_ino != INITIAL_PID_NS;
}
