/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading rule files: what a good one becomes, and what is said of each bad one. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "rule/rule-cond.h"
#include "vt-test-rule.h"

/* Line numbers matter: one line each. */
static const char good[] =
    "<?xml version='1.0'?>\n"
    "<rule format='1' id='good' severity='high' since='0.1' structural='yes'>\n"           /* 2 */
    "  <title>A \n   title</title>\n"                                                      /* 3-4 */
    "  <why>Why.</why>\n"                                                                  /* 5 */
    "  <risk>Risk.</risk>\n"                                                               /* 6 */
    "  <each select='devices/interface'/>\n"                                               /* 7 */
    "  <symptom>\n"                                                                        /* 8 */
    "    <any>\n"                                                                          /* 9 */
    "      <rate metric='exit.mmio' minus='exit.mmio-fast' above='1000' below='5000.5'/>\n" /* 10 */
    "      <share metric='exit.mmio' above='0.25' specific='yes'/>\n"                      /* 11 */
    "      <not><ratio metric='kvm.halt_successful_poll' of='kvm.halt_attempted_poll' below='0.2'/></not>\n"
    "    </any>\n"
    "  </symptom>\n"
    "  <require>\n"                                                                        /* 15 */
    "    <domain test=\"/domain/@type='kvm'\"/>\n"                                         /* 16 */
    "    <guest supports='virtio-net'/>\n"                                                 /* 17 */
    "    <host fact='cpu.flags' has='apicv'/>\n"                                           /* 18 */
    "  </require>\n"
    "  <guard why='Because.'><host fact='overcommit' is='Y'/></guard>\n"                   /* 20 */
    "  <satisfied test=\"model/@type='virtio'\"/>\n"                                       /* 21 */
    "  <satisfied><guest os='linux'/></satisfied>\n"                                       /* 22 */
    "  <sole test='not(/domain/devices/x)'/>\n"                                            /* 23 */
    "  <gain metric='exit.mmio' share='0.9' to='user' basis='Basis.'/>\n"                  /* 24 */
    "  <change target='domain' effect='power-cycle'>\n"                                    /* 25 */
    "    <needs host='vhost-net' is='Y'/>\n"                                               /* 26 */
    "    <text>Do {name}.</text>\n"                                                        /* 27 */
    "    <add sel='/domain' if='not(features)' pos='prepend'><features a='{{{vcpus}'/></add>\n" /* 28 */
    "    <add sel='.' type='@x'>{free-target:vd}</add>\n"                                  /* 29 */
    "    <replace sel='model/@type'>virtio</replace>\n"                                    /* 30 */
    "    <remove sel='driver' ws='both'/>\n"                                               /* 31 */
    "  </change>\n"
    "  <change target='host' effect='live'><command undo='undo'>do {irq}</command></change>\n" /* 33 */
    "  <supersedes rule='other'>It is better.</supersedes>\n"                              /* 34 */
    "  <conflicts rule='third'/>\n"                                                        /* 35 */
    "  <reference href='https://example.org/'>Example</reference>\n"                       /* 36 */
    "</rule>\n";

static VtRule *load(const char *text, GError **error)
{
    return vt_rule_load_memory(text, strlen(text), "good.xml", test_schema(), error);
}

static const VtCond *child(const VtCond *cond, guint i)
{
    assert_true(i < cond->children->len);
    return g_ptr_array_index(cond->children, i);
}

