/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report with a bit of everything. */
#include "config.h"

#include "report-fixture.h"

#include <stdio.h>
#include <string.h>

#include "vt-test.h"

static VtEvidence *add_evidence(GPtrArray *array, const char *part, const char *kind,
                                const char *subject, VtTri outcome, const char *detail)
{
    VtEvidence *evidence = g_new0(VtEvidence, 1);

    evidence->part = part;
    evidence->kind = kind;
    evidence->subject = g_strdup(subject);
    evidence->outcome = outcome;
    evidence->detail = g_strdup(detail);
    g_ptr_array_add(array, evidence);
    return evidence;
}

static VtFinding *add_finding(GPtrArray *findings, const char *rule, VtVerdict verdict,
                              const char *reason)
{
    VtFinding *finding = vt_finding_new(rule);

    finding->verdict = verdict;
    finding->title = g_strdup_printf("Title of %s", rule);
    finding->why = g_strdup_printf("Why %s exists.", rule);
    finding->reason = g_strdup(reason);
    g_ptr_array_add(findings, finding);
    return finding;
}

static void add_nic(GPtrArray *findings)
{
    VtFinding *nic = add_finding(findings, "virtio-net", VT_VERDICT_ADVISE, "exit.mmio is 30,959");
    VtFindingChange *change = vt_finding_add_change(nic, "domain", "power-cycle");
    VtEvidence *evidence;

    nic->confidence = VT_CONFIDENCE_CONFIRMED;
    nic->severity = VT_SEVERITY_HIGH;
    nic->device = g_strdup("52:54:00:aa:bb:cc");
    nic->device_element = g_strdup("interface");
    nic->now = g_strdup("<interface type=\"network\"><mac address=\"52:54:00:aa:bb:cc\"/>"
                        "<model type=\"e1000\"/></interface>");
    nic->has_gain = TRUE;
    nic->gain = (VtGain){.low_pct = 6.0500001, .high_pct = 19.25};
    nic->gain_basis = g_strdup("The seed's own figures.");
    nic->risk = g_strdup(
        "The guest needs a driver: without one it has no network after the change, and what is "
        "configured by the name of the interface is lost.");
    nic->guest_driver_unknown = TRUE;
    evidence = add_evidence(nic->evidence, "symptom", "rate", "exit.mmio", VT_YES,
                            "exit.mmio is 30,959 a second and vCPU, above 1,000");
    evidence->has_value = evidence->has_threshold = TRUE;
    evidence->value = 30959.00049;
    evidence->threshold = 1000;
    evidence->source = g_strdup("libvirt");
    add_evidence(nic->evidence, "symptom", "domain", "model/@type = 'e1000'", VT_YES,
                 "the XML matches model/@type = 'e1000'");
    evidence = add_evidence(nic->evidence, "require", "guest", "virtio-net", VT_UNKNOWN,
                            "the guest's OS is not known");
    evidence->remedy = g_strdup("name the OS in the domain's metadata");
    evidence =
        add_evidence(nic->evidence, "guard", "host", "overcommit", VT_NO, "overcommit is N, not Y");
    evidence->text_value = g_strdup("N");
    change->diff = g_strdup(
        "--- a/web1.xml\n+++ b/web1.xml\n@@ -10,5 +10,5 @@\n     <interface type=\"network\">\n"
        "-      <model type=\"e1000\"/>\n+      <model type=\"virtio\"/>\n     </interface>\n");
    add_evidence(change->needs, "needs", "host", "vhost-net", VT_UNKNOWN, "vhost-net is not known");
}

