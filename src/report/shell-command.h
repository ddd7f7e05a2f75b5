/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule's command as a line of a script: one that may run more than once, and that says what it sets. */
#pragma once

#include <glib.h>

typedef enum {
    VT_SHELL_RUN,    /* as it is */
    VT_SHELL_PUT,    /* echo VALUE > FILE: written only where it is not there */
    VT_SHELL_KERNEL, /* grubby --args=ARGUMENT: by whatever configures the boot loader */
    VT_SHELL_STOP,   /* reloads a module or reboots: never run by a script */
} VtShellKind;

typedef struct {
    VtShellKind kind;
    char *setting; /* what it sets: the file, or the name of the argument; NULL for the others */
    char *value;   /* what to: "options kvm_intel …", "nohz_full=2-3"; NULL */
    char *line;    /* for a script that has the functions put and kernel_argument */
    char *text;    /* as the rule has it, for people and for other machines */
} VtShellCommand;

/* @command: of a rule, with its values filled in. */
VtShellCommand *vt_shell_command_new(const char *command);
void vt_shell_command_free(VtShellCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtShellCommand, vt_shell_command_free)

/* The function that a line of this kind needs, in POSIX sh; NULL. */
const char *vt_shell_command_function(VtShellKind kind);
