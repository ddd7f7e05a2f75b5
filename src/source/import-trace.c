/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces of KVM's events as text, by perf script, trace-cmd report or the kernel's own trace file:
 * exits by reason, and MSRs, ports and addresses by number; the time of an exit lasts until the
 * kvm_entry of the same thread. The recording is as long as the time between its first and its last
 * event, and each second of it is a window.
 *
 * What the events print stands in arch/x86/kvm/trace.h and include/trace/events/kvm.h of Linux. */
#include "config.h"

#include "source/import.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/import-choice.h"
#include "source/import-part.h"
#include "source/import-reason.h"
#include "source/import-trace-exit.h"
#include "source/trace-line.h"

#define WINDOW_NS G_GUINT64_CONSTANT(1000000000)
/* perf sorts events of different CPUs by their times, but not perfectly. */
#define DISORDER_NS G_GUINT64_CONSTANT(10000000)
#define THREADS_MAX 65536u
#define WORD_MAX 64

typedef struct {
    guint64 number;
    guint64 vcpu, named; /* by its events, by its own name; VT_TRACE_UNTOLD */
    guint64 cpu;         /* of the host, of its last event */
    guint64 last_ns;
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
    /* guint64: the number of a vCPU -> guint64: its thread; QEMU's names may have other numbers */
    GHashTable *vcpus, *names;
    GHashTable *processes;  /* names of those that had an event of KVM */
    VtImportParts *parts;   /* NULL: not asked for */
    GHashTable *histograms; /* metric, interned -> its VT_HISTOGRAM_BUCKETS buckets */
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
    return g_str_has_prefix(line, "# tracer:") || vt_trace_line_is_like(line) ? 1 : 0;
}

static gpointer begin(VtProfile *profile, const VtImportOptions *options)
{
    State *state = g_new0(State, 1);

    state->profile = profile;
    state->options = *options;
    state->chosen = g_array_new(FALSE, FALSE, sizeof(guint64));
    state->threads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    state->vcpus = vt_import_choice_vcpus();
    state->names = vt_import_choice_vcpus();
    state->processes = vt_import_names();
    state->parts = options->per_vcpu ? vt_import_part_new() : NULL;
    state->histograms = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    profile->isa = options->isa;
    return state;
}

static void count(State *state, const Thread *thread, guint window, const char *metric)
{
    vt_profile_add(state->profile, window, metric, vt_import_trace.name, 1);
    if (state->parts)
        vt_import_part_add(state->parts, thread->number, metric, window);
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
    thread->number = number;
    thread->vcpu = thread->named = VT_TRACE_UNTOLD;
    g_hash_table_insert(state->threads, key_of(number), thread);
    return thread;
}

static gboolean note_vcpu(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    char word[WORD_MAX];
    guint64 vcpu;

    if (!vt_trace_line_field(line->fields, "vcpu", word, sizeof word))
        return TRUE;
    if (!vt_text_parse_u64(word, 0, G_MAXUINT32, &vcpu, NULL))
        return vt_import_trace_exit_cut_short(line, error);
    if (thread->vcpu == vcpu)
        return TRUE;
    thread->vcpu = vcpu;
    return vt_import_choice_claim(state->vcpus, vcpu, line->thread, error);
}

/* Whose it is; most events do not tell. */
static gboolean note_owner(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    if (line->process > 0) {
        g_autofree char *process = g_strdup_printf("%" PRIu64, line->process);

        if (!g_hash_table_contains(state->processes, process))
            g_hash_table_add(state->processes, g_steal_pointer(&process));
    }
    if (line->vcpu == VT_TRACE_UNTOLD || line->vcpu == thread->named)
        return TRUE;
    thread->named = line->vcpu;
    return vt_import_choice_claim(state->names, line->vcpu, line->thread, error);
}

