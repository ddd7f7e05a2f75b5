/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of parameters that are no tuning may name disks, networks and hosts, and a word alone may be anything. The
 * kernel takes "-" and "_" in names as the same: the lists have "_". */
#include "config.h"

#include "source/redact-cmdline.h"

#include <string.h>

#include "source/redact-word.h"

/* The longest name of a parameter. */
#define NAME_MAX_CHARS 64

/* Those whose values may stay. All keep their "=", which rules look for, where no value follows. */
static const char *const with_value[] = {
    "acpi", "amd_iommu", "amd_pstate", "clocksource", "default_hugepagesz", "hugepages", "hugepagesz", "idle", "intel_iommu",
    "intel_pstate", "io_delay", "iommu", "irqaffinity", "isolcpus", "kgdboc", "loglevel", "maxcpus", "mitigations",
    "no_kvmclock", "nohz", "nohz_full", "nosmt", "nr_cpus", "preempt", "rcu_nocbs", "transparent_hugepage", "tsc", NULL};
static const char *const modules[] = {"kvm.", "kvm_amd.", "kvm_arm.", "kvm_intel."};
/* What these values are made of, beside numbers and switches. */
static const char *const value_words[] = {
    "Y", "acpi_pm", "active", "all", "always", "arch_sys_counter", "cond", "disable", "domain", "force", "full", "guided",
    "halt", "hpet", "hyperv_clocksource_msr", "hyperv_clocksource_tsc_page", "igfx_off", "jiffies", "kvm-clock", "lazy",
    "madvise", "managed_irq", "n", "never", "no_hwp", "noforce", "nohz", "noirq", "noirqtime", "nomwait", "none", "nopt",
    "nosmt", "nowatchdog", "passive", "pit", "poll", "pt", "recalibrate", "refined-jiffies", "reliable", "sm_off",
    "sm_on", "soft", "strict", "tsc", "tsc-early", "udelay", "unstable", "voluntary", "watchdog", "y", NULL};
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

/* @folded: with "_" for "-". */
static gboolean is_of_module(const char *folded)
{
    for (guint i = 0; i < G_N_ELEMENTS(modules); i++)
        if (g_str_has_prefix(folded, modules[i]))
            return TRUE;
    return FALSE;
}

/* Lists of CPUs ("0-31:2/4", "8-N"), sizes and masks are numbers, too. */
static gboolean is_number(const char *text)
{
    return g_regex_match_simple("^(-?([0-9]{1,10}|N)([-:/]([0-9]{1,10}|N)){0,3}[KMGTkmgt]?|0x[0-9a-fA-F]{1,16})$", text, 0, 0);
}

/* With what no list names taken out; the commas stay, since the host's facts are asked for single items. */
static char *clean_value(const char *value)
{
    g_auto(GStrv) items = g_strsplit(value, ",", -1);

    for (char **item = items; *item; item++)
        if (**item && !is_number(*item) && !vt_redact_word_is_switch(*item) &&
            !g_strv_contains(value_words, *item)) {
            g_free(*item);
            *item = g_strdup(VT_REDACT_REMOVED);
        }
    return g_strjoinv(",", items);
}

static char *clean_word(const char *word)
{
    const char *equals = strchr(word, '=');
    g_autofree char *name = equals ? g_strndup(word, (gsize)(equals - word)) : g_strdup(word);
    g_autofree char *folded = g_strdelimit(g_strdup(name), "-", '_');
    g_autofree char *value = NULL;
    gboolean known;

    if (!is_name(name))
        return g_strdup(VT_REDACT_REMOVED);
    known = is_of_module(folded) || g_strv_contains(equals ? with_value : alone, folded);
    if (!equals)
        return g_strdup(known ? word : VT_REDACT_REMOVED);
    /* What ends like base64 has no name before its "=". */
    if (!known && equals[strspn(equals, "=")] == '\0')
        return g_strdup(VT_REDACT_REMOVED);
    value = known ? clean_value(equals + 1) : g_strdup(VT_REDACT_REMOVED);
    return g_strconcat(name, "=", value, NULL);
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
