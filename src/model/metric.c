/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metric vocabulary: kinds, names, KVM statistics and what they count, and sets of metrics. */
#include "config.h"

#include "model/metric.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "model/exit-reason.h"

/* How the part after the prefix is written. */
typedef enum { TAIL_WORD, TAIL_HEX, TAIL_IRQ, TAIL_FAMILY, TAIL_FIXED } Tail;

typedef struct {
    const char *name_space;
    const char *prefix; /* with the dot; for TAIL_FIXED the whole name */
    Tail tail;
    guint64 max; /* the largest number of TAIL_HEX and TAIL_IRQ */
} Kind;

static const Kind kinds[] = {
    [VT_METRIC_EXITS] = {"exits", "exits", TAIL_FIXED, 0},
    [VT_METRIC_EXIT] = {"exit", "exit.", TAIL_FAMILY, 0},
    [VT_METRIC_MSR_READ] = {"msr.read", "msr.read.", TAIL_HEX, G_MAXUINT32},
    [VT_METRIC_MSR_WRITE] = {"msr.write", "msr.write.", TAIL_HEX, G_MAXUINT32},
    [VT_METRIC_PIO] = {"pio", "pio.", TAIL_HEX, G_MAXUINT16},
    [VT_METRIC_MMIO] = {"mmio", "mmio.", TAIL_HEX, G_MAXUINT64},
    [VT_METRIC_IRQ] = {"irq", "irq.", TAIL_IRQ, G_MAXUINT32},
    [VT_METRIC_KVM] = {"kvm", "kvm.", TAIL_WORD, 0},
    [VT_METRIC_BLOCK] = {"block", "block.requests", TAIL_FIXED, 0},
    [VT_METRIC_NET] = {"net", "net.packets", TAIL_FIXED, 0},
    [VT_METRIC_SCHED] = {"sched", "sched.run-delay-ns", TAIL_FIXED, 0},
    [VT_METRIC_QEMU] = {"qemu", "qemu.busy-ns", TAIL_FIXED, 0},
};

/* "0x1f7": lower case, no leading zeros, so that a number has one spelling. */
static gboolean parse_hex(const char *text, guint64 max, guint64 *ret_number)
{
    if (!g_str_has_prefix(text, "0x") || (text[2] == '0' && text[3]))
        return FALSE;
    for (const char *p = text + 2; *p; p++) {
        if (!g_ascii_isdigit(*p) && !(*p >= 'a' && *p <= 'f'))
            return FALSE;
    }
    return vt_text_parse_u64(text, 0, max, ret_number, NULL);
}

static gboolean parse_decimal(const char *text, guint64 max, guint64 *ret_number)
{
    if (!g_ascii_isdigit(text[0]) || (text[0] == '0' && text[1]))
        return FALSE;
    return vt_text_parse_u64(text, 0, max, ret_number, NULL);
}

static gboolean parse_number(const Kind *kind, const char *text, guint64 *ret_number)
{
    if (kind->tail == TAIL_HEX)
        return parse_hex(text, kind->max, ret_number);
    return kind->tail == TAIL_IRQ && parse_decimal(text, kind->max, ret_number);
}

/* "vmx-91", "svm-0x404", "arm64-7", "arm64-ec-0x3f". */
static gboolean is_unnamed_exit(const char *tail)
{
    guint64 number;

    if (g_str_has_prefix(tail, "vmx-"))
        return parse_decimal(tail + strlen("vmx-"), G_MAXUINT64, &number);
    if (g_str_has_prefix(tail, "svm-"))
        return parse_hex(tail + strlen("svm-"), G_MAXUINT64, &number);
    if (g_str_has_prefix(tail, "arm64-ec-"))
        return parse_hex(tail + strlen("arm64-ec-"), 63, &number);
    return g_str_has_prefix(tail, "arm64-") &&
           parse_decimal(tail + strlen("arm64-"), G_MAXUINT64, &number);
}

static gboolean is_word(const char *text, const char *more)
{
    if (!*text)
        return FALSE;
    for (; *text; text++) {
        if (!g_ascii_isalnum(*text) && !strchr(more, *text))
            return FALSE;
    }
    return TRUE;
}

