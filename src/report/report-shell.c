/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is advised for the host, as a shell script. What reloads modules, reboots, belongs into a guest or
 * is done by `virt-tune apply` stands there as comments. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/report-advice-words.h"
#include "report/shell-command.h"

#define WIDTH 98
#define IRQ "irq " /* the key of a finding about an interrupt */

static const char irq_function[] =
    "# irq_is NUMBER DEVICE: whether the interrupt is still the device's.\n"
    "irq_is() {\n"
    "    if grep \"^ *$1:\" /proc/interrupts | grep -qF -- \"$2\"; then\n"
    "        return 0\n"
    "    fi\n"
    "    echo \"interrupt $1 is not that of $2 any more: measure again\" >&2\n"
    "    return 1\n"
    "}\n";

/* One change; that of a host may be advised for several domains. */
typedef struct {
    char *key;             /* equal for what is one change */
    char *title;           /* "apicv: Turn on …" */
    char *text, *risk;     /* NULL */
    char *effect;          /* what is to be done and when it counts; NULL */
    char *obstacle;        /* why it is not run; NULL */
    char *guard;           /* a command that must succeed before each of them; NULL */
    GPtrArray *reasons;    /* char *: a domain and the evidence */
    GPtrArray *commands;   /* VtShellCommand */
    GPtrArray *undo;       /* char * beside them; NULL elements */
} Entry;

typedef struct {
    const VtReportContext *context;
    VtReportContext own;
    GPtrArray *host, *guests, *domains; /* Entry */
    GHashTable *known;                  /* key -> Entry of them */
    guint n;                            /* domains looked at */
} State;

static void free_command(gpointer command)
{
    vt_shell_command_free(command);
}

static void entry_free(gpointer data)
{
    Entry *entry = data;

    g_free(entry->key);
    g_free(entry->title);
    g_free(entry->text);
    g_free(entry->risk);
    g_free(entry->effect);
    g_free(entry->obstacle);
    g_free(entry->guard);
    g_ptr_array_unref(entry->reasons);
    g_ptr_array_unref(entry->commands);
    g_ptr_array_unref(entry->undo);
    g_free(entry);
}

static gpointer begin(const VtReportContext *context)
{
    State *state = g_new0(State, 1);

    state->own = *context;
    state->context = &state->own;
    state->host = g_ptr_array_new_with_free_func(entry_free);
    state->guests = g_ptr_array_new_with_free_func(entry_free);
    state->domains = g_ptr_array_new_with_free_func(entry_free);
    state->known = g_hash_table_new(g_str_hash, g_str_equal);
    return state;
}

/* The domain's name, the evidence and the confidence, one sentence. */
static char *reason_of(const VtDomain *domain, const VtFinding *finding)
{
    g_autoptr(GPtrArray) evidences = vt_report_advice_words_evidences(finding, FALSE);
    g_autofree char *name = vt_report_advice_words_name(finding);
    GString *reason = g_string_new(NULL);

    g_string_append_printf(reason, _("%1$s: %2$s is %3$s"), domain->name, name,
                           vt_report_advice_words_confidence(finding));
    for (guint i = 0; i < evidences->len; i++) {
        g_autofree char *text =
            vt_report_advice_words_evidence(g_ptr_array_index(evidences, i), FALSE);

        g_string_append_printf(reason, "; %s", text);
    }
    return g_string_free(reason, FALSE);
}

/* Why the commands of a change must not simply be run; NULL. */
static char *obstacle_of(const VtFindingChange *change)
{
    char *error = vt_report_advice_words_error(change);

    if (error)
        return error;
    for (guint i = 0; i < change->needs->len; i++) {
        char *need = vt_report_advice_words_need(g_ptr_array_index(change->needs, i));

        if (need)
            return need;
    }
    return NULL;
}

static Entry *entry_new(const VtFinding *finding, const VtFindingChange *change, char *key)
{
    Entry *entry = g_new0(Entry, 1);

    entry->key = key;
    entry->title = g_strdup_printf("%s: %s", finding->rule,
                                   finding->title ? finding->title : finding->rule);
    entry->risk = g_strdup(finding->risk);
    entry->effect = vt_report_advice_words_change(change);
    entry->obstacle = obstacle_of(change);
    entry->reasons = g_ptr_array_new_with_free_func(g_free);
    entry->commands = g_ptr_array_new_with_free_func(free_command);
    entry->undo = g_ptr_array_new_with_free_func(g_free);
    return entry;
}

