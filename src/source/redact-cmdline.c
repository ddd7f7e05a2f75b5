/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of parameters that are no tuning may name disks, networks and hosts, and a word alone may be anything. The
 * kernel takes "-" and "_" in names as the same: the lists have "_". */
#include "config.h"

#include "source/redact-cmdline.h"

#include <string.h>

#include "source/redact-word.h"

/* The longest name of a parameter. */
#define NAME_MAX_CHARS 64

/* Parameters with their values. */
static const char *const with_value[] = {
    "acpi", "amd_iommu", "amd_pstate", "clocksource", "default_hugepagesz", "hugepages", "hugepagesz", "idle", "intel_iommu",
    "intel_pstate", "io_delay", "iommu", "irqaffinity", "isolcpus", "loglevel", "maxcpus", "mitigations", "nohz", "nohz_full",
    "nosmt", "nr_cpus", "preempt", "rcu_nocbs", "transparent_hugepage", "tsc", NULL};
static const char *const modules[] = {"kvm.", "kvm_amd.", "kvm_arm.", "kvm_intel."};
/* Parameters without a value, most of them of kernel-parameters.txt, the others of distributions. */
static const char *const alone[] = {
    "debug", "disableapic", "earlyprintk", "gbpages", "ignore_loglevel", "initcall_debug", "irqfixup", "irqpoll", "keep_bootcon",
    "lapic", "no_console_suspend", "no_kvmapf", "no_kvmclock", "no_kvmclock_vsyscall", "no_steal_acc", "no_timer_check",
    "no_x2apic_optout", "noapic", "noautogroup", "noefi", "nogbpages", "nohibernate", "nohpet", "nohz", "nointremap",
    "noinvpcid", "noirqdebug", "nokaslr", "nolapic", "nolapic_timer", "nomce", "nomodeset", "nopat", "nopcid", "nopku", "nopti",
    "nopv", "nopvspin", "norandmaps", "noresume", "nosmp", "nosmt", "nosoftlockup", "nospec_store_bypass_disable",
    "nospectre_v1", "nospectre_v2", "notsc", "nowatchdog", "nox2apic", "noxsave", "quiet", "rcu_nocbs", "rhgb", "ro", "rootwait",
    "rw", "single", "splash", "text", "threadirqs", "x2apic_phys", NULL};

static gboolean has_odd_quotes(const char *word)
{
    gboolean odd = FALSE;

    for (; *word; word++)
        odd ^= *word == '"';
    return odd;
}

static gboolean is_name(const char *text)
{
    gsize n = 0;

    while (g_ascii_isalnum(text[n]) || (text[n] && strchr("_-.", text[n])))
        n++;
    return text[n] == '\0' && n > 0 && n <= NAME_MAX_CHARS;
}

/* To the "=" before a value; NULL: @word has none, as has what ends like base64. */
static const char *find_value(const char *word)
{
    const char *equals = strchr(word, '=');

    return equals && equals[strspn(equals, "=")] ? equals : NULL;
}

static gboolean is_kept(const char *name, gboolean has_value)
{
    g_autofree char *folded = g_strdelimit(g_strdup(name), "-", '_');

    for (guint i = 0; i < G_N_ELEMENTS(modules); i++)
        if (g_str_has_prefix(folded, modules[i]))
            return is_name(name);
    return g_strv_contains(has_value ? with_value : alone, folded);
}

/* A value whose quotes end in a later word goes whole. */
static char *clean_word(const char *word)
{
    const char *equals = find_value(word);
    g_autofree char *name = equals ? g_strndup(word, (gsize)(equals - word)) : g_strdup(word);

    if (is_kept(name, equals != NULL) && !has_odd_quotes(word))
        return g_strdup(word);
    return equals && is_name(name) ? g_strconcat(name, "=" VT_REDACT_REMOVED, NULL) : g_strdup(VT_REDACT_REMOVED);
}

char *vt_redact_cmdline(const char *cmdline)
{
    /* The kernel splits at any white space, and a guest's may have lines. */
    g_auto(GStrv) words = g_strsplit_set(cmdline, " \t\n\v\f\r", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean quoted = FALSE;

    for (char **word = words; *word; word++) {
        g_autofree char *cleaned = NULL;
        gboolean inside = quoted;

        quoted ^= has_odd_quotes(*word);
        if (inside || !**word)
            continue;
        if (out->len > 0)
            g_string_append_c(out, ' ');
        /* What follows are arguments of the first program (kernel-parameters.rst). */
        if (strcmp(*word, "--") == 0) {
            g_string_append(out, word[1] ? "-- " VT_REDACT_REMOVED : "--");
            break;
        }
        cleaned = clean_word(*word);
        g_string_append(out, cleaned);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
