/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces of KVM's events as text, by perf script, trace-cmd report or the kernel's own trace file:
 * exits by reason, and MSRs, ports and addresses by number; the time of an exit lasts until the
 * kvm_entry of the same thread. The recording is as long as the time between its first and its last
 * event, and each second of it is a window.
 *
 * What the events print stands in arch/x86/kvm/trace.h, arch/arm64/kvm/trace_arm.h and
 * include/trace/events/kvm.h of Linux; trace-cmd prints kvm_exit with a plugin of its own
 * (plugin_kvm.c of libtraceevent): "reason EXIT_MSR rip 0xf0219 info 1 0". */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "source/import-reason.h"
#include "source/trace-line.h"

#define WINDOW_NS G_GUINT64_CONSTANT(1000000000)
/* perf sorts events of different CPUs by their times, but not perfectly. */
#define DISORDER_NS G_GUINT64_CONSTANT(10000000)
#define THREADS_MAX 65536u
#define WORD_MAX 64
#define SVM_EXIT_MSR 0x7c
#define SVM_EXIT_NPF 0x400
#define SVM_MSR_WRITE 1u
/* Of the page fault's error code: a reserved bit, as KVM sets on purpose for emulated memory. */
#define SVM_NPF_RESERVED 8u

typedef struct {
    guint64 vcpu;       /* G_MAXUINT64: not told */
    const char *metric; /* of the exit that it is in, interned; NULL: none */
    gboolean timed;     /* nothing was lost since that exit */
    guint64 exit_ns;
    guint window;
} Thread;

typedef struct {
    VtProfile *profile;
    VtImportOptions options;
    GArray *chosen;      /* guint64: processes or threads; empty: all */
    GHashTable *threads; /* guint64 -> Thread, those that were seen as vCPUs */
    GHashTable *vcpus;   /* guint64: the number of a vCPU -> guint64: its thread */
    gboolean started;
    guint64 first_ns, last_ns;
    guint64 matched; /* events of KVM */
    gboolean exits;  /* kvm_exit among them */
    gboolean bare;   /* an exit of AMD came without what tells its direction */
} State;

typedef gboolean (*Reader)(State *state, const VtTraceLine *line, Thread *thread, GError **error);

static int recognise(const char *line)
{
    VtTraceLine event;

    if (vt_trace_line_parse(line, &event))
        return event.event_length > 4 && memcmp(event.event, "kvm_", 4) == 0 ? 2 : 1;
    return g_str_has_prefix(line, "# tracer:") ? 1 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->chosen = g_array_new(FALSE, FALSE, sizeof(guint64));
    state->threads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    state->vcpus = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    profile->isa = options->isa;
    return state;
}

static gboolean cut_short(const VtTraceLine *line, GError **error)
{
    g_autofree char *shown = vt_import_shown(line->event);

    return vt_import_fail(error, _("“%s” is cut short or no event as KVM prints it"), shown);
}

static void count(State *state, guint window, const char *metric)
{
    vt_profile_add(state->profile, window, metric, vt_import_trace.name, 1);
}

/* Which of KVM's threads it counts; parsed at the first event, where an error has a place. */
static gboolean read_choice(State *state, GError **error)
{
    g_auto(GStrv) words = NULL;

    if (!state->options.domain || state->chosen->len > 0)
        return TRUE;
    words = g_strsplit(state->options.domain, ",", -1);
    for (char **word = words; *word; word++) {
        guint64 number;

        if (!vt_text_parse_u64(*word, 1, G_MAXUINT32, &number, NULL))
            return vt_import_fail(error,
                                  _("a trace knows domains by the numbers of their processes or "
                                    "threads only, as in --domain 4711"));
        g_array_append_val(state->chosen, number);
    }
    return TRUE;
}

static gboolean is_chosen(const State *state, const VtTraceLine *line)
{
    for (guint i = 0; i < state->chosen->len; i++) {
        guint64 number = g_array_index(state->chosen, guint64, i);

        if (number == line->thread || number == line->process)
            return TRUE;
    }
    return state->chosen->len == 0;
}

static gpointer key_of(guint64 number)
{
    return g_memdup2(&number, sizeof number);
}

