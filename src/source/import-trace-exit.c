/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kvm_exit as traces print it: the metric of the reason that it gives. What the event prints stands in
 * arch/x86/kvm/trace.h and arch/arm64/kvm/trace_arm.h of Linux; trace-cmd prints it with a plugin of its
 * own (plugin_kvm.c of libtraceevent): "reason EXIT_MSR rip 0xf0219 info 1 0". */
#include "config.h"

#include "source/import-trace-exit.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "source/import-reason.h"

#define WORD_MAX 64
#define SVM_EXIT_MSR 0x7c
#define SVM_EXIT_NPF 0x400
#define SVM_MSR_WRITE 1u
/* Of the page fault's error code: a reserved bit, as KVM sets on purpose for emulated memory. */
#define SVM_NPF_RESERVED 8u

gboolean vt_import_trace_exit_cut_short(const VtTraceLine *line, GError **error)
{
    g_autofree char *shown = vt_import_shown(line->event);

    return vt_import_fail(error, _("“%s” is cut short or no event as KVM prints it"), shown);
}

gboolean vt_import_trace_exit_hex(const char *word, guint64 max, guint64 *ret_value)
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
static gboolean find_reason(VtProfile *profile, char *reason, guint64 *ret_code, GError **error)
{
    char *blank = strchr(reason, ' ');

    if (reason_number(reason, ret_code)) {
        if (profile->isa != VT_ISA_UNKNOWN)
            return TRUE;
        return vt_import_fail(error,
                              _("whether exit %s is one of Intel or AMD is not known yet; "
                                "give --isa"),
                              reason);
    }
    if (blank && !vt_import_reason_is_name(reason))
        *blank = '\0';
    return vt_import_reason_find(profile, reason, ret_code, error);
}

/* SVM has one code for reading and writing an MSR, and one for all second-level page faults. */
static const char *exit_metric(const VtProfile *profile, const VtTraceLine *line, guint64 code, gboolean *ret_bare)
{
    char word[WORD_MAX];
    guint64 info;

    if (profile->isa != VT_ISA_SVM || (code != SVM_EXIT_MSR && code != SVM_EXIT_NPF))
        return vt_exit_reason_metric(profile->isa, code);
    if ((!vt_trace_line_field(line->fields, "info1", word, sizeof word) &&
         !vt_trace_line_field(line->fields, "info", word, sizeof word)) ||
        !vt_import_trace_exit_hex(word, G_MAXUINT64, &info)) {
        *ret_bare = TRUE;
        return vt_exit_reason_metric(profile->isa, code);
    }
    if (code == SVM_EXIT_MSR)
        return info & SVM_MSR_WRITE ? "exit.msr-write" : "exit.msr-read";
    return info & SVM_NPF_RESERVED ? "exit.mmio" : "exit.ept-violation";
}

/* "TRAP: HSR_EC: 0x0024 (DABT_LOW), PC: 0x…", "IRQ: HSR_EC: 0x0000 (UNKNOWN), PC: 0x…" */
static gboolean read_arm64(VtProfile *profile, const VtTraceLine *line, const char **ret_metric,
                           GError **error)
{
    g_autofree char *type = g_strndup(line->fields, strcspn(line->fields, ":"));
    char word[WORD_MAX], rest[WORD_MAX];
    guint64 code;

    if (!vt_import_reason_set_isa(profile, VT_ISA_ARM64, error))
        return FALSE;
    if (!vt_trace_line_field(line->fields, "HSR_EC:", word, sizeof word) ||
        !vt_trace_line_field(line->fields, "PC:", rest, sizeof rest))
        return vt_import_trace_exit_cut_short(line, error);
    if (strcmp(type, "TRAP") == 0) {
        if (!vt_import_trace_exit_hex(word, 63, &code))
            return vt_import_trace_exit_cut_short(line, error);
        code = VT_EXIT_ARM64_CLASS(code);
    } else if (!vt_import_reason_find(profile, type, &code, error)) {
        return FALSE;
    }
    *ret_metric = vt_exit_reason_metric(VT_ISA_ARM64, code);
    return TRUE;
}

static gboolean read_x86(VtProfile *profile, const VtTraceLine *line, const char **ret_metric,
                         gboolean *ret_bare, GError **error)
{
    const char *start = strstr(line->fields, "reason ");
    const char *end = start ? strstr(start, " rip 0x") : NULL;
    g_autofree char *reason = NULL;
    guint64 code;

    if (!end)
        return vt_import_trace_exit_cut_short(line, error);
    start += strlen("reason ");
    if (end <= start)
        return vt_import_trace_exit_cut_short(line, error);
    reason = g_strndup(start, (gsize)(end - start));
    if (!find_reason(profile, reason, &code, error))
        return FALSE;
    *ret_metric = exit_metric(profile, line, code, ret_bare);
    return TRUE;
}

gboolean vt_import_trace_exit_read(VtProfile *profile, const VtTraceLine *line, const char **ret_metric,
                                   gboolean *ret_bare, GError **error)
{
    if (strstr(line->fields, "HSR_EC:"))
        return read_arm64(profile, line, ret_metric, error);
    return read_x86(profile, line, ret_metric, ret_bare, error);
}
