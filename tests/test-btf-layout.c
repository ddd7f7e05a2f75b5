/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Type information as several kernels have it, made here, read back. */
#include "config.h"

#include <bpf/btf.h>

#include "source/btf-layout.h"
#include "vt-test-tree.h"

#define VCPU_SIZE 4096

typedef struct {
    char *dir;
    VtRoot *root;
    struct btf *kernel;
    struct btf *module;
} Fixture;

static int set_up(void **state)
{
    Fixture *f = g_new0(Fixture, 1);

    f->dir = vt_test_tree_new();
    f->root = vt_root_new(f->dir);
    f->kernel = btf__new_empty();
    assert_int_equal(btf__add_int(f->kernel, "int", 4, BTF_INT_SIGNED), 1);
    assert_int_equal(btf__add_ptr(f->kernel, 0), 2);
    assert_int_equal(btf__add_struct(f->kernel, "kvm_vcpu", VCPU_SIZE), 3);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *f = *state;

    btf__free(f->module);
    btf__free(f->kernel);
    vt_root_free(f->root);
    vt_test_tree_free(f->dir);
    g_free(f);
    return 0;
}

/* Writes at most @limit bytes of @btf as /sys/kernel/btf/@name. */
static void write_btf(Fixture *f, const struct btf *btf, const char *name, guint32 limit)
{
    guint32 size;
    const void *data = btf__raw_data(btf, &size);
    g_autofree char *path = g_build_filename("sys/kernel/btf", name, NULL);

    assert_non_null(data);
    vt_test_tree_write(f->dir, path, data, MIN(size, limit));
}

/* Everything so far is the kernel's; what follows, a module's. */
static void begin_module(Fixture *f)
{
    write_btf(f, f->kernel, "vmlinux", G_MAXUINT32);
    f->module = btf__new_empty_split(f->kernel);
    assert_non_null(f->module);
}

/* @arguments: 'p' a void pointer, 'i' an int, 'c' a pointer to struct kvm_vcpu. */
static void add_tracepoint(struct btf *btf, const char *name, const char *arguments)
{
    g_autofree char *typedef_name = g_strconcat("btf_trace_", name, NULL);
    int vcpu = btf__add_ptr(btf, 3);
    int proto = btf__add_func_proto(btf, 0);

    assert_int_equal(btf__add_func_param(btf, NULL, 2), 0);
    for (const char *p = arguments; *p; p++)
        assert_int_equal(btf__add_func_param(btf, NULL, *p == 'i' ? 1 : *p == 'p' ? 2 : vcpu), 0);
    assert_true(btf__add_typedef(btf, typedef_name, btf__add_ptr(btf, proto)) > 0);
}

static VtBtfLayout *read_layout(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    VtBtfLayout *layout = vt_btf_layout_read(f->root, &error);

    if (!layout)
        fail_msg("%s", error->message);
    return layout;
}

static void test_no_type_information(void **state)
{
    Fixture *f = *state;
    g_autoptr(GError) error = NULL;

    assert_null(vt_btf_layout_read(f->root, &error));
    assert_non_null(strstr(error->message, "/sys/kernel/btf/vmlinux"));
    assert_non_null(strstr(error->message, "No such file"));
}

static void test_damaged_kernel(void **state)
{
    Fixture *f = *state;
    guint32 size;

    add_tracepoint(f->kernel, "kvm_exit", "ci");
    btf__raw_data(f->kernel, &size);
    for (guint32 length = 0; length < size; length++) {
        g_autoptr(VtBtfLayout) layout = NULL;
        g_autoptr(GError) error = NULL;

        write_btf(f, f->kernel, "vmlinux", length);
        layout = vt_btf_layout_read(f->root, &error);
        assert_null(layout);
        assert_non_null(error);
    }
}