/* Only between two CPUs there is disorder, or where nobody says which they are. */
static gboolean check_order(const VtTraceLine *line, Thread *thread, GError **error)
{
    guint64 slack_ns = line->cpu == VT_TRACE_UNTOLD ? DISORDER_NS : 0;

    if (line->cpu == thread->cpu && line->time_ns + slack_ns < thread->last_ns)
        return vt_import_fail(error,
                              _("the time of thread %" PRIu64 " goes back: these are times since the "
                                "event before (perf script --deltatime), or several recordings are "
                                "mixed; give a recording with the time of each event"),
                              line->thread);
    thread->cpu = line->cpu;
    thread->last_ns = line->time_ns;
    return TRUE;
}

static guint window_of(const State *state)
{
    return state->profile->windows->len - 1;
}

static void add_time(State *state, const Thread *thread, const char *metric, guint64 ns)
{
    guint64 *buckets = g_hash_table_lookup(state->histograms, metric);

    if (!buckets) {
        buckets = g_new0(guint64, VT_HISTOGRAM_BUCKETS);
        g_hash_table_insert(state->histograms, (gpointer)metric, buckets);
    }
    buckets[MIN(g_bit_storage(MAX(ns, 1)), VT_HISTOGRAM_BUCKETS) - 1]++;
    vt_profile_add_time(state->profile, metric, ns);
    if (state->parts)
        vt_import_part_add_time(state->parts, thread->number, metric, ns);
}

/* The exit of a thread is over: it is back in the guest at @now_ns, or nobody knows when. */
static void finish_exit(State *state, Thread *thread, gboolean back, guint64 now_ns)
{
    if (!thread->metric)
        return;
    count(state, thread, thread->window, thread->metric);
    if (back && thread->timed && now_ns >= thread->exit_ns)
        add_time(state, thread, thread->metric, now_ns - thread->exit_ns);
    thread->metric = NULL;
}

static gboolean read_exit(State *state, const VtTraceLine *line, Thread *thread, GError **error)
{
    const char *metric;

    if (!vt_import_trace_exit_read(state->profile, line, &metric, &state->bare, error) ||
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
        !strstr(line->fields, " = 0x") || !vt_import_trace_exit_hex(word, G_MAXUINT32, &number))
        return vt_import_trace_exit_cut_short(line, error);
    metric = vt_metric_name(write ? VT_METRIC_MSR_WRITE : VT_METRIC_MSR_READ, number);
    vt_profile_set_covers(state->profile, "msr.read");
    vt_profile_set_covers(state->profile, "msr.write");
    count(state, thread, window_of(state), metric);
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
        !vt_import_trace_exit_hex(word, 0xffff, &port))
        return vt_import_trace_exit_cut_short(line, error);
    metric = vt_metric_name(VT_METRIC_PIO, port);
    vt_profile_set_covers(state->profile, "pio");
    count(state, thread, window_of(state), metric);
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
        !vt_import_trace_exit_hex(word, G_MAXUINT64, &address))
        return vt_import_trace_exit_cut_short(line, error);
    vt_profile_set_covers(state->profile, "mmio");
    if (strcmp(way, "unsatisfied-read") == 0)
        return TRUE;
    if (strcmp(way, "read") != 0 && strcmp(way, "write") != 0)
        return vt_import_trace_exit_cut_short(line, error);
    metric = vt_metric_name(VT_METRIC_MMIO, address);
    count(state, thread, window_of(state), metric);
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
        !vt_import_trace_exit_hex(word, G_MAXUINT64, &address))
        return vt_import_trace_exit_cut_short(line, error);
    if (thread->metric)
        thread->metric = "exit.mmio-fast";
    metric = vt_metric_name(VT_METRIC_MMIO, address);
    vt_profile_set_covers(state->profile, "mmio");
    count(state, thread, window_of(state), metric);
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
    g_hash_table_remove_all(state->histograms);
    if (state->parts)
        vt_import_part_clear(state->parts);
    g_array_set_size(state->profile->windows, 0);
    state->profile->lost = 0;
    state->matched = 0;
    state->started = FALSE;
}

static gboolean check_size(const State *state, GError **error)
{
    return vt_import_check_size(state->profile, error) &&
           (!state->parts || vt_import_part_check_size(state->parts, error));
}

