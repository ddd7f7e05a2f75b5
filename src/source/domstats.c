/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names from libvirt's src/libvirt-domain.c, virConnectGetAllDomainStats(): "vcpu.<n>.<KVM
 * statistic>.sum|cur|max" since 8.9.0, where the part in the middle is whatever the host's kernel
 * calls it (KVM_GET_STATS_FD). */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "model/metric.h"
#include "model/profile-vcpu.h"
#include "source/domstats.h"

/* What a field tells. */
typedef enum {
    FIELD_IGNORED,
    FIELD_STATE,
    FIELD_VCPUS,
    FIELD_BLOCK,
    FIELD_NET,
    FIELD_TIME,
    FIELD_VCPU_TIME,
    FIELD_COUNTER,
    FIELD_DELAY,    /* a counter */
    FIELD_KVM_VCPU, /* a counter */
} FieldKind;

typedef struct {
    char *name;
    FieldKind kind;
    /* Of a counter. */
    guint vcpu;         /* VT_DOMSTATS_NO_VCPU: of the whole domain */
    const char *metric; /* interned */
    const char *family; /* a second metric that it counts; NULL */
} Field;

struct VtDomstatsLayout {
    int refs;
    GArray *fields;    /* Field */
    GHashTable *index; /* name -> place + 1 */
};

static void field_clear(gpointer data)
{
    g_free(((Field *)data)->name);
}

static VtDomstatsLayout *layout_new(void)
{
    VtDomstatsLayout *layout = g_new0(VtDomstatsLayout, 1);

    layout->refs = 1;
    layout->fields = g_array_new(FALSE, FALSE, sizeof(Field));
    g_array_set_clear_func(layout->fields, field_clear);
    layout->index = g_hash_table_new(g_str_hash, g_str_equal);
    return layout;
}

static void layout_unref(VtDomstatsLayout *layout)
{
    if (--layout->refs > 0)
        return;
    g_hash_table_unref(layout->index);
    g_array_unref(layout->fields);
    g_free(layout);
}

static const Field *field_at(const VtDomstatsLayout *layout, guint i)
{
    return &g_array_index(layout->fields, Field, i);
}

static gboolean is_counter(const Field *field)
{
    return field->kind >= FIELD_COUNTER;
}

static VtDomstats *stats_new(VtDomstatsLayout *layout)
{
    VtDomstats *self = g_new0(VtDomstats, 1);

    self->state = -1;
    self->layout = layout;
    self->values = g_array_sized_new(FALSE, FALSE, sizeof(guint64), layout->fields->len);
    return self;
}

VtDomstats *vt_domstats_new(void)
{
    return stats_new(layout_new());
}

void vt_domstats_free(VtDomstats *stats)
{
    if (!stats)
        return;
    layout_unref(stats->layout);
    g_array_unref(stats->values);
    g_free(stats);
}

guint vt_domstats_counters(const VtDomstats *stats)
{
    guint n = 0;

    for (guint i = 0; i < stats->values->len; i++)
        n += is_counter(field_at(stats->layout, i));
    return n;
}

/* The number in "vcpu.<n>.…". */
static guint vcpu_of(const char *field)
{
    guint64 number;

    if (!g_str_has_prefix(field, "vcpu."))
        return VT_DOMSTATS_NO_VCPU;
    number = g_ascii_strtoull(field + strlen("vcpu."), NULL, 10);
    return number < VT_PROFILE_VCPUS_MAX ? (guint)number : VT_DOMSTATS_NO_VCPU;
}

/* The part behind "<n>." of an indexed field; NULL where there is no number. */
static const char *skip_index(const char *text)
{
    gsize digits = strspn(text, "0123456789");

    return digits > 0 && text[digits] == '.' ? text + digits + 1 : NULL;
}

static void set_counter(Field *field, FieldKind kind, const char *metric)
{
    field->kind = kind;
    field->metric = metric;
    field->vcpu = vcpu_of(field->name);
}