static void test_built_in(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = NULL;

    add_tracepoint(f->kernel, "kvm_exit", "ici");
    add_tracepoint(f->kernel, "kvm_msr", "iiii");
    add_tracepoint(f->kernel, "sched_switch", "ipp");
    write_btf(f, f->kernel, "vmlinux", G_MAXUINT32);
    layout = read_layout(f);
    assert_string_equal(vt_btf_layout_arguments(layout, "kvm_exit"), "ipi");
    assert_string_equal(vt_btf_layout_arguments(layout, "kvm_msr"), "iiii");
    assert_null(vt_btf_layout_arguments(layout, "sched_switch"));
    assert_null(vt_btf_layout_arguments(layout, "kvm_entry"));
    assert_int_equal(layout->vmx_reason, 0);
    assert_int_equal(layout->svm_vmcb, 0);
}

static void test_qualified_arguments(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = NULL;
    int constant = btf__add_const(f->kernel, 0), pointer = btf__add_ptr(f->kernel, constant);
    int alias = btf__add_typedef(f->kernel, "handle_t", pointer),
        volatile_alias = btf__add_volatile(f->kernel, alias);
    int number = btf__add_typedef(f->kernel, "u32", 1);
    int proto = btf__add_func_proto(f->kernel, 0);

    btf__add_func_param(f->kernel, NULL, 2);
    btf__add_func_param(f->kernel, NULL, volatile_alias);
    btf__add_func_param(f->kernel, NULL, number);
    btf__add_typedef(f->kernel, "btf_trace_kvm_pio", btf__add_ptr(f->kernel, proto));
    write_btf(f, f->kernel, "vmlinux", G_MAXUINT32);
    layout = read_layout(f);
    assert_string_equal(vt_btf_layout_arguments(layout, "kvm_pio"), "pi");
}

/* Names that look like a tracepoint and are none. */
static void test_not_a_tracepoint(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = NULL;

    btf__add_typedef(f->kernel, "btf_trace_kvm_exit", 1);
    btf__add_typedef(f->kernel, "btf_trace_kvm_entry", btf__add_ptr(f->kernel, 1));
    btf__add_typedef(f->kernel, "btf_trace_kvm_pio",
                     btf__add_ptr(f->kernel, btf__add_func_proto(f->kernel, 0)));
    write_btf(f, f->kernel, "vmlinux", G_MAXUINT32);
    layout = read_layout(f);
    assert_int_equal(g_hash_table_size(layout->tracepoints), 0);
}

static void add_vmx(struct btf *btf, const char *member, guint32 byte, guint32 bits)
{
    assert_true(btf__add_struct(btf, "vcpu_vmx", VCPU_SIZE + 64) > 0);
    assert_int_equal(btf__add_field(btf, "vcpu", 3, 0, 0), 0);
    assert_int_equal(btf__add_field(btf, "exit_qualification", 1, VCPU_SIZE * 8, 0), 0);
    assert_int_equal(btf__add_field(btf, member, 1, (VCPU_SIZE + byte) * 8, bits), 0);
}

static void test_modules(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = NULL;

    begin_module(f);
    add_tracepoint(f->module, "kvm_exit", "ci");
    assert_true(btf__add_enum(f->module, "kvm_apicv_inhibit", 4) > 0);
    btf__add_enum_value(f->module, "APICV_INHIBIT_REASON_DISABLED", 0);
    btf__add_enum_value(f->module, "APICV_INHIBIT_REASON_PIT_REINJ", 8);
    btf__add_enum_value(f->module, "NR_APICV_INHIBIT_REASONS", 9);
    write_btf(f, f->module, "kvm", G_MAXUINT32);
    btf__free(f->module);
    f->module = btf__new_empty_split(f->kernel);
    add_vmx(f->module, "exit_reason", 24, 0);
    write_btf(f, f->module, "kvm_intel", G_MAXUINT32);
    btf__free(f->module);
    f->module = btf__new_empty_split(f->kernel);
    assert_true(btf__add_struct(f->module, "vcpu_svm", VCPU_SIZE + 64) > 0);
    btf__add_field(f->module, "vcpu", 3, 0, 0);
    btf__add_field(f->module, "vmcb", 2, (VCPU_SIZE + 8) * 8, 0);
    write_btf(f, f->module, "kvm_amd", G_MAXUINT32);
    layout = read_layout(f);
    assert_string_equal(vt_btf_layout_arguments(layout, "kvm_exit"), "pi");
    assert_int_equal(layout->vmx_reason, VCPU_SIZE + 24);
    assert_int_equal(layout->svm_vmcb, VCPU_SIZE + 8);
    assert_string_equal(vt_btf_layout_inhibit(layout, 8), "PIT_REINJ");
    assert_string_equal(vt_btf_layout_inhibit(layout, 0), "DISABLED");
    assert_null(vt_btf_layout_inhibit(layout, 9));
}