static gboolean read_event(State *state, const VtTraceLine *line, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(events); i++) {
        Thread *thread;

        if (!vt_trace_line_is(line, events[i].event))
            continue;
        state->matched++;
        thread = find_thread(state, line->thread, error);
        if (!thread || !check_order(line, thread, error) || !note_owner(state, line, thread, error))
            return FALSE;
        if (!events[i].read) {
            count(state, thread, window_of(state), events[i].metric);
            return check_size(state, error);
        }
        return events[i].read(state, line, thread, error) && check_size(state, error);
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
        return vt_import_choice_read(&state->options, state->chosen, error) && advance(state, event.time_ns, error) &&
               (!vt_import_choice_has(state->chosen, event.thread, event.process) ||
                read_event(state, &event, error));
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
                            "seconds and an event (perf script -F comm,tid,cpu,time,event,trace)"),
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

/* Which vCPU a thread is; VT_TRACE_UNTOLD. QEMU's names count where events do not tell of all threads. */
static guint64 number_of(const Thread *thread, gboolean by_name)
{
    guint64 vcpu = by_name ? thread->named : thread->vcpu;

    return vcpu < VT_PROFILE_VCPUS_MAX ? vcpu : VT_TRACE_UNTOLD;
}

static gboolean has_numbers(const State *state, gboolean by_name)
{
    GHashTableIter iter;
    gpointer thread;

    g_hash_table_iter_init(&iter, state->threads);
    while (g_hash_table_iter_next(&iter, NULL, &thread)) {
        if (number_of(thread, by_name) == VT_TRACE_UNTOLD)
            return FALSE;
    }
    return TRUE;
}

static void keep_parts(State *state)
{
    gboolean by_name = !has_numbers(state, FALSE);
    GHashTableIter iter;
    gpointer value;

    if (!state->parts || (by_name && !has_numbers(state, TRUE)))
        return;
    g_hash_table_iter_init(&iter, state->threads);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Thread *thread = value;

        vt_import_part_keep(state->parts, state->profile, vt_import_trace.name, thread->number,
                            (guint)number_of(thread, by_name));
    }
}

static gboolean end(gpointer data, GError **error)
{
    State *state = data;
    GHashTableIter iter;
    gpointer thread, metric, buckets;

    if (state->matched == 0)
        return vt_import_fail(error, state->started && state->chosen->len > 0
                                         ? _("there is no event of KVM of that domain in it")
                                         : _("there is no event of KVM in it"));
    if (!vt_import_check_processes(state->processes, error))
        return FALSE;
    if (state->first_ns == state->last_ns && state->options.duration_ns == 0)
        return vt_import_fail(error, _("all events are of one instant, so that there are no rates; "
                                       "give --duration"));
    g_hash_table_iter_init(&iter, state->threads);
    while (g_hash_table_iter_next(&iter, NULL, &thread))
        finish_exit(state, thread, FALSE, 0);
    g_hash_table_iter_init(&iter, state->histograms);
    while (g_hash_table_iter_next(&iter, &metric, &buckets))
        vt_profile_add_histogram(state->profile, metric, buckets);
    end_windows(state);
    keep_parts(state);
    if (state->exits && state->bare)
        vt_import_reason_set_covers(state->profile, vt_import_trace.name);
    else if (state->exits)
        vt_profile_set_covers(state->profile, "exit");
    if (state->options.duration_ns > 0)
        vt_import_set_lengths(state->profile, &state->options);
    vt_import_set_vcpus(state->profile, &state->options,
                        MAX(1, g_hash_table_size(state->threads)));
    return TRUE;
}

static void state_free(gpointer data)
{
    State *state = data;

    g_array_unref(state->chosen);
    g_hash_table_unref(state->threads);
    g_hash_table_unref(state->vcpus);
    g_hash_table_unref(state->names);
    g_hash_table_unref(state->processes);
    vt_import_part_free(state->parts);
    g_hash_table_unref(state->histograms);
    g_free(state);
}

const VtImportFormat vt_import_trace = {
    .name = "trace",
    .summary = N_("events of KVM by perf script, trace-cmd report or ftrace"),
    .domains = TRUE,
    .whole_lines = TRUE,
    .recognise = recognise,
    .begin = begin,
    .line = read_line,
    .end = end,
    .free = state_free,
};