/* @stat: "<name>.sum"; anything else is ignored. */
static void set_kvm(Field *field, FieldKind kind, const char *stat)
{
    const char *dot = strchr(stat, '.');
    g_autofree char *old_name = NULL;
    g_autofree char *metric = NULL;
    const char *name;

    if (!dot || dot == stat || strcmp(dot, ".sum") != 0)
        return;
    old_name = g_strndup(stat, (gsize)(dot - stat));
    name = vt_metric_kvm_stat(old_name);
    metric = g_strconcat("kvm.", name, NULL);
    if (vt_metric_kind(metric) != VT_METRIC_KVM)
        return;
    set_counter(field, kind, g_intern_string(metric));
    field->family = vt_metric_kvm_stat_family(name);
}

/* What the name of @field says. */
static void resolve(Field *field)
{
    static const struct {
        const char *name;
        FieldKind kind;
    } plain[] = {
        {"state.state", FIELD_STATE}, {"vcpu.current", FIELD_VCPUS}, {"block.count", FIELD_BLOCK},
        {"net.count", FIELD_NET},     {"cpu.time", FIELD_TIME},
    };
    const char *name = field->name, *rest = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(plain); i++)
        if (strcmp(name, plain[i].name) == 0)
            field->kind = plain[i].kind;
    if (g_str_has_prefix(name, "vm.")) {
        set_kvm(field, FIELD_COUNTER, name + strlen("vm."));
    } else if (g_str_has_prefix(name, "vcpu.") && (rest = skip_index(name + strlen("vcpu.")))) {
        if (strcmp(rest, "delay") == 0)
            set_counter(field, FIELD_DELAY, "sched.run-delay-ns");
        else if (strcmp(rest, "time") == 0)
            field->kind = FIELD_VCPU_TIME;
        else
            set_kvm(field, FIELD_KVM_VCPU, rest);
    } else if (g_str_has_prefix(name, "block.") && (rest = skip_index(name + strlen("block.")))) {
        if (strcmp(rest, "rd.reqs") == 0 || strcmp(rest, "wr.reqs") == 0 || strcmp(rest, "fl.reqs") == 0)
            set_counter(field, FIELD_COUNTER, "block.requests");
    } else if (g_str_has_prefix(name, "net.") && (rest = skip_index(name + strlen("net.")))) {
        if (strcmp(rest, "rx.pkts") == 0 || strcmp(rest, "tx.pkts") == 0)
            set_counter(field, FIELD_COUNTER, "net.packets");
    }
}

/* Keeps what is no counter, of which no difference is made. */
static void tell(VtDomstats *stats, const Field *field, guint64 value)
{
    switch (field->kind) {
    case FIELD_STATE:
        stats->state = value <= G_MAXINT ? (int)value : -1;
        break;
    case FIELD_VCPUS:
        stats->vcpus = value <= G_MAXUINT ? (guint)value : 0;
        break;
    case FIELD_BLOCK:
        stats->has_block = TRUE;
        break;
    case FIELD_NET:
        stats->has_net = TRUE;
        break;
    case FIELD_TIME:
        stats->has_time = TRUE;
        stats->time = value;
        break;
    case FIELD_VCPU_TIME:
        stats->timed_vcpus++;
        stats->vcpu_time += value;
        break;
    case FIELD_KVM_VCPU:
        stats->has_kvm = TRUE;
        break;
    case FIELD_IGNORED:
    case FIELD_COUNTER:
    case FIELD_DELAY:
        break;
    }
}

void vt_domstats_add(VtDomstats *stats, const char *name, guint64 value)
{
    VtDomstatsLayout *layout = stats->layout;
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(layout->index, name));

    g_return_if_fail(layout->refs == 1);

    if (place == 0) {
        Field field = {.name = g_strdup(name)};

        resolve(&field);
        g_array_append_val(layout->fields, field);
        g_array_append_val(stats->values, value);
        place = layout->fields->len;
        g_hash_table_insert(layout->index, field.name, GUINT_TO_POINTER(place));
    }
    g_array_index(stats->values, guint64, place - 1) = value;
    tell(stats, field_at(layout, place - 1), value);
}

/* FALSE for what is no whole number, or a negative one. */
static gboolean param_value(const virTypedParameter *param, guint64 *ret_value)
{
    switch (param->type) {
    case VIR_TYPED_PARAM_INT:
        *ret_value = (guint64)param->value.i;
        return param->value.i >= 0;
    case VIR_TYPED_PARAM_UINT:
        *ret_value = param->value.ui;
        return TRUE;
    case VIR_TYPED_PARAM_LLONG:
        *ret_value = (guint64)param->value.l;
        return param->value.l >= 0;
    case VIR_TYPED_PARAM_ULLONG:
        *ret_value = param->value.ul;
        return TRUE;
    default:
        return FALSE;
    }
}