static Thread *find_thread(State *state, guint64 number, GError **error)
{
    Thread *thread = g_hash_table_lookup(state->threads, &number);

    if (thread)
        return thread;
    if (g_hash_table_size(state->threads) >= THREADS_MAX) {
        vt_import_set_error(error, _("there are more than %u vCPUs in it"), THREADS_MAX);
        return NULL;
    }
    thread = g_new0(Thread, 1);
    thread->vcpu = G_MAXUINT64;
    g_hash_table_insert(state->threads, key_of(number), thread);
    return thread;
}

/* A vCPU has one thread, so two threads of one number are of two domains. */
static gboolean note_vcpu(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    char word[WORD_MAX];
    guint64 vcpu, *other;

    if (!vt_trace_line_field(line->fields, "vcpu", word, sizeof word))
        return TRUE;
    if (!vt_text_parse_u64(word, 0, G_MAXUINT32, &vcpu, NULL))
        return cut_short(line, error);
    if (thread->vcpu == vcpu)
        return TRUE;
    other = g_hash_table_lookup(state->vcpus, &vcpu);
    if (other && *other != line->thread)
        return vt_import_fail(error,
                              _("thread %" PRIu64 " and thread %" PRIu64 " both are vCPU %" PRIu64
                                ": there are several domains in it; choose one by the numbers of "
                                "its threads, or its process if the trace has it: --domain "
                                "%" PRIu64),
                              *other, line->thread, vcpu, *other);
    thread->vcpu = vcpu;
    g_hash_table_insert(state->vcpus, key_of(vcpu), key_of(line->thread));
    return TRUE;
}

static guint window_of(const State *state)
{
    return state->profile->windows->len - 1;
}

/* The exit of a thread is over: it is back in the guest at @now_ns, or nobody knows when. */
static void finish_exit(State *state, Thread *thread, gboolean back, guint64 now_ns)
{
    if (!thread->metric)
        return;
    count(state, thread->window, thread->metric);
    if (back && thread->timed && now_ns >= thread->exit_ns)
        vt_profile_add_time(state->profile, thread->metric, now_ns - thread->exit_ns);
    thread->metric = NULL;
}

static gboolean read_hex(const char *word, guint64 max, guint64 *ret_value)
{
    g_autofree char *prefixed =
        g_str_has_prefix(word, "0x") ? g_strdup(word) : g_strconcat("0x", word, NULL);

    return vt_text_parse_u64(prefixed, 0, max, ret_value, NULL);
}

/* "0x5b", or "UNKNOWN (91)" of trace-cmd: a reason that the tool has no name for. */
static gboolean reason_number(const char *reason, guint64 *ret_code)
{
    g_autofree char *digits = NULL;
    gsize length = strlen(reason);

    if (g_str_has_prefix(reason, "0x"))
        return vt_text_parse_u64(reason, 0, G_MAXUINT64, ret_code, NULL);
    if (!g_str_has_prefix(reason, "UNKNOWN (") || reason[length - 1] != ')')
        return FALSE;
    digits = g_strndup(reason + strlen("UNKNOWN ("), length - strlen("UNKNOWN ()"));
    return vt_text_parse_u64(digits, 0, G_MAXUINT64, ret_code, NULL);
}

/* Behind the name of a VMX reason may stand flags: "INVALID_STATE FAILED_VMENTRY". */
static gboolean find_reason(State *state, char *reason, guint64 *ret_code, GError **error)
{
    char *blank = strchr(reason, ' ');

    if (reason_number(reason, ret_code)) {
        if (state->profile->isa != VT_ISA_UNKNOWN)
            return TRUE;
        return vt_import_fail(error,
                              _("whether exit %s is one of Intel or AMD is not known yet; "
                                "give --isa"),
                              reason);
    }
    if (blank && !vt_import_reason_is_name(reason))
        *blank = '\0';
    return vt_import_reason_find(state->profile, reason, ret_code, error);
}

/* SVM has one code for reading and writing an MSR, and one for all second-level page faults. */
static const char *exit_metric(State *state, const VtTraceLine *line, guint64 code)
{
    char word[WORD_MAX];
    guint64 info;

    if (state->profile->isa != VT_ISA_SVM || (code != SVM_EXIT_MSR && code != SVM_EXIT_NPF))
        return vt_exit_reason_metric(state->profile->isa, code);
    if ((!vt_trace_line_field(line->fields, "info1", word, sizeof word) &&
         !vt_trace_line_field(line->fields, "info", word, sizeof word)) ||
        !read_hex(word, G_MAXUINT64, &info)) {
        state->bare = TRUE;
        return vt_exit_reason_metric(state->profile->isa, code);
    }
    if (code == SVM_EXIT_MSR)
        return info & SVM_MSR_WRITE ? "exit.msr-write" : "exit.msr-read";
    return info & SVM_NPF_RESERVED ? "exit.mmio" : "exit.ept-violation";
}

