/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of traces:
 *
 *      qemu-system-x86   115 [000]   114.258952:  kvm:kvm_exit: vcpu 0 reason msr rip 0xf0219 …
 *       CPU 0/KVM   112/115   [000]   114.258952156:  kvm:kvm_exit: …         perf script -F +pid
 * --ns qemu-system-x86-115   [000]    87.843196: kvm_exit:             …       trace-cmd report
 *      qemu-system-x86-115     [000] d..1.   140.630989: kvm_entry: …          trace
 *      qemu-system-x86-115   (    112) [000] d..1.   140.630989: kvm_entry: …  with record-tgid
 *
 * The name of a thread may hold blanks and hyphens, so the time is looked for first. */
#include "config.h"

#include "source/trace-line.h"

#include <string.h>

#include "base/text.h"

#define WORDS_MAX 24 /* before and with the name of the event */
#define SECONDS_MAX (G_MAXINT64 / 1000000000)

typedef struct {
    const char *start;
    gsize length;
} Word;

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return p;
}

static gboolean next_word(const char **p, Word *word)
{
    word->start = skip_blanks(*p);
    word->length = strcspn(word->start, " \t");
    *p = word->start + word->length;
    return word->length > 0;
}

static gboolean read_digits(const char *p, gsize length, guint64 max, guint64 *ret_value)
{
    guint64 value = 0;

    if (length == 0 || length > 19)
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isdigit(p[i]))
            return FALSE;
        value = value * 10 + (guint64)(p[i] - '0');
    }
    *ret_value = value;
    return value <= max;
}

/* "114.258952:" or "114.258952156:"; the decimal sign may be a comma. */
static gboolean read_time(const Word *word, guint64 *ret_ns)
{
    const char *dot = word->start + strspn(word->start, "0123456789");
    gsize before, behind;
    guint64 seconds, rest;

    if (word->length < 2 || (*dot != '.' && *dot != ',') || word->start[word->length - 1] != ':')
        return FALSE;
    before = (gsize)(dot - word->start);
    behind = word->length - before - 2;
    if ((behind != 6 && behind != 9) ||
        !read_digits(word->start, before, SECONDS_MAX - 1, &seconds) ||
        !read_digits(dot + 1, behind, 999999999, &rest))
        return FALSE;
    *ret_ns = seconds * 1000000000 + (behind == 6 ? rest * 1000 : rest);
    return TRUE;
}

/* "[000]" */
static gboolean read_cpu(const Word *word, guint64 *ret_cpu)
{
    return word->length > 2 && word->start[0] == '[' && word->start[word->length - 1] == ']' &&
           read_digits(word->start + 1, word->length - 2, G_MAXUINT16, ret_cpu);
}

/* "d..1.", "dNh2": what the kernel notes of interrupts and preemption; "K": what perf script -F +misc
 * does of the processor's mode. */
static gboolean is_flags(const Word *word)
{
    static const char letters[] = ".#dDbnNLBHhZzspSPR0123456789abcdef", modes[] = "KUHGgMESpP";

    if (word->length < 3 && strspn(word->start, modes) >= word->length)
        return TRUE;
    if (word->length < 4 || word->length > 7)
        return FALSE;
    for (gsize i = 0; i < word->length; i++) {
        if (!strchr(letters, word->start[i]))
            return FALSE;
    }
    return TRUE;
}

/* "115", "112/115" or "qemu-system-x86-115" */
static gboolean read_thread(const Word *word, VtTraceLine *line)
{
    const char *end = word->start + word->length;
    const char *number = end;

    while (number > word->start && g_ascii_isdigit(number[-1]))
        number--;
    if (!read_digits(number, (gsize)(end - number), G_MAXUINT32, &line->thread))
        return FALSE;
    if (number == word->start || number[-1] == '-')
        return TRUE;
    return number[-1] == '/' &&
           read_digits(word->start, (gsize)(number - word->start) - 1, G_MAXUINT32, &line->process);
}

/* "(    112)", one word or two, is the process. */
static gboolean read_owner(const Word *words, guint *n, VtTraceLine *line)
{
    const Word *last = *n > 0 ? &words[*n - 1] : NULL;
    gsize skip;

    if (!last || last->start[last->length - 1] != ')')
        return TRUE;
    skip = last->start[0] == '(';
    if (!read_digits(last->start + skip, last->length - 1 - skip, G_MAXUINT32, &line->process) &&
        last->start[skip] != '-')
        return FALSE;
    *n -= 1;
    if (!skip && *n > 0 && words[*n - 1].length == 1 && words[*n - 1].start[0] == '(')
        *n -= 1;
    return TRUE;
}

/* "CPU 0/KVM" */
static void read_name(const char *start, VtTraceLine *line)
{
    gsize digits;

    if (!g_str_has_prefix(start, "CPU "))
        return;
    start += strlen("CPU ");
    digits = strspn(start, "0123456789");
    if (g_str_has_prefix(start + digits, "/KVM"))
        read_digits(start, digits, G_MAXUINT16, &line->vcpu);
}