static void test_good_words(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRule) rule = load(good, &error);
    const VtReference *reference;
    const VtRuleGain *gain;
    const VtRuleLink *link;

    assert_null(error);
    assert_string_equal(rule->id, "good");
    assert_string_equal(rule->file, "good.xml");
    assert_int_equal(rule->line, 2);
    assert_string_equal(rule->since, "0.1");
    assert_int_equal(rule->severity, VT_SEVERITY_HIGH);
    assert_true(rule->structural);
    assert_false(rule->note);
    assert_string_equal(rule->title, "A title");
    assert_string_equal(rule->why, "Why.");
    assert_string_equal(rule->risk, "Risk.");
    assert_string_equal(vt_xpath_text(rule->each), "devices/interface");
    assert_null(rule->each_in);
    assert_string_equal(vt_xpath_text(rule->sole), "not(/domain/devices/x)");
    assert_int_equal(rule->gains->len, 1);
    gain = g_ptr_array_index(rule->gains, 0);
    assert_null(gain->when);
    assert_null(gain->minus);
    assert_string_equal(vt_metric_set_text(gain->metric), "exit.mmio");
    assert_true(gain->share == 0.9);
    assert_int_equal(gain->to, VT_TO_USER);
    assert_string_equal(gain->basis, "Basis.");
    link = g_ptr_array_index(rule->supersedes, 0);
    assert_string_equal(link->rule, "other");
    assert_string_equal(link->why, "It is better.");
    assert_int_equal(link->line, 34);
    link = g_ptr_array_index(rule->conflicts, 0);
    assert_string_equal(link->rule, "third");
    assert_null(link->why);
    reference = g_ptr_array_index(rule->references, 0);
    assert_string_equal(reference->href, "https://example.org/");
    assert_string_equal(reference->text, "Example");
}

static void test_good_conditions(void **state)
{
    g_autoptr(VtRule) rule = load(good, NULL);
    const VtCond *any = child(rule->symptom, 0), *cond;
    const VtGuard *guard = g_ptr_array_index(rule->guards, 0);

    assert_string_equal(rule->symptom->kind->name, "all");
    assert_string_equal(any->kind->name, "any");
    cond = child(any, 0);
    assert_string_equal(cond->kind->name, "rate");
    assert_int_equal(cond->line, 10);
    assert_string_equal(vt_metric_set_text(cond->minus), "exit.mmio-fast");
    assert_true(cond->has_above && cond->above == 1000);
    assert_true(cond->has_below && cond->below == 5000.5);
    assert_false(cond->specific);
    assert_true(child(any, 1)->specific);
    assert_false(child(any, 1)->has_below);
    assert_string_equal(vt_metric_set_text(child(child(any, 2), 0)->of), "kvm.halt_attempted_poll");
    assert_string_equal(vt_xpath_text(child(rule->require, 0)->test), "/domain/@type='kvm'");
    assert_string_equal(child(rule->require, 1)->supports, "virtio-net");
    assert_string_equal(child(rule->require, 2)->has, "apicv");
    assert_string_equal(guard->why, "Because.");
    assert_string_equal(guard->cond->kind->name, "any");
    assert_string_equal(child(guard->cond, 0)->is, "Y");
    assert_int_equal(rule->satisfied->len, 2);
    assert_string_equal(vt_xpath_text(child(g_ptr_array_index(rule->satisfied, 0), 0)->test), "model/@type='virtio'");
    assert_string_equal(child(g_ptr_array_index(rule->satisfied, 1), 0)->is, "linux");
}

static void test_good_changes(void **state)
{
    g_autoptr(VtRule) rule = load(good, NULL);
    const VtChange *change = g_ptr_array_index(rule->changes, 0);
    const VtPatchOp *op = g_ptr_array_index(change->ops, 0);
    const VtCommand *command;

    assert_int_equal(rule->changes->len, 2);
    assert_string_equal(change->target, "domain");
    assert_string_equal(change->effect, "power-cycle");
    assert_string_equal(change->text, "Do {name}.");
    assert_string_equal(((const VtCond *)g_ptr_array_index(change->needs, 0))->fact, "vhost-net");
    assert_int_equal(change->ops->len, 4);
    assert_int_equal(op->kind, VT_PATCH_ADD);
    assert_int_equal(op->line, 28);
    assert_string_equal(op->sel, "/domain");
    assert_string_equal(op->pos, "prepend");
    assert_string_equal(vt_xpath_text(op->when), "not(features)");
    assert_string_equal((const char *)op->content->name, "add");
    op = g_ptr_array_index(change->ops, 1);
    assert_string_equal(op->type, "@x");
    assert_null(op->when);
    op = g_ptr_array_index(change->ops, 2);
    assert_int_equal(op->kind, VT_PATCH_REPLACE);
    op = g_ptr_array_index(change->ops, 3);
    assert_int_equal(op->kind, VT_PATCH_REMOVE);
    assert_string_equal(op->ws, "both");
    change = g_ptr_array_index(rule->changes, 1);
    command = g_ptr_array_index(change->commands, 0);
    assert_string_equal(command->text, "do {irq}");
    assert_string_equal(command->undo, "undo");
}

