/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readers of texts that come from users, the kernel and libvirt, and what must hold of all that they take. */
#include "config.h"

#include <string.h>

#include "base/cpus.h"
#include "base/text.h"
#include "base/version.h"
#include "base/xml.h"
#include "fuzz.h"
#include "plan/drift.h"
#include "plan/live.h"
#include "plan/readback.h"
#include "source/interrupts.h"

/* A set that is written reads as the same set, and has the members that it counts. */
void vt_fuzz_cpus(const char *data, gsize length, const char *argument)
{
    g_autofree char *list = g_strndup(data, length), *text = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(VtCpus) cpus = vt_cpus_parse(list, &error), again = NULL, rest = NULL;
    guint n = 0;

    if (!cpus == !error)
        vt_fuzz_broken("a set and an error, or neither");
    if (!cpus)
        return;
    text = vt_cpus_format(cpus);
    again = vt_cpus_parse(text, &error);
    if (!again || !vt_cpus_equal(cpus, again))
        vt_fuzz_broken("'%s' is read as another set: %s", text, error ? error->message : "no error");
    for (int cpu = vt_cpus_next(cpus, 0); cpu >= 0; cpu = vt_cpus_next(cpus, (guint)cpu + 1))
        n += vt_cpus_has(again, (guint)cpu);
    if (n != vt_cpus_count(cpus) || vt_cpus_intersects(cpus, again) != (n > 0))
        vt_fuzz_broken("'%s' has %u members and counts %u", text, n, vt_cpus_count(cpus));
    rest = vt_cpus_copy(cpus);
    vt_cpus_subtract(rest, again);
    if (vt_cpus_next(rest, 0) >= 0)
        vt_fuzz_broken("'%s' without itself is not empty", text);
}

static void check_number(const char *text)
{
    g_autofree char *digits = NULL;
    guint64 value, again;

    if (!vt_text_parse_u64(text, 0, G_MAXUINT64, &value, NULL))
        return;
    digits = g_strdup_printf("%" G_GUINT64_FORMAT, value);
    if (!vt_text_parse_u64(digits, value, value, &again, NULL))
        vt_fuzz_broken("%s is not taken", digits);
}

static void check_version(const char *text)
{
    g_autofree char *formatted = NULL;
    guint64 version, again;

    vt_version_of_release(text, &version);
    if (!vt_version_parse(text, &version, NULL))
        return;
    formatted = vt_version_format(version);
    if (!vt_version_parse(formatted, &again, NULL) || again != version)
        vt_fuzz_broken("version %s is not taken", formatted);
}

static void check_units(const char *text)
{
    g_autofree char *shown = NULL;
    guint64 ns;
    double value;

    if (vt_text_parse_duration(text, &ns, NULL)) {
        if (ns == 0 || ns > 24 * G_GUINT64_CONSTANT(3600000000000))
            vt_fuzz_broken("a duration of %" G_GUINT64_FORMAT " ns", ns);
        shown = vt_text_format_duration(ns);
    }
    if (vt_text_parse_double(text, -1, 1e9, &value, NULL) && !(value >= -1 && value <= 1e9))
        vt_fuzz_broken("%g is out of range", value);
}

/* Nothing that moves a cursor is left. */
static void check_shown(const char *shown, gboolean keep_newlines)
{
    if (!g_utf8_validate(shown, -1, NULL))
        vt_fuzz_broken("what is shown is no UTF-8");
    for (const char *p = shown; *p; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)) && !(keep_newlines && (*p == '\n' || *p == '\t')))
            vt_fuzz_broken("a control character is shown");
}

