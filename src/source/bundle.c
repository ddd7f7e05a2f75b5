/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bundle format, version 1. */
#include "config.h"

#include "source/bundle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/outfile.h"
#include "base/sort.h"
#include "source/host-json.h"
#include "source/native.h"
#include "source/redact.h"

#define FORMAT "virt-tune-bundle"
#define FORMAT_VERSION 1

/* GPtrArray calls its free function on NULL elements too. */
static void unref_profile(gpointer profile)
{
    if (profile)
        vt_profile_unref(profile);
}

VtBundle *vt_bundle_new(void)
{
    VtBundle *bundle = g_new0(VtBundle, 1);

    bundle->domains = g_ptr_array_new_with_free_func((GDestroyNotify)vt_domain_unref);
    bundle->profiles = g_ptr_array_new_with_free_func(unref_profile);
    bundle->notes = g_ptr_array_new_with_free_func(g_free);
    return bundle;
}

void vt_bundle_free(VtBundle *bundle)
{
    if (!bundle)
        return;
    g_free(bundle->uri);
    g_clear_pointer(&bundle->host, vt_host_unref);
    g_ptr_array_unref(bundle->domains);
    g_ptr_array_unref(bundle->profiles);
    g_ptr_array_unref(bundle->notes);
    g_free(bundle);
}

void vt_bundle_add(VtBundle *bundle, VtDomain *domain, VtProfile *profile, const char *note)
{
    g_return_if_fail(domain->live);
    g_ptr_array_add(bundle->domains, vt_domain_ref(domain));
    g_ptr_array_add(bundle->profiles, profile ? vt_profile_ref(profile) : NULL);
    g_ptr_array_add(bundle->notes, g_strdup(note));
}

static void append_string(GString *out, const char *text)
{
    g_autofree char *quoted = text ? vt_json_quote(text) : NULL;

    g_string_append(out, quoted ? quoted : "null");
}

static void append_xml(GString *out, xmlDoc *doc)
{
    g_autoptr(xmlDoc) copy = xmlCopyDoc(doc, 1);
    xmlChar *text = NULL;
    int length = 0;

    if (!copy)
        g_error("out of memory");
    vt_redact_secrets(copy);
    xmlDocDumpMemoryEnc(copy, &text, &length, "UTF-8");
    append_string(out, (const char *)text);
    xmlFree(text);
}

static void append_words(GString *out, const char *member, char **words)
{
    g_string_append_printf(out, ",\n\"%s\": [", member);
    for (char **word = words; *word; word++) {
        g_string_append(out, word > words ? ", " : "");
        append_string(out, *word);
    }
    g_string_append_c(out, ']');
}

static void append_guest(GString *out, const VtGuest *guest)
{
    g_autoptr(GPtrArray) supports = vt_sort_keys(guest->supports);

    g_string_append(out, "{\"os\": ");
    append_string(out, guest->os_id);
    g_string_append(out, ", \"name\": ");
    append_string(out, guest->os_name);
    g_string_append(out, ", \"family\": ");
    append_string(out, guest->family);
    g_string_append_printf(out, ", \"drivers_known\": %s, \"supports\": [",
                           guest->drivers_known ? "true" : "false");
    for (guint i = 0; i < supports->len; i++) {
        g_string_append(out, i > 0 ? ", " : "");
        append_string(out, g_ptr_array_index(supports, i));
    }
    g_string_append(out, "]}");
}

static void append_domain(GString *out, const VtBundle *bundle, guint i)
{
    const VtDomain *domain = g_ptr_array_index(bundle->domains, i);
    const VtProfile *profile = g_ptr_array_index(bundle->profiles, i);
    g_autofree char *measured = profile ? vt_native_format(profile) : NULL;

    g_string_append(out, "{\n\"state\": ");
    append_string(out, domain->state);
    g_string_append_printf(out, ",\n\"migrating\": %s,\n\"guest\": ",
                           domain->migrating == VT_UNKNOWN ? "null"
                           : domain->migrating == VT_YES   ? "true"
                                                           : "false");
    append_guest(out, &domain->guest);
    if (domain->active) {
        g_string_append(out, ",\n\"live_xml\": ");
        append_xml(out, domain->live);
    }
    if (!domain->active || domain->inactive != domain->live) {
        g_string_append(out, ",\n\"inactive_xml\": ");
        append_xml(out, domain->inactive);
    }
    g_string_append(out, ",\n\"note\": ");
    append_string(out, g_ptr_array_index(bundle->notes, i));
    if (domain->pending_change > 0)
        g_string_append_printf(out, ",\n\"pending_change\": %" PRIu64, domain->pending_change);
    if (domain->pending_other)
        append_words(out, "pending_other", domain->pending_other);
    if (domain->seed_disks && *domain->seed_disks)
        append_words(out, "seed_disks", domain->seed_disks);
    g_string_append_printf(out, ",\n\"profile\": %s}", measured ? g_strchomp(measured) : "null");
}