/* A specific metric is the cause by itself, unless the rule says that it is not. */
static void test_specific(void **state)
{
    g_autoptr(VtRule) rule = test_rule("<symptom><rate metric='pio.0x1f7' above='1'/>"
                                       "<rate metric='pio.0x1f7' above='1' specific='no'/>"
                                       "<rate metric='exit.io' above='1'/></symptom>");

    assert_true(child(rule->symptom, 0)->specific);
    assert_false(child(rule->symptom, 1)->specific);
    assert_false(child(rule->symptom, 2)->specific);
}

/* What is wrong after replacing @from in the good rule, and how it is said; NULL: nothing is wrong. */
static const struct {
    const char *from, *to, *message;
} bad[] = {
    {"format='1'", "format='2'", "good.xml:2: format is “2”; this program reads format 1"},
    {"id='good'", "", "good.xml:2: <rule> needs the attribute id"},
    {"id='good'", "id='a' id='b'", "good.xml:2: Attribute id redefined"},
    {"</rule>\n", "</rule>\n<rule/>", "good.xml:38: Extra content at the end of the document"},
    {"id='good'", "id='good' colour='red'", "good.xml:2: <rule> has no attribute colour; remove it"},
    {"id='good'", "id='good' xmlns:x='y' x:severity='low'", "good.xml:2: <rule> has no attribute severity; remove it"},
    {"severity='high'", "severity='huge'", "good.xml:2: severity is “huge”; it must be info, low, medium or high"},
    {"since='0.1'", "since='soon'", "good.xml:2: since is “soon”; it must be a version"},
    {"id='good'", "id='Not good'", "good.xml:2: id is “Not good”; it must be lower-case words joined by hyphens"},
    {"id='good'", "id=''", "good.xml:2: the attribute id of <rule> is empty"},
    {"<symptom>", "words <symptom>", "good.xml:2: <rule> holds words"},
    {"<any>", "words <any>", "good.xml:8: <symptom> holds words"},
    {"<risk>Risk.</risk>", "<risk xmlns='x'>Risk.</risk>", "good.xml:6: <risk> is in a namespace"},
    {"above='0.25' specific='yes'/>", "above='0.25'>x</share>", "good.xml:11: <share> holds words"},
    {"above='0.25' specific='yes'/>", "above='0.25'><x/></share>", "good.xml:11: <x> does not belong into <share>"},
    {"is='Y'/></guard>", "is=''/></guard>", NULL},
    {"structural='yes'", "structural='maybe'", "good.xml:2: structural is “maybe”; it must be yes or no"},
    {"structural='yes'>", "structural='yes'><rule/>", "good.xml:2: a rule has no element <rule>"},
    {"<why>Why.</why>", "", "good.xml:2: <why> is missing"},
    {"<why>Why.</why>", "<why> </why>", "good.xml:5: <why> is empty"},
    {"<why>Why.</why>", "<why>a</why><why>b</why>", "good.xml:5: <why> stands here a second time"},
    {"<why>Why.</why>", "<why>a<b/></why>", "good.xml:5: <b> does not belong into <why>"},
    {"<risk>Risk.</risk>", "", "good.xml:2: <risk> is missing"},
    {"<each select='devices/interface'/>", "<each select='devices/['/>", "good.xml:7: select of <each>: "},
    {"<each select='devices/interface'/>", "<each in='rows'/>", "good.xml:7: there are no rows “rows”"},
    {"<each select='devices/interface'/>", "<each/>", "good.xml:7: <each> needs the attribute select or in"},
    {"<any>", "<all><some/></all><any>", "good.xml:9: there is no condition <some>; the conditions are all, any, not, rate, "
                           "share, ratio, measured, domain, host, guest, version, rule, row"},
    {"<any>", "<any><any/>", "good.xml:9: <any> holds no condition"},
    {"<not>", "<not><guest os='linux'/>", "good.xml:12: <not> holds one condition"},
    {"metric='exit.mmio' minus", "metric='exit.mmoi' minus", "good.xml:10: metric of <rate>: "},
    {"minus='exit.mmio-fast'", "minus='pio.0x9-0x1'", "good.xml:10: minus of <rate>: "},
    {"metric='exit.mmio' minus", "minus", "good.xml:10: <rate> needs the attribute metric"},
    {"above='1000'", "above='9000'", "good.xml:10: nothing can be above and below these thresholds at once"},
    {"above='1000'", "above='5000.5'", "good.xml:10: nothing can be above and below these thresholds at once"},
    {"above='1000'", "above='-1'", "good.xml:10: above is “-1”; it must be a number, zero or greater"},
    {"above='1000'", "above='1e3x'", "good.xml:10: above is “1e3x”; it must be a number, zero or greater"},
    {"above='1000'", "above='nan'", "good.xml:10: above is “nan”; it must be a number, zero or greater"},
    {"above='0.25'", "", "good.xml:11: <share> needs the attribute above or below"},
    {"above='0.25'", "above='25'", "good.xml:11: a share lies between 0 and 1"},
    {"above='0.25'", "above='1'", "good.xml:11: a share lies between 0 and 1"},
    {"above='0.25'", "below='1.5'", "good.xml:11: a share lies between 0 and 1"},
    {"<share metric='exit.mmio'", "<share metric='exit.hlt'", "good.xml:11: exit.hlt is no part of the exits without HLT"},
    {"metric='exit.mmio' minus", "per='host' metric='exit.mmio' minus", "good.xml:10: per is “host”; it must be vcpu or domain"},
    {"metric='exit.mmio' minus", "own='yes' metric='exit.mmio' minus", "good.xml:10: own=\"yes\" goes with the metric exit.io or exit.mmio alone"},
    {"<share metric='exit.mmio'", "<share own='yes' metric='msr.write.0x80b'", "good.xml:11: own=\"yes\" goes with"},
    {"<share metric='exit.mmio'", "<share own='yes' metric='exit.mmio'", NULL},
    {"<share metric='exit.mmio'", "<share own='maybe' metric='exit.mmio'", "good.xml:11: own is “maybe”; it must be yes or no"},
    {"specific='yes'", "specific='sure'", "good.xml:11: specific is “sure”; it must be yes or no"},
    {"<share ", "<share fact='x' ", "good.xml:11: <share> has no attribute fact; remove it"},
    {"/domain/@type='kvm'", "/domain/@type=", "good.xml:16: test of <domain>: XPath expression \"/domain/@type=\": "},
    {"/domain/@type='kvm'", "nosuch()", "good.xml:16: test of <domain>: "},
    {"<guest supports='virtio-net'/>", "<guest/>", "good.xml:17: <guest> needs the attribute supports or os"},
    {"<guest supports='virtio-net'/>", "<row field='rate' above='1'/>", "good.xml:17: <row> has no row to look at"},
    {"fact='cpu.flags' has", "fact='cpu.flag' has", "good.xml:18: there is no host fact \"cpu.flag\""},
    {"fact='cpu.flags' has", "fact='overcommit' has", "good.xml:18: overcommit is a single value"},
    {"fact='cpu.flags' has", "fact='cpu.flags' is", "good.xml:18: cpu.flags is a set of words; use has"},
    {"<guest supports='virtio-net'/>", "<version of='grub' below='2'/>", "good.xml:17: there is no version of “grub”"},
    {"<guest supports='virtio-net'/>", "<version of='qemu'/>", "good.xml:17: <version> needs the attribute at-least or below"},
    {"<guest supports='virtio-net'/>", "<version below='2'/>", "good.xml:17: <version> needs the attribute of"},
    {"<guest supports='virtio-net'/>", "<version of='qemu' above='2'/>", "good.xml:17: <version> needs the attribute at-least or below"},
    {"<guest supports='virtio-net'/>", "<version of='qemu' below='2.x'/>", "good.xml:17: below of <version>: '2.x' is not a version"},
    {"<guest supports='virtio-net'/>", "<version of='qemu' at-least='7' below='7.0.0'/>", "good.xml:17: no version is at least"},
    {"<guest supports='virtio-net'/>", "<version of='qemu' at-least='7.2' below='9'/>", NULL},
    {"<guest supports='virtio-net'/>", "<rule id='other'/>", "good.xml:17: <rule> needs the attribute verdict"},
    {"<guest supports='virtio-net'/>", "<rule verdict='advise'/>", "good.xml:17: <rule> needs the attribute id"},
    {"<guest supports='virtio-net'/>", "<rule id='other' verdict='advise|maybe'/>", "good.xml:17: there is no verdict “maybe”"},
    {"<guest supports='virtio-net'/>", "<rule id='other' verdict='advise|'/>", "good.xml:17: there is no verdict “”"},
    {"<guest supports='virtio-net'/>", "<rule id='Other' verdict='advise'/>", "good.xml: "},
    {"<guest supports='virtio-net'/>", "<rule id='other' verdict='not-applicable|note'/>", NULL},
    {"why='Because.'", "", "good.xml:20: <guard> needs the attribute why"},
    {"<host fact='overcommit' is='Y'/></guard>", "</guard>", "good.xml:20: <guard> holds no condition"},
    {"<satisfied test=\"model/@type='virtio'\"/>", "<satisfied/>", "good.xml:21: <satisfied> holds no condition"},
    {"<satisfied>", "<satisfied test='a'>", "good.xml:22: <satisfied> has a test or conditions, not both"},
    {"share='0.9'", "share='1.5'", "good.xml:24: share lies between 0 and 1"},
    {"to='user'", "to='moon'", "good.xml:24: to is “moon”; it must be kernel, kernel-io or user"},
    {"basis='Basis.'", "", "good.xml:24: <gain> needs the attribute basis"},
    {"basis='Basis.'/>", "basis='Basis.'/><gain if='x' metric='exit.mmio' share='1' to='user' basis='B'/>",
     "good.xml:24: the <gain> above always counts"},
    {"basis='Basis.'", "basis='Basis.' minus='exist'", "good.xml:24: minus of <gain>: "},
    {"basis='Basis.'", "basis='Basis.' if='('", "good.xml:24: if of <gain>: "},
    {"target='domain'", "target='moon'", "good.xml:25: target is “moon”; it must be domain, host or guest"},
    {"target='domain'", "target='guest'", "good.xml:25: only a change of the domain has <add>"},
    {"effect='power-cycle'", "effect='never'", "good.xml:25: effect is “never”; a change of the domain takes effect by one of: live, power-cycle"},
    {"effect='power-cycle'", "effect='guest-reboot'", "good.xml:25: effect is “guest-reboot”"},
    {"<needs host='vhost-net' is='Y'/>", "<needs host='vhost' is='Y'/>", "good.xml:26: there is no host fact \"vhost\""},
    {"<needs host='vhost-net' is='Y'/>", "<needs host='vhost-net'/>", "good.xml:26: <needs> needs the attribute is or has or above or below"},
    {"<needs host='vhost-net' is='Y'/>", "<needs version='libvirt' at-least='8.10'/>", NULL},
    {"<needs host='vhost-net' is='Y'/>", "<needs version='libvirt'/>", "good.xml:26: <needs> needs the attribute at-least or below"},
    {"<needs host='vhost-net' is='Y'/>", "<needs version='bash' below='5'/>", "good.xml:26: there is no version of “bash”"},
    {"<needs host='vhost-net' is='Y'/>", "<needs version='qemu' host='vhost-net' below='5'/>", "good.xml:26: <needs> has no attribute host"},
    {"<needs host='vhost-net' is='Y'/>", "<needs/>", "good.xml:26: <needs> needs the attribute host"},
    {"<text>Do {name}.</text>", "<text>a</text><text>b</text>", "good.xml:27: <text> does not belong here, or not twice"},
    {"Do {name}.", "Do {name.", "good.xml:27: “{name.” opens a value that no } closes"},
    {"{{{vcpus}", "{", "good.xml:28: “{” opens a value that no } closes"},
    {"{{{vcpus}", "{{{}", "good.xml:28: {} names no value"},
    {"pos='prepend'", "pos='first'", "good.xml:28: pos is “first”; it must be before, after or prepend"},
    {"sel='/domain'", "sel='/domain['", "good.xml:28: sel of <add>: "},
    {"if='not(features)'", "if='not('", "good.xml:28: if of <add>: "},
    {"sel='/domain'", "", "good.xml:28: <add> needs the attribute sel"},
    {"type='@x'", "type='x'", "good.xml:29: type is “x”; it must be @NAME or namespace::PREFIX"},
    {"type='@x'", "type='@x' pos='before'", "good.xml:29: an attribute or a namespace has no position"},
    {"{free-target:vd}", "<b/>", "good.xml:29: an attribute or a namespace is text"},
    {"{free-target:vd}", "{free-target:vd", "good.xml:29: “{free-target:vd” opens a value that no } closes"},
    {"<replace sel='model/@type'>", "<replace sel='model/@type' pos='after'>", "good.xml:30: <replace> has no attribute pos"},
    {"ws='both'", "ws='all'", "good.xml:31: ws is “all”; it must be before, after or both"},
    {"target='host' effect='live'>", "target='host' effect='live'><add sel='.'/>", "good.xml:33: only a change of the domain has <add>"},
    {"<command undo='undo'>do {irq}</command>", "", "good.xml:33: the change does nothing; add <command>"},
    {"<command undo='undo'>do {irq}</command>", "<command> </command>", "good.xml:33: <command> is empty"},
    {"undo='undo'", "undo='{x'", "good.xml:33: “{x” opens a value that no } closes"},
    {"rule='other'", "rule='good'", "good.xml:34: <supersedes> names the rule itself"},
    {"rule='third'", "", "good.xml:35: <conflicts> needs the attribute rule"},
    {"  <reference href='https://example.org/'>Example</reference>\n", "", "good.xml:2: <reference> is missing"},
    {">Example<", "> <", "good.xml:36: <reference> is empty"},
    {"<rule format='1'", "<!DOCTYPE rule [<!ENTITY a 'a'>]><rule format='1'", "good.xml:2: "},
    {"<?xml version='1.0'?>\n", "\x01\x02", "good.xml:1: "},
    {"<rule format", "<role format", "good.xml:"},
};

