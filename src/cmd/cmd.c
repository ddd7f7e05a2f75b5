/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb table and the command line around it. */
#include "config.h"

#include "cmd/cmd.h"

#include <glib/gi18n.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/progress.h"
#include "base/text.h"
#include "base/xml.h"
#include "cmd/short-options.h"
#include "source/rights.h"

static const VtCmd *const verbs[] = {
    &vt_cmd_list,
    &vt_cmd_sample,
    &vt_cmd_import,
    &vt_cmd_advise,
    &vt_cmd_explain,
    &vt_cmd_apply,
    &vt_cmd_history,
    &vt_cmd_revert,
    &vt_cmd_verify,
    &vt_cmd_top,
    &vt_cmd_compare,
    &vt_cmd_rules,
    &vt_cmd_host,
    &vt_cmd_completion,
    NULL,
};

const VtCmd *const *vt_cmd_table(void)
{
    return verbs;
}

static struct {
    char *uri;
    gboolean quiet;
    char *debug;
    char *root_dir;
    gboolean version;
    gboolean completing;
} global;

static gboolean set_debug(const char *option, const char *value, gpointer data, GError **error)
{
    g_free(global.debug);
    global.debug = g_strdup(value ? value : "all");
    return TRUE;
}

static const GOptionEntry global_entries[] = {
    {"connect", 'c', 0, G_OPTION_ARG_STRING, &global.uri, N_("connect to this hypervisor"), "URI"},
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &global.quiet, N_("no progress and no hints"), NULL},
    {"debug", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (gpointer) set_debug,
     N_("show debug messages, of one floor: base, model, source, rule, plan, report, cmd"), N_("FLOOR")},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &global.root_dir, N_("read /sys and /proc of a captured host here"),
     N_("DIR")},
    {"version", 'V', 0, G_OPTION_ARG_NONE, &global.version, N_("print the version"), NULL},
    {"completing", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &global.completing, NULL, NULL},
    G_OPTION_ENTRY_NULL,
};

const GOptionEntry *vt_cmd_global_options(void)
{
    return global_entries;
}

/* Where the program is: DIR/bin of an installation that was moved, or the directory it was built in below the sources. */
static char *datadir_beside_program(void)
{
    static const char *const places[] = {"../share/virt-tune", "../data"};
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = program ? g_path_get_dirname(program) : NULL;

    for (gsize i = 0; dir && i < G_N_ELEMENTS(places); i++) {
        g_autofree char *joined = g_build_filename(dir, places[i], NULL);
        g_autofree char *place = g_canonicalize_filename(joined, NULL);
        g_autofree char *schema = g_build_filename(place, "rules.rng", NULL);

        if (g_file_test(schema, G_FILE_TEST_IS_REGULAR))
            return g_steal_pointer(&place);
    }
    return NULL;
}

const char *vt_cmd_datadir(void)
{
    static char *found;
    const char *dir = g_getenv("VIRT_TUNE_DATADIR");

    if (dir && *dir)
        return dir;
    if (!found)
        found = g_file_test(VT_DATADIR "/rules.rng", G_FILE_TEST_IS_REGULAR) ? NULL : datadir_beside_program();
    return found ? found : VT_DATADIR;
}

const char *vt_cmd_confdir(void)
{
    const char *dir = g_getenv("VIRT_TUNE_CONFDIR");

    return dir && *dir ? dir : VT_SYSCONFDIR "/virt-tune";
}