char *vt_bundle_format(const VtBundle *bundle)
{
    g_autofree char *host = bundle->host ? vt_host_json_format(bundle->host) : NULL;
    GString *out = g_string_new("{\"format\": \"" FORMAT "\",\n");

    g_string_append_printf(out, "\"version\": %d,\n\"redacted\": %s,\n\"uri\": ", FORMAT_VERSION,
                           bundle->redacted ? "true" : "false");
    append_string(out, bundle->uri);
    g_string_append_printf(out, ",\n\"host\": %s,\n\"domains\": [", host ? g_strchomp(host) : "null");
    for (guint i = 0; i < bundle->domains->len; i++) {
        g_string_append(out, i > 0 ? ",\n" : "");
        append_domain(out, bundle, i);
    }
    g_string_append(out, "]}\n");
    return g_string_free(out, FALSE);
}

gboolean vt_bundle_save(const VtBundle *bundle, const char *path, GError **error)
{
    g_autofree char *text = vt_bundle_format(bundle);

    return vt_outfile_write(path, TRUE, text, error);
}

static gboolean read_xml(VtJson *json, JsonObject *object, const char *member, xmlDoc **ret_doc, GError **error)
{
    g_autoptr(GError) local = NULL;
    const char *text = NULL;

    if (!vt_json_get_string(json, object, member, FALSE, &text, error))
        return FALSE;
    if (!text)
        return TRUE;
    *ret_doc = vt_xml_parse(text, strlen(text), member, &local);
    return *ret_doc || vt_json_fail(json, object, member, error, "%s", local->message);
}

static gboolean read_documents(VtJson *json, JsonObject *object, VtDomain *domain, GError **error)
{
    g_autoptr(xmlDoc) live = NULL;
    g_autoptr(xmlDoc) inactive = NULL;
    g_autoptr(GError) local = NULL;

    if (!read_xml(json, object, "live_xml", &live, error) ||
        !read_xml(json, object, "inactive_xml", &inactive, error))
        return FALSE;
    if (!live && !inactive)
        return vt_json_fail(json, object, "inactive_xml", error,
                            _("a domain has neither “live_xml” nor “inactive_xml”"));
    if (!vt_domain_set_xml(domain, g_steal_pointer(&live), g_steal_pointer(&inactive), "XML", &local))
        return vt_json_fail(json, object, json_object_has_member(object, "live_xml") ? "live_xml" : "inactive_xml",
                            error, "%s", local->message);
    return TRUE;
}

static gboolean read_guest(VtJson *json, JsonObject *object, VtGuest *guest, GError **error)
{
    static const char *const known[] = {"os", "name", "family", "drivers_known", "supports", NULL};
    const char *os = NULL, *name = NULL, *family = NULL;
    g_autoptr(GPtrArray) supports = NULL;
    JsonObject *facts = NULL;

    if (!vt_json_get_object(json, object, "guest", FALSE, &facts, error))
        return FALSE;
    if (!facts)
        return TRUE;
    if (!vt_json_check_members(json, facts, known, error) ||
        !vt_json_get_string(json, facts, "os", FALSE, &os, error) ||
        !vt_json_get_string(json, facts, "name", FALSE, &name, error) ||
        !vt_json_get_string(json, facts, "family", FALSE, &family, error) ||
        !vt_json_get_bool(json, facts, "drivers_known", FALSE, &guest->drivers_known, error) ||
        !vt_json_get_strings(json, facts, "supports", FALSE, FALSE, &supports, error))
        return FALSE;
    guest->os_id = g_strdup(os);
    guest->os_name = g_strdup(name);
    guest->family = g_strdup(family);
    for (guint i = 0; supports && i < supports->len; i++)
        g_hash_table_add(guest->supports, g_strdup(g_ptr_array_index(supports, i)));
    return TRUE;
}

static char **words_of(const GPtrArray *strings)
{
    char **words = g_new0(char *, strings->len + 1);

    for (guint i = 0; i < strings->len; i++)
        words[i] = g_strdup(g_ptr_array_index(strings, i));
    return words;
}