/* A vCPU that does not come first: the program gets a pointer to it, not to the structure. */
static void test_vcpu_behind_other_members(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = NULL;

    btf__add_struct(f->kernel, "vcpu_svm", VCPU_SIZE + 64);
    btf__add_field(f->kernel, "lock", 1, 0, 0);
    btf__add_field(f->kernel, "vcpu", 3, 16 * 8, 0);
    btf__add_field(f->kernel, "vmcb", 2, (VCPU_SIZE + 32) * 8, 0);
    btf__add_struct(f->kernel, "vcpu_vmx", VCPU_SIZE + 64);
    btf__add_field(f->kernel, "exit_reason", 1, 0, 0);
    btf__add_field(f->kernel, "vcpu", 3, 16 * 8, 0);
    write_btf(f, f->kernel, "vmlinux", G_MAXUINT32);
    layout = read_layout(f);
    assert_int_equal(layout->svm_vmcb, VCPU_SIZE + 16);
    assert_int_equal(layout->vmx_reason, 0);
}

/* Since Linux 6.16 what VMX and TDX share is in a structure of its own; anonymous members are
 * looked into anyhow. */
static void test_nested_members(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = NULL;
    int inner = btf__add_union(f->kernel, NULL, 8);
    int vt;

    btf__add_field(f->kernel, "exit_reason", 1, 0, 0);
    vt = btf__add_struct(f->kernel, "vcpu_vt", 64);
    btf__add_field(f->kernel, "pi_desc", 1, 0, 0);
    btf__add_field(f->kernel, NULL, inner, 40 * 8, 0);
    btf__add_struct(f->kernel, "vcpu_vmx", VCPU_SIZE + 128);
    btf__add_field(f->kernel, "vcpu", 3, 0, 0);
    btf__add_field(f->kernel, "vt", vt, (VCPU_SIZE + 64) * 8, 0);
    write_btf(f, f->kernel, "vmlinux", G_MAXUINT32);
    layout = read_layout(f);
    assert_int_equal(layout->vmx_reason, VCPU_SIZE + 64 + 40);
}

static void test_bit_field(void **state)
{
    Fixture *f = *state;
    g_autoptr(VtBtfLayout) layout = NULL;

    add_vmx(f->kernel, "exit_reason", 24, 16);
    write_btf(f, f->kernel, "vmlinux", G_MAXUINT32);
    layout = read_layout(f);
    assert_int_equal(layout->vmx_reason, 0);
}

static void test_damaged_module(void **state)
{
    Fixture *f = *state;
    guint32 size;

    begin_module(f);
    add_vmx(f->module, "exit_reason", 24, 0);
    btf__raw_data(f->module, &size);
    for (guint32 length = 0; length < size; length++) {
        g_autoptr(VtBtfLayout) layout = NULL;

        write_btf(f, f->module, "kvm_intel", length);
        layout = read_layout(f);
        assert_int_equal(layout->vmx_reason, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_type_information, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_kernel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_built_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_qualified_arguments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_a_tracepoint, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_modules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_vcpu_behind_other_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nested_members, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bit_field, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_module, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
