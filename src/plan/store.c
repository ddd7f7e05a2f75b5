/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where changes are kept. */
#include "config.h"

#include "plan/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/xml.h"
#include "plan/fault.h"
#include "source/native.h"

#define MANIFEST "manifest.json"
#define MANIFEST_MAX (1024 * 1024)
#define NEW "new" /* a change that has no name yet */

struct VtStore {
    char *path;
    int lock; /* -1: not held */
};

char *vt_store_state_dir(void)
{
    const char *xdg = g_getenv("XDG_STATE_HOME");

    if (xdg && g_path_is_absolute(xdg))
        return g_build_filename(xdg, "virt-tune", NULL);
    if (geteuid() == 0)
        return g_strdup("/var/lib/virt-tune");
    return g_build_filename(g_get_home_dir(), ".local", "state", "virt-tune", NULL);
}

/* A URI as one file name. It stays readable where it fits; names are limited to 255 bytes. */
static char *connection_name(const char *uri)
{
    g_autofree char *escaped = g_uri_escape_string(uri, NULL, FALSE);

    return strlen(escaped) <= 200 ? g_steal_pointer(&escaped)
                                  : g_compute_checksum_for_string(G_CHECKSUM_SHA256, uri, -1);
}

static char *connection_dir(const char *state, const char *uri)
{
    g_autofree char *chosen = state ? g_strdup(state) : vt_store_state_dir();
    g_autofree char *name = connection_name(uri);

    return g_build_filename(chosen, name, NULL);
}

VtStore *vt_store_new(const char *state, const char *uri, const char *uuid)
{
    VtStore *store = g_new0(VtStore, 1);
    g_autofree char *dir = connection_dir(state, uri);
    g_autofree char *name = g_uri_escape_string(uuid, NULL, FALSE);

    store->path = g_build_filename(dir, name, NULL);
    store->lock = -1;
    return store;
}

void vt_store_free(VtStore *store)
{
    if (!store)
        return;
    if (store->lock >= 0)
        close(store->lock);
    g_free(store->path);
    g_free(store);
}

const char *vt_store_path(const VtStore *store)
{
    return store->path;
}

char *vt_store_file(const VtStore *store, guint64 id, const char *file)
{
    return g_strdup_printf("%s/%" G_GUINT64_FORMAT "%s%s", store->path, id, file ? "/" : "",
                           file ? file : "");
}

/* The state directory and those below it are all the user's own. */
static gboolean make_dirs(const VtStore *store, GError **error)
{
    g_autofree char *connection = g_path_get_dirname(store->path);
    g_autofree char *state = g_path_get_dirname(connection);

    return vt_durable_mkdir(state, error) && vt_durable_mkdir(connection, error) &&
           vt_durable_mkdir(store->path, error);
}

/* The file of a lock says "PROCESS TIME". */
static void set_locked(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) words = g_file_get_contents(path, &text, NULL, NULL)
                              ? g_strsplit(g_strchomp(text), " ", 2)
                              : NULL;
    g_autoptr(GDateTime) since =
        words && words[0] && words[1] ? g_date_time_new_from_iso8601(words[1], NULL) : NULL;
    guint64 pid;

    if (since && vt_text_parse_u64(words[0], 1, G_MAXINT, &pid, NULL))
        g_set_error(error, VT_ERROR, VT_ERROR_FAILED,
                    _("another virt-tune (process %1$" PRIu64
                      ", since %2$s) is changing this domain; wait for it, then try again"),
                    pid, words[1]);
    else
        g_set_error_literal(error, VT_ERROR, VT_ERROR_FAILED,
                            _("another virt-tune is changing this domain; wait for it, then try "
                              "again"));
}

