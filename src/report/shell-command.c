/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule's command as a line of a script. */
#include "config.h"

#include "report/shell-command.h"

#include <string.h>

/* What makes of a command more than words and one redirection. */
#define ACTIVE "$`;&|<*?[~\n"
/* What an argument of the kernel may hold here; anything else is left to grubby as it is. */
#define ARGUMENT                                                                                   \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:=-"

static const char put_function[] =
    "# put VALUE FILE: writes it only where it is not there yet.\n"
    "put() {\n"
    "    if [ -e \"$2\" ] && [ \"$(cat \"$2\")\" = \"$1\" ]; then\n"
    "        echo \"$2 has it already: $1\"\n"
    "    elif printf '%s\\n' \"$1\" > \"$2\"; then\n"
    "        echo \"$2 has now: $1\"\n"
    "    else\n"
    "        return 1\n"
    "    fi\n"
    "}\n";

/* /etc/default/grub is a shell script that grub-mkconfig reads: a line of its own, which says whose it
 * is, adds to what is there. */
static const char kernel_function[] =
    "# kernel_argument NAME=VALUE: from the next boot on.\n"
    "kernel_argument() {\n"
    "    if command -v grubby > /dev/null; then\n"
    "        grubby --update-kernel=ALL --args=\"$1\"\n"
    "        return\n"
    "    fi\n"
    "    line=\"GRUB_CMDLINE_LINUX=\\\"\\$GRUB_CMDLINE_LINUX $1\\\" # virt-tune: ${1%%=*}\"\n"
    "    if [ ! -f /etc/default/grub ]; then\n"
    "        echo \"add $1 to the kernel's arguments: there is neither grubby nor /etc/default/grub here\" >&2\n"
    "        return 1\n"
    "    elif grep -qxF \"$line\" /etc/default/grub; then\n"
    "        echo \"/etc/default/grub has it already: $1\"\n"
    "        return 0\n"
    "    fi\n"
    "    sed -i \"/ # virt-tune: ${1%%=*}\\$/d\" /etc/default/grub || return\n"
    "    printf '%s\\n' \"$line\" >> /etc/default/grub || return\n"
    "    if command -v update-grub > /dev/null; then\n"
    "        update-grub\n"
    "    else\n"
    "        grub-mkconfig -o /boot/grub/grub.cfg\n"
    "    fi\n"
    "}\n";

const char *vt_shell_command_function(VtShellKind kind)
{
    return kind == VT_SHELL_PUT ? put_function : kind == VT_SHELL_KERNEL ? kernel_function : NULL;
}

static gboolean is_stop(const char *command)
{
    static const char *const words[] = {"modprobe -r", "rmmod ", "reboot", "shutdown", "poweroff",
                                        "kexec "};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(command, words[i]))
            return TRUE;
    return FALSE;
}

/* echo WORD… > FILE */
static gboolean parse_put(VtShellCommand *command, char **words, gsize n)
{
    g_autofree char *value = NULL, *quoted = NULL, *file = NULL;

    if (n < 4 || !g_str_equal(words[0], "echo") || *words[1] == '-' ||
        !g_str_equal(words[n - 2], ">") || !g_path_is_absolute(words[n - 1]))
        return FALSE;
    command->setting = g_strdup(words[n - 1]);
    g_free(words[n - 2]);
    words[n - 2] = NULL;
    command->value = g_strjoinv(" ", words + 1);
    /* The strings behind the NULL would be lost to g_strfreev(). */
    g_free(words[n - 1]);
    quoted = g_shell_quote(command->value);
    file = g_shell_quote(command->setting);
    command->kind = VT_SHELL_PUT;
    command->line = g_strdup_printf("put %s %s", quoted, file);
    return TRUE;
}

/* grubby --update-kernel=ALL --args=ARGUMENT */
static gboolean parse_kernel(VtShellCommand *command, char **words, gsize n)
{
    const char *argument;

    if (n != 3 || !g_str_equal(words[0], "grubby") || !g_str_equal(words[1], "--update-kernel=ALL") ||
        !g_str_has_prefix(words[2], "--args="))
        return FALSE;
    argument = words[2] + strlen("--args=");
    if (*argument == '\0' || *argument == '-' || argument[strspn(argument, ARGUMENT)] != '\0')
        return FALSE;
    command->kind = VT_SHELL_KERNEL;
    command->setting = g_strndup(argument, strcspn(argument, "="));
    command->value = g_strdup(argument);
    command->line = g_strdup_printf("kernel_argument '%s'", argument);
    return TRUE;
}

VtShellCommand *vt_shell_command_new(const char *text)
{
    VtShellCommand *command = g_new0(VtShellCommand, 1);
    g_auto(GStrv) words = NULL;
    int n = 0;

    command->text = g_strdup(text);
    if (is_stop(text)) {
        command->kind = VT_SHELL_STOP;
        command->line = g_strdup(text);
        return command;
    }
    if (text[strcspn(text, ACTIVE)] == '\0' && g_shell_parse_argv(text, &n, &words, NULL) &&
        (parse_put(command, words, (gsize)n) || parse_kernel(command, words, (gsize)n)))
        return command;
    command->line = g_strdup(text);
    return command;
}

void vt_shell_command_free(VtShellCommand *command)
{
    if (!command)
        return;
    g_free(command->setting);
    g_free(command->value);
    g_free(command->line);
    g_free(command->text);
    g_free(command);
}
