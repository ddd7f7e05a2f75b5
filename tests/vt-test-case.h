/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A case of tests/rules: the evidence in its files, and in those of its rule and of all rules. test-rules.c
 * says which there are. */
#pragma once

#include <json-glib/json-glib.h>
#include <string.h>

#include "vt-test.h"

#include "model/domain.h"
#include "rule/rule.h"
#include "source/host-json.h"
#include "source/native.h"

typedef struct {
    const VtRule *rule;
    char *name; /* "pv-eoi/guard-1" */
    char *dir;
} VtTestCase;

typedef struct {
    VtDomain *domain;
    VtProfile *profile; /* NULL: nothing was measured */
    VtHost *host;       /* NULL: nothing is known */
} VtTestEvidence;

static inline void vt_test_case_free(gpointer data)
{
    VtTestCase *one = data;

    g_free(one->name);
    g_free(one->dir);
    g_free(one);
}

static inline void vt_test_evidence_clear(VtTestEvidence *evidence)
{
    g_clear_pointer(&evidence->domain, vt_domain_unref);
    g_clear_pointer(&evidence->profile, vt_profile_unref);
    g_clear_pointer(&evidence->host, vt_host_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VtTestEvidence, vt_test_evidence_clear)

/* The text of the nearest @file; NULL where there is none or it is empty. */
static inline char *vt_test_case_text(const VtTestCase *one, const char *file, char **ret_path)
{
    g_autofree char *of_rule = g_path_get_dirname(one->dir);
    g_autofree char *of_all = g_path_get_dirname(of_rule);
    const char *const dirs[] = {one->dir, of_rule, of_all};

    for (guint i = 0; i < G_N_ELEMENTS(dirs); i++) {
        g_autofree char *path = g_build_filename(dirs[i], file, NULL);
        g_autofree char *text = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL))
            continue;
        *ret_path = g_steal_pointer(&path);
        return *text ? g_steal_pointer(&text) : NULL;
    }
    *ret_path = NULL;
    return NULL;
}

static inline void vt_test_case_fail(const VtTestCase *one, const GError *error)
{
    fail_msg("%s: %s", one->name, error ? error->message : "no error was given");
}

static inline xmlDoc *vt_test_case_xml(const VtTestCase *one, const char *file)
{
    g_autofree char *path = NULL;
    g_autofree char *text = vt_test_case_text(one, file, &path);
    g_autoptr(GError) error = NULL;
    xmlDoc *doc = text ? vt_xml_parse(text, strlen(text), path, &error) : NULL;

    if (error)
        vt_test_case_fail(one, error);
    return doc;
}

static inline void vt_test_case_guest(const VtTestCase *one, VtGuest *guest)
{
    g_autofree char *path = NULL;
    g_autofree char *text = vt_test_case_text(one, "guest.json", &path);
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonNode) node = text ? json_from_string(text, &error) : NULL;
    JsonObject *object = node ? json_node_get_object(node) : NULL;
    JsonArray *supports;

    if (error)
        vt_test_case_fail(one, error);
    if (!object)
        return;
    guest->family = g_strdup(json_object_get_string_member(object, "family"));
    supports = json_object_get_array_member(object, "supports");
    guest->drivers_known = TRUE;
    for (guint i = 0; i < json_array_get_length(supports); i++)
        g_hash_table_add(guest->supports, g_strdup(json_array_get_string_element(supports, i)));
}

static inline VtTestEvidence vt_test_case_evidence(const VtTestCase *one)
{
    g_autofree char *profile_path = NULL;
    g_autofree char *profile = vt_test_case_text(one, "profile.json", &profile_path);
    g_autofree char *host_path = NULL;
    g_autofree char *host = vt_test_case_text(one, "host.json", &host_path);
    g_autoptr(GError) error = NULL;
    VtTestEvidence evidence = {.domain = vt_domain_new(NULL, NULL)};
    xmlDoc *live = vt_test_case_xml(one, "domain.xml");
    xmlDoc *inactive = vt_test_case_xml(one, "inactive.xml");

    if (!vt_domain_set_xml(evidence.domain, live, inactive ? inactive : live, one->name, &error))
        vt_test_case_fail(one, error);
    evidence.domain->active = TRUE;
    vt_test_case_guest(one, &evidence.domain->guest);
    if (profile)
        evidence.profile = vt_native_parse(profile, strlen(profile), profile_path, &error);
    if (error)
        vt_test_case_fail(one, error);
    if (host)
        evidence.host = vt_host_json_parse(host, strlen(host), host_path, &error);
    if (error)
        vt_test_case_fail(one, error);
    if (evidence.host)
        vt_host_derive(evidence.host);
    return evidence;
}