gboolean vt_store_lock(VtStore *store, GError **error)
{
    g_autofree char *path = g_build_filename(store->path, "lock", NULL);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    g_autofree char *holder = g_strdup_printf("%ld %s\n", (long)getpid(), time);
    int fd;

    if (store->lock >= 0)
        return TRUE;
    if (!vt_fault_at(VT_FAULT_LOCK, error) || !make_dirs(store, error))
        return FALSE;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (fd >= 0 && errno == EWOULDBLOCK)
            set_locked(path, error);
        else
            g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot lock %s: %s"), path,
                        g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    /* Only a hint for who finds it locked: whether it can be written does not matter. */
    if (ftruncate(fd, 0) < 0 || write(fd, holder, strlen(holder)) < 0)
        g_debug("%s: %s", path, g_strerror(errno));
    store->lock = fd;
    return TRUE;
}

/* The number that a directory of a change is called by; 0 for another name. */
static guint64 id_of(const char *name)
{
    guint64 id;

    return *name != '0' && strspn(name, "0123456789") == strlen(name) &&
                   vt_text_parse_u64(name, 1, G_MAXINT64, &id, NULL)
               ? id
               : 0;
}

static int compare_ids(gconstpointer a, gconstpointer b)
{
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;

    return x < y ? -1 : x > y;
}

/* Ascending. */
static GArray *list_ids(const VtStore *store, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GError) why = NULL;
    g_autoptr(GDir) dir = g_dir_open(store->path, 0, &why);
    const char *name;

    if (!dir && !g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot read %s: %s"), store->path,
                    why->message);
        return NULL;
    }
    while (dir && (name = g_dir_read_name(dir))) {
        guint64 id = id_of(name);

        if (id > 0)
            g_array_append_val(ids, id);
    }
    g_array_sort(ids, compare_ids);
    return g_steal_pointer(&ids);
}

static gboolean write_backup(const char *dir, const VtRecord *record, const VtStoreBackup *backup,
                             GError **error)
{
    g_autofree char *manifest = vt_record_format(record);

    return vt_fault_at(VT_FAULT_BACKUP_DEFINITION, error) &&
           vt_durable_write(dir, VT_STORE_BEFORE, backup->before, error) &&
           vt_durable_write(dir, VT_STORE_BEFORE_SHOWN, backup->before_shown, error) &&
           vt_fault_at(VT_FAULT_BACKUP_WANTED, error) &&
           vt_durable_write(dir, VT_STORE_WANTED, backup->wanted, error) &&
           vt_durable_write(dir, VT_STORE_WANTED_SHOWN, backup->wanted_shown, error) &&
           vt_fault_at(VT_FAULT_BACKUP_PROFILE, error) &&
           (!backup->profile ||
            vt_durable_write(dir, VT_STORE_PROFILE, backup->profile, error)) &&
           vt_fault_at(VT_FAULT_BACKUP_MANIFEST, error) &&
           vt_durable_write(dir, MANIFEST, manifest, error);
}

gboolean vt_store_add(VtStore *store, VtRecord *record, const VtStoreBackup *backup, GError **error)
{
    g_autofree char *dir = g_build_filename(store->path, NEW, NULL);
    g_autofree char *name = NULL;
    g_autoptr(GArray) ids = NULL;

    g_return_val_if_fail(store->lock >= 0, FALSE);

    ids = list_ids(store, error);
    if (!ids)
        return FALSE;
    record->id = ids->len > 0 ? g_array_index(ids, guint64, ids->len - 1) + 1 : 1;
    g_free(record->before_sha256);
    record->before_sha256 = vt_store_sum(backup->before);
    g_free(record->wanted_sha256);
    record->wanted_sha256 = vt_store_sum(backup->wanted);
    name = g_strdup_printf("%" G_GUINT64_FORMAT, record->id);
    /* What a run that was killed left behind never had a name. */
    if (!vt_durable_remove(dir, error) || !vt_fault_at(VT_FAULT_BACKUP_DIR, error) ||
        !vt_durable_mkdir(dir, error))
        return FALSE;
    if (write_backup(dir, record, backup, error) && vt_fault_at(VT_FAULT_BACKUP_PUBLISH, error) &&
        vt_durable_rename(store->path, NEW, name, error))
        return TRUE;
    vt_durable_remove(dir, NULL);
    return FALSE;
}