static void *wait_for_signals(void *data)
{
    VtApp *app = data;
    sigset_t set;
    int sig;

    vt_rights_drop();
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    for (;;) {
        if (sigwait(&set, &sig) != 0)
            return NULL;
        if (g_cancellable_is_cancelled(app->cancel))
            break;
        g_cancellable_cancel(app->cancel);
    }
    /* The second one means it: end as the default action does, so that the shell sees the signal. */
    signal(sig, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(sig);
    return NULL;
}

void vt_cmd_catch_signals(VtApp *app)
{
    static gboolean caught;
    pthread_t thread;
    sigset_t set;

    if (caught)
        return;
    caught = TRUE;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    /* Blocked before any other thread exists, so that each inherits it and only sigwait() sees the signal. */
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return;
    if (pthread_create(&thread, NULL, wait_for_signals, app) != 0) {
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
        return;
    }
    pthread_detach(thread);
}

static const VtCmd *find_verb(const char *name)
{
    for (const VtCmd *const *verb = verbs; *verb; verb++)
        if (g_str_equal((*verb)->name, name))
            return *verb;
    return NULL;
}

/* gettext("") would give the catalogue's header. */
static const char *operands_of(const VtCmd *verb)
{
    return *verb->operands ? _(verb->operands) : "";
}

static char *verb_summary(void)
{
    g_autoptr(GString) text = g_string_new(_("Verbs:"));

    for (const VtCmd *const *verb = verbs; *verb; verb++) {
        g_autofree char *head = g_strdup_printf("%s %s", (*verb)->name, operands_of(*verb));

        g_string_append_printf(text, "\n  %s%*s %s", head, MAX(28 - (int) vt_text_columns(head), 0), "",
                               _((*verb)->summary));
    }
    g_string_append_printf(text, "\n\n%s", _("`virt-tune VERB --help` lists the options of a verb."));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static GOptionContext *new_context(const char *parameters)
{
    GOptionContext *context = g_option_context_new(parameters);

    g_option_context_set_translation_domain(context, GETTEXT_PACKAGE);
    return context;
}

static void drop_word(char **word)
{
    g_free(*word);
    memmove(word, word + 1, (g_strv_length(word + 1) + 1) * sizeof(char *));
}

/* The global options up to the verb; what is left is the verb and its own command line. */
static gboolean parse_global(char ***argv, GError **error)
{
    const GOptionEntry *const tables[] = {global_entries, NULL};
    g_autoptr(GOptionContext) context = new_context(N_("VERB …"));
    g_autofree char *summary = verb_summary();

    g_option_context_set_summary(context,
                                 _("Finds out why a KVM guest leaves guest mode so often, and advises how to stop it."));
    g_option_context_set_description(context, summary);
    g_option_context_set_strict_posix(context, TRUE);
    vt_short_options_split(argv, tables, TRUE);
    g_option_context_add_main_entries(context, global_entries, GETTEXT_PACKAGE);
    if (!g_option_context_parse_strv(context, argv, error))
        return FALSE;
    /* Another one may follow the verb. */
    if ((*argv)[1] && g_str_equal((*argv)[1], "--"))
        drop_word(*argv + 1);
    return TRUE;
}

/* GOption leaves "--" where what follows begins with "-". */
static void drop_separator(char **argv)
{
    for (char **word = argv; *word; word++)
        if (g_str_equal(*word, "--")) {
            drop_word(word);
            return;
        }
}

static gboolean parse_verb(const VtCmd *verb, char ***argv, GError **error)
{
    g_autofree char *parameters = g_strdup_printf("%s — %s", operands_of(verb), _(verb->summary));
    g_autofree char *name = g_strdup_printf("virt-tune %s", verb->name);
    g_autoptr(GOptionContext) context = new_context(parameters);
    const GOptionEntry *const tables[] = {global_entries, verb->options, NULL};
    GOptionGroup *group = g_option_group_new("global", _("Global options:"), _("Show the global options"), NULL, NULL);

    if (verb->options)
        g_option_context_add_main_entries(context, verb->options, GETTEXT_PACKAGE);
    g_option_group_add_entries(group, global_entries);
    g_option_group_set_translation_domain(group, GETTEXT_PACKAGE);
    g_option_context_add_group(context, group);
    g_set_prgname(name);
    vt_short_options_split(argv, tables, FALSE);
    if (!g_option_context_parse_strv(context, argv, error))
        return FALSE;
    drop_separator(*argv);
    return TRUE;
}

static void start_debug(void)
{
    g_autofree char *domains = NULL;

    if (!global.debug)
        return;
    domains = g_str_equal(global.debug, "all") ? g_strdup("all") : g_strdup_printf("virt-tune-%s", global.debug);
    g_setenv("G_MESSAGES_DEBUG", domains, TRUE);
}

const char *const *vt_cmd_debug_names(void)
{
    static const char *const names[] = {"all", "base", "model", "source", "rule", "plan", "report", "cmd", NULL};

    return names;
}

static gboolean check_debug(GError **error)
{
    if (!global.debug || g_strv_contains(vt_cmd_debug_names(), global.debug))
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE,
                _("--debug=%s: there is no such floor; use base, model, source, rule, plan, report or cmd"),
                global.debug);
    return FALSE;
}

/* A root that is no directory would make every fact silently unknown. */
static gboolean check_root(GError **error)
{
    if (!global.root_dir || g_file_test(global.root_dir, G_FILE_TEST_IS_DIR))
        return TRUE;
    g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("--root %s: not a directory"), global.root_dir);
    return FALSE;
}

