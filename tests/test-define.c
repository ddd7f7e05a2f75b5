/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replacing a definition: the sequence, and every point of it made to fail. After each failure the
 * domain has the old or the new definition, the backup is there if anything was written, the message
 * says which, and the next run goes well. */
#include <signal.h>
#include <sys/resource.h>

#include "base/error.h"
#include "plan/define.h"
#include "plan/fault.h"
#include "plan/history.h"
#include "plan/revert.h"
#include "vt-test-apply.h"

/* What the hook does at @point. */
static struct {
    TestApply *test;
    VtFaultPoint point;
    gboolean drop; /* and at all points behind it that talk to libvirt */
    gboolean seen;
    void (*act)(TestApply *test); /* instead of failing; NULL */
    const char *also;             /* another point that fails; NULL */
} plot;

static gboolean is_libvirt(VtFaultPoint point)
{
    return point == VT_FAULT_FETCH || point == VT_FAULT_REFETCH ||
           (point >= VT_FAULT_DEFINE && point <= VT_FAULT_READ_BACK) ||
           point == VT_FAULT_RESTORE || point == VT_FAULT_RESTORED;
}

static gboolean hook(VtFaultPoint point, GError **error)
{
    gboolean also = plot.also && g_str_equal(plot.also, vt_fault_name(point));

    if (point == plot.point && plot.act) {
        plot.seen = TRUE;
        plot.act(plot.test);
        return TRUE;
    }
    if (point != plot.point && !also && !(plot.drop && plot.seen && is_libvirt(point)))
        return TRUE;
    plot.seen = plot.seen || point == plot.point;
    g_set_error(error, VT_ERROR, VT_ERROR_LIBVIRT, "injected at %s", vt_fault_name(point));
    return FALSE;
}

static int set_up(void **state)
{
    *state = test_apply_new(test_domain_xml);
    plot.test = *state;
    plot.point = VT_FAULT_LAST;
    plot.drop = plot.seen = FALSE;
    plot.act = NULL;
    plot.also = NULL;
    vt_fault_hook = hook;
    return 0;
}

static int tear_down(void **state)
{
    vt_fault_hook = NULL;
    test_apply_free(*state);
    return 0;
}

/* One run from the definition as it is now; @undid: the change that it undoes, or 0. */
static gboolean run_undo(TestApply *test, const char *wanted, guint64 undid, VtRecord **ret_record,
                         GError **error)
{
    g_autofree char *before = test_definition(test);
    g_autofree char *sum = vt_store_sum(before ? before : "");
    g_autofree char *shown = test_replace(wanted, " passwd='sesame'", "");
    VtDefine define = {.virt = test->virt,
                       .store = test->store,
                       .before_sha256 = sum,
                       .wanted = wanted,
                       .wanted_shown = shown,
                       .profile = "{}"};

    define.record = vt_record_new(vt_virt_uri(test->virt), "web1", TEST_UUID);
    define.record->revert = undid > 0;
    define.record->undid = undid;
    if (undid == 0)
        vt_record_add_rule(define.record, "pv-eoi", NULL, NULL, "power-cycle");
    *ret_record = define.record;
    return vt_define_run(&define, error);
}

static gboolean run(TestApply *test, const char *wanted, VtRecord **ret_record, GError **error)
{
    return run_undo(test, wanted, 0, ret_record, error);
}

static char *wanted_of(TestApply *test)
{
    g_autofree char *before = test_definition(test);

    return test_replace(before, "<apic eoi='off'/>", "<apic eoi='on'/>");
}

static VtRecord *last_record(TestApply *test, GPtrArray **ret_records)
{
    *ret_records = vt_store_list(test->store, NULL);
    assert_non_null(*ret_records);
    return (*ret_records)->len > 0 ? (*ret_records)->pdata[(*ret_records)->len - 1] : NULL;
}

static void assert_state(TestApply *test, VtRecordState state)
{
    g_autoptr(GPtrArray) records = NULL;
    VtRecord *record = last_record(test, &records);

    assert_non_null(record);
    if (record->state != state)
        fail_msg("state %s: %s", vt_record_state_name(record->state), record->reason);
}