/* The numbers of interrupts change with the next boot. */
static char *guard_of(const VtHost *host, const VtFinding *finding)
{
    const char *number = finding->device && g_str_has_prefix(finding->device, IRQ)
                             ? finding->device + strlen(IRQ)
                             : NULL;
    const VtHostIrq *irq = host && number ? vt_host_irq(host, number) : NULL;
    g_autofree char *device = NULL;

    if (!irq || !irq->device || number[strspn(number, "0123456789")] != '\0')
        return NULL;
    device = g_shell_quote(irq->device);
    return strpbrk(device, "\n\r") ? NULL : g_strdup_printf("irq_is %s %s", number, device);
}

static void add_commands(Entry *entry, const VtFindingChange *change)
{
    for (guint i = 0; i < change->commands->len; i++) {
        const char *command = g_ptr_array_index(change->commands, i);
        g_autofree char *printable = vt_text_printable(command, FALSE);

        if (!entry->obstacle && !g_str_equal(command, printable))
            entry->obstacle = g_strdup(_("a command has characters that cannot be shown"));
        g_ptr_array_add(entry->commands, vt_shell_command_new(command));
        g_ptr_array_add(entry->undo, i < change->undo->len
                                         ? g_strdup(g_ptr_array_index(change->undo, i))
                                         : NULL);
    }
}

/* What makes it another change: the rule and the commands; in a guest, also the domain. */
static char *key_of(const VtDomain *domain, const VtFinding *finding, const VtFindingChange *change)
{
    GString *key = g_string_new(NULL);

    g_string_printf(key, "%s\n%s", change->target, finding->rule);
    if (!g_str_equal(change->target, "host"))
        g_string_append_printf(key, "\n%s\n%s", domain->uuid ? domain->uuid : domain->name,
                               finding->device ? finding->device : "");
    for (guint i = 0; i < change->commands->len; i++)
        g_string_append_printf(key, "\n%s", (const char *)g_ptr_array_index(change->commands, i));
    return g_string_free(key, FALSE);
}

static void add_change(State *state, const VtDomain *domain, const VtFinding *finding,
                       const VtFindingChange *change)
{
    GPtrArray *entries = g_str_equal(change->target, "host")    ? state->host
                         : g_str_equal(change->target, "guest") ? state->guests
                                                                : state->domains;
    g_autofree char *key = key_of(domain, finding, change);
    Entry *entry = g_hash_table_lookup(state->known, key);

    if (change->done)
        return;
    if (!entry) {
        entry = entry_new(finding, change, g_steal_pointer(&key));
        g_ptr_array_add(entries, entry);
        g_hash_table_insert(state->known, entry->key, entry);
        add_commands(entry, change);
        if (entries == state->host)
            entry->guard = guard_of(state->context->host, finding);
    }
    g_ptr_array_add(entry->reasons, reason_of(domain, finding));
    if (entries == state->domains && !change->error) {
        g_autofree char *command =
            vt_report_advice_words_command(state->context, domain, finding);
        g_auto(GStrv) lines = command ? g_strsplit(command, " \\\n    ", -1) : NULL;

        entry->text = lines ? g_strjoinv(" ", lines) : NULL;
    }
}

static void domain(gpointer data, const VtReportDomain *report)
{
    State *state = data;

    state->n++;
    for (guint i = 0; i < report->findings->len; i++) {
        const VtFinding *finding = g_ptr_array_index(report->findings, i);
        g_autoptr(GPtrArray) changes = NULL;

        if (!vt_report_advice_words_is(finding))
            continue;
        changes = vt_report_advice_words_changes(finding);
        for (guint j = 0; j < changes->len; j++)
            add_change(state, report->domain, finding, g_ptr_array_index(changes, j));
    }
}