static gboolean read_domain(VtJson *json, JsonObject *object, VtBundle *bundle, GError **error)
{
    static const char *const known[] = {"state", "migrating", "guest",          "live_xml", "inactive_xml",
                                        "note",  "profile",   "pending_change", "pending_other", "seed_disks", NULL};
    g_autoptr(VtDomain) domain = vt_domain_new(NULL, NULL);
    g_autoptr(VtProfile) profile = NULL;
    const char *state = NULL, *note = NULL;
    JsonObject *measured = NULL;
    gboolean migrating = -1;
    g_autoptr(GPtrArray) other = NULL, seeds = NULL;

    if (!vt_json_check_members(json, object, known, error) ||
        !vt_json_get_string(json, object, "state", FALSE, &state, error) ||
        !vt_json_get_bool(json, object, "migrating", FALSE, &migrating, error) ||
        !vt_json_get_string(json, object, "note", FALSE, &note, error) ||
        !vt_json_get_u64(json, object, "pending_change", FALSE, 1, G_MAXINT64, &domain->pending_change, error) ||
        !vt_json_get_strings(json, object, "pending_other", FALSE, FALSE, &other, error) ||
        !vt_json_get_strings(json, object, "seed_disks", FALSE, FALSE, &seeds, error) ||
        !vt_json_get_object(json, object, "profile", FALSE, &measured, error) ||
        !read_documents(json, object, domain, error) || !read_guest(json, object, &domain->guest, error))
        return FALSE;
    domain->state = g_strdup(state);
    domain->migrating = migrating < 0 ? VT_UNKNOWN : migrating ? VT_YES : VT_NO;
    if (measured) {
        profile = vt_native_read(json, measured, error);
        if (!profile)
            return FALSE;
    }
    if (other && other->len > 0)
        domain->pending_other = words_of(other);
    if (seeds && seeds->len > 0)
        domain->seed_disks = words_of(seeds);
    vt_bundle_add(bundle, domain, profile, note);
    return TRUE;
}

static gboolean read_bundle(VtJson *json, JsonObject *root, VtBundle *bundle, GError **error)
{
    static const char *const known[] = {"format", "version", "redacted", "uri", "host", "domains", NULL};
    g_autoptr(GPtrArray) domains = NULL;
    JsonObject *host = NULL;
    const char *uri = NULL;

    if (!vt_json_check_format(json, root, FORMAT, FORMAT_VERSION, error) || !vt_json_check_members(json, root, known, error) ||
        !vt_json_get_bool(json, root, "redacted", FALSE, &bundle->redacted, error) ||
        !vt_json_get_string(json, root, "uri", FALSE, &uri, error) ||
        !vt_json_get_object(json, root, "host", FALSE, &host, error) ||
        !vt_json_get_objects(json, root, "domains", TRUE, &domains, error))
        return FALSE;
    bundle->uri = g_strdup(uri);
    if (host) {
        bundle->host = vt_host_json_read(json, host, error);
        if (!bundle->host)
            return FALSE;
    }
    for (guint i = 0; i < domains->len; i++)
        if (!read_domain(json, g_ptr_array_index(domains, i), bundle, error))
            return FALSE;
    return TRUE;
}

VtBundle *vt_bundle_parse(const char *text, gsize length, const char *name, GError **error)
{
    g_autoptr(VtJson) json = vt_json_parse(text, length, name, error);
    g_autoptr(VtBundle) bundle = NULL;

    if (!json)
        return NULL;
    bundle = vt_bundle_new();
    return read_bundle(json, vt_json_root(json), bundle, error) ? g_steal_pointer(&bundle) : NULL;
}

VtBundle *vt_bundle_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length;

    if (!vt_file_read(path, VT_BUNDLE_MAX, &text, &length, error))
        return NULL;
    return vt_bundle_parse(text, length, vt_file_name(path), error);
}

gboolean vt_bundle_is(const char *path)
{
    static const char *const tokens[] = {"{", "\"format\"", ":", "\"" FORMAT "\""};
    char head[256] = "";
    const char *at = head;
    FILE *stream;

    /* A FIFO or a device must not be opened. */
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return FALSE;
    stream = fopen(path, "re");
    if (!stream)
        return FALSE;
    head[fread(head, 1, sizeof(head) - 1, stream)] = '\0';
    fclose(stream);
    for (guint i = 0; i < G_N_ELEMENTS(tokens); i++) {
        while (g_ascii_isspace(*at))
            at++;
        if (!g_str_has_prefix(at, tokens[i]))
            return FALSE;
        at += strlen(tokens[i]);
    }
    return TRUE;
}
