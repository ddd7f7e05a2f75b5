/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to libvirt's test driver and to an embedded driver without any emulator; neither
 * needs a daemon. */
#include "vt-test.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <libvirt/virterror.h>
#include <unistd.h>

#include "base/error.h"
#include "base/virt.h"

#define UUID_WEB "4c3a1d9e-0001-4000-8000-000000000001"
#define UUID_NUMBER "4c3a1d9e-0002-4000-8000-000000000002"
#define UUID_UUID "4c3a1d9e-0003-4000-8000-000000000003"

#define DOMAIN(name, uuid, state)                                                                  \
    "<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>" name      \
    "</name><uuid>" uuid                                                                           \
    "</uuid><memory>1024</memory><vcpu>1</vcpu><os><type>hvm</type></os><test:runstate>" state     \
    "</test:runstate></domain>"

/* Domains are named like another one's id and UUID; running ones get the ids 1, 2, … in order. */
static const char node_text[] = "<node>" DOMAIN("web", UUID_WEB, "1") DOMAIN("1", UUID_NUMBER, "1")
    DOMAIN(UUID_WEB, UUID_UUID, "5")
        DOMAIN("77", "4c3a1d9e-0004-4000-8000-000000000004", "5") "</node>";

typedef struct {
    char *dir;
    char *uri;
    VtVirt *virt;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;

    f->dir = g_dir_make_tmp("test-virt-XXXXXX", NULL);
    path = g_build_filename(f->dir, "node.xml", NULL);
    g_file_set_contents(path, node_text, -1, NULL);
    f->uri = g_strconcat("test://", path, NULL);
    f->virt = vt_virt_open(f->uri, FALSE, FALSE, &error);
    if (!f->virt)
        print_error("%s\n", error->message);
    *state = f;
    return f->virt ? 0 : -1;
}

static int tear_down(void **state)
{
    Fixture *f = *state;
    const char *argv[] = {"rm", "-rf", "--", f->dir, NULL};

    vt_virt_close(f->virt);
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
    g_free(f->uri);
    g_free(f->dir);
    g_free(f);
    return 0;
}

static void a_connection_knows_itself(void **state)
{
    Fixture *f = *state;

    assert_string_equal(vt_virt_uri(f->virt), f->uri);
    assert_false(vt_virt_is_local(f->virt));
    assert_true(vt_virt_libvirt_version(f->virt) >= 6010000);
    assert_true(vt_virt_hypervisor_version(f->virt) > 0);
    assert_non_null(vt_virt_connection(f->virt));
}

static void local_means_this_machine(void **state)
{
    static const struct {
        const char *uri;
        gboolean local;
    } cases[] = {
        {"qemu:///system", TRUE},
        {"qemu:///session", TRUE},
        {"qemu+unix:///system", TRUE},
        {"qemu+unix:///system?socket=/run/x", TRUE},
        {"qemu:///embed?root=/tmp/x", TRUE},
        {"lxc:///system", TRUE},
        {"qemu+ssh://host/system", FALSE},
        {"qemu+ssh://root@[::1]:22/system", FALSE},
        {"qemu+tcp://localhost/system", FALSE},
        {"qemu+tls:///system", FALSE},
        {"qemu+ext:///system?command=x", FALSE},
        {"qemu://host/system", FALSE},
        {"esx://host/", FALSE},
        {"test:///default", FALSE},
        {"test+unix:///default", FALSE},
        {"", FALSE},
        {"/system", FALSE},
        {"not a uri", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        if (vt_virt_uri_is_local(cases[i].uri) != cases[i].local)
            fail_msg("%s is taken wrongly", cases[i].uri);
}

static void neither_local_nor_remote_is_simulated(void **state)
{
    static const struct {
        const char *uri;
        gboolean remote;
    } cases[] = {
        {"qemu+ssh://root@[::1]:22/system", TRUE}, {"qemu+tcp://localhost/system", TRUE},
        {"qemu+tls:///system", TRUE},              {"qemu+ext:///system?command=x", TRUE},
        {"esx://host/", TRUE},                     {"test:///default", FALSE},
        {"test+unix:///default", FALSE},           {"test+ssh://host/default", TRUE},
        {"qemu:///system", FALSE},                 {"", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        if (vt_virt_uri_is_remote(cases[i].uri) != cases[i].remote)
            fail_msg("%s is taken wrongly", cases[i].uri);
}

static void lookup_tries_id_then_uuid_then_name(void **state)
{
    static const struct {
        const char *key, *name;
    } cases[] = {
        {"web", "web"},
        {"1", "web"}, /* an id before the name "1" */
        {"2", "1"},
        {UUID_WEB, "web"}, /* a UUID before the name that looks like one */
        {UUID_UUID, UUID_WEB},
        {"77", "77"}, /* no such id */
    };
    Fixture *f = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(virDomain) domain = vt_virt_lookup(f->virt, cases[i].key, &error);

        if (!domain)
            fail_msg("%s", error->message);
        assert_string_equal(virDomainGetName(domain), cases[i].name);
    }
}

static void missing_domains_are_explained(void **state)
{
    static const struct {
        const char *key, *shown;
    } cases[] = {
        {"nosuch", "'nosuch'"},
        {"", "''"},
        {"4711", "'4711'"},
        {"-1", "'-1'"},
        {"99999999999999999999", "'99999999999999999999'"},
        {"0x1", "'0x1'"},
        {"../../etc/passwd", "'../../etc/passwd'"},
        {"4c3a1d9e-ffff-4000-8000-000000000001", "'4c3a1d9e-ffff"},
        {"zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", "'zzzzzzzz-"},
        {"a\x1b[2J", "'a\\x1b[2J'"},
    };
    Fixture *f = *state;

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        assert_null(vt_virt_lookup(f->virt, cases[i].key, &error));
        assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_NOT_FOUND));
        assert_non_null(strstr(error->message, cases[i].shown));
        assert_non_null(strstr(error->message, vt_virt_uri(f->virt)));
        assert_non_null(strstr(error->message, "virt-tune list"));
    }
}

