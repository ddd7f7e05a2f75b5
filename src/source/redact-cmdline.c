/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of parameters that are no tuning may name disks, networks and hosts. */
#include "config.h"

#include "source/redact-cmdline.h"

#include <string.h>

#include "source/redact-qemu.h"

static gboolean has_odd_quotes(const char *word)
{
    gboolean odd = FALSE;

    for (; *word; word++)
        odd ^= *word == '"';
    return odd;
}

char *vt_redact_cmdline(const char *cmdline)
{
    static const char *const kept[] = {"acpi", "io_delay", "loglevel", "isolcpus", "nohz_full", "rcu_nocbs", "irqaffinity", "nohz", "idle", "mitigations",
                                       "intel_iommu", "amd_iommu", "iommu", "hugepages", "hugepagesz",
                                       "default_hugepagesz", "transparent_hugepage", "intel_pstate", "amd_pstate",
                                       "preempt", "clocksource", "tsc", "nosmt", "maxcpus", "nr_cpus", NULL};
    /* The kernel splits at any white space, and a guest's may have lines. */
    g_auto(GStrv) words = g_strsplit_set(cmdline, " \t\n\v\f\r", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    gboolean quoted = FALSE, kept_quote = FALSE;

    for (char **word = words; *word; word++) {
        const char *equals = strchr(*word, '=');
        g_autofree char *key = equals ? g_strndup(*word, (gsize)(equals - *word)) : NULL;
        gboolean keep =
            !key ? !strchr(*word, '/') : g_strv_contains(kept, key) || strncmp(key, "kvm", 3) == 0;

        /* The rest of a value with blanks goes the way of its beginning. */
        if (quoted) {
            quoted = !has_odd_quotes(*word);
            if (kept_quote)
                g_string_append_printf(out, " %s", *word);
            continue;
        }
        if (out->len > 0)
            g_string_append_c(out, ' ');
        /* What follows are arguments of the first program (kernel-parameters.rst). */
        if (strcmp(*word, "--") == 0) {
            g_string_append(out, word[1] ? "-- " VT_REDACT_REMOVED : "--");
            break;
        }
        if (keep)
            g_string_append(out, *word);
        else if (key)
            g_string_append_printf(out, "%s=" VT_REDACT_REMOVED, key);
        else
            g_string_append(out, VT_REDACT_REMOVED);
        quoted = has_odd_quotes(*word);
        kept_quote = keep && key;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}
