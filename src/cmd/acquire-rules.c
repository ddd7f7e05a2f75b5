/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads rules and policies from where they are installed and configured. */
#include "config.h"

#include <glib/gi18n.h>

#include "base/clock.h"
#include "base/error.h"
#include "cmd/acquire-rules.h"
#include "cmd/cmd.h"
#include "plan/seed.h"
#include "rule/rule-load.h"

VtXmlSchema *vt_acquire_schema(GError **error)
{
    g_autofree char *path = g_build_filename(vt_cmd_datadir(), "rules.rng", NULL);
    g_autoptr(GError) why = NULL;
    VtXmlSchema *schema = vt_xml_schema_load(path, &why);

    if (!schema)
        g_set_error(error, VT_ERROR, VT_ERROR_IO,
                    _("%s; install the program, or name its data directory in VIRT_TUNE_DATADIR"),
                    why->message);
    return schema;
}

static VtRuleSet *load_rules(const char *const *configs, GError **error)
{
    g_autofree char *shipped = g_build_filename(vt_cmd_datadir(), "rules", NULL);
    g_autofree char *site = g_build_filename(configs[0], "rules.d", NULL);
    g_autofree char *user = g_build_filename(configs[1], "rules.d", NULL);
    const VtRuleDir dirs[] = {
        {shipped, N_("shipped"), FALSE}, {site, N_("site"), TRUE}, {user, N_("user"), TRUE}};
    g_autoptr(VtXmlSchema) schema = vt_acquire_schema(error);

    return schema ? vt_rule_load_dirs(dirs, G_N_ELEMENTS(dirs), schema, error) : NULL;
}

static VtPolicy *load_policy(const char *const *configs, GError **error)
{
    g_autoptr(VtPolicy) policy = vt_policy_new();

    for (; *configs; configs++) {
        g_autofree char *path = g_build_filename(*configs, "virt-tune.conf", NULL);

        if (g_file_test(path, G_FILE_TEST_EXISTS) && !vt_policy_read(policy, path, error))
            return NULL;
    }
    return g_steal_pointer(&policy);
}

static gboolean check_ids(const VtRuleSet *set, char **ids, GError **error)
{
    for (char **id = ids; id && *id; id++)
        if (!vt_rule_set_find(set, *id)) {
            g_set_error(error, VT_ERROR, VT_ERROR_NOT_FOUND,
                        _("there is no rule '%s'; `virt-tune rules list` shows those that exist"),
                        *id);
            return FALSE;
        }
    return TRUE;
}

/* A rule that is named speaks, also one that is off. */
static void silence(VtRuleSet *set, char **ids)
{
    const gboolean named = ids && *ids;

    for (guint i = set->rules->len; i-- > 0;) {
        const VtRule *rule = g_ptr_array_index(set->rules, i);

        if (named ? !g_strv_contains((const char *const *)ids, rule->id) : rule->off)
            vt_rule_set_silence(set, rule->id);
    }
}

VtRuleSet *vt_acquire_rules(char **ids, VtPolicy **ret_policy, GError **error)
{
    g_autofree char *user = g_build_filename(g_get_user_config_dir(), "virt-tune", NULL);
    const char *const configs[] = {vt_cmd_confdir(), user, NULL};
    g_autoptr(VtRuleSet) set = load_rules(configs, error);
    g_autoptr(VtPolicy) policy = set ? load_policy(configs, error) : NULL;

    if (!policy || !vt_policy_apply(policy, set, error) || !check_ids(set, ids, error))
        return NULL;
    silence(set, ids);
    if (ret_policy) {
        g_autoptr(GPtrArray) expired = vt_policy_expired(policy, vt_clock_unix_s());

        for (guint i = 0; i < expired->len; i++)
            g_printerr("virt-tune: %s\n", (const char *)g_ptr_array_index(expired, i));
        *ret_policy = g_steal_pointer(&policy);
    }
    return g_steal_pointer(&set);
}

void vt_acquire_settle(const VtPolicy *policy, const VtDomain *domain, VtVirt *images, GPtrArray *findings)
{
    vt_seed_block(domain, images && vt_virt_is_local(images), findings);
    vt_policy_waive(policy, domain, findings, vt_clock_unix_s());
}
