/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb table: dispatch, --help, completion and the manual check all read it. */
#pragma once

#include <gio/gio.h>

#include "base/error.h"
#include "base/root.h"
#include "base/term.h"

/* What the global options set; every verb gets it. */
typedef struct {
    char *uri;         /* -c; NULL: LIBVIRT_DEFAULT_URI or libvirt's choice */
    gboolean quiet;
    char *root_dir;    /* --root; NULL: the real machine */
    VtRoot *root;
    VtTerm *term;
    GCancellable *cancel; /* SIGINT and SIGTERM; see vt_cmd_catch_signals() */
} VtApp;

typedef struct {
    const char *name;
    const char *operands;       /* N_(), for --help: "[DOMAIN…]" */
    const char *complete;       /* what an operand is, for completion: "domain", "rule", "file", "bundle", "recording", "xml", words "list|show" */
    const char *summary;        /* N_() */
    const GOptionEntry *options; /* its own, ending in G_OPTION_ENTRY_NULL; may be NULL */
    /* @argv: the operands alone, NULL-terminated. FALSE with @error; @ret_status is 0 before the call. */
    gboolean (*run)(VtApp *app, char **argv, int *ret_status, GError **error);
} VtCmd;

extern const VtCmd vt_cmd_advise, vt_cmd_apply, vt_cmd_compare, vt_cmd_completion, vt_cmd_explain, vt_cmd_history,
    vt_cmd_host, vt_cmd_import, vt_cmd_list, vt_cmd_revert, vt_cmd_rules, vt_cmd_sample, vt_cmd_top, vt_cmd_verify;
const VtCmd *const *vt_cmd_table(void); /* NULL-terminated, in the order of --help */
const GOptionEntry *vt_cmd_global_options(void);
const char *const *vt_cmd_debug_names(void); /* what --debug takes: the floors, and "all" */

/* The data directory: $VIRT_TUNE_DATADIR, else where it was installed, else beside the program (a moved installation,
 * or a build directory). */
const char *vt_cmd_datadir(void);
/* Where the site configures the program: VIRT_TUNE_CONFDIR, else virt-tune below the system's /etc. */
const char *vt_cmd_confdir(void);

/* Ctrl-C and TERM cancel app->cancel; where it is cancelled already they end the program. */
void vt_cmd_catch_signals(VtApp *app);

/* Parses the command line, runs the verb, prints the error; returns the exit status. */
int vt_cmd_main(int argc, char **argv);