static void test_bad(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GString) text = g_string_new(good);
        g_autoptr(GError) error = NULL;
        g_autoptr(VtRule) rule = NULL;

        if (!g_string_replace(text, bad[i].from, bad[i].to, 1))
            fail_msg("“%s” is not in the good rule", bad[i].from);
        rule = load(text->str, &error);
        if (!bad[i].message) {
            assert_non_null(rule);
            continue;
        }
        if (rule)
            fail_msg("“%s” was accepted", bad[i].to);
        if (error->domain != VT_ERROR || error->code != VT_ERROR_INPUT)
            fail_msg("“%s”: wrong error code for: %s", bad[i].to, error->message);
        if (!g_str_has_prefix(error->message, bad[i].message))
            fail_msg("“%s”: expected “%s”, got “%s”", bad[i].to, bad[i].message, error->message);
    }
}

/* A rule that only notes. */
static void test_note(void **state)
{
    static const struct {
        const char *attributes, *body, *message;
    } wrong[] = {
        {"structural='yes'", "", "cannot be structural"},
        {"", "<risk>R</risk>", "risks nothing"},
        {"", "<gain metric='exits' share='0.5' to='user' basis='B'/>", "gains nothing"},
    };
    static const char symptom[] = "<symptom><rate metric='exits' below='100'/></symptom>";
    g_autoptr(VtRule) note = test_rule_full("test", "", symptom);

    assert_true(note->note);
    assert_null(note->risk);
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *text =
            g_strdup_printf("<rule format='1' id='n' severity='info' since='1' %s><title>T</title><why>W</why>%s%s"
                            "<reference href='x'>R</reference></rule>",
                            wrong[i].attributes, symptom, wrong[i].body);
        g_autoptr(GError) error = NULL;

        assert_null(vt_rule_load_memory(text, strlen(text), NULL, test_schema(), &error));
        assert_true(g_str_has_prefix(error->message, "<input>:1: "));
        assert_non_null(strstr(error->message, wrong[i].message));
    }
}