static void lists_are_sorted_and_filtered(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) all = vt_virt_list(f->virt, 0, NULL);
    g_autoptr(GPtrArray) running = vt_virt_list(f->virt, VIR_CONNECT_LIST_DOMAINS_ACTIVE, NULL);
    g_autoptr(GPtrArray) none = vt_virt_list(f->virt, VIR_CONNECT_LIST_DOMAINS_PAUSED, NULL);

    assert_int_equal(all->len, 4);
    assert_string_equal(virDomainGetName(all->pdata[0]), "1");
    assert_string_equal(virDomainGetName(all->pdata[1]), UUID_WEB);
    assert_string_equal(virDomainGetName(all->pdata[2]), "77");
    assert_string_equal(virDomainGetName(all->pdata[3]), "web");
    assert_int_equal(running->len, 2);
    assert_int_equal(none->len, 0);
}

static void ids_are_of_those_that_run(void **state)
{
    Fixture *f = *state;
    g_autoptr(GPtrArray) running = vt_virt_list(f->virt, VIR_CONNECT_LIST_DOMAINS_ACTIVE, NULL);
    g_autoptr(GArray) ids = vt_virt_ids(f->virt, NULL);

    assert_int_equal(ids->len, running->len);
    for (guint i = 0; i < running->len; i++) {
        gboolean found = FALSE;

        for (guint j = 0; j < ids->len; j++)
            found = found || g_array_index(ids, int, j) == (int)virDomainGetID(running->pdata[i]);
        assert_true(found);
    }
}

static void xml_of_a_domain(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(virDomain) domain = vt_virt_lookup(f->virt, "web", NULL);
    g_autofree char *xml = vt_virt_xml(domain, 0, NULL);

    assert_non_null(strstr(xml, "<name>web</name>"));
    /* Secrets are not for read-only connections. */
    assert_null(vt_virt_xml(domain, VIR_DOMAIN_XML_SECURE, &error));
    assert_true(g_error_matches(error, VT_ERROR, VT_ERROR_LIBVIRT));
    assert_true(g_str_has_prefix(error->message, "cannot get the XML of the domain 'web': "));
}

static void connections_are_read_only_unless_asked(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtVirt) writable = vt_virt_open(f->uri, TRUE, FALSE, NULL);
    g_autoptr(virDomain) a = vt_virt_lookup(f->virt, "web", NULL);
    g_autoptr(virDomain) b = vt_virt_lookup(writable, "web", NULL);

    assert_int_equal(virDomainSuspend(a), -1);
    assert_int_equal(virDomainSuspend(b), 0);
}

