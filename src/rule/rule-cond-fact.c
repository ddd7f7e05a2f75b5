/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions on what is known without measuring: host facts, rows of them, the domain's XML and its
 * guest OS. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "rule/rule-cond-private.h"

/* @alternatives: "vmx|svm"; one that ends in "*" stands for all words that start so. */
static gboolean is_one_of(const char *value, const char *alternatives)
{
    for (const char *word = alternatives;;) {
        const char *end = strchrnul(word, '|');
        const gboolean prefix = end > word && end[-1] == '*';
        const size_t length = (size_t)(end - word) - (prefix ? 1 : 0);

        if (strncmp(word, value, length) == 0 && (prefix || value[length] == '\0'))
            return TRUE;
        if (!*end)
            return FALSE;
        word = end + 1;
    }
}

static gboolean has_word(const char *set, const char *word)
{
    const size_t length = strlen(word);

    for (const char *start = set; *start;) {
        size_t span = strcspn(start, " \t\n,");

        if (span == length && memcmp(start, word, length) == 0)
            return TRUE;
        start += span;
        start += strspn(start, " \t\n,");
    }
    return FALSE;
}

static VtTri within(const VtCond *cond, double value)
{
    return (!cond->has_above || value > cond->above) && (!cond->has_below || value < cond->below)
               ? VT_YES
               : VT_NO;
}

/* The outcome of @cond on the word @value of @what; an unknown word is the caller's. */
static VtTri compare_word(const VtCond *cond, VtCondContext *context, guint depth, const char *what,
                          const char *value)
{
    VtEvidence *evidence;
    VtTri outcome;
    double real = 0;

    if (cond->has) {
        outcome = has_word(value, cond->has) ? VT_YES : VT_NO;
        evidence = vt_rule_cond_witness(cond, context, depth, what, outcome);
        if (evidence) {
            /* A set of flags is long: the word that was asked for is what matters. */
            evidence->text_value = g_strdup(outcome == VT_YES ? cond->has : "");
            evidence->detail = outcome == VT_YES
                                   ? vt_text_fill(_("%1$s has %2$s"), what, cond->has)
                                   : vt_text_fill(_("%1$s does not have %2$s"), what, cond->has);
        }
        return outcome;
    }
    if (cond->is) {
        outcome = is_one_of(value, cond->is) ? VT_YES : VT_NO;
        evidence = vt_rule_cond_witness(cond, context, depth, what, outcome);
        if (!evidence)
            return outcome;
        evidence->text_value = g_strdup(value);
        if (outcome == VT_YES)
            evidence->detail = *value ? vt_text_fill(_("%1$s is %2$s"), what, value)
                                      : vt_text_fill(_("%s is empty"), what);
        else
            evidence->detail = *value
                                   ? vt_text_fill(_("%1$s is %2$s, not %3$s"), what, value,
                                                     cond->is)
                                   : vt_text_fill(_("%1$s is empty, not %2$s"), what, cond->is);
        return outcome;
    }
    if (!vt_text_parse_double(value, -G_MAXDOUBLE, G_MAXDOUBLE, &real, NULL)) {
        evidence = vt_rule_cond_witness(cond, context, depth, what, VT_UNKNOWN);
        if (evidence) {
            evidence->text_value = g_strdup(value);
            evidence->detail = vt_text_fill(_("%1$s is \"%2$s\", which is not a number"), what,
                                               value);
        }
        return VT_UNKNOWN;
    }
    outcome = within(cond, real);
    evidence = vt_rule_cond_witness(cond, context, depth, what, outcome);
    if (evidence) {
        g_autofree char *text = vt_rule_cond_number(real);
        g_autofree char *above = cond->has_above ? vt_rule_cond_number(cond->above) : NULL;
        g_autofree char *below = cond->has_below ? vt_rule_cond_number(cond->below) : NULL;

        evidence->has_value = TRUE;
        evidence->value = real;
        vt_rule_cond_set_threshold(evidence, cond);
        evidence->detail = vt_rule_cond_compare(cond, what, text, above, below, outcome);
    }
    return outcome;
}