static void test_symptom_needed(void **state)
{
    static const char text[] = "<rule format='1' id='n' severity='info' since='1'><title>T</title><why>W</why>"
                               "<reference href='x'>R</reference></rule>";
    g_autoptr(GError) error = NULL;

    assert_null(vt_rule_load_memory(text, strlen(text), "n.xml", test_schema(), &error));
    assert_non_null(strstr(error->message, "<symptom> is missing"));
}

/* Rows have fields. */
static void test_row(void **state)
{
    static const struct {
        const char *row, *message;
    } wrong[] = {
        {"field='colour' is='red'", "a row has no field \"colour\""},
        {"field='rate' is='5'", "rate is a number"},
        {"field='device' above='5'", "device is a word"},
        {"field='rate' above='5' below='2'", "nothing can be above and below"},
    };
    g_autoptr(VtRule) rule = test_rule("<each in='host-irqs-on-vcpus'/><symptom><row field='rate' above='5'/>"
                                       "<row field='device' is='eth*|nvme*'/></symptom>");

    assert_string_equal(rule->each_in, "host-irqs-on-vcpus");
    assert_string_equal(child(rule->symptom, 0)->fact, "rate");
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *text =
            g_strdup_printf("<rule format='1' id='n' severity='info' since='1'><title>T</title><why>W</why>"
                            "<each in='host-irqs-on-vcpus'/><symptom><row %s/></symptom>"
                            "<reference href='x'>R</reference></rule>",
                            wrong[i].row);
        g_autoptr(GError) error = NULL;

        assert_null(vt_rule_load_memory(text, strlen(text), "n.xml", test_schema(), &error));
        assert_non_null(strstr(error->message, wrong[i].message));
    }
}

