/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of rules as lines of a script: what is known is made repeatable, what is not stays as it is, and
 * what takes guests down is never run. */
#include "report/shell-command.h"
#include "vt-test.h"

static const struct {
    const char *command;
    VtShellKind kind;
    const char *line, *setting, *value;
} cases[] = {
    {"echo 200000 > /sys/module/kvm/parameters/halt_poll_ns", VT_SHELL_PUT,
     "put '200000' '/sys/module/kvm/parameters/halt_poll_ns'",
     "/sys/module/kvm/parameters/halt_poll_ns", "200000"},
    {"echo options kvm_intel enable_apicv=1 > /etc/modprobe.d/virt-tune-apicv.conf", VT_SHELL_PUT,
     "put 'options kvm_intel enable_apicv=1' '/etc/modprobe.d/virt-tune-apicv.conf'",
     "/etc/modprobe.d/virt-tune-apicv.conf", "options kvm_intel enable_apicv=1"},
    {"echo '0-1,4' > /proc/irq/24/smp_affinity_list", VT_SHELL_PUT,
     "put '0-1,4' '/proc/irq/24/smp_affinity_list'", "/proc/irq/24/smp_affinity_list", "0-1,4"},
    {"grubby --update-kernel=ALL --args=nohz_full=2-3", VT_SHELL_KERNEL,
     "kernel_argument 'nohz_full=2-3'", "nohz_full", "nohz_full=2-3"},
    {"grubby --update-kernel=ALL --args=quiet", VT_SHELL_KERNEL, "kernel_argument 'quiet'", "quiet",
     "quiet"},
    /* As they are. */
    {"modprobe vhost_net", VT_SHELL_RUN, "modprobe vhost_net", NULL, NULL},
    {"test -e /run/x || cat /proc/irq/1/smp_affinity_list > /run/x", VT_SHELL_RUN,
     "test -e /run/x || cat /proc/irq/1/smp_affinity_list > /run/x", NULL, NULL},
    {"echo $(id) > /etc/x", VT_SHELL_RUN, "echo $(id) > /etc/x", NULL, NULL},
    {"echo 1 >> /etc/x", VT_SHELL_RUN, "echo 1 >> /etc/x", NULL, NULL},
    {"echo 1 > x", VT_SHELL_RUN, "echo 1 > x", NULL, NULL},
    {"echo -n 1 > /etc/x", VT_SHELL_RUN, "echo -n 1 > /etc/x", NULL, NULL},
    {"echo > /etc/x", VT_SHELL_RUN, "echo > /etc/x", NULL, NULL},
    {"echo it's > /etc/x", VT_SHELL_RUN, "echo it's > /etc/x", NULL, NULL},
    {"grubby --update-kernel=ALL --args='a b'", VT_SHELL_RUN,
     "grubby --update-kernel=ALL --args='a b'", NULL, NULL},
    {"grubby --update-kernel=ALL --args=a/b", VT_SHELL_RUN, "grubby --update-kernel=ALL --args=a/b",
     NULL, NULL},
    {"grubby --update-kernel=ALL --args=", VT_SHELL_RUN, "grubby --update-kernel=ALL --args=", NULL,
     NULL},
    {"grubby --update-kernel=ALL --remove-args=quiet", VT_SHELL_RUN,
     "grubby --update-kernel=ALL --remove-args=quiet", NULL, NULL},
    {"", VT_SHELL_RUN, "", NULL, NULL},
    /* Never. */
    {"modprobe -r kvm_intel && modprobe kvm_intel", VT_SHELL_STOP,
     "modprobe -r kvm_intel && modprobe kvm_intel", NULL, NULL},
    {"systemctl reboot", VT_SHELL_STOP, "systemctl reboot", NULL, NULL},
    {"rmmod kvm_amd", VT_SHELL_STOP, "rmmod kvm_amd", NULL, NULL},
};

static void test_lines(void **state)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VtShellCommand) command = vt_shell_command_new(cases[i].command);

        print_message("%s\n", cases[i].command);
        assert_int_equal(command->kind, cases[i].kind);
        assert_string_equal(command->line, cases[i].line);
        assert_string_equal(command->text, cases[i].command);
        assert_true(g_strcmp0(command->setting, cases[i].setting) == 0);
        assert_true(g_strcmp0(command->value, cases[i].value) == 0);
    }
}

static void test_functions(void **state)
{
    assert_non_null(strstr(vt_shell_command_function(VT_SHELL_PUT), "put() {"));
    assert_non_null(strstr(vt_shell_command_function(VT_SHELL_KERNEL), "kernel_argument() {"));
    assert_null(vt_shell_command_function(VT_SHELL_RUN));
    assert_null(vt_shell_command_function(VT_SHELL_STOP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_functions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