static const char *host_remedy(const char *fact, const VtCondContext *context)
{
    const char *remote = context->host ? vt_host_get(context->host, "uri.remote") : NULL;

    if (g_str_has_prefix(fact, "domain.") && !context->domain->active && !context->profile)
        return _("start the domain: this is known of running domains only");
    if (!context->host || (remote && strcmp(remote, "Y") == 0))
        return _("run virt-tune on the host itself, or give its facts with --host");
    return _("run virt-tune on the host itself as root");
}

VtTri vt_rule_cond_fact_host(const VtCond *cond, VtCondContext *context, guint depth)
{
    const char *value = context->host
                            ? vt_host_get_for(context->host, context->domain->uuid, cond->fact)
                            : NULL;
    VtEvidence *evidence;

    if (value)
        return compare_word(cond, context, depth, cond->fact, value);
    evidence = vt_rule_cond_witness(cond, context, depth, cond->fact, VT_UNKNOWN);
    if (evidence) {
        evidence->detail = vt_text_fill(_("%s is not known"), cond->fact);
        evidence->remedy = g_strdup(host_remedy(cond->fact, context));
    }
    return VT_UNKNOWN;
}

/* The sentence that compares @value with the bounds of @cond. The caller frees it. */
static char *compare_version(const VtCond *cond, const char *value, VtTri outcome)
{
    g_autofree char *least = cond->has_least ? vt_version_format((guint64)cond->least) : NULL;
    g_autofree char *below = cond->has_below ? vt_version_format((guint64)cond->below) : NULL;

    if (least && below)
        return vt_text_fill(outcome == VT_YES
                                   ? _("%1$s is %2$s, at least %3$s and below %4$s")
                                   : _("%1$s is %2$s, not at least %3$s and below %4$s"),
                               cond->fact, value, least, below);
    if (least)
        return vt_text_fill(outcome == VT_YES ? _("%1$s is %2$s, at least %3$s")
                                                 : _("%1$s is %2$s, not at least %3$s"),
                               cond->fact, value, least);
    return vt_text_fill(outcome == VT_YES ? _("%1$s is %2$s, below %3$s")
                                             : _("%1$s is %2$s, not below %3$s"),
                           cond->fact, value, below);
}

VtTri vt_rule_cond_fact_version(const VtCond *cond, VtCondContext *context, guint depth)
{
    g_autofree char *fact = g_strconcat(cond->fact, ".version", NULL);
    const char *value = context->host ? vt_host_get(context->host, fact) : NULL;
    guint64 version = 0;
    VtTri outcome = VT_UNKNOWN;
    VtEvidence *evidence;

    if (value && vt_text_parse_u64(value, 0, G_MAXUINT32, &version, NULL))
        outcome = (!cond->has_least || (double)version >= cond->least) &&
                          (!cond->has_below || (double)version < cond->below)
                      ? VT_YES
                      : VT_NO;
    evidence = vt_rule_cond_witness(cond, context, depth, cond->fact, outcome);
    if (evidence && outcome == VT_UNKNOWN) {
        evidence->detail = vt_text_fill(_("the version of %s is not known"), cond->fact);
        evidence->remedy = g_strdup(host_remedy(fact, context));
    } else if (evidence) {
        evidence->text_value = vt_version_format(version);
        evidence->detail = compare_version(cond, evidence->text_value, outcome);
    }
    return outcome;
}