/* The rules that are installed, and the grammar's list of conditions against the table's. */
static void test_shipped(void **state)
{
    g_autofree char *dir = vt_test_src("data/rules");
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRuleSet) set = vt_rule_load_dir(dir, test_schema(), &error);

    if (error)
        fail_msg("%s", error->message);
    assert_true(set->rules->len >= 14);
}

static void test_grammar_has_all_kinds(void **state)
{
    g_autofree char *path = vt_test_src("data/rules.rng");
    g_autoptr(xmlDoc) doc = vt_xml_parse_file(path, NULL);
    g_autoptr(VtXPath) elements =
        vt_xpath_new("//*[local-name() = 'define'][@name = 'condition']/*/*[local-name() = 'element']", NULL);
    g_autoptr(GPtrArray) nodes = NULL;
    guint kinds = 0;

    assert_true(vt_xpath_nodes(elements, (xmlNode *)doc, &nodes, NULL));
    for (guint i = 0; i < nodes->len; i++) {
        g_autofree char *name = vt_xml_attr(g_ptr_array_index(nodes, i), "name");

        assert_non_null(vt_rule_cond_kind(name));
    }
    for (const VtCondKind *const *kind = vt_rule_cond_kinds(); *kind; kind++) {
        assert_true(*(*kind)->summary != '\0');
        kinds++;
    }
    assert_int_equal(nodes->len, kinds);
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_words),
        cmocka_unit_test(test_good_conditions),
        cmocka_unit_test(test_good_changes),
        cmocka_unit_test(test_specific),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_note),
        cmocka_unit_test(test_symptom_needed),
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_grammar_has_all_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
