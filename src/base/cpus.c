/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of CPUs as bitmaps, and their list form. */
#include "config.h"

#include <string.h>

#include "base/cpus.h"
#include "base/error.h"
#include "base/text.h"

/* A bit a CPU; @words grows with the highest member, since a host of 10,000 domains holds very many
 * sets. */
struct VtCpus {
    guint n_words;
    guint64 *words;
};

VtCpus *vt_cpus_new(void)
{
    return g_new0(VtCpus, 1);
}

VtCpus *vt_cpus_copy(const VtCpus *cpus)
{
    VtCpus *copy = vt_cpus_new();

    vt_cpus_union(copy, cpus);
    return copy;
}

void vt_cpus_free(VtCpus *cpus)
{
    if (!cpus)
        return;
    g_free(cpus->words);
    g_free(cpus);
}

/* @n_words: at least one. */
static void reserve_words(VtCpus *cpus, guint n_words)
{
    if (cpus->words && n_words <= cpus->n_words)
        return;
    cpus->words = g_renew(guint64, cpus->words, n_words);
    memset(cpus->words + cpus->n_words, 0, (n_words - cpus->n_words) * sizeof *cpus->words);
    cpus->n_words = n_words;
}

void vt_cpus_add(VtCpus *cpus, guint cpu)
{
    g_return_if_fail(cpu < VT_CPUS_MAX);

    reserve_words(cpus, cpu / 64 + 1);
    cpus->words[cpu / 64] |= G_GUINT64_CONSTANT(1) << cpu % 64;
}

static void remove_cpu(VtCpus *cpus, guint cpu)
{
    if (cpu / 64 < cpus->n_words)
        cpus->words[cpu / 64] &= ~(G_GUINT64_CONSTANT(1) << cpu % 64);
}

gboolean vt_cpus_has(const VtCpus *cpus, guint cpu)
{
    return cpu / 64 < cpus->n_words && (cpus->words[cpu / 64] >> cpu % 64 & 1);
}

guint vt_cpus_count(const VtCpus *cpus)
{
    guint count = 0;

    for (guint i = 0; i < cpus->n_words; i++)
        count += (guint)__builtin_popcountll(cpus->words[i]);
    return count;
}

int vt_cpus_next(const VtCpus *cpus, guint from)
{
    for (guint i = from / 64; i < cpus->n_words; i++) {
        guint64 word = cpus->words[i];

        if (i == from / 64)
            word &= ~G_GUINT64_CONSTANT(0) << from % 64;
        if (word)
            return (int)(i * 64) + __builtin_ctzll(word);
    }
    return -1;
}

static guint64 word_at(const VtCpus *cpus, guint i)
{
    return i < cpus->n_words ? cpus->words[i] : 0;
}

gboolean vt_cpus_equal(const VtCpus *a, const VtCpus *b)
{
    for (guint i = 0; i < MAX(a->n_words, b->n_words); i++)
        if (word_at(a, i) != word_at(b, i))
            return FALSE;
    return TRUE;
}

gboolean vt_cpus_intersects(const VtCpus *a, const VtCpus *b)
{
    for (guint i = 0; i < MIN(a->n_words, b->n_words); i++)
        if (a->words[i] & b->words[i])
            return TRUE;
    return FALSE;
}

void vt_cpus_union(VtCpus *into, const VtCpus *other)
{
    if (other->n_words == 0)
        return;
    reserve_words(into, other->n_words);
    for (guint i = 0; i < other->n_words; i++)
        into->words[i] |= other->words[i];
}

void vt_cpus_subtract(VtCpus *from, const VtCpus *other)
{
    for (guint i = 0; i < from->n_words; i++)
        from->words[i] &= ~word_at(other, i);
}

/* Reads a CPU number at *@cursor; *@ret_cpu is at least VT_CPUS_MAX where it is too large. FALSE
 * without a digit. */
static gboolean scan_cpu(const char **cursor, guint *ret_cpu)
{
    const char *p = *cursor;
    guint cpu = 0;

    if (!g_ascii_isdigit(*p))
        return FALSE;
    for (; g_ascii_isdigit(*p); p++)
        cpu = MIN(cpu * 10 + (guint)g_ascii_digit_value(*p), VT_CPUS_MAX);
    *cursor = p;
    *ret_cpu = cpu;
    return TRUE;
}

/* Reads "3", "0-3" or "^3" at *@cursor into @cpus. FALSE with *@ret_reason. */
static gboolean parse_item(VtCpus *cpus, const char **cursor, const char **ret_reason)
{
    gboolean exclude = **cursor == '^';
    gboolean good;
    guint first = 0;
    guint last;

    if (exclude)
        (*cursor)++;
    good = scan_cpu(cursor, &first);
    last = first;
    /* libvirt excludes single CPUs only. */
    if (good && **cursor == '-' && !exclude) {
        (*cursor)++;
        good = scan_cpu(cursor, &last);
    }
    if (good && (first >= VT_CPUS_MAX || last >= VT_CPUS_MAX)) {
        *ret_reason = _("this list of CPUs has a number that is too large");
        return FALSE;
    }
    if (!good || last < first) {
        *ret_reason = _("this is not a list of CPUs such as 0-3,8");
        return FALSE;
    }

    /* An exclusion acts on what stands before it, as in libvirt. */
    if (exclude)
        remove_cpu(cpus, first);
    else
        for (guint cpu = first; cpu <= last; cpu++)
            vt_cpus_add(cpus, cpu);
    return TRUE;
}

VtCpus *vt_cpus_parse(const char *list, GError **error)
{
    g_autoptr(VtCpus) cpus = vt_cpus_new();
    g_autofree char *quoted = NULL;
    const char *reason = NULL;
    const char *p = list;

    if (*p == '\0')
        return g_steal_pointer(&cpus);
    while (parse_item(cpus, &p, &reason)) {
        if (*p == '\0')
            return g_steal_pointer(&cpus);
        if (*p != ',') {
            reason = _("this is not a list of CPUs such as 0-3,8");
            break;
        }
        p++;
    }

    quoted = vt_text_quote(list);
    g_set_error(error, VT_ERROR, VT_ERROR_INPUT, "%s: %s", quoted, reason);
    return NULL;
}

char *vt_cpus_format(const VtCpus *cpus)
{
    GString *out = g_string_new(NULL);

    for (int first = vt_cpus_next(cpus, 0), last; first >= 0;
         first = vt_cpus_next(cpus, (guint)last + 1)) {
        last = first;
        while (vt_cpus_has(cpus, (guint)last + 1))
            last++;
        if (out->len > 0)
            g_string_append_c(out, ',');
        g_string_append_printf(out, first == last ? "%d" : "%d-%d", first, last);
    }
    return g_string_free(out, FALSE);
}
