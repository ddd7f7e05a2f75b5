/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/import-choice.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/text.h"

gboolean vt_import_choice_read(const VtImportOptions *options, GArray *numbers, GError **error)
{
    g_auto(GStrv) words = NULL;

    if (!options->domain || numbers->len > 0)
        return TRUE;
    words = g_strsplit(options->domain, ",", -1);
    if (!*words)
        return vt_import_fail(error,
                              _("--domain is empty; give numbers of processes or threads, as in --domain 4711"));
    for (char **word = words; *word; word++) {
        guint64 number;

        if (!vt_text_parse_u64(*word, 1, G_MAXUINT32, &number, NULL)) {
            g_array_set_size(numbers, 0);
            return vt_import_fail(error, _("the recording knows domains by the numbers of their processes or threads "
                                           "only, as in --domain 4711"));
        }
        g_array_append_val(numbers, number);
    }
    return TRUE;
}

gboolean vt_import_choice_has(const GArray *numbers, guint64 thread, guint64 process)
{
    for (guint i = 0; i < numbers->len; i++) {
        guint64 number = g_array_index(numbers, guint64, i);

        if (number == thread || number == process)
            return TRUE;
    }
    return numbers->len == 0;
}

GHashTable *vt_import_choice_vcpus(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
}

gboolean vt_import_choice_claim(GHashTable *vcpus, guint64 vcpu, guint64 thread, GError **error)
{
    const guint64 *other = g_hash_table_lookup(vcpus, &vcpu);

    if (other && *other != thread)
        return vt_import_fail(error,
                              _("thread %" PRIu64 " and thread %" PRIu64 " both are vCPU %" PRIu64
                                ": there are several domains in it; choose one by the numbers of "
                                "its threads, or its process if the recording has it: --domain "
                                "%" PRIu64),
                              *other, thread, vcpu, *other);
    g_hash_table_insert(vcpus, g_memdup2(&vcpu, sizeof vcpu), g_memdup2(&thread, sizeof thread));
    return TRUE;
}