static void add_irq(GPtrArray *findings)
{
    VtFinding *irq =
        add_finding(findings, "irq-affinity", VT_VERDICT_ADVISE, "irq 24 is often here");
    VtFindingChange *here = vt_finding_add_change(irq, "host", "live");
    VtFindingChange *elsewhere = vt_finding_add_change(irq, "host", "module-reload");
    VtFindingChange *guest = vt_finding_add_change(irq, "guest", "guest-reboot");
    VtFindingChange *domain = vt_finding_add_change(irq, "domain", "live");

    irq->confidence = VT_CONFIDENCE_STRUCTURAL;
    irq->severity = VT_SEVERITY_LOW;
    irq->device = g_strdup("irq 24");
    irq->few_windows = 2;
    irq->has_gain = TRUE;
    irq->gain = (VtGain){.measured = TRUE, .low_pct = 1.5, .high_pct = 1.5};
    here->text = g_strdup("Move the interrupt.");
    g_ptr_array_add(here->commands, g_strdup("echo 0-1 > /proc/irq/24/smp_affinity_list"));
    g_ptr_array_add(here->undo, g_strdup("echo 2 > /proc/irq/24/smp_affinity_list"));
    g_ptr_array_add(here->commands, g_strdup("true \x1b[2J"));
    g_ptr_array_add(here->undo, NULL);
    g_ptr_array_add(elsewhere->commands, g_strdup("modprobe for another vendor"));
    add_evidence(elsewhere->needs, "needs", "host", "kvm.backend", VT_NO,
                 "kvm.backend is vmx, not svm");
    g_ptr_array_add(guest->commands, g_strdup("grubby --args=x"));
    add_evidence(guest->needs, "needs", "host", "kvm.backend", VT_NO,
                 "kvm.backend is vmx, not pvm");
    domain->error = g_strdup("no CPU of the host is left over");
}

static void add_rest(GPtrArray *findings)
{
    static const struct {
        const char *rule, *remedy;
    } unknown[] = {
        {"pv-eoi", "bpf would tell"}, {"x2apic", "bpf would tell"}, {"x2apic", "run it as root"}};
    VtFinding *finding = add_finding(findings, "idle-poll", VT_VERDICT_ADVISE, "HLT is frequent");

    finding->superseded_by = g_strdup("guest-haltpoll");
    finding->superseded_why = g_strdup("Bounded polling lets it sleep.");
    finding = add_finding(findings, "healthy-kicks", VT_VERDICT_NOTE, "kicks are in the kernel.");
    finding->confidence = VT_CONFIDENCE_SUSPECTED;
    add_finding(findings, "ple-gap", VT_VERDICT_BLOCKED, "The CPUs are overcommitted.");
    add_finding(findings, "virtio-disk", VT_VERDICT_BLOCKED, "The disk has a WWN.")->no_symptom =
        TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(unknown); i++) {
        finding =
            add_finding(findings, unknown[i].rule, VT_VERDICT_UNKNOWN, "This cannot be decided.");
        add_evidence(finding->evidence, "symptom", "rate", "msr.write.0x80b", VT_UNKNOWN,
                     "not measured")
            ->remedy = g_strdup(unknown[i].remedy);
    }
    add_finding(findings, "nohz-full", VT_VERDICT_UNKNOWN,
                "This cannot be decided: a thing of its own.");
    finding = add_finding(findings, "vhost-net", VT_VERDICT_SATISFIED,
                          "It takes effect at the next power cycle.");
    finding->pending = TRUE;
    finding->device = g_strdup("52:54:00:00:00:01");
    add_finding(findings, "apicv", VT_VERDICT_SATISFIED, "It is already so.");
    add_finding(findings, "guest-haltpoll", VT_VERDICT_QUIET, "There is no symptom: HLT is 3.");
    add_finding(findings, "emulator-pinning", VT_VERDICT_NOT_APPLICABLE,
                "A requirement is not met.");
}

static VtProfile *new_profile(gboolean with_hlt)
{
    VtProfile *profile = vt_profile_new();

    for (guint i = 0; i < 3; i++) {
        guint window = vt_profile_add_window(profile, 1000000000, 2);

        vt_profile_add(profile, window, "exits", "libvirt", 103042);
        if (!with_hlt)
            continue;
        vt_profile_add(profile, window, "exit.hlt", "libvirt", 9617);
        vt_profile_add(profile, window, "exit.mmio", "libvirt", 61918);
        vt_profile_add(profile, window, "exit.io", "libvirt", 6763);
        vt_profile_add(profile, window, "msr.write.0x80b", "bpf", 2134);
        vt_profile_add(profile, window, "irq.24", "interrupts", 999999);
        vt_profile_add(profile, window, "exit.cpuid", "libvirt", 1);
    }
    vt_profile_add_source(profile, "libvirt");
    if (with_hlt) {
        vt_profile_add_source(profile, "bpf");
        vt_profile_add_time(profile, "exit.mmio", 720000000);
        vt_profile_add_time(profile, "exit.hlt", 3000000000);
        vt_profile_note(profile, "The guest stopped \x1b[1mtwice\x1b[0m meanwhile.");
        profile->lost = 1234;
        profile->started_s = 1795341600;
    }
    assert_true(vt_profile_finish(profile, NULL));
    return profile;
}

