/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that patches and commands may use. */
#include "config.h"

#include "plan/value.h"

#include <string.h>

#include "base/cpus.h"
#include "base/error.h"
#include "base/text.h"

/* libvirt takes any letters; QEMU's names are two or three long. */
#define PREFIX_MAX 8

static gboolean fail(GError **error, const char *message)
{
    g_set_error_literal(error, VT_ERROR, VT_ERROR_NOT_FOUND, message);
    return FALSE;
}

/* 0 -> "a", 25 -> "z", 26 -> "aa", as the kernel names disks. */
static char *disk_letters(guint n)
{
    g_autoptr(GString) letters = g_string_new(NULL);

    for (;; n = n / 26 - 1) {
        g_string_prepend_c(letters, (char)('a' + n % 26));
        if (n < 26)
            return g_strdup(letters->str);
    }
}

/* Of all disks but @self (may be NULL). */
static GHashTable *used_targets(xmlDoc *doc, const xmlNode *self)
{
    GHashTable *used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(VtXPath) xpath = vt_xpath_new("/domain/devices/disk/target[@dev]", NULL);
    g_autoptr(GPtrArray) targets = NULL;

    if (xpath && vt_xpath_nodes(xpath, (xmlNode *)doc, &targets, NULL))
        for (guint i = 0; i < targets->len; i++) {
            xmlNode *target = g_ptr_array_index(targets, i);

            if (!self || target->parent != self)
                g_hash_table_add(used, vt_xml_attr(target, "dev"));
        }
    return used;
}

static gboolean is_prefix(const char *prefix)
{
    gsize length = prefix ? strspn(prefix, "abcdefghijklmnopqrstuvwxyz") : 0;

    return length > 0 && length <= PREFIX_MAX && prefix[length] == '\0';
}

static char *free_target(const VtValueContext *context, const char *prefix, GError **error)
{
    xmlDoc *doc = context->doc ? context->doc : context->domain->inactive;
    g_autoptr(GHashTable) used = NULL;

    if (!doc) {
        fail(error, _("the domain's definition is not known, so neither are its disks"));
        return NULL;
    }
    used = used_targets(doc, context->device);
    for (guint i = 0;; i++) {
        g_autofree char *letters = disk_letters(i);
        g_autofree char *name = g_strconcat(prefix, letters, NULL);

        if (!g_hash_table_contains(used, name))
            return g_steal_pointer(&name);
    }
}

static char *vcpus(const VtValueContext *context, const char *argument, GError **error)
{
    if (context->domain->vcpus > 0)
        return g_strdup_printf("%u", context->domain->vcpus);
    fail(error, _("the domain's number of vCPUs is not known"));
    return NULL;
}

static char *housekeeping_cpus(const VtValueContext *context, const char *argument, GError **error)
{
    const char *cpus = context->host ? vt_host_get(context->host, "cpus.housekeeping") : NULL;

    if (cpus && *cpus)
        return g_strdup(cpus);
    fail(error, cpus ? _("no CPU of the host is left over: the vCPUs of running domains are pinned "
                         "to all of them")
                     : _("which CPUs of the host are left over is not known: that takes the host's "
                         "online CPUs and the "
                         "pinning of every running domain"));
    return NULL;
}

static char *vcpu_cpus(const VtValueContext *context, const char *argument, GError **error)
{
    const char *cpus =
        context->host && context->domain->uuid
            ? vt_host_get_for(context->host, context->domain->uuid, "domain.vcpu-cpus")
            : NULL;

    if (cpus && *cpus)
        return g_strdup(cpus);
    fail(error, _("the domain's vCPUs are not known to be pinned to CPUs of the host"));
    return NULL;
}

static char *host_cpus(const VtValueContext *context, const char *argument, GError **error)
{
    const char *count = context->host ? vt_host_get(context->host, "cpus.count") : NULL;

    if (count && *count)
        return g_strdup(count);
    fail(error, _("the host's number of CPUs is not known"));
    return NULL;
}

static char *vcpu_node(const VtValueContext *context, const char *argument, GError **error)
{
    const char *node = context->host && context->domain->uuid
                           ? vt_host_get_for(context->host, context->domain->uuid, "domain.node")
                           : NULL;

    if (node && g_ascii_isdigit(*node))
        return g_strdup(node);
    fail(error, _("the domain's vCPUs are not known to be pinned to CPUs of a single NUMA node"));
    return NULL;
}

/* The CPUs in the host's own nohz_full=. */
static VtCpus *host_nohz_full(const VtValueContext *context, GError **error)
{
    const char *list = context->host ? vt_host_get(context->host, "cpus.nohz-full") : NULL;

    if (list)
        return vt_cpus_parse(list, error);
    fail(error, _("which CPUs of the host are in its nohz_full= already is not known"));
    return NULL;
}

static char *nohz_full_cpus(const VtValueContext *context, const char *argument, GError **error)
{
    g_autofree char *own = vcpu_cpus(context, NULL, error);
    g_autoptr(VtCpus) added = own ? vt_cpus_parse(own, error) : NULL;
    g_autoptr(VtCpus) cpus = added ? host_nohz_full(context, error) : NULL;

    if (!cpus)
        return NULL;
    vt_cpus_union(cpus, added);
    return vt_cpus_format(cpus);
}

/* grubby takes an argument away whatever its value, where none is named. */
static char *nohz_full_restore(const VtValueContext *context, const char *argument, GError **error)
{
    g_autoptr(VtCpus) cpus = host_nohz_full(context, error);
    g_autofree char *list = cpus ? vt_cpus_format(cpus) : NULL;

    if (!list)
        return NULL;
    return *list ? g_strconcat("--args=nohz_full=", list, NULL)
                 : g_strdup("--remove-args=nohz_full");
}