/* The answer, where its numbers have the names of @layout in the same order; NULL where they do not. */
static VtDomstats *read_like(const virTypedParameter *params, gsize n, VtDomstatsLayout *layout)
{
    g_autoptr(VtDomstats) self = NULL;
    guint place = 0;

    layout->refs++;
    self = stats_new(layout);
    g_array_set_size(self->values, layout->fields->len);
    for (gsize i = 0; i < n; i++) {
        guint64 value;

        if (!param_value(&params[i], &value))
            continue;
        if (place == layout->fields->len || strcmp(field_at(layout, place)->name, params[i].field) != 0)
            return NULL;
        g_array_index(self->values, guint64, place) = value;
        tell(self, field_at(layout, place++), value);
    }
    return place == layout->fields->len ? g_steal_pointer(&self) : NULL;
}

VtDomstats *vt_domstats_from_params(const virTypedParameter *params, gsize n, const VtDomstats *like)
{
    g_autoptr(VtDomstats) self = like ? read_like(params, n, like->layout) : NULL;

    if (self)
        return g_steal_pointer(&self);
    self = vt_domstats_new();
    for (gsize i = 0; i < n; i++) {
        guint64 value;

        if (param_value(&params[i], &value))
            vt_domstats_add(self, params[i].field, value);
    }
    return g_steal_pointer(&self);
}

/* The value that the field at @place of @after had in @before; FALSE where it was not there. */
static gboolean value_before(const VtDomstats *before, const VtDomstats *after, guint place, guint64 *ret_value)
{
    if (before->layout != after->layout) {
        place = GPOINTER_TO_UINT(g_hash_table_lookup(before->layout->index, field_at(after->layout, place)->name));
        if (place-- == 0)
            return FALSE;
    }
    *ret_value = g_array_index(before->values, guint64, place);
    return TRUE;
}

VtGap vt_domstats_compare(const VtDomstats *before, const VtDomstats *after)
{
    if (after->state == VIR_DOMAIN_SHUTOFF || after->state == VIR_DOMAIN_CRASHED ||
        before->state == VIR_DOMAIN_SHUTOFF || before->state == VIR_DOMAIN_CRASHED)
        return VT_GAP_STOPPED;
    if (after->state == VIR_DOMAIN_PAUSED || after->state == VIR_DOMAIN_PMSUSPENDED ||
        before->state == VIR_DOMAIN_PAUSED || before->state == VIR_DOMAIN_PMSUSPENDED)
        return VT_GAP_PAUSED;
    if (before->vcpus != after->vcpus)
        return VT_GAP_VCPUS;
    if (!before->has_kvm || !after->has_kvm)
        return VT_GAP_BUSY;
    if (before->layout != after->layout && vt_domstats_counters(before) != vt_domstats_counters(after))
        return VT_GAP_DEVICES;
    for (guint i = 0; i < after->values->len; i++) {
        guint64 was;

        if (!is_counter(field_at(after->layout, i)))
            continue;
        if (!value_before(before, after, i, &was))
            return VT_GAP_DEVICES;
        if (g_array_index(after->values, guint64, i) < was)
            return VT_GAP_BACK;
    }
    return VT_GAP_NONE;
}

/* What all threads used beyond the vCPUs'. The vCPUs' times are those of /proc, in steps of 10 ms,
 * and may run ahead. */
static gboolean busy_ns(const VtDomstats *before, const VtDomstats *after, guint64 *ret_ns)
{
    guint64 whole, vcpus;

    if (!before->has_time || !after->has_time || after->timed_vcpus == 0 ||
        after->timed_vcpus != after->vcpus || before->timed_vcpus != after->timed_vcpus ||
        after->time < before->time || after->vcpu_time < before->vcpu_time)
        return FALSE;
    whole = after->time - before->time;
    vcpus = after->vcpu_time - before->vcpu_time;
    *ret_ns = whole > vcpus ? whole - vcpus : 0;
    return TRUE;
}

