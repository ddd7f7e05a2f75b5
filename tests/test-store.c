/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kept changes: numbers, whole or not there, locks, damage, and who may look. */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "plan/store.h"
#include "vt-test-apply.h"

#define URI "qemu:///embed?root=/a/../b"

typedef struct {
    char *dir;
    VtStore *store;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = g_dir_make_tmp("test-store-XXXXXX", NULL);
    f->store = vt_store_new(f->dir, URI, TEST_UUID);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    vt_store_free(f->store);
    test_remove(f->dir);
    g_free(f->dir);
    g_free(f);
    return 0;
}

static VtRecord *add(Fixture *f, const char *profile)
{
    VtStoreBackup backup = {.before = "<before passwd='sesame'/>",
                            .wanted = "<wanted/>",
                            .before_shown = "<before/>",
                            .wanted_shown = "<wanted/>",
                            .profile = profile};
    VtRecord *record = vt_record_new(URI, "web1", TEST_UUID);
    g_autoptr(GError) error = NULL;

    vt_store_lock(f->store, &error);
    assert_no_error(error);
    vt_store_add(f->store, record, &backup, &error);
    assert_no_error(error);
    return record;
}

static void check_private(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
    if (S_ISDIR(st.st_mode)) {
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name;

        while ((name = g_dir_read_name(dir))) {
            g_autofree char *child = g_build_filename(path, name, NULL);

            check_private(child);
        }
    }
}

static void test_add(void **state)
{
    Fixture *f = *state;
    mode_t mask = umask(0);
    g_autoptr(VtRecord) first = add(f, "{}"), second = add(f, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autofree char *before = NULL, *profile = NULL, *none = NULL;

    umask(mask);
    assert_int_equal(first->id, 1);
    assert_int_equal(second->id, 2);
    records = vt_store_list(f->store, &error);
    assert_no_error(error);
    assert_int_equal(records->len, 2);
    assert_string_equal(((VtRecord *)records->pdata[1])->before_sha256, second->before_sha256);
    before = vt_store_read(f->store, 1, VT_STORE_BEFORE, first->before_sha256, &error);
    assert_string_equal(before, "<before passwd='sesame'/>");
    profile = vt_store_read(f->store, 1, VT_STORE_PROFILE, NULL, &error);
    assert_string_equal(profile, "{}");
    none = vt_store_file(f->store, 2, VT_STORE_PROFILE);
    assert_false(g_file_test(none, G_FILE_TEST_EXISTS));
    check_private(f->dir);
    /* No URI leads out of the state directory. */
    assert_true(g_str_has_prefix(vt_store_path(f->store), f->dir));
    assert_null(strstr(vt_store_path(f->store) + strlen(f->dir), "/../"));
}

static void test_update(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtRecord) record = add(f, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autofree char *after = NULL;

    record->state = VT_RECORD_APPLIED;
    assert_true(vt_store_write(f->store, 1, VT_STORE_AFTER, "<after/>", &error));
    assert_true(vt_store_update(f->store, record, &error));
    records = vt_store_list(f->store, &error);
    assert_int_equal(((VtRecord *)records->pdata[0])->state, VT_RECORD_APPLIED);
    after = vt_store_read(f->store, 1, VT_STORE_AFTER, NULL, &error);
    assert_string_equal(after, "<after/>");
}

static void test_empty(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = vt_store_list(f->store, &error);
    g_autofree char *found = vt_store_find(f->dir, URI, "web1");

    assert_no_error(error);
    assert_int_equal(records->len, 0);
    assert_null(found);
    assert_null(vt_store_read(f->store, 1, VT_STORE_BEFORE, NULL, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
}

/* What a killed run leaves has no number, and does not stand in the way. */
static void test_half(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtRecord) first = add(f, NULL);
    g_autofree char *half = g_build_filename(vt_store_path(f->store), "new", NULL);
    g_autofree char *file = g_build_filename(half, "before.xml", NULL);
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(VtRecord) second = NULL;

    assert_int_equal(g_mkdir(half, 0700), 0);
    assert_true(g_file_set_contents(file, "<half", -1, NULL));
    records = vt_store_list(f->store, NULL);
    assert_int_equal(records->len, 1);
    second = add(f, NULL);
    assert_int_equal(second->id, 2);
    assert_false(g_file_test(half, G_FILE_TEST_EXISTS));
}

static void test_damaged(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtRecord) record = add(f, NULL), second = add(f, NULL);
    g_autofree char *before = vt_store_file(f->store, 1, VT_STORE_BEFORE);
    g_autofree char *manifest = vt_store_file(f->store, 2, "manifest.json");
    g_autofree char *other = vt_store_file(f->store, 1, "manifest.json"), *text = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(before, "<before passwd='other'/>", -1, NULL));
    assert_null(vt_store_read(f->store, 1, VT_STORE_BEFORE, record->before_sha256, &error));
    assert_message(error, "corrupt");
    assert_message(error, before);

    /* Another change's manifest is as good as none, and hides no other change. */
    assert_true(g_file_get_contents(other, &text, NULL, NULL));
    assert_true(g_file_set_contents(manifest, text, -1, NULL));
    records = vt_store_list(f->store, NULL);
    assert_int_equal(records->len, 2);
    assert_int_equal(((VtRecord *)records->pdata[0])->state, VT_RECORD_PREPARED);
    assert_int_equal(((VtRecord *)records->pdata[1])->state, VT_RECORD_DAMAGED);
    assert_int_equal(((VtRecord *)records->pdata[1])->id, 2);
    assert_non_null(strstr(((VtRecord *)records->pdata[1])->reason, manifest));
}