/* Every line of @text behind "# ", whatever it holds: nothing of it can end the comment. */
static void verbatim(FILE *out, const char *indent, const char *text)
{
    g_autofree char *printable = vt_text_printable(text, TRUE);
    g_auto(GStrv) lines = g_strsplit(printable, "\n", -1);

    for (char **line = lines; *line; line++)
        fprintf(out, "# %s%s\n", indent, *line);
}

static void comment(FILE *out, const char *label, const char *text)
{
    g_autofree char *printable = vt_text_printable(text, FALSE);
    g_autofree char *joined = *label ? g_strdup_printf("%s %s", label, printable)
                                     : g_strdup(printable);
    g_autofree char *wrapped = vt_text_wrap(joined, WIDTH, *label ? 2 : 0);

    verbatim(out, "", wrapped);
}

static void print_undo(FILE *out, const Entry *entry, guint i)
{
    const char *undo = g_ptr_array_index(entry->undo, i);
    const VtShellCommand *command = g_ptr_array_index(entry->commands, i);
    g_autofree char *text = NULL;

    if (!undo)
        return;
    verbatim(out, "", _("To undo it:"));
    verbatim(out, "    ", undo);
    if (command->kind == VT_SHELL_KERNEL) {
        text = g_strdup_printf(_("or, where there is no grubby, delete the line that ends in \"# "
                                 "virt-tune: %s\" from /etc/default/grub and run update-grub"),
                               command->setting);
        comment(out, "", text);
    }
}

static void print_command(FILE *out, const Entry *entry, guint i)
{
    const VtShellCommand *command = g_ptr_array_index(entry->commands, i);

    if (command->kind == VT_SHELL_STOP) {
        comment(out, "", _("By hand, when the host can do without it:"));
        verbatim(out, "    ", command->text);
    } else if (entry->obstacle) {
        verbatim(out, "    ", command->text);
    } else if (entry->guard) {
        fprintf(out, "{ %s && { %s; }; } || failed=1\n", entry->guard, command->line);
    } else if (command->kind == VT_SHELL_RUN) {
        fprintf(out, "{ %s; } || failed=1\n", command->line);
    } else {
        fprintf(out, "%s || failed=1\n", command->line);
    }
    print_undo(out, entry, i);
}

static void print_entry(FILE *out, const Entry *entry)
{
    fputc('\n', out);
    comment(out, "", entry->title);
    for (guint i = 0; i < entry->reasons->len; i++)
        comment(out, _("Why:"), g_ptr_array_index(entry->reasons, i));
    if (entry->risk)
        comment(out, _("Risk:"), entry->risk);
    if (entry->effect)
        comment(out, "", entry->effect);
    if (entry->obstacle)
        comment(out, _("Not run:"), entry->obstacle);
}

/* Two values for one setting: which of them is right is for a person to say. */
static void find_conflicts(const GPtrArray *entries)
{
    g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) twice = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < entries->len; i++) {
        const Entry *entry = g_ptr_array_index(entries, i);

        for (guint j = 0; j < entry->commands->len; j++) {
            const VtShellCommand *command = g_ptr_array_index(entry->commands, j);
            const char *other =
                command->setting ? g_hash_table_lookup(values, command->setting) : NULL;

            if (other && !g_str_equal(other, command->value))
                g_hash_table_add(twice, command->setting);
            else if (command->setting)
                g_hash_table_insert(values, command->setting, command->value);
        }
    }
    for (guint i = 0; i < entries->len; i++) {
        Entry *entry = g_ptr_array_index(entries, i);

        for (guint j = 0; j < entry->commands->len && !entry->obstacle; j++) {
            const VtShellCommand *command = g_ptr_array_index(entry->commands, j);

            if (command->setting && g_hash_table_contains(twice, command->setting))
                entry->obstacle = g_strdup_printf(
                    _("this script has several values for %s; choose one, or put them together"),
                    command->setting);
        }
    }
}

static gboolean runs(const State *state, VtShellKind kind)
{
    for (guint i = 0; i < state->host->len; i++) {
        const Entry *entry = g_ptr_array_index(state->host, i);

        for (guint j = 0; j < entry->commands->len && !entry->obstacle; j++)
            if (((const VtShellCommand *)g_ptr_array_index(entry->commands, j))->kind == kind)
                return TRUE;
    }
    return FALSE;
}