/* What stands before the time. */
static gboolean read_head(const Word *words, guint n, VtTraceLine *line)
{
    guint64 cpu;

    if (n > 1 && !read_cpu(&words[n - 1], &cpu) && is_flags(&words[n - 1]) && read_cpu(&words[n - 2], &cpu))
        n--;
    if (n > 0 && read_cpu(&words[n - 1], &line->cpu))
        n--;
    if (n > 0)
        read_name(words[0].start, line);
    return read_owner(words, &n, line) && n > 0 && read_thread(&words[n - 1], line);
}

/* The name of the event, behind the period of a counter where perf prints one. */
static gboolean read_event(const char *p, VtTraceLine *line)
{
    Word word;
    guint64 period;

    if (!next_word(&p, &word))
        return FALSE;
    if (read_digits(word.start, word.length, G_MAXINT64, &period) && !next_word(&p, &word))
        return FALSE;
    if (word.length < 2 || word.start[word.length - 1] != ':')
        return FALSE;
    line->event = word.start;
    line->event_length = word.length - 1;
    if (g_str_has_prefix(word.start, "kvm:")) {
        line->event += strlen("kvm:");
        line->event_length -= strlen("kvm:");
    }
    line->fields = skip_blanks(p);
    return line->event_length > 0;
}

gboolean vt_trace_line_parse(const char *line, VtTraceLine *ret_line)
{
    VtTraceLine found = {.cpu = VT_TRACE_UNTOLD, .vcpu = VT_TRACE_UNTOLD};
    Word words[WORDS_MAX];
    const char *p = line;

    for (guint n = 0; n < WORDS_MAX && next_word(&p, &words[n]); n++) {
        if (!read_time(&words[n], &found.time_ns))
            continue;
        if (!read_head(words, n, &found) || !read_event(p, &found))
            return FALSE;
        *ret_line = found;
        return TRUE;
    }
    return FALSE;
}

gboolean vt_trace_line_is_like(const char *line)
{
    const char *name = strstr(line, " kvm:kvm_");

    name = name ? name + strlen(" kvm:") : strstr(line, " kvm_");
    if (!name)
        return FALSE;
    name += strspn(name, " ");
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] == ':';
}

gboolean vt_trace_line_is(const VtTraceLine *line, const char *event)
{
    return strlen(event) == line->event_length &&
           memcmp(line->event, event, line->event_length) == 0;
}

gboolean vt_trace_line_field(const char *fields, const char *key, char *value, gsize size)
{
    const char *p = fields;
    Word word;

    while (next_word(&p, &word)) {
        if (word.length != strlen(key) || memcmp(word.start, key, word.length) != 0)
            continue;
        if (!next_word(&p, &word))
            return FALSE;
        if (strchr(",:", word.start[word.length - 1]))
            word.length--;
        if (word.length == 0 || word.length >= size)
            return FALSE;
        memcpy(value, word.start, word.length);
        value[word.length] = '\0';
        return TRUE;
    }
    return FALSE;
}

/* The first number in a text; 1 where there is none. */
static guint64 some_number(const char *text)
{
    const char *p = text + strcspn(text, "0123456789");
    guint64 number = *p ? g_ascii_strtoull(p, NULL, 10) : 1;

    return CLAMP(number, 1, G_MAXINT64);
}

/* "    ffffffff8104f7a2 kvm_vcpu_ioctl+0x12 ([kvm])", " => kvm_vcpu_ioctl": a stack. */
static gboolean is_stack(const char *line)
{
    const char *start = skip_blanks(line);
    gsize digits = strspn(start, "0123456789abcdef");

    if (start == line)
        return FALSE;
    return g_str_has_prefix(start, "=> ") || (digits >= 6 && digits <= 16 && start[digits] == ' ');
}

VtTraceRemark vt_trace_line_remark(const char *line, guint64 *ret_lost)
{
    static const char *const skipped[] = {
        "cpus=",         "version = ", "trace-cmd: ", "Warning:", "Check IO/CPU overload",
        "<stack trace>", NULL};
    const char *start = skip_blanks(line), *at;

    if (g_str_has_prefix(start, "##### CPU ") && strstr(start, " buffer started"))
        return VT_TRACE_STARTED;
    if ((at = strstr(start, "CPU:")) && (at = strchr(at, '[')) && strstr(at, "EVENTS") &&
        (strstr(at, "LOST") || strstr(at, "DROPPED"))) {
        *ret_lost = some_number(at);
        return VT_TRACE_LOST;
    }
    if ((at = strstr(start, "PERF_RECORD_LOST"))) {
        *ret_lost = some_number(at);
        return VT_TRACE_LOST;
    }
    if (g_str_has_prefix(start, "Processed ") && (at = strstr(start, " and lost "))) {
        *ret_lost = some_number(at);
        return VT_TRACE_LOST;
    }
    if (*start == '\0' || *start == '#' || strstr(start, ": PERF_RECORD_") || is_stack(line) ||
        (g_str_has_prefix(start, "CPU ") && g_str_has_suffix(start, " is empty")))
        return VT_TRACE_SKIP;
    for (guint i = 0; skipped[i]; i++) {
        if (g_str_has_prefix(start, skipped[i]))
            return VT_TRACE_SKIP;
    }
    return VT_TRACE_NOTHING;
}