static gboolean tail_is_valid(const Kind *kind, const char *name)
{
    const char *tail = name + strlen(kind->prefix);
    guint64 number;

    switch (kind->tail) {
    case TAIL_FIXED:
        return !*tail;
    case TAIL_HEX:
        return parse_hex(tail, kind->max, &number);
    case TAIL_IRQ:
        return g_ascii_isdigit(*tail) ? parse_decimal(tail, kind->max, &number) : is_word(tail, "");
    case TAIL_WORD:
        return is_word(tail, "_");
    case TAIL_FAMILY:
        return vt_exit_reason_describe(name) || is_unnamed_exit(tail);
    }
    return FALSE;
}

VtMetricKind vt_metric_kind(const char *name)
{
    for (guint i = VT_METRIC_EXITS; name && i < G_N_ELEMENTS(kinds); i++) {
        if (name[0] == kinds[i].prefix[0] && g_str_has_prefix(name, kinds[i].prefix) &&
            tail_is_valid(&kinds[i], name))
            return (VtMetricKind)i;
    }
    return VT_METRIC_INVALID;
}

const char *vt_metric_namespace(VtMetricKind kind)
{
    return (guint)kind < G_N_ELEMENTS(kinds) ? kinds[kind].name_space : NULL;
}

gboolean vt_metric_namespace_is_known(const char *name_space)
{
    for (guint i = VT_METRIC_EXITS; i < G_N_ELEMENTS(kinds); i++) {
        if (g_strcmp0(kinds[i].name_space, name_space) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean vt_metric_is_idle(const char *name)
{
    return strcmp(name, "exit.hlt") == 0;
}

gboolean vt_metric_is_specific(VtMetricKind kind)
{
    return (guint)kind < G_N_ELEMENTS(kinds) &&
           (kinds[kind].tail == TAIL_HEX || kinds[kind].tail == TAIL_IRQ);
}

gboolean vt_metric_number(const char *name, guint64 *ret_number)
{
    VtMetricKind kind = vt_metric_kind(name);

    return kind != VT_METRIC_INVALID &&
           parse_number(&kinds[kind], name + strlen(kinds[kind].prefix), ret_number);
}

char *vt_metric_name(VtMetricKind kind, guint64 number)
{
    g_return_val_if_fail(vt_metric_is_specific(kind), NULL);

    if (kinds[kind].tail == TAIL_IRQ)
        return g_strdup_printf("%s%" G_GUINT64_FORMAT, kinds[kind].prefix, number);
    return g_strdup_printf("%s0x%" G_GINT64_MODIFIER "x", kinds[kind].prefix, number);
}

gboolean vt_metric_is_time(const char *name)
{
    return g_str_has_suffix(name, "-ns") || g_str_has_suffix(name, "_ns");
}

char *vt_metric_format_rate(const char *name, double rate)
{
    return vt_metric_is_time(name) && rate < (double)G_MAXINT64
               ? vt_text_format_duration((guint64)rint(MAX(rate, 0)))
               : vt_text_format_count(rate);
}

typedef struct {
    VtMetricKind kind;
    char *name; /* NULL for a range */
    guint64 first, last;
} Part;

struct VtMetricSet {
    char *text;
    GArray *parts; /* Part */
    gboolean specific;
};

static void part_clear(gpointer data)
{
    g_free(((Part *)data)->name);
}

/* "pio.0x1f0-0x1f7", "irq.24-31", "pio.*". FALSE without an error: not a range. */
static gboolean parse_range(const char *word, Part *ret_part, GError **error)
{
    for (guint i = VT_METRIC_EXITS; i < G_N_ELEMENTS(kinds); i++) {
        const Kind *kind = &kinds[i];
        g_auto(GStrv) ends = NULL;
        guint64 first, last;

        if (!vt_metric_is_specific((VtMetricKind)i) || !g_str_has_prefix(word, kind->prefix))
            continue;
        if (strcmp(word + strlen(kind->prefix), "*") == 0) {
            *ret_part = (Part){(VtMetricKind)i, NULL, 0, kind->max};
            return TRUE;
        }
        ends = g_strsplit(word + strlen(kind->prefix), "-", -1);
        if (g_strv_length(ends) != 2 || !parse_number(kind, ends[0], &first) ||
            !parse_number(kind, ends[1], &last))
            return FALSE;
        if (first >= last) {
            g_set_error(
                error, VT_ERROR, VT_ERROR_INPUT,
                _("the range “%s” is empty: write the smaller number first, or one number alone"),
                word);
            return FALSE;
        }
        *ret_part = (Part){(VtMetricKind)i, NULL, first, last};
        return TRUE;
    }
    return FALSE;
}

static gboolean parse_part(const char *word, Part *ret_part, GError **error)
{
    VtMetricKind kind = vt_metric_kind(word);
    GError *local = NULL;

    if (kind != VT_METRIC_INVALID) {
        *ret_part = (Part){kind, g_strdup(word), 0, 0};
        if (vt_metric_number(word, &ret_part->first))
            ret_part->last = ret_part->first;
        return TRUE;
    }
    if (parse_range(word, ret_part, &local))
        return TRUE;
    if (local)
        g_propagate_error(error, local);
    else
        g_set_error(
            error, VT_ERROR, VT_ERROR_INPUT,
            _("“%s” is not a metric: virt-tune-profile(5) lists the names; numbers are lower-case "
              "hexadecimal without leading zeros"),
            word);
    return FALSE;
}

VtMetricSet *vt_metric_set_parse(const char *text, GError **error)
{
    g_autofree char *folded = vt_text_fold(text);
    g_auto(GStrv) words = g_strsplit(folded, " ", -1);
    g_autoptr(VtMetricSet) set = g_new0(VtMetricSet, 1);

    set->parts = g_array_new(FALSE, TRUE, sizeof(Part));
    g_array_set_clear_func(set->parts, part_clear);
    set->specific = TRUE;
    if (!*folded) {
        g_set_error_literal(error, VT_ERROR, VT_ERROR_INPUT, _("a metric is missing"));
        return NULL;
    }
    for (char **word = words; *word; word++) {
        Part part = {0};

        if (!parse_part(*word, &part, error))
            return NULL;
        g_array_append_val(set->parts, part);
        set->specific = set->specific && vt_metric_is_specific(part.kind);
    }
    set->text = g_steal_pointer(&folded);
    return g_steal_pointer(&set);
}

void vt_metric_set_free(VtMetricSet *set)
{
    if (!set)
        return;
    g_array_unref(set->parts);
    g_free(set->text);
    g_free(set);
}

const char *vt_metric_set_text(const VtMetricSet *set)
{
    return set->text;
}

guint vt_metric_set_length(const VtMetricSet *set)
{
    return set->parts->len;
}

VtMetricKind vt_metric_set_part(const VtMetricSet *set, guint i, const char **name, guint64 *first,
                                guint64 *last)
{
    const Part *part = &g_array_index(set->parts, Part, i);

    *name = part->name;
    *first = part->first;
    *last = part->last;
    return part->kind;
}

gboolean vt_metric_set_is_specific(const VtMetricSet *set)
{
    return set->specific;
}

gboolean vt_metric_set_is_time(const VtMetricSet *set)
{
    for (guint i = 0; i < set->parts->len; i++) {
        const char *name = g_array_index(set->parts, Part, i).name;

        if (!name || !vt_metric_is_time(name))
            return FALSE;
    }
    return set->parts->len > 0;
}

/* Fields of kvm_vcpu_stat and kvm_vm_stat whose names in debugfs changed, see stat strings in
 * arch/x86/kvm/x86.c of Linux 5.10 and the descriptors of Linux 5.14. */
static const struct {
    const char *old;
    const char *now;
} stat_renames[] = {
    {"irq_window", "irq_window_exits"},   {"largepages", "pages_2m"},
    {"nmi_window", "nmi_window_exits"},   {"nx_largepages_splitted", "nx_lpage_splits"},
    {"request_irq", "request_irq_exits"},
};

/* mmio_exits counts what user space completed. The last four are arm64's. */
static const struct {
    const char *stat;
    const char *metric;
} stat_families[] = {
    {"exits", "exits"},
    {"halt_exits", "exit.hlt"},
    {"hypercalls", "exit.hypercall"},
    {"io_exits", "exit.io"},
    {"irq_exits", "exit.external-interrupt"},
    {"irq_window_exits", "exit.interrupt-window"},
    {"mmio_exits", "exit.mmio"},
    {"nmi_window_exits", "exit.nmi-window"},
    {"hvc_exit_stat", "exit.hypercall"},
    {"mmio_exit_kernel", "exit.mmio"},
    {"mmio_exit_user", "exit.mmio"},
    {"wfi_exit_stat", "exit.hlt"},
};

const char *vt_metric_kvm_stat(const char *stat)
{
    for (guint i = 0; i < G_N_ELEMENTS(stat_renames); i++) {
        if (strcmp(stat_renames[i].old, stat) == 0)
            return stat_renames[i].now;
    }
    return stat;
}

const char *vt_metric_kvm_stat_family(const char *stat)
{
    stat = vt_metric_kvm_stat(stat);
    for (guint i = 0; i < G_N_ELEMENTS(stat_families); i++) {
        if (strcmp(stat_families[i].stat, stat) == 0)
            return stat_families[i].metric;
    }
    return NULL;
}

/* STATS_DESC_ICOUNTER, _PCOUNTER and the histograms of Linux' arch/x86/kvm/x86.c and
 * include/linux/kvm_host.h. */
gboolean vt_metric_kvm_stat_is_gauge(const char *stat)
{
    static const char *const gauges[] = {"blocking",
                                         "guest_mode",
                                         "max_mmu_page_hash_collisions",
                                         "max_mmu_rmap_size",
                                         "mmu_unsync",
                                         "nx_lpage_splits",
                                         "pages_1g",
                                         "pages_2m",
                                         "pages_4k",
                                         NULL};

    return g_strv_contains(gauges, vt_metric_kvm_stat(stat)) || g_str_has_suffix(stat, "_hist");
}

static gboolean begins_with_one(const char *name, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (g_str_has_prefix(name, *prefixes))
            return TRUE;
    return FALSE;
}

/* What the source bpf and the import of traces count beside the statistics of KVM. */
static gboolean is_traced(const char *name)
{
    static const char *const prefixes[] = {"kvm.apic_ipi", "kvm.eoi", "kvm.pv_eoi",
                                           "kvm.userspace_exits", NULL};

    return begins_with_one(name, prefixes);
}

/* What the source bpf alone counts. */
static gboolean is_counted_by_bpf(const char *name)
{
    static const char *const prefixes[] = {
        "kvm.apicv_inhibit_", "kvm.halt_poll_grow", "kvm.halt_poll_shrink", "kvm.hypercall_",
        "kvm.ple_window_",    "kvm.userspace_",     NULL,
    };

    return begins_with_one(name, prefixes);
}

static gboolean has_stat(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(stat_families); i++) {
        if (strcmp(stat_families[i].metric, name) == 0)
            return TRUE;
    }
    return FALSE;
}

const char *vt_metric_who_measures(const char *name)
{
    VtMetricKind kind = vt_metric_kind(name);

    switch (kind) {
    case VT_METRIC_EXITS:
    case VT_METRIC_EXIT:
        if (has_stat(name))
            return N_(
                "the source bpf, libvirt or debugfs, or an import of kvm_stat, of perf kvm stat or of "
                "a trace of KVM's events");
        return N_("the source bpf, or an import of perf kvm stat, of a trace of KVM's events or of a "
                  "SystemTap table of exits");
    case VT_METRIC_MSR_READ:
    case VT_METRIC_MSR_WRITE:
        return N_("the source bpf, or an import of perf kvm stat, of a trace of KVM's events or of a "
                  "SystemTap table of MSRs");
    case VT_METRIC_PIO:
    case VT_METRIC_MMIO:
        return N_("the source bpf, or an import of perf kvm stat or of a trace of KVM's events");
    case VT_METRIC_IRQ:
        return N_("a sample on the host itself");
    case VT_METRIC_KVM:
        if (is_traced(name))
            return N_("the source bpf, or an import of a trace of KVM's events");
        if (is_counted_by_bpf(name))
            return N_("the source bpf");
        return N_(
            "the source libvirt (libvirt 8.9 and QEMU 7.1 or later) or debugfs, or an import of "
            "kvm_stat");
    case VT_METRIC_BLOCK:
    case VT_METRIC_NET:
    case VT_METRIC_QEMU:
        return N_("the source libvirt");
    case VT_METRIC_SCHED:
        return N_("the source libvirt, or a sample on the host itself");
    case VT_METRIC_INVALID:
        break;
    }
    return NULL;
}
