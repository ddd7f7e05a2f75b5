/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/btf-layout.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"

/* The kernel makes one such typedef for each tracepoint: a pointer to a function that takes the
 * probe's private data, then the arguments (include/trace/bpf_probe.h). */
#define TRACEPOINT_PREFIX "btf_trace_"
#define INHIBIT_PREFIX "APICV_INHIBIT_REASON_"

typedef struct btf Btf;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Btf, btf__free)

static const struct btf_type *find(const struct btf *btf, const char *name, guint32 kind)
{
    int id = btf__find_by_name_kind(btf, name, kind);

    return id < 0 ? NULL : btf__type_by_id(btf, (guint32)id);
}

/* Through typedefs and qualifiers; never fails on damaged chains, as libbpf checks ids and depth.
 */
static const struct btf_type *resolve(const struct btf *btf, guint32 id)
{
    int real = btf__resolve_type(btf, id);

    return real < 0 ? NULL : btf__type_by_id(btf, (guint32)real);
}

/* Byte offset of a member. Looks into anonymous members, and into "vt", which since Linux 6.16
 * holds what the VMX and the TDX vCPU have in common. */
static gboolean member_offset(const struct btf *btf, const struct btf_type *type, const char *name,
                              guint depth, guint32 *ret_offset)
{
    const struct btf_member *member = btf_members(type);

    for (guint i = 0; i < btf_vlen(type); i++) {
        const char *its = btf__name_by_offset(btf, member[i].name_off);
        guint32 bits = btf_member_bit_offset(type, i);

        if (its && g_str_equal(its, name)) {
            if (bits % 8 || btf_member_bitfield_size(type, i))
                return FALSE;
            *ret_offset = bits / 8;
            return TRUE;
        }
    }
    for (guint i = 0; depth < 4 && i < btf_vlen(type); i++) {
        const char *its = btf__name_by_offset(btf, member[i].name_off);
        const struct btf_type *inner = resolve(btf, member[i].type);
        guint32 offset;

        if (its && *its && !g_str_equal(its, "vt"))
            continue;
        if (!inner || !btf_is_composite(inner) ||
            !member_offset(btf, inner, name, depth + 1, &offset))
            continue;
        *ret_offset = btf_member_bit_offset(type, i) / 8 + offset;
        return TRUE;
    }
    return FALSE;
}

/* From the kvm_vcpu in @name to its member; 0 where either is not there. */
static guint32 from_vcpu(const struct btf *btf, const char *name, const char *member)
{
    const struct btf_type *type = find(btf, name, BTF_KIND_STRUCT);
    guint32 vcpu, offset;

    if (!type || !member_offset(btf, type, "vcpu", 0, &vcpu) ||
        !member_offset(btf, type, member, 0, &offset) || offset <= vcpu)
        return 0;
    return offset - vcpu;
}

static char *arguments(const struct btf *btf, const struct btf_type *typedef_type)
{
    const struct btf_type *type = resolve(btf, typedef_type->type);
    g_autoptr(GString) text = g_string_new(NULL);
    const struct btf_param *param;

    if (!type || !btf_is_ptr(type))
        return NULL;
    type = resolve(btf, type->type);
    if (!type || !btf_is_func_proto(type) || btf_vlen(type) == 0)
        return NULL;
    param = btf_params(type);
    for (guint i = 1; i < btf_vlen(type); i++) {
        const struct btf_type *argument = resolve(btf, param[i].type);

        g_string_append_c(text, argument && btf_is_ptr(argument) ? 'p' : 'i');
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void add_inhibits(VtBtfLayout *layout, const struct btf *btf)
{
    const struct btf_type *type = find(btf, "kvm_apicv_inhibit", BTF_KIND_ENUM);

    for (guint i = 0; type && i < btf_vlen(type); i++) {
        const struct btf_enum *value = &btf_enum(type)[i];
        const char *name = btf__name_by_offset(btf, value->name_off);

        if (name && g_str_has_prefix(name, INHIBIT_PREFIX))
            g_hash_table_insert(layout->inhibits, GINT_TO_POINTER(value->val),
                                g_strdup(name + strlen(INHIBIT_PREFIX)));
    }
}

/* Adds the types from @first on: those of a module start behind the kernel's. */
static void add_types(VtBtfLayout *layout, const struct btf *btf, guint32 first)
{
    for (guint32 id = first; id < btf__type_cnt(btf); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        const char *name = btf_is_typedef(type) ? btf__name_by_offset(btf, type->name_off) : NULL;
        char *list;

        if (!name || !g_str_has_prefix(name, TRACEPOINT_PREFIX "kvm_"))
            continue;
        list = arguments(btf, type);
        if (list)
            g_hash_table_insert(layout->tracepoints, g_strdup(name + strlen(TRACEPOINT_PREFIX)),
                                list);
    }
    if (!layout->vmx_reason)
        layout->vmx_reason = from_vcpu(btf, "vcpu_vmx", "exit_reason");
    if (!layout->svm_vmcb)
        layout->svm_vmcb = from_vcpu(btf, "vcpu_svm", "vmcb");
    if (g_hash_table_size(layout->inhibits) == 0)
        add_inhibits(layout, btf);
}

VtBtfLayout *vt_btf_layout_read(const VtRoot *root, GError **error)
{
    static const char *const modules[] = { "kvm", "kvm_intel", "kvm_amd" };
    g_autofree char *path = vt_root_path(root, "/sys/kernel/btf/vmlinux");
    g_autoptr(VtBtfLayout) layout = NULL;
    g_autoptr(Btf) kernel = NULL;

    kernel = path ? btf__parse_raw(path) : NULL;
    if (!kernel) {
        int code = errno;

        g_set_error(error, VT_ERROR, VT_ERROR_UNSUPPORTED,
                    _("cannot read the kernel's type information in /sys/kernel/btf/vmlinux "
                      "(CONFIG_DEBUG_INFO_BTF): %s"),
                    g_strerror(code));
        return NULL;
    }
    layout = g_new0(VtBtfLayout, 1);
    layout->tracepoints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    layout->inhibits = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    add_types(layout, kernel, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(modules); i++) {
        g_autofree char *file = g_strconcat("/sys/kernel/btf/", modules[i], NULL);
        g_autofree char *module_path = vt_root_path(root, file);
        g_autoptr(Btf) module = module_path ? btf__parse_raw_split(module_path, kernel) : NULL;

        if (module)
            add_types(layout, module, btf__type_cnt(kernel));
    }
    return g_steal_pointer(&layout);
}

void vt_btf_layout_free(VtBtfLayout *layout)
{
    if (!layout)
        return;
    g_hash_table_unref(layout->tracepoints);
    g_hash_table_unref(layout->inhibits);
    g_free(layout);
}

const char *vt_btf_layout_arguments(const VtBtfLayout *layout, const char *tracepoint)
{
    return g_hash_table_lookup(layout->tracepoints, tracepoint);
}

const char *vt_btf_layout_inhibit(const VtBtfLayout *layout, guint bit)
{
    return g_hash_table_lookup(layout->inhibits, GUINT_TO_POINTER(bit));
}