static void errors_carry_libvirts_words(void **state)
{
    Fixture *f = *state;
    virConnectPtr connection = vt_virt_connection(f->virt);
    g_autoptr(VtVirt) writable = vt_virt_open(f->uri, TRUE, FALSE, NULL);
    g_autoptr(GError) unknown = NULL;
    g_autoptr(GError) missing = NULL;
    g_autoptr(GError) unsupported = NULL;
    virTypedParameterPtr parameters = NULL;
    int n_parameters = 0;

    virResetLastError();
    assert_false(vt_virt_set_error(&unknown, "cannot %s", "fly\n"));
    assert_true(g_error_matches(unknown, VT_ERROR, VT_ERROR_LIBVIRT));
    assert_string_equal(unknown->message, "cannot fly\\x0a: unknown error");

    assert_null(virDomainLookupByName(connection, "nosuch"));
    assert_false(vt_virt_set_error(&missing, "cannot fly"));
    assert_true(g_error_matches(missing, VT_ERROR, VT_ERROR_NOT_FOUND));
    assert_string_equal(missing->message, "cannot fly: Domain not found");

    /* Not in the test driver, and refused to a read-only connection before it is looked for. */
    assert_int_equal(virNodeGetSEVInfo(vt_virt_connection(writable), &parameters, &n_parameters, 0),
                     -1);
    assert_false(vt_virt_set_error(&unsupported, "cannot fly"));
    assert_true(g_error_matches(unsupported, VT_ERROR, VT_ERROR_UNSUPPORTED));
}

static void unreachable_hypervisors_are_named(void **state)
{
    static const struct {
        const char *uri, *shown;
    } cases[] = {
        {"test:///nonexistent/node.xml", "cannot connect to test:///nonexistent/node.xml: "},
        {"nosuchdriver:///x?socket=/nonexistent", "libvirt is not known to have a driver"},
        {"qemu+unix:///system?socket=/nonexistent/sock", "is its libvirt daemon running"},
        {"::::", "cannot connect to ::::"},
        {"test:///\x1b[2J", "\\x1b[2J"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        assert_null(vt_virt_open(cases[i].uri, FALSE, FALSE, &error));
        assert_int_equal(error->domain, VT_ERROR);
        if (!strstr(error->message, cases[i].shown) || strchr(error->message, '\x1b'))
            fail_msg("\"%s\" lacks \"%s\"", error->message, cases[i].shown);
    }
}

static void the_default_uri_is_honoured(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtVirt) virt = NULL;

    g_setenv("LIBVIRT_DEFAULT_URI", f->uri, TRUE);
    virt = vt_virt_open(NULL, FALSE, FALSE, NULL);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    assert_non_null(virt);
    assert_string_equal(vt_virt_uri(virt), f->uri);
}

static void credentials_are_not_asked_of_nobody(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(f->dir, "auth.xml", NULL);
    g_autofree char *uri = g_strconcat("test://", path, NULL);

    assert_true(g_file_set_contents(
        path, "<node><auth><user password='x'>astrochicken</user></auth></node>", -1, NULL));
    assert_null(vt_virt_open(uri, FALSE, FALSE, &error));
    assert_true(g_str_has_prefix(error->message, "cannot connect to "));
}