static VtHost *new_host(void)
{
    VtHost *host = vt_host_new();

    vt_host_set(host, "cpu.vendor", "intel");
    vt_host_set(host, "cpus.online", "0-3");
    g_ptr_array_add(host->notes, g_strdup("The kernel's configuration cannot be read."));
    return host;
}

static GPtrArray *new_findings(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)vt_finding_free);
}

/* @own: the host of the first and the third, where there are several. Web1 has everything; the second was not measured and has a name that acts on terminals and
 * shells; the third is healthy. */
static void write_domains(const VtReportFormat *format, gpointer report, guint n, const VtHost *own)
{
    g_autoptr(VtDomain) web1 = vt_domain_new("web1", "11111111-2222-3333-4444-555555555555");
    g_autoptr(VtDomain) evil =
        vt_domain_new("ev\x1b[31mil\n\xff", "11111111-2222-3333-4444-666666666666");
    g_autoptr(VtDomain) fine = vt_domain_new("fine", NULL);
    g_autoptr(VtProfile) busy = new_profile(TRUE), plain = new_profile(FALSE);
    g_autoptr(GPtrArray) all = new_findings(), unknown = new_findings(), none = new_findings();
    VtReportDomain domains[] = {
        {.domain = web1, .profile = busy, .findings = all, .pending = 7},
        {.domain = evil, .note = "the domain is shut off", .findings = unknown},
        {.domain = fine, .profile = plain, .findings = none},
    };

    web1->state = g_strdup("running");
    web1->vcpus = 2;
    web1->pending_change = 7;
    web1->pending_other = g_strsplit("disk,v\x1b[1mcpu", ",", -1);
    web1->guest.os_id = g_strdup("http://debian.org/debian/12");
    web1->guest.os_name = g_strdup("Debian 12");
    web1->guest.family = g_strdup("linux");
    evil->state = g_strdup("shut off");
    evil->vcpus = 1;
    fine->vcpus = 2;
    if (own) {
        domains[0].host = domains[2].host = own;
        domains[0].uri = "qemu+ssh://a/system";
        domains[1].uri = "qemu+ssh://b/system";
    }
    add_nic(all);
    add_irq(all);
    add_rest(all);
    add_nic(unknown);
    add_finding(unknown, "pv-eoi", VT_VERDICT_UNKNOWN, "This cannot be decided.");
    add_finding(none, "virtio-disk", VT_VERDICT_NOT_APPLICABLE, "The domain has no such device.");
    for (guint i = 0; i < n; i++)
        format->domain(report, &domains[i]);
}

static char *read_all(FILE *file)
{
    GString *text = g_string_new(NULL);

    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        g_string_append_c(text, (char)c);
    fclose(file);
    return g_string_free(text, FALSE);
}

char *vt_report_fixture_write(const VtReportFormat *format, guint domains, gboolean verbose,
                              const char *uri, gboolean with_host)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_autoptr(VtHost) host = new_host();
    VtReportContext context = {
        .uri = uri, .host = with_host ? host : NULL, .term = term, .verbose = verbose};
    gpointer report = format->begin(&context);

    write_domains(format, report, domains, NULL);
    assert_true(format->end(report, NULL));
    return read_all(file);
}

char *vt_report_fixture_write_hosts(const VtReportFormat *format)
{
    FILE *file = tmpfile();
    g_autoptr(VtTerm) term = vt_term_new(file);
    g_autoptr(VtHost) host = new_host();
    VtReportContext context = {.term = term, .several_hosts = TRUE};
    gpointer report = format->begin(&context);

    vt_host_set(host, "kernel.release", "6.1.0");
    write_domains(format, report, 3, host);
    assert_true(format->end(report, NULL));
    return read_all(file);
}

void vt_report_fixture_compare(const char *text, const char *name)
{
    g_autofree char *dir = vt_test_src("tests/report"), *path = g_build_filename(dir, name, NULL);
    g_autofree char *expected = NULL;

    if (g_strcmp0(g_getenv("VT_REGENERATE"), "1") == 0)
        assert_true(g_file_set_contents(path, text, -1, NULL));
    if (!g_file_get_contents(path, &expected, NULL, NULL))
        fail_msg("%s cannot be read; VT_REGENERATE=1 writes it", path);
    assert_string_equal(text, expected);
}