VtTri vt_rule_cond_fact_row(const VtCond *cond, VtCondContext *context, guint depth)
{
    const VtHostIrq *irq = context->irq;
    g_autofree char *affinity = NULL;
    const char *value = NULL;
    VtEvidence *evidence;

    if (irq && strcmp(cond->fact, "rate") == 0)
        return vt_rule_cond_measured_row_rate(cond, context, depth);
    if (irq && strcmp(cond->fact, "irq") == 0)
        value = irq->irq;
    else if (irq && strcmp(cond->fact, "device") == 0)
        value = irq->device;
    else if (irq && strcmp(cond->fact, "affinity") == 0)
        value = affinity = irq->affinity ? vt_cpus_format(irq->affinity) : NULL;
    else if (irq && strcmp(cond->fact, "managed") == 0)
        value = irq->managed == VT_UNKNOWN ? NULL : irq->managed == VT_YES ? "Y" : "N";
    if (value)
        return compare_word(cond, context, depth, cond->fact, value);
    evidence = vt_rule_cond_witness(cond, context, depth, cond->fact, VT_UNKNOWN);
    if (evidence) {
        evidence->detail = irq ? vt_text_fill(_("%s of the interrupt is not known"), cond->fact)
                               : g_strdup(_("the host's interrupts were not measured"));
        evidence->remedy = g_strdup(
            irq ? _("run virt-tune on the host itself as root")
                : _("sample on the host itself; the domain's vCPUs must be pinned"));
    }
    return VT_UNKNOWN;
}

/* Expressions and the nodes that they were asked of. The expressions belong to the rules. */
typedef struct {
    const VtXPath *test;
    const xmlNode *node;
    gboolean value;
} Answer;

struct VtCondTests {
    GHashTable *answers; /* set of Answer */
};

static guint answer_hash(gconstpointer key)
{
    const Answer *answer = key;

    return vt_xpath_hash(answer->test) ^ g_direct_hash(answer->node);
}

static gboolean answer_equal(gconstpointer a, gconstpointer b)
{
    const Answer *x = a, *y = b;

    return x->node == y->node && (x->test == y->test || strcmp(vt_xpath_text(x->test), vt_xpath_text(y->test)) == 0);
}

VtCondTests *vt_rule_cond_tests_new(void)
{
    VtCondTests *tests = g_new0(VtCondTests, 1);

    tests->answers = g_hash_table_new_full(answer_hash, answer_equal, g_free, NULL);
    return tests;
}

void vt_rule_cond_tests_free(VtCondTests *tests)
{
    g_hash_table_unref(tests->answers);
    g_free(tests);
}

/* An expression that fails is asked again: its error is wanted. */
static gboolean test_xml(const VtXPath *test, const VtCondContext *context, gboolean *ret_value,
                         GError **error)
{
    const Answer key = {.test = test, .node = context->node};
    Answer *answer = context->tests ? g_hash_table_lookup(context->tests->answers, &key) : NULL;

    if (answer) {
        *ret_value = answer->value;
        return TRUE;
    }
    if (!vt_xpath_test(test, context->node, ret_value, error))
        return FALSE;
    if (context->tests) {
        answer = g_new(Answer, 1);
        *answer = key;
        answer->value = *ret_value;
        g_hash_table_add(context->tests->answers, answer);
    }
    return TRUE;
}

VtTri vt_rule_cond_fact_domain(const VtCond *cond, VtCondContext *context, guint depth)
{
    g_autoptr(GError) error = NULL;
    gboolean value = FALSE;
    const gboolean known = test_xml(cond->test, context, &value, &error);
    const VtTri outcome = !known ? VT_UNKNOWN : value ? VT_YES : VT_NO;
    VtEvidence *evidence = vt_rule_cond_witness(cond, context, depth, vt_xpath_text(cond->test),
                                                outcome);

    if (evidence && !known) {
        evidence->detail = g_strdup(error->message);
        evidence->remedy = g_strdup(_("correct the rule"));
    } else if (evidence) {
        evidence->detail = value
                               ? vt_text_fill(_("the XML matches %s"), evidence->subject)
                               : vt_text_fill(_("the XML does not match %s"), evidence->subject);
    }
    return outcome;
}