/* What is written to standard error while @run runs; the caller frees it. */
static char *captured_stderr(void (*run)(Fixture *f), Fixture *f)
{
    g_autofree char *path = g_build_filename(f->dir, "stderr", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    int saved = dup(STDERR_FILENO);
    char *text = NULL;

    fflush(stderr);
    dup2(fd, STDERR_FILENO);
    run(f);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(fd);
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void provoke_errors(Fixture *f)
{
    vt_virt_open("test:///nonexistent/node.xml", FALSE, FALSE, NULL);
    vt_virt_open("qemu+unix:///system?socket=/nonexistent/sock", FALSE, FALSE, NULL);
    vt_virt_lookup(f->virt, "nosuch", NULL);
    virDomainLookupByName(vt_virt_connection(f->virt), "nosuch");
}

static void libvirt_writes_nothing_itself(void **state)
{
    g_autofree char *written = captured_stderr(provoke_errors, *state);

    assert_string_equal(written, "");
}

static void only_moves_are_migrations(void **state)
{
    static const struct {
        int type, operation;
        VtTri moves;
    } jobs[] = {
        {VIR_DOMAIN_JOB_NONE, VIR_DOMAIN_JOB_OPERATION_UNKNOWN, VT_NO},
        {VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT, VT_YES},
        {VIR_DOMAIN_JOB_BOUNDED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT, VT_YES},
        {VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN, VT_YES},
        {VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_SAVE, VT_NO},
        {VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_SNAPSHOT, VT_NO},
        {VIR_DOMAIN_JOB_UNBOUNDED, VIR_DOMAIN_JOB_OPERATION_UNKNOWN, VT_UNKNOWN},
        /* What a move that is over leaves behind. */
        {VIR_DOMAIN_JOB_COMPLETED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN, VT_NO},
        {VIR_DOMAIN_JOB_CANCELLED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT, VT_NO},
        {VIR_DOMAIN_JOB_FAILED, VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT, VT_NO},
    };

    for (guint i = 0; i < G_N_ELEMENTS(jobs); i++)
        if (vt_virt_job_is_migration(jobs[i].type, jobs[i].operation) != jobs[i].moves)
            fail_msg("job %u", i);
}

/* A driver without jobs, as the test driver is, leaves it open. */
static void a_driver_without_jobs_tells_nothing(void **state)
{
    Fixture *f = *state;
    g_autoptr(virDomain) domain = vt_virt_lookup(f->virt, "web", NULL);

    assert_int_equal(vt_virt_is_migrating(domain), VT_UNKNOWN);
}

static VtVirt *embedded[2];
static GError *embedded_error;

static void open_embedded(Fixture *f)
{
    g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s/root", f->dir);

    embedded[0] = vt_virt_open(uri, FALSE, FALSE, &embedded_error);
    if (!embedded[0])
        return;
    /* A second connection shares the driver and the event loop, and may outlive the first. */
    embedded[1] = vt_virt_open(uri, FALSE, FALSE, &embedded_error);
    if (!embedded[1])
        return;
    vt_virt_close(g_steal_pointer(&embedded[0]));
    vt_virt_lookup(embedded[1], "nosuch", NULL);
}

/* An emulator is not looked for, so this neither starts one nor takes seconds. */
static void an_embedded_driver_opens_quietly(void **state)
{
    Fixture *f = *state;
    g_autofree char *etc = g_build_filename(f->dir, "root", "etc", NULL);
    g_autofree char *conf = g_build_filename(etc, "qemu.conf", NULL);
    g_autofree char *path = g_strdup(g_getenv("PATH"));
    g_autofree char *written = NULL;
    g_autoptr(GPtrArray) none = NULL;
    g_autoptr(GArray) ids = NULL;

    assert_int_equal(g_mkdir_with_parents(etc, 0755), 0);
    /* Only root can give files away, and only root's driver would. */
    assert_true(g_file_set_contents(
        conf, geteuid() == 0 ? "user = \"root\"\ngroup = \"root\"\n" : "", -1, NULL));
    g_setenv("PATH", "/nonexistent", TRUE);
    written = captured_stderr(open_embedded, f);
    g_setenv("PATH", path, TRUE);
    if (!embedded[1]) {
        print_message("# no embedded QEMU driver here: %s\n", embedded_error->message);
        g_clear_error(&embedded_error);
        skip();
    }
    assert_string_equal(written, "");
    assert_true(vt_virt_is_local(embedded[1]));
    none = vt_virt_list(embedded[1], 0, NULL);
    assert_non_null(none);
    assert_int_equal(none->len, 0);
    ids = vt_virt_ids(embedded[1], NULL);
    assert_non_null(ids);
    assert_int_equal(ids->len, 0);
    vt_virt_close(g_steal_pointer(&embedded[1]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_connection_knows_itself),
        cmocka_unit_test(only_moves_are_migrations),
        TEST(a_driver_without_jobs_tells_nothing),
        cmocka_unit_test(local_means_this_machine),
        cmocka_unit_test(neither_local_nor_remote_is_simulated),
        TEST(lookup_tries_id_then_uuid_then_name),
        TEST(missing_domains_are_explained),
        TEST(lists_are_sorted_and_filtered),
        TEST(ids_are_of_those_that_run),
        TEST(xml_of_a_domain),
        TEST(connections_are_read_only_unless_asked),
        TEST(errors_carry_libvirts_words),
        cmocka_unit_test(unreachable_hypervisors_are_named),
        TEST(the_default_uri_is_honoured),
        TEST(credentials_are_not_asked_of_nobody),
        TEST(libvirt_writes_nothing_itself),
        TEST(an_embedded_driver_opens_quietly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