/* Whether a guard will be run; @holds: with one of these characters in it, "" for any. */
static gboolean has_guard(const State *state, const char *holds)
{
    for (guint i = 0; i < state->host->len; i++) {
        const Entry *entry = g_ptr_array_index(state->host, i);

        if (entry->guard && !entry->obstacle && (!*holds || strpbrk(entry->guard, holds)))
            return TRUE;
    }
    return FALSE;
}

static void print_head(const State *state, FILE *out)
{
    g_autofree char *what =
        state->context->uri
            ? g_strdup_printf(_("What virt-tune advises (domains: %1$u; connection: %2$s)."), state->n,
                              state->context->uri)
            : g_strdup_printf(_("What virt-tune advises (domains: %u)."), state->n);

    fputs("#!/bin/sh\n", out);
    /* A device may be called as if it were an expansion. */
    if (has_guard(state, "$`"))
        fputs("# shellcheck disable=SC2016\n", out);
    comment(out, "", what);
    comment(out, "",
            _("Read it, then run it as root on the host of these domains. It changes the host only: what "
              "reloads a module, reboots, or belongs into a guest or a domain's definition is a "
              "comment. It can be run again."));
}

static void print_host(const State *state, FILE *out)
{
    static const VtShellKind kinds[] = {VT_SHELL_PUT, VT_SHELL_KERNEL};
    gboolean any = runs(state, VT_SHELL_RUN);

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (runs(state, kinds[i])) {
            fprintf(out, "\n%s", vt_shell_command_function(kinds[i]));
            any = TRUE;
        }
    if (has_guard(state, ""))
        fprintf(out, "\n%s", irq_function);
    if (any)
        fputs("\nif [ \"$(id -u)\" -ne 0 ]; then\n    echo \"$0: run this as root\" >&2\n    exit 1\n"
              "fi\nfailed=0\n",
              out);
    for (guint i = 0; i < state->host->len; i++) {
        const Entry *entry = g_ptr_array_index(state->host, i);

        print_entry(out, entry);
        for (guint j = 0; j < entry->commands->len; j++)
            print_command(out, entry, j);
    }
}

static void print_guests(const State *state, FILE *out)
{
    if (state->guests->len > 0) {
        fputc('\n', out);
        comment(out, "", _("In the guests:"));
    }
    for (guint i = 0; i < state->guests->len; i++) {
        const Entry *entry = g_ptr_array_index(state->guests, i);

        print_entry(out, entry);
        for (guint j = 0; j < entry->commands->len; j++) {
            verbatim(out, "    ", ((const VtShellCommand *)g_ptr_array_index(entry->commands, j))->text);
            print_undo(out, entry, j);
        }
    }
}

static void print_domains(const State *state, FILE *out)
{
    if (state->domains->len > 0) {
        fputc('\n', out);
        comment(out, "", _("In the definitions of the domains, where virt-tune shows each change before "
                           "it makes it, and `virt-tune revert` undoes it:"));
    }
    for (guint i = 0; i < state->domains->len; i++) {
        const Entry *entry = g_ptr_array_index(state->domains, i);

        print_entry(out, entry);
        if (entry->text)
            verbatim(out, "    ", entry->text);
    }
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;
    FILE *out = vt_term_out(state->context->term);

    find_conflicts(state->host);
    print_head(state, out);
    if (state->host->len + state->guests->len + state->domains->len == 0) {
        fputc('\n', out);
        comment(out, "", _("Nothing is advised."));
    }
    print_host(state, out);
    print_guests(state, out);
    print_domains(state, out);
    if (runs(state, VT_SHELL_RUN) || runs(state, VT_SHELL_PUT) || runs(state, VT_SHELL_KERNEL))
        fputs("\nexit \"$failed\"\n", out);
    g_hash_table_unref(state->known);
    g_ptr_array_unref(state->host);
    g_ptr_array_unref(state->guests);
    g_ptr_array_unref(state->domains);
    g_free(state);
    return TRUE;
}

const VtReportFormat vt_report_shell = {
    .name = "shell",
    .begin = begin,
    .domain = domain,
    .end = end,
};