static const char *guest_name(const VtGuest *guest)
{
    return guest->os_name ? guest->os_name : guest->os_id ? guest->os_id : _("the guest");
}

/* libosinfo names the device of virtio 1.0 apart ("virtio1.0-net"); a driver for it drives what
 * libvirt makes. */
static gboolean guest_has_driver(const VtGuest *guest, const char *driver)
{
    g_autofree char *modern = NULL;

    if (g_hash_table_contains(guest->supports, driver))
        return TRUE;
    if (!g_str_has_prefix(driver, "virtio-"))
        return FALSE;
    modern = g_strconcat("virtio1.0-", driver + strlen("virtio-"), NULL);
    return g_hash_table_contains(guest->supports, modern);
}

static VtTri eval_guest_supports(const VtCond *cond, VtCondContext *context, guint depth)
{
    const VtGuest *guest = &context->domain->guest;
    VtEvidence *evidence;
    VtTri outcome = VT_UNKNOWN;

    if (guest->drivers_known && guest->supports)
        outcome = guest_has_driver(guest, cond->supports) ? VT_YES : VT_NO;
    else if (context->assume_guest_drivers)
        outcome = VT_YES;
    else
        context->guest_unknown = TRUE;

    evidence = vt_rule_cond_witness(cond, context, depth, cond->supports, outcome);
    if (evidence && outcome == VT_UNKNOWN) {
        evidence->detail = vt_text_fill(_("it is not known whether %1$s has a driver for %2$s"),
                                           guest_name(guest), cond->supports);
        evidence->remedy = g_strdup(
            _("name the OS in the domain's libosinfo metadata, or, knowing that the guest has "
              "the driver, give --assume-guest-drivers"));
    } else if (evidence && !guest->drivers_known) {
        evidence->detail = vt_text_fill(
            _("%1$s is taken to have a driver for %2$s (--assume-guest-drivers)"),
            guest_name(guest), cond->supports);
    } else if (evidence) {
        evidence->detail = outcome == VT_YES ? vt_text_fill(_("%1$s has a driver for %2$s"),
                                                               guest_name(guest), cond->supports)
                                             : vt_text_fill(_("%1$s has no driver for %2$s"),
                                                               guest_name(guest), cond->supports);
    }
    return outcome == VT_UNKNOWN && context->soft_guest ? VT_YES : outcome;
}

static VtTri eval_guest_os(const VtCond *cond, VtCondContext *context, guint depth)
{
    const VtGuest *guest = &context->domain->guest;
    VtTri outcome = VT_UNKNOWN;
    VtEvidence *evidence;

    /* libosinfo's families of Windows are "winnt", "win9x" and "win16". */
    if (guest->family)
        outcome = is_one_of(guest->family, cond->is) ||
                          (g_str_has_prefix(guest->family, "win") && is_one_of("windows", cond->is))
                      ? VT_YES
                      : VT_NO;
    evidence = vt_rule_cond_witness(cond, context, depth, cond->is, outcome);
    if (evidence && outcome == VT_UNKNOWN) {
        evidence->detail = g_strdup(_("the guest's OS is not known"));
        evidence->remedy = g_strdup(_("name the OS in the domain's libosinfo metadata"));
    } else if (evidence) {
        evidence->text_value = g_strdup(guest->family);
        evidence->detail = outcome == VT_YES
                               ? vt_text_fill(_("the guest's OS is of the family %s"),
                                                 guest->family)
                               : vt_text_fill(
                                     _("the guest's OS is of the family %1$s, not %2$s"),
                                     guest->family, cond->is);
    }
    return outcome;
}

VtTri vt_rule_cond_fact_guest(const VtCond *cond, VtCondContext *context, guint depth)
{
    return cond->supports ? eval_guest_supports(cond, context, depth)
                          : eval_guest_os(cond, context, depth);
}