/* "TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x…", "IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: 0x…" */
static gboolean read_arm64(State *state, const VtTraceLine *line, const char **ret_metric,
                           GError **error)
{
    g_autofree char *type = g_strndup(line->fields, strcspn(line->fields, ":"));
    char word[WORD_MAX], rest[WORD_MAX];
    guint64 code;

    if (!vt_import_reason_set_isa(state->profile, VT_ISA_ARM64, error))
        return FALSE;
    if (!vt_trace_line_field(line->fields, "HSR_EC:", word, sizeof word) ||
        !vt_trace_line_field(line->fields, "PC:", rest, sizeof rest))
        return cut_short(line, error);
    if (strcmp(type, "TRAP") == 0) {
        if (!read_hex(word, 63, &code))
            return cut_short(line, error);
        code = VT_EXIT_ARM64_CLASS(code);
    } else if (!vt_import_reason_find(state->profile, type, &code, error)) {
        return FALSE;
    }
    *ret_metric = vt_exit_reason_metric(VT_ISA_ARM64, code);
    return TRUE;
}

static gboolean read_x86(State *state, const VtTraceLine *line, const char **ret_metric,
                         GError **error)
{
    const char *start = strstr(line->fields, "reason ");
    const char *end = start ? strstr(start, " rip 0x") : NULL;
    g_autofree char *reason = NULL;
    guint64 code;

    if (!end)
        return cut_short(line, error);
    start += strlen("reason ");
    if (end <= start)
        return cut_short(line, error);
    reason = g_strndup(start, (gsize)(end - start));
    if (!find_reason(state, reason, &code, error))
        return FALSE;
    *ret_metric = exit_metric(state, line, code);
    return TRUE;
}

static gboolean read_exit(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    gboolean arm64 = strstr(line->fields, "HSR_EC:") != NULL;
    const char *metric;

    if (!(arm64 ? read_arm64 : read_x86)(state, line, &metric, error) ||
        !note_vcpu(state, line, thread, error))
        return FALSE;
    finish_exit(state, thread, FALSE, 0);
    thread->metric = metric;
    thread->timed = TRUE;
    thread->exit_ns = line->time_ns;
    thread->window = window_of(state);
    state->exits = TRUE;
    return TRUE;
}

static gboolean read_entry(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    if (!note_vcpu(state, line, thread, error))
        return FALSE;
    finish_exit(state, thread, TRUE, line->time_ns);
    return TRUE;
}

/* "msr_write 80b = 0x0", "msr_read 1b = 0xfee00900 (#GP)" */
static gboolean read_msr(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    gboolean write = g_str_has_prefix(line->fields, "msr_write ");
    g_autofree char *metric = NULL;
    char word[WORD_MAX];
    guint64 number;

    if (!vt_trace_line_field(line->fields, write ? "msr_write" : "msr_read", word, sizeof word) ||
        !strstr(line->fields, " = 0x") || !read_hex(word, G_MAXUINT32, &number))
        return cut_short(line, error);
    metric = vt_metric_name(write ? VT_METRIC_MSR_WRITE : VT_METRIC_MSR_READ, number);
    vt_profile_set_covers(state->profile, "msr.read");
    vt_profile_set_covers(state->profile, "msr.write");
    count(state, window_of(state), metric);
    return TRUE;
}

/* "pio_read at 0x1f7 size 1 count 1 val 0x50" */
static gboolean read_pio(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    g_autofree char *metric = NULL;
    char word[WORD_MAX], rest[WORD_MAX];
    guint64 port;

    if (!g_str_has_prefix(line->fields, "pio_") ||
        !vt_trace_line_field(line->fields, "at", word, sizeof word) ||
        !vt_trace_line_field(line->fields, "count", rest, sizeof rest) ||
        !read_hex(word, 0xffff, &port))
        return cut_short(line, error);
    metric = vt_metric_name(VT_METRIC_PIO, port);
    vt_profile_set_covers(state->profile, "pio");
    count(state, window_of(state), metric);
    return TRUE;
}