static void drop_rights(void)
{
    vt_rights_drop();
}

/* `virt-tune … | head`: where the reader of a pipe went away, end as silently as the signal would. */
static void end_with_the_reader(void)
{
    struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};

    if (poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR)) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
}

static gboolean flush_output(GError **error)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return TRUE;
    end_with_the_reader();
    g_set_error(error, VT_ERROR, VT_ERROR_IO, _("cannot write to standard output"));
    return FALSE;
}

static int fail(const GError *error)
{
    g_autofree char *message = vt_text_printable(error->message, TRUE);

    fprintf(stderr, "virt-tune: %s\n", message);
    return vt_error_exit_status(error);
}

/* Of g_print(), by which GLib prints the help, in the locale's character set; then it ends the program with success. */
static void print_help(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *local = vt_text_local(text);

    fputs(local, stdout);
    if (!flush_output(&error))
        exit(fail(error));
}

static gboolean run(char ***args, int *ret_status, GError **error)
{
    g_autoptr(GCancellable) cancel = g_cancellable_new();
    VtApp app = {.cancel = cancel};
    const VtCmd *verb;
    gboolean ok;

    if (!parse_global(args, error))
        return FALSE;
    if (global.version) {
        g_print("virt-tune %s\n", PACKAGE_VERSION);
        return TRUE;
    }
    if (!(*args)[1]) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("a verb is missing; `virt-tune --help` lists them"));
        return FALSE;
    }
    verb = find_verb((*args)[1]);
    if (!verb) {
        g_set_error(error, VT_ERROR, VT_ERROR_USAGE, _("there is no verb '%s'; `virt-tune --help` lists them"),
                    (*args)[1]);
        return FALSE;
    }
    /* The verb takes the place of the program's name. */
    drop_word(*args);
    if (!parse_verb(verb, args, error) || !check_debug(error) || !check_root(error))
        return FALSE;
    start_debug();
    if (global.completing)
        vt_term_leave();
    app.uri = global.uri;
    app.quiet = global.quiet;
    app.root_dir = global.root_dir;
    app.root = vt_root_new(global.root_dir);
    app.term = vt_term_new(stdout);
    g_set_printerr_handler(vt_progress_printerr);
    vt_progress_open(global.quiet, drop_rights);
    ok = verb->run(&app, *args + 1, ret_status, error);
    vt_progress_close();
    vt_term_free(app.term);
    vt_root_free(app.root);
    return ok && flush_output(error);
}

int vt_cmd_main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) args = g_strdupv(argv);
    int status = 0;

    /* A peer of libvirt's that goes away must not end the program. */
    signal(SIGPIPE, SIG_IGN);
    vt_xml_silence();
    g_set_print_handler(print_help);
    return run(&args, &status, &error) ? status : fail(error);
}