/* Numbers, units and versions; and names as they are shown, wrapped, and quoted for a shell. */
void vt_fuzz_text(const char *data, gsize length, const char *argument)
{
    g_autofree char *text = g_strndup(data, length), *line = vt_text_printable(text, FALSE);
    g_autofree char *lines = vt_text_printable(text, TRUE), *quoted = vt_text_quote(text);
    g_autofree char *word = vt_text_shell(text), *folded = vt_text_fold(text), *twice = vt_text_fold(folded);
    g_autofree char *wrapped = vt_text_wrap(line, 1 + (guint)length % 80, (guint)length % 4), *plain = NULL;

    check_number(text);
    check_version(text);
    check_units(text);
    check_shown(line, FALSE);
    check_shown(lines, TRUE);
    check_shown(quoted, FALSE);
    check_shown(word, FALSE);
    check_shown(wrapped, TRUE);
    if (strcmp(folded, twice) != 0)
        vt_fuzz_broken("what is folded folds again");
    /* GLib does not know the form $'…'. */
    plain = strstr(word, "$'") == word ? NULL : g_shell_unquote(word, NULL);
    if (plain && strcmp(plain, text) != 0)
        vt_fuzz_broken("a shell reads %s as something else", word);
}

static void count_delta(const char *irq, const char *device, guint64 delta, gpointer data)
{
    if (!*irq || delta == 0)
        vt_fuzz_broken("an interrupt without a name or without a difference");
    ++*(guint *)data;
}

/* Two readings of /proc/interrupts with "%%" between them. */
void vt_fuzz_interrupts(const char *data, gsize length, const char *argument)
{
    const char *parts[3];
    g_autofree char *text = vt_fuzz_split(data, length, parts);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtInterrupts) before = vt_interrupts_parse(parts[0], "before", &error), after = NULL;
    g_autoptr(VtCpus) cpus = vt_cpus_parse("0-1,7", NULL);
    guint n = 0;

    if (!before == !error)
        vt_fuzz_broken("interrupts and an error, or neither");
    if (!before)
        return;
    vt_interrupts_delta(before, before, NULL, count_delta, &n);
    if (n > 0)
        vt_fuzz_broken("a reading differs from itself");
    after = parts[1] ? vt_interrupts_parse(parts[1], "after", NULL) : NULL;
    if (!after)
        return;
    vt_interrupts_delta(before, after, NULL, count_delta, &n);
    vt_interrupts_delta(before, after, cpus, count_delta, &n);
}

/* Three definitions with "%%" between them: one, what it was changed to, and what libvirt made of that. */
void vt_fuzz_definition(const char *data, gsize length, const char *argument)
{
    const char *parts[3];
    g_autofree char *text = vt_fuzz_split(data, length, parts);
    g_autoptr(xmlDoc) before = parts[2] ? vt_xml_parse(parts[0], strlen(parts[0]), "before", NULL) : NULL;
    g_autoptr(xmlDoc) wanted = before ? vt_xml_parse(parts[1], strlen(parts[1]), "wanted", NULL) : NULL;
    g_autoptr(xmlDoc) after = wanted ? vt_xml_parse(parts[2], strlen(parts[2]), "after", NULL) : NULL;
    g_autoptr(GPtrArray) drift = NULL, none = NULL;
    g_autofree char *difference = NULL, *same = NULL;

    if (!after)
        return;
    if (!vt_readback_check(before, wanted, after, &difference) != (difference != NULL))
        vt_fuzz_broken("no difference is told, or one that is none");
    if (!vt_readback_check(before, before, before, &same) || vt_readback_pending(before, before, before, before))
        vt_fuzz_broken("a definition differs from itself: %s", same ? same : "it is pending");
    vt_readback_pending(before, wanted, after, before);
    drift = vt_drift_find(before, after);
    for (guint i = 0; i < drift->len; i++) {
        g_autofree char *element = vt_drift_element(g_ptr_array_index(drift, i));

        if (!*element)
            vt_fuzz_broken("an item without an element");
    }
    none = vt_drift_find(wanted, wanted);
    if (none->len > 0 || vt_live_count(wanted, wanted) > 0)
        vt_fuzz_broken("a definition drifts from itself");
    vt_live_count(before, after);
}