/* "mmio write len 4 gpa 0xfee000b0 val 0x0". A read that user space answers comes twice: as
 * "unsatisfied-read" before it and as "read" behind it. */
static gboolean read_mmio(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    g_autofree char *metric = NULL;
    char way[WORD_MAX], word[WORD_MAX], rest[WORD_MAX];
    guint64 address;

    if (!vt_trace_line_field(line->fields, "mmio", way, sizeof way) ||
        !vt_trace_line_field(line->fields, "gpa", word, sizeof word) ||
        !vt_trace_line_field(line->fields, "val", rest, sizeof rest) ||
        !read_hex(word, G_MAXUINT64, &address))
        return cut_short(line, error);
    vt_profile_set_covers(state->profile, "mmio");
    if (strcmp(way, "unsatisfied-read") == 0)
        return TRUE;
    if (strcmp(way, "read") != 0 && strcmp(way, "write") != 0)
        return cut_short(line, error);
    metric = vt_metric_name(VT_METRIC_MMIO, address);
    count(state, window_of(state), metric);
    return TRUE;
}

/* "fast mmio at gpa 0xfebf0000": an ioeventfd took it. */
static gboolean read_fast_mmio(State *state, const VtTraceLine *line, Thread *thread,
                               GError **error)
{
    g_autofree char *metric = NULL;
    char word[WORD_MAX];
    guint64 address;

    if (!vt_trace_line_field(line->fields, "gpa", word, sizeof word) ||
        !read_hex(word, G_MAXUINT64, &address))
        return cut_short(line, error);
    if (thread->metric)
        thread->metric = "exit.mmio-fast";
    metric = vt_metric_name(VT_METRIC_MMIO, address);
    vt_profile_set_covers(state->profile, "mmio");
    count(state, window_of(state), metric);
    return TRUE;
}

static const struct {
    const char *event;
    Reader read; /* NULL: counted as it is */
    const char *metric;
} events[] = {
    {"kvm_entry", read_entry, NULL},
    {"kvm_exit", read_exit, NULL},
    {"kvm_msr", read_msr, NULL},
    {"kvm_pio", read_pio, NULL},
    {"kvm_mmio", read_mmio, NULL},
    {"kvm_fast_mmio", read_fast_mmio, NULL},
    {"kvm_userspace_exit", NULL, "kvm.userspace_exits"},
    {"kvm_eoi", NULL, "kvm.eoi"},
    {"kvm_pv_eoi", NULL, "kvm.pv_eoi"},
    {"kvm_apic_ipi", NULL, "kvm.apic_ipi"},
};

/* Opens the windows up to @now_ns; seconds in which nothing happened are windows, too. */
static gboolean advance(State *state, guint64 now_ns, GError **error)
{
    if (!state->started) {
        state->started = TRUE;
        state->first_ns = state->last_ns = now_ns;
        vt_profile_add_window(state->profile, WINDOW_NS, 1);
        return TRUE;
    }
    if (now_ns + DISORDER_NS < state->last_ns)
        return vt_import_fail(error, _("the time goes back: events of several recordings, or of "
                                       "different clocks, are mixed"));
    state->last_ns = MAX(state->last_ns, now_ns);
    while ((state->last_ns - state->first_ns) / WINDOW_NS >= state->profile->windows->len) {
        vt_profile_add_window(state->profile, WINDOW_NS, 1);
        if (!vt_import_check_size(state->profile, error))
            return FALSE;
    }
    return TRUE;
}

static void forget_times(State *state)
{
    GHashTableIter iter;
    gpointer thread;

    g_hash_table_iter_init(&iter, state->threads);
    while (g_hash_table_iter_next(&iter, NULL, &thread))
        ((Thread *)thread)->timed = FALSE;
}

/* What came before is of some of the CPUs only, because the buffers of the others were full. */
static void start_again(State *state)
{
    GHashTableIter iter;
    gpointer thread;

    g_hash_table_iter_init(&iter, state->threads);
    while (g_hash_table_iter_next(&iter, NULL, &thread))
        ((Thread *)thread)->metric = NULL;
    g_hash_table_remove_all(state->profile->metrics);
    g_array_set_size(state->profile->windows, 0);
    state->profile->lost = 0;
    state->matched = 0;
    state->started = FALSE;
}