static void test_lock(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtStore) other = vt_store_new(f->dir, URI, TEST_UUID);
    g_autoptr(VtStore) elsewhere = vt_store_new(f->dir, URI, "another");
    g_autofree char *pid = g_strdup_printf("process %ld, since 20", (long)getpid());

    assert_true(vt_store_lock(f->store, &error));
    assert_true(vt_store_lock(f->store, &error)); /* it has it */
    assert_false(vt_store_lock(other, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_FAILED));
    assert_message(error, pid);
    g_clear_error(&error);
    assert_true(vt_store_lock(elsewhere, &error));
    g_clear_pointer(&f->store, vt_store_free);
    assert_true(vt_store_lock(other, &error));
    assert_no_error(error);
}

/* A process that was killed holds nothing. */
static void test_lock_killed(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    int status;
    pid_t child = fork();

    if (child == 0)
        raise(vt_store_lock(f->store, NULL) ? SIGKILL : SIGTERM);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_true(vt_store_lock(f->store, &error));
    assert_no_error(error);
}

static void test_unwritable(void **state)
{
    Fixture *f = *state;
    g_autofree char *file = g_build_filename(f->dir, "file", NULL);
    g_autoptr(VtStore) store = vt_store_new(file, URI, TEST_UUID);
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(file, "", -1, NULL));
    assert_false(vt_store_lock(store, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_IO));
    assert_message(error, file);
}

static void test_find(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtRecord) record = add(f, NULL);
    g_autofree char *by_name = vt_store_find(f->dir, URI, "web1");
    g_autofree char *by_uuid = vt_store_find(f->dir, URI, TEST_UUID);
    g_autofree char *none = vt_store_find(f->dir, URI, "web");
    g_autofree char *elsewhere = vt_store_find(f->dir, "qemu:///system", "web1");

    assert_string_equal(by_name, TEST_UUID);
    assert_string_equal(by_uuid, TEST_UUID);
    assert_null(none);
    assert_null(elsewhere);
}

static void test_state_dir(void **state)
{
    g_autofree char *xdg = NULL, *usual = NULL, *saved = g_strdup(g_getenv("XDG_STATE_HOME"));

    g_setenv("XDG_STATE_HOME", "/x/state", TRUE);
    xdg = vt_store_state_dir();
    assert_string_equal(xdg, "/x/state/virt-tune");
    g_setenv("XDG_STATE_HOME", "relative", TRUE); /* the specification has it ignored */
    usual = vt_store_state_dir();
    if (geteuid() == 0)
        assert_string_equal(usual, "/var/lib/virt-tune");
    else
        assert_true(g_str_has_suffix(usual, "/.local/state/virt-tune"));
    if (saved)
        g_setenv("XDG_STATE_HOME", saved, TRUE);
    else
        g_unsetenv("XDG_STATE_HOME");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_add),  TEST(test_update),      TEST(test_empty), TEST(test_half),
        TEST(test_damaged), TEST(test_lock),     TEST(test_lock_killed),
        TEST(test_unwritable), TEST(test_find),  TEST(test_state_dir),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