/* virsh tries a name last: first an id, then a UUID. */
static gboolean is_typeable(const char *name)
{
    g_autofree char *printable = vt_text_printable(name, FALSE);

    return *name && *name != '-' && g_str_equal(name, printable) &&
           strspn(name, "0123456789") != strlen(name);
}

char *vt_value_domain_word(const VtDomain *domain)
{
    if (domain->name && is_typeable(domain->name))
        return vt_text_shell(domain->name);
    return domain->uuid ? vt_text_shell(domain->uuid) : NULL;
}

static char *domain_name(const VtValueContext *context, const char *argument, GError **error)
{
    char *name =
        context->shell ? vt_value_domain_word(context->domain) : g_strdup(context->domain->name);

    if (!name)
        fail(error,
             _("the domain's name cannot be written in a command, and its UUID is not known"));
    return name;
}

static char *domain_uuid(const VtValueContext *context, const char *argument, GError **error)
{
    if (context->domain->uuid)
        return g_strdup(context->domain->uuid);
    fail(error, _("the domain's UUID is not known"));
    return NULL;
}

static char *irq_number(const VtValueContext *context, const char *argument, GError **error)
{
    if (context->irq)
        return g_strdup(context->irq);
    fail(error, _("the finding is about no interrupt of the host"));
    return NULL;
}

typedef struct {
    const char *name;
    gboolean has_argument; /* the letters that names of disks start with */
    gboolean rows_only;    /* has a meaning only where a rule looks at interrupts */
    char *(*get)(const VtValueContext *context, const char *argument, GError **error);
} Value;

static const Value values[] = {
    {"free-target", TRUE, FALSE, free_target},
    {"vcpus", FALSE, FALSE, vcpus},
    {"housekeeping-cpus", FALSE, FALSE, housekeeping_cpus},
    {"vcpu-cpus", FALSE, FALSE, vcpu_cpus},
    {"host-cpus", FALSE, FALSE, host_cpus},
    {"vcpu-node", FALSE, FALSE, vcpu_node},
    {"nohz-full-cpus", FALSE, FALSE, nohz_full_cpus},
    {"nohz-full-restore", FALSE, FALSE, nohz_full_restore},
    {"name", FALSE, FALSE, domain_name},
    {"uuid", FALSE, FALSE, domain_uuid},
    {"irq", FALSE, TRUE, irq_number},
};

static const Value *find_value(const char *name, const char *argument, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
        const Value *value = &values[i];

        if (!g_str_equal(value->name, name))
            continue;
        if (value->has_argument ? is_prefix(argument) : !argument)
            return value;
        g_set_error(error, VT_ERROR, VT_ERROR_INPUT,
                    value->has_argument ? _("{%1$s} needs the letters that the names start with, "
                                            "as in {%1$s:vd}")
                                        : _("{%s} takes no argument"),
                    name);
        return NULL;
    }
    g_set_error(error, VT_ERROR, VT_ERROR_INPUT,
                _("there is no value {%s}; virt-tune-rule(5) lists them"), name);
    return NULL;
}

char *vt_value_lookup(const char *name, const char *argument, gpointer data, GError **error)
{
    const Value *value = find_value(name, argument, error);

    return value ? value->get(data, argument, error) : NULL;
}

/* A VtPatchValue for a VtRule, of which it only sees whether the value fits. */
static char *lint_value(const char *name, const char *argument, gpointer data, GError **error)
{
    const Value *value = find_value(name, argument, error);
    const VtRule *rule = data;

    if (!value)
        return NULL;
    if (!value->rows_only || rule->each_in)
        return g_strdup("");
    g_set_error(error, VT_ERROR, VT_ERROR_INPUT,
                _("{%s} has a meaning only in a rule that looks at the host's interrupts"), name);
    return NULL;
}

static void lint_text(const VtRule *rule, guint line, const char *text, GPtrArray *problems)
{
    g_autoptr(GError) why = NULL, problem = NULL;
    g_autofree char *expanded =
        text ? vt_patch_expand(text, lint_value, (gpointer)rule, &why) : NULL;

    if (!why)
        return;
    vt_error_set_input(&problem, rule->file, line, "%s", why->message);
    g_ptr_array_add(problems, g_strdup(problem->message));
}

static void lint_content(const VtRule *rule, const xmlNode *node, GPtrArray *problems)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        const guint line = (guint)xmlGetLineNo(child);

        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
            lint_text(rule, line, (const char *)child->content, problems);
        if (child->type != XML_ELEMENT_NODE)
            continue;
        for (const xmlAttr *attr = child->properties; attr; attr = attr->next)
            if (attr->children)
                lint_text(rule, line, (const char *)attr->children->content, problems);
        lint_content(rule, child, problems);
    }
}

void vt_value_lint(const VtRule *rule, GPtrArray *problems)
{
    for (guint i = 0; i < rule->changes->len; i++) {
        const VtChange *change = g_ptr_array_index(rule->changes, i);

        lint_text(rule, change->line, change->text, problems);
        for (guint j = 0; j < change->ops->len; j++)
            lint_content(rule, ((const VtPatchOp *)g_ptr_array_index(change->ops, j))->content,
                         problems);
        for (guint j = 0; j < change->commands->len; j++) {
            const VtCommand *command = g_ptr_array_index(change->commands, j);

            lint_text(rule, change->line, command->text, problems);
            lint_text(rule, change->line, command->undo, problems);
        }
    }
}