static gboolean read_event(State *state, const VtTraceLine *line, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(events); i++) {
        Thread *thread;

        if (!vt_trace_line_is(line, events[i].event))
            continue;
        state->matched++;
        if (!events[i].read) {
            count(state, window_of(state), events[i].metric);
            return TRUE;
        }
        thread = find_thread(state, line->thread, error);
        return thread && events[i].read(state, line, thread, error) &&
               vt_import_check_size(state->profile, error);
    }
    return TRUE;
}

static gboolean read_line(gpointer data, const char *line, GError **error)
{
    State *state = data;
    g_autofree char *shown = NULL;
    VtTraceLine event;
    guint64 lost;

    if (vt_trace_line_parse(line, &event))
        return read_choice(state, error) && advance(state, event.time_ns, error) &&
               (!is_chosen(state, &event) || read_event(state, &event, error));
    switch (vt_trace_line_remark(line, &lost)) {
    case VT_TRACE_SKIP:
        return TRUE;
    case VT_TRACE_LOST:
        state->profile->lost = MIN(G_MAXINT64, state->profile->lost + lost);
        forget_times(state);
        return TRUE;
    case VT_TRACE_STARTED:
        start_again(state);
        return TRUE;
    case VT_TRACE_NOTHING:
        break;
    }
    shown = vt_import_shown(line);
    return vt_import_fail(error,
                          _("“%s” is cut short or no line of a trace; one has a thread, a time in "
                            "seconds and an event"),
                          shown);
}

/* The last window is what is left of its second; less than half of one goes to the window before.
 */
static void end_windows(State *state)
{
    GArray *windows = state->profile->windows;
    guint last = windows->len - 1;
    guint64 rest = state->last_ns - state->first_ns - last * WINDOW_NS;
    GHashTableIter iter;
    VtMetric *metric;

    if (last == 0 || rest >= WINDOW_NS / 2) {
        g_array_index(windows, VtWindow, last).duration_ns = rest;
        return;
    }
    g_hash_table_iter_init(&iter, state->profile->metrics);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&metric)) {
        if (metric->counts->len <= last)
            continue;
        g_array_index(metric->counts, guint64, last - 1) +=
            g_array_index(metric->counts, guint64, last);
        g_array_set_size(metric->counts, last);
    }
    g_array_set_size(windows, last);
    g_array_index(windows, VtWindow, last - 1).duration_ns += rest;
}

static void set_vcpus(State *state)
{
    guint n = state->options.vcpus;

    if (n == 0) {
        n = MAX(1, g_hash_table_size(state->threads));
        vt_profile_note(state->profile,
                        _("The recording has events of %u vCPUs; if the domain has more, those "
                          "that slept, give --vcpus."),
                        n);
    }
    for (guint i = 0; i < state->profile->windows->len; i++)
        g_array_index(state->profile->windows, VtWindow, i).vcpus = n;
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;
    GHashTableIter iter;
    gpointer thread;

    if (state->matched == 0)
        return vt_import_fail(error, state->started && state->chosen->len > 0
                                         ? _("there is no event of KVM of that domain in it")
                                         : _("there is no event of KVM in it"));
    if (state->first_ns == state->last_ns && state->options.duration_ns == 0)
        return vt_import_fail(error, _("all events are of one instant, so that there are no rates; "
                                       "give --duration"));
    g_hash_table_iter_init(&iter, state->threads);
    while (g_hash_table_iter_next(&iter, NULL, &thread))
        finish_exit(state, thread, FALSE, 0);
    end_windows(state);
    if (state->exits && state->bare)
        vt_import_reason_set_covers(state->profile, vt_import_trace.name);
    else if (state->exits)
        vt_profile_set_covers(state->profile, "exit");
    if (state->options.duration_ns > 0)
        vt_import_set_lengths(state->profile, &state->options);
    set_vcpus(state);
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_array_unref(state->chosen);
    g_hash_table_unref(state->threads);
    g_hash_table_unref(state->vcpus);
    g_free(state);
}

const VtImportFormat vt_import_trace = {
    .name = "trace",
    .summary = N_("events of KVM by perf script, trace-cmd report or ftrace"),
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
