/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions that exclude each other, and those that only look so. */
#include "config.h"

#include "rule/rule-lint.h"
#include "vt-test-rule.h"

#define ABOVE "<rate metric='exit.mmio' above='5'/>"
#define BELOW "<rate metric='exit.mmio' below='3'/>"
#define SYMPTOM(conditions) "<symptom>" conditions "</symptom>"

static void assert_lint(const char *body, const char *message)
{
    g_autofree char *text =
        g_strdup_printf("<rule format='1' id='r' severity='low' since='0.1' structural='yes'>"
                        "<title>T</title><why>W</why>" TEST_CHANGE "%s"
                        "<reference href='https://example.org/'>R</reference></rule>",
                        body);
    g_autoptr(GError) error = NULL;
    g_autoptr(VtRule) rule =
        vt_rule_load_memory(text, strlen(text), "r.xml", test_schema(), &error);

    if (!message && error)
        fail_msg("%s: %s", body, error->message);
    if (message && (!error || !strstr(error->message, message)))
        fail_msg("%s: expected “%s”, got “%s”", body, message, error ? error->message : "nothing");
}

static void test_excluded(void **state)
{
    static const char *const bad[] = {
        SYMPTOM(ABOVE BELOW),
        SYMPTOM(BELOW ABOVE),
        SYMPTOM("<all>" ABOVE "</all><any>" BELOW "</any>"),
        SYMPTOM("<any>" ABOVE "<all>" BELOW "<all>" ABOVE "</all></all></any>"),
        SYMPTOM("<not><all>" ABOVE BELOW "</all></not>"),
        "<require>" ABOVE "</require>" SYMPTOM(BELOW),
        "<guard why='W'><all>" ABOVE BELOW "</all></guard>",
        "<satisfied>" ABOVE BELOW "</satisfied>",
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        assert_lint(bad[i], "exit.mmio cannot be so and as on line 1 at once");
    assert_lint(SYMPTOM("<ratio metric='exit.io' of='exit.msr-read' above='2'/>"
                        "<ratio metric='exit.io' of='exit.msr-read' below='2'/>"),
                "exit.io / exit.msr-read cannot be so");
    assert_lint(SYMPTOM("<host fact='kvm.backend' is='vmx|pvm'/><host fact='kvm.backend' is='svm'/>"),
                "kvm.backend cannot be so");
    assert_lint(SYMPTOM("<version of='qemu' at-least='8'/><version of='qemu' below='7.2'/>"),
                "qemu cannot be so");
}

static void test_allowed(void **state)
{
    static const char *const good[] = {
        SYMPTOM("<any>" ABOVE BELOW "</any>"),
        SYMPTOM(ABOVE "<not>" ABOVE "</not>"),
        SYMPTOM("<rate metric='exit.mmio' above='3'/><rate metric='exit.mmio' below='5'/>"),
        SYMPTOM(ABOVE "<rate metric='exit.io' below='3'/>"),
        SYMPTOM(ABOVE "<rate metric='exit.mmio' minus='exit.mmio-fast' below='3'/>"),
        SYMPTOM(ABOVE "<rate metric='exit.mmio' per='domain' below='3'/>"),
        SYMPTOM("<share metric='exit.io' above='0.5'/>"
                "<share metric='exit.io' of='exits' below='0.3'/>"),
        SYMPTOM("<host fact='kvm.backend' is='vmx|svm'/><host fact='kvm.backend' is='svm'/>"),
        SYMPTOM("<host fact='kvm.backend' is='v*'/><host fact='kvm.backend' is='vmx'/>"),
        SYMPTOM("<rule id='a' verdict='advise'/><rule id='a' verdict='quiet'/>"),
        /* Any of a guard's conditions holds. */
        "<guard why='W'>" ABOVE BELOW "</guard>",
        "<satisfied>" ABOVE "</satisfied>" SYMPTOM(BELOW),
    };

    for (guint i = 0; i < G_N_ELEMENTS(good); i++)
        assert_lint(good[i], NULL);
}

static int teardown(void **state)
{
    test_schema_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_excluded),
        cmocka_unit_test(test_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