gboolean vt_store_update(VtStore *store, const VtRecord *record, GError **error)
{
    g_autofree char *manifest = vt_record_format(record);

    return vt_store_write(store, record->id, MANIFEST, manifest, error);
}

gboolean vt_store_write(VtStore *store, guint64 id, const char *file, const char *text,
                        GError **error)
{
    g_autofree char *dir = vt_store_file(store, id, NULL);

    return vt_durable_write(dir, file, text, error);
}

static VtRecord *load_record(const VtStore *store, guint64 id, GError **error)
{
    g_autofree char *path = vt_store_file(store, id, MANIFEST);
    g_autofree char *text = NULL;
    g_autoptr(VtRecord) record = NULL;
    gsize length;

    if (!vt_file_read(path, MANIFEST_MAX, &text, &length, error))
        return NULL;
    record = vt_record_parse(text, length, path, error);
    if (!record)
        return NULL;
    if (record->id != id) {
        vt_error_set_input(error, path, 0, _("this is the manifest of another change (%" PRIu64 ")"),
                           record->id);
        return NULL;
    }
    return g_steal_pointer(&record);
}

static VtRecord *damaged_record(guint64 id, const char *why)
{
    VtRecord *record = vt_record_new(NULL, NULL, NULL);

    record->id = id;
    record->state = VT_RECORD_DAMAGED;
    record->reason = g_strdup(why);
    g_clear_pointer(&record->time, g_free);
    g_clear_pointer(&record->user, g_free);
    return record;
}

GPtrArray *vt_store_list(const VtStore *store, GError **error)
{
    g_autoptr(GArray) ids = list_ids(store, error);
    GPtrArray *records;

    if (!ids)
        return NULL;
    records = g_ptr_array_new_with_free_func((GDestroyNotify)vt_record_free);
    for (guint i = 0; i < ids->len; i++) {
        guint64 id = g_array_index(ids, guint64, i);
        g_autoptr(GError) why = NULL;
        VtRecord *record = load_record(store, id, &why);

        g_ptr_array_add(records, record ? record : damaged_record(id, why->message));
    }
    return records;
}

char *vt_store_read(const VtStore *store, guint64 id, const char *file, const char *sha256,
                    GError **error)
{
    g_autofree char *path = vt_store_file(store, id, file);
    g_autofree char *text = NULL, *sum = NULL;
    gsize length;

    if (!vt_file_read(path, g_str_equal(file, VT_STORE_PROFILE) ? VT_NATIVE_MAX : VT_XML_MAX,
                      &text, &length, error))
        return NULL;
    sum = sha256 ? g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, length)
                 : NULL;
    if (sum && !g_str_equal(sum, sha256)) {
        vt_error_set_input(error, path, 0,
                           _("the backup is corrupt: its SHA-256 is not the one that its manifest "
                             "names, so it is not used"));
        return NULL;
    }
    return g_steal_pointer(&text);
}

static gboolean has_name(const char *dir, const char *key)
{
    VtStore store = {.path = (char *)dir, .lock = -1};
    g_autoptr(GPtrArray) records = vt_store_list(&store, NULL);

    for (guint i = records ? records->len : 0; i-- > 0;) {
        const VtRecord *record = g_ptr_array_index(records, i);

        if (record->state != VT_RECORD_DAMAGED)
            return g_str_equal(record->name, key);
    }
    return FALSE;
}

char *vt_store_find(const char *state, const char *uri, const char *key)
{
    g_autofree char *path = connection_dir(state, uri);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *domain = g_build_filename(path, name, NULL);

        if (g_ascii_strcasecmp(name, key) == 0 || has_name(domain, key))
            return g_uri_unescape_string(name, NULL);
    }
    return NULL;
}

char *vt_store_sum(const char *text)
{
    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}