static void assert_definition(TestApply *test, const char *expected)
{
    g_autofree char *now = test_definition(test);

    assert_non_null(now);
    assert_string_equal(now, expected);
}

static void test_goes_well(void **state)
{
    TestApply *test = *state;
    g_autofree char *before = test_definition(test), *wanted = wanted_of(test), *now = NULL;
    g_autofree char *kept = NULL, *shown = NULL, *after = NULL, *profile = NULL;
    g_autoptr(VtRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(run(test, wanted, &record, &error));
    assert_no_error(error);
    now = test_definition(test);
    assert_string_equal(now, wanted);
    assert_state(test, VT_RECORD_APPLIED);
    kept = vt_store_read(test->store, 1, VT_STORE_BEFORE, record->before_sha256, &error);
    assert_string_equal(kept, before);
    assert_non_null(strstr(kept, "sesame"));
    shown = vt_store_read(test->store, 1, VT_STORE_BEFORE_SHOWN, NULL, &error);
    assert_null(strstr(shown, "sesame"));
    after = vt_store_read(test->store, 1, VT_STORE_AFTER, record->after_sha256, &error);
    assert_string_equal(after, now);
    profile = vt_store_read(test->store, 1, VT_STORE_PROFILE, NULL, &error);
    assert_string_equal(profile, "{}");
    assert_int_equal(vt_define_which(test->store, record, before, TRUE), VT_DEFINE_OLD);
    assert_int_equal(vt_define_which(test->store, record, now, TRUE), VT_DEFINE_NEW);
    assert_int_equal(vt_define_which(test->store, record, "<domain/>", TRUE), VT_DEFINE_OTHER);
    assert_int_equal(vt_define_which(test->store, record, shown, FALSE), VT_DEFINE_OLD);
    assert_int_equal(vt_define_which(test->store, record, now, FALSE), VT_DEFINE_OTHER);
    g_free(shown);
    shown = vt_define_fetch(test->virt, TEST_UUID, FALSE, &error);
    assert_int_equal(vt_define_which(test->store, record, shown, FALSE), VT_DEFINE_NEW);
    g_clear_pointer(&record->after_sha256, g_free); /* as where the program was killed */
    assert_int_equal(vt_define_which(test->store, record, shown, FALSE), VT_DEFINE_NEW);
}

/* Every point fails once, alone and with the connection gone from there on. */
static void check_point(TestApply *test, VtFaultPoint point, gboolean drop)
{
    g_autofree char *before = test_definition(test), *wanted = wanted_of(test), *now = NULL;
    g_autofree char *backup = NULL, *message = NULL;
    g_autoptr(VtRecord) record = NULL, again = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = NULL;
    gboolean done, new;

    plot.point = point;
    plot.drop = drop;
    plot.also = point == VT_FAULT_RESTORE || point == VT_FAULT_RESTORED ? "compare" : NULL;
    done = run(test, wanted, &record, &error);
    assert_true(plot.seen);
    now = test_definition(test);
    assert_non_null(now);
    new = g_str_equal(now, wanted);
    if (!new)
        assert_string_equal(now, before);
    if (new) {
        VtRecord *last = last_record(test, &records);

        assert_non_null(last);
        backup = vt_store_read(test->store, last->id, VT_STORE_BEFORE, last->before_sha256, NULL);
        assert_non_null(backup);
        assert_string_equal(backup, before);
    }
    if (!done) {
        assert_message(error, "web1: ");
        if (strstr(error->message, "nothing was changed"))
            assert_false(new);
        if (strstr(error->message, "was changed as wanted"))
            assert_true(new);
    } else {
        assert_true(new);
    }
    print_message("# %-18s %-4s %s definition; %s\n", vt_fault_name(point), drop ? "drop" : "fail",
                  new ? "new" : "old", error ? error->message : "applied");

    /* The next command goes well, and what was open is settled. */
    plot.point = VT_FAULT_LAST;
    plot.drop = plot.seen = FALSE;
    plot.also = NULL;
    g_clear_error(&error);
    assert_true(run(test, before, &again, &error) || !error);
    if (error)
        fail_msg("%s", error->message);
    g_clear_pointer(&records, g_ptr_array_unref);
    last_record(test, &records);
    for (guint i = 0; i < records->len; i++)
        assert_int_not_equal(((VtRecord *)records->pdata[i])->state, VT_RECORD_PREPARED);
    assert_definition(test, before);
}

static void test_every_point(void **state)
{
    for (VtFaultPoint point = 0; point < VT_FAULT_LAST; point++)
        for (int drop = 0; drop < 2; drop++) {
            TestApply *test;

            tear_down(state);
            set_up(state);
            test = *state;
            check_point(test, point, drop);
        }
}

/* What is said of change 1, which is undone or is not, as long as nobody noted more. */
static void check_undone(TestApply *test, gboolean undone)
{
    g_autofree char *now = test_definition(test);
    g_autoptr(GPtrArray) records = vt_store_list(test->store, NULL);
    g_autofree char *shown = vt_define_fetch(test->virt, TEST_UUID, FALSE, NULL);
    VtHistory history = {.store = test->store, .records = records, .current = shown};
    VtHistoryOutcome outcome = vt_history_outcome(&history, records->pdata[0]);
    g_autoptr(GError) error = NULL;
    VtRecord *chosen = vt_revert_choose(test->store, records, 0, now, &error);

    assert_string_equal(vt_history_word(outcome), undone ? "reverted" : "applied");
    if (!undone) {
        assert_ptr_equal(chosen, records->pdata[0]);
        return;
    }
    assert_null(chosen);
    assert_message(error, "no change of this domain is in effect");
    g_clear_error(&error);
    assert_null(vt_revert_choose(test->store, records, 1, now, &error));
    assert_message(error, "change 1 is not in effect (reverted)");
}

/* An undo that ends at @point, as where it is killed there. */
static void check_undo(TestApply *test, VtFaultPoint point, gboolean drop)
{
    g_autofree char *before = test_definition(test), *wanted = wanted_of(test), *now = NULL;
    g_autofree char *edited = NULL;
    g_autoptr(VtRecord) record = NULL, undo = NULL, again = NULL;
    g_autoptr(GPtrArray) records = NULL;
    g_autoptr(GError) error = NULL;
    VtRecordState state;
    gboolean undone;

    assert_true(run(test, wanted, &record, &error));
    /* Another run, which takes the lock anew. */
    vt_store_free(test->store);
    test->store = vt_store_new(test->state, vt_virt_uri(test->virt), TEST_UUID);
    plot.point = point;
    plot.drop = drop;
    plot.also = point == VT_FAULT_RESTORE || point == VT_FAULT_RESTORED ? "compare" : NULL;
    run_undo(test, before, 1, &undo, &error);
    assert_true(plot.seen);
    plot.point = VT_FAULT_LAST;
    plot.drop = plot.seen = FALSE;
    plot.also = NULL;
    now = test_definition(test);
    undone = g_str_equal(now, before);
    print_message("# undo, %-18s %-4s %s\n", vt_fault_name(point), drop ? "drop" : "fail",
                  undone ? "undone" : "as it was");
    state = ((VtRecord *)last_record(test, &records))->state;
    /* One that could not be put back is neither. */
    if (state != VT_RECORD_FAILED)
        check_undone(test, undone);

    /* The next command settles it. */
    g_clear_error(&error);
    edited = test_replace(now, "<memory unit='KiB'>65536<", "<memory unit='KiB'>131072<");
    assert_true(run(test, edited, &again, &error));
    g_ptr_array_unref(records);
    records = vt_store_list(test->store, NULL);
    if (state != VT_RECORD_FAILED)
        assert_int_equal(((VtRecord *)records->pdata[0])->state,
                         undone ? VT_RECORD_REVERTED : VT_RECORD_APPLIED);
    for (guint i = 0; i < records->len; i++)
        assert_int_not_equal(((VtRecord *)records->pdata[i])->state, VT_RECORD_PREPARED);
}

static void test_undo_every_point(void **state)
{
    for (VtFaultPoint point = 0; point < VT_FAULT_LAST; point++)
        for (int drop = 0; drop < 2; drop++) {
            TestApply *test;

            tear_down(state);
            set_up(state);
            test = *state;
            check_undo(test, point, drop);
        }
}

static void test_rejected(void **state)
{
    TestApply *test = *state;
    g_autofree char *before = test_definition(test);
    g_autofree char *wanted = test_replace(before, "<apic eoi='off'/>", "<apic/><no-such-thing/>");
    g_autoptr(VtRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    /* Without validation libvirt would take it and drop the element. */
    assert_false(run(test, wanted, &record, &error));
    assert_message(error, "web1: nothing was changed: libvirt refused the definition");
    assert_definition(test, before);
    assert_state(test, VT_RECORD_REFUSED);
}

static void test_changed_by_libvirt(void **state)
{
    TestApply *test = *state;
    g_autofree char *before = test_definition(test);
    g_autofree char *wanted =
        test_replace(before, "<memory unit='KiB'>65536<", "<memory unit='MiB'>128<");
    g_autoptr(VtRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    assert_false(run(test, wanted, &record, &error));
    assert_message(error, "the old one is back");
    assert_message(error, "/domain/memory");
    assert_definition(test, before);
    assert_state(test, VT_RECORD_RESTORED);
}

static void test_stale_plan(void **state)
{
    TestApply *test = *state;
    g_autofree char *before = test_definition(test), *wanted = wanted_of(test);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRecord) record = vt_record_new(vt_virt_uri(test->virt), "web1", TEST_UUID);
    g_autoptr(GPtrArray) records = NULL;
    VtDefine define = {.virt = test->virt,
                       .store = test->store,
                       .before_sha256 = "0",
                       .wanted = wanted,
                       .wanted_shown = wanted,
                       .record = record};

    assert_false(vt_define_run(&define, &error));
    assert_message(error, "somebody else changed the definition since");
    assert_definition(test, before);
    assert_null(last_record(test, &records));
}

static void edit(TestApply *test)
{
    g_autofree char *now = test_definition(test);
    g_autofree char *edited = test_replace(now, "<vcpu placement='static'>2", "<vcpu>1");

    test_define(test, edited);
}

static void undefine(TestApply *test)
{
    g_autoptr(virDomain) domain =
        virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);

    assert_int_equal(virDomainUndefine(domain), 0);
}

static void change_name(TestApply *test)
{
    g_autoptr(virDomain) domain =
        virDomainLookupByUUIDString(vt_virt_connection(test->virt), TEST_UUID);

    assert_int_equal(virDomainRename(domain, "web2", 0), 0);
}

/* Somebody else at work at every point before the last look: nothing of theirs is lost. */
static void test_lost_update(void **state)
{
    static const VtFaultPoint points[] = {VT_FAULT_FETCH, VT_FAULT_BACKUP_DIR,
                                          VT_FAULT_BACKUP_PUBLISH, VT_FAULT_REFETCH};
    static void (*const acts[])(TestApply *) = {edit, change_name, undefine};

    for (gsize i = 0; i < G_N_ELEMENTS(points) * G_N_ELEMENTS(acts); i++) {
        TestApply *test;
        g_autofree char *wanted = NULL, *now = NULL;
        g_autoptr(VtRecord) record = NULL;
        g_autoptr(GError) error = NULL;

        tear_down(state);
        set_up(state);
        test = *state;
        wanted = wanted_of(test);
        plot.point = points[i / G_N_ELEMENTS(acts)];
        plot.act = acts[i % G_N_ELEMENTS(acts)];
        assert_false(run(test, wanted, &record, &error));
        assert_message(error, "nothing was changed");
        now = test_definition(test);
        if (plot.act == undefine)
            assert_null(now);
        else
            assert_non_null(strstr(now, "eoi='off'"));
        if (plot.act == edit)
            assert_non_null(strstr(now, "<vcpu placement='static'>1"));
        if (plot.act == change_name)
            assert_non_null(strstr(now, "<name>web2</name>"));
    }
}

static void test_undefined_afterwards(void **state)
{
    TestApply *test = *state;
    g_autofree char *wanted = wanted_of(test), *backup = NULL;
    g_autoptr(VtRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    plot.point = VT_FAULT_READ_BACK;
    plot.act = undefine;
    assert_false(run(test, wanted, &record, &error));
    assert_message(error, "somebody else undefined the domain");
    assert_message(error, vt_store_path(test->store));
    backup = vt_store_read(test->store, 1, VT_STORE_BEFORE, record->before_sha256, NULL);
    assert_non_null(backup);
    assert_state(test, VT_RECORD_FAILED);
}

static void test_disk_full(void **state)
{
    TestApply *test = *state;
    g_autofree char *before = test_definition(test), *wanted = wanted_of(test);
    g_autoptr(VtRecord) record = NULL, again = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = NULL;
    struct rlimit old, small;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){.rlim_cur = 512, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_false(run(test, wanted, &record, &error));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_message(error, "nothing was changed: cannot write");
    assert_definition(test, before);
    assert_null(last_record(test, &records));
    g_clear_error(&error);
    assert_true(run(test, wanted, &again, &error));
}

static void test_store_unusable(void **state)
{
    TestApply *test = *state;
    g_autofree char *before = test_definition(test), *wanted = wanted_of(test);
    g_autoptr(VtRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(test->state, "in the way", -1, NULL));
    assert_false(run(test, wanted, &record, &error));
    assert_message(error, "nothing was changed: ");
    assert_message(error, test->state);
    assert_definition(test, before);
}

static void test_locked(void **state)
{
    TestApply *test = *state;
    g_autofree char *before = test_definition(test), *wanted = wanted_of(test);
    g_autoptr(VtStore) other = vt_store_new(test->state, vt_virt_uri(test->virt), TEST_UUID);
    g_autoptr(VtRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(vt_store_lock(other, &error));
    assert_false(run(test, wanted, &record, &error));
    assert_message(error, "another virt-tune");
    assert_definition(test, before);
}

static void test_read_only(void **state)
{
    TestApply *test = *state;
    g_autofree char *wanted = wanted_of(test), *before = test_definition(test);
    g_autofree char *node = g_build_filename(test->dir, "node.xml", NULL);
    g_autofree char *uri = g_strconcat("test://", node, NULL);
    g_autofree char *whole = g_strdup_printf("<node>%s</node>", before);
    g_autoptr(VtRecord) record = vt_record_new(uri, "web1", TEST_UUID);
    g_autoptr(VtVirt) virt = NULL;
    g_autoptr(GError) error = NULL;
    VtDefine define = {.store = test->store, .before_sha256 = "", .wanted = wanted,
                       .wanted_shown = wanted, .record = record};

    assert_true(g_file_set_contents(node, whole, -1, NULL));
    virt = vt_virt_open(uri, FALSE, FALSE, &error);
    assert_no_error(error);
    define.virt = virt;
    assert_false(vt_define_run(&define, &error));
    assert_message(error, "nothing was changed: ");
}

static void test_corrupt_backup(void **state)
{
    TestApply *test = *state;
    g_autofree char *wanted = wanted_of(test), *path = NULL, *now = NULL;
    g_autoptr(VtRecord) record = NULL;
    g_autoptr(GError) error = NULL;

    assert_true(run(test, wanted, &record, &error));
    now = test_definition(test);
    path = vt_store_file(test->store, 1, VT_STORE_BEFORE);
    assert_true(g_file_set_contents(path, "<domain/>", -1, NULL));
    assert_int_equal(vt_define_which(test->store, record, now, TRUE), VT_DEFINE_OTHER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_goes_well),
        TEST(test_every_point),
        TEST(test_undo_every_point),
        TEST(test_rejected),
        TEST(test_changed_by_libvirt),
        TEST(test_stale_plan),
        TEST(test_lost_update),
        TEST(test_undefined_afterwards),
        TEST(test_disk_full),
        TEST(test_store_unusable),
        TEST(test_locked),
        TEST(test_read_only),
        TEST(test_corrupt_backup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