/* Calls @each for the counters: with what they are called, too, or with the families that they count only. */
static void walk(const VtDomstats *before, const VtDomstats *after, gboolean families_only, VtDomstatsEach each,
                 gpointer data)
{
    for (guint i = 0; i < after->values->len; i++) {
        const Field *field = field_at(after->layout, i);
        guint64 is = g_array_index(after->values, guint64, i), was;

        if (families_only && !field->family)
            continue;
        /* A kernel without CONFIG_SCHED_INFO reports no delay at all; a vCPU that never waited does
         * not exist. */
        if (!is_counter(field) || !value_before(before, after, i, &was) || is < was ||
            (is == 0 && field->kind == FIELD_DELAY))
            continue;
        if (!families_only)
            each(field->metric, field->vcpu, is - was, data);
        if (field->family)
            each(field->family, field->vcpu, is - was, data);
    }
}

void vt_domstats_delta(const VtDomstats *before, const VtDomstats *after, VtDomstatsEach each,
                       gpointer data)
{
    guint64 ns;

    if (busy_ns(before, after, &ns))
        each("qemu.busy-ns", VT_DOMSTATS_NO_VCPU, ns, data);
    walk(before, after, FALSE, each, data);
}

gboolean vt_domstats_counts_io(VtSample *sample)
{
    VtHost *host = vt_sample_host(sample);
    const char *backend = host ? vt_host_get(host, "kvm.backend") : NULL;

    if (backend)
        return strcmp(backend, "pvm") != 0;
    return !vt_virt_is_local(vt_sample_virt(sample)) ||
           !vt_root_exists(vt_sample_root(sample), "/sys/module/kvm_pvm");
}

/* @data: metric -> guint64, the sum of its counters. */
static void add_whole(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    guint64 *sum = g_hash_table_lookup(data, metric);

    if (vcpu != VT_DOMSTATS_NO_VCPU)
        return;
    if (!sum) {
        sum = g_new0(guint64, 1);
        g_hash_table_insert(data, (gpointer)metric, sum);
    }
    *sum = vt_profile_sum(*sum, delta);
}

void vt_domstats_add_whole(const VtDomstats *before, const VtDomstats *after, VtProfile *profile,
                           const char *source, guint64 whole_ns)
{
    g_autoptr(GHashTable) sums = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    GHashTableIter iter;
    gpointer metric, sum;

    vt_domstats_delta(before, after, add_whole, sums);
    g_hash_table_iter_init(&iter, sums);
    while (g_hash_table_iter_next(&iter, &metric, &sum))
        vt_profile_add_whole(profile, metric, source, *(const guint64 *)sum, whole_ns);
}

typedef struct {
    VtSampleDomain *domain;
    const char *source;
    gboolean counts_io;
    gboolean per_vcpu;
    gboolean again; /* the window before this one has all of the metrics */
} Collect;

static void collect_metric(const char *metric, guint vcpu, guint64 delta, gpointer data)
{
    const Collect *to = data;

    /* Of many domains most counters stand still. */
    if (delta == 0 && to->again)
        return;
    if (!to->counts_io && (strcmp(metric, "kvm.io_exits") == 0 || strcmp(metric, "exit.io") == 0))
        return;
    vt_profile_add(to->domain->profile, to->domain->window, metric, to->source, delta);
    if (to->per_vcpu && vcpu != VT_DOMSTATS_NO_VCPU)
        vt_profile_vcpu_add(to->domain->profile, to->domain->window, metric, to->source, vcpu,
                            delta);
}

void vt_domstats_collect(VtSample *sample, const VtDomstats *before, VtDomstats *after,
                         VtSampleDomain *domain, const char *source, gboolean counts_io)
{
    gboolean again = domain->window > 0 && before->collected && before->layout == after->layout;
    Collect to = {domain, source, counts_io, vt_sample_per_vcpu(sample) && !domain->is_brief, again};

    if (domain->is_brief)
        walk(before, after, TRUE, collect_metric, &to);
    else
        vt_domstats_delta(before, after, collect_metric, &to);
    after->collected = TRUE;
    if (counts_io)
        return;
    domain->profile->exits_low = TRUE;
    if (domain->window == 0)
        vt_profile_note(domain->profile, _("KVM runs here on its software back end (kvm_pvm), "
                                           "which does not count port I/O: exit.io is "
                                           "unknown."));
}
