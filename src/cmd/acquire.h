/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The evidence a verb works on: chosen domains, their profiles and the host, from libvirt or from files. */
#pragma once

#include "base/virt.h"
#include "cmd/cmd.h"
#include "model/domain.h"
#include "model/host.h"
#include "model/profile.h"
#include "rule/rule.h"

/* What the options of VT_ACQUIRE_* set. One command line, so one of them. */
typedef struct {
    gboolean all;
    gboolean running_only; /* with all: those that run */
    guint64 duration_ns, interval_ns; /* 0: the default, 10 s and 1 s */
    char *source;
    char *xml, *profile, *host; /* files in place of libvirt */
    char *bundle;               /* where the evidence goes */
    gboolean redact;
    gboolean assume_guest_drivers;
    gboolean devices;  /* name the addresses of PCI devices */
    gboolean per_vcpu; /* keep which vCPU has how much of each metric */
    gboolean writable; /* no option: set by the verbs that change a domain */
    gboolean every_window; /* no option: set by those that compare two samples; see VtSampleOptions */
} VtAcquireOptions;
extern VtAcquireOptions vt_acquire_options;

/* An option's time; a usage error names the option. */
gboolean vt_acquire_parse_time(const char *option, const char *value, guint64 *ret_ns, GError **error);
gboolean vt_acquire_parse_duration(const char *option, const char *value, gpointer data, GError **error);
gboolean vt_acquire_parse_interval(const char *option, const char *value, gpointer data, GError **error);

#define VT_ACQUIRE_DOMAIN_ENTRIES                                                                                      \
    {"all", 'a', 0, G_OPTION_ARG_NONE, &vt_acquire_options.all, N_("all domains"), NULL}
/* @duration_help and @interval_help: with the defaults, where a verb has its own. */
#define VT_ACQUIRE_SAMPLE_ENTRIES_OF(duration_help, interval_help)                                                     \
    {"duration", 'd', 0, G_OPTION_ARG_CALLBACK, (gpointer) vt_acquire_parse_duration, duration_help, "TIME"},          \
        {"interval", 'i', 0, G_OPTION_ARG_CALLBACK, (gpointer) vt_acquire_parse_interval, interval_help, "TIME"},      \
        {"source", 0, 0, G_OPTION_ARG_STRING, &vt_acquire_options.source,                                              \
         N_("where exits are read: auto, or a source's name"), "NAME"}
#define VT_ACQUIRE_SAMPLE_ENTRIES                                                                                      \
    VT_ACQUIRE_SAMPLE_ENTRIES_OF(N_("how long to sample (10s)"), N_("length of a window (1s)"))
#define VT_ACQUIRE_DEVICES_ENTRIES                                                                                     \
    {"devices", 0, 0, G_OPTION_ARG_NONE, &vt_acquire_options.devices,                                                  \
     N_("name the addresses of PCI devices: asks QEMU's monitor, which taints the domains"), NULL}
#define VT_ACQUIRE_FILE_ENTRIES                                                                                        \
    {"xml", 0, 0, G_OPTION_ARG_FILENAME, &vt_acquire_options.xml, N_("a domain XML in place of libvirt"), "FILE"},     \
        {"profile", 0, 0, G_OPTION_ARG_FILENAME, &vt_acquire_options.profile,                                          \
         N_("a recorded profile in place of sampling, or a directory of them named UUID.json"), "FILE"},               \
        {"host", 0, 0, G_OPTION_ARG_FILENAME, &vt_acquire_options.host, N_("saved host facts in place of this host"),  \
         "FILE"}
#define VT_ACQUIRE_DRIVERS_ENTRIES                                                                                     \
    {"assume-guest-drivers", 0, 0, G_OPTION_ARG_NONE, &vt_acquire_options.assume_guest_drivers,                    \
     N_("take it that the guest has the drivers that advice needs"), NULL}

/* Evidence of all chosen domains, before any rule looked at it. */
typedef struct {
    VtVirt *virt;       /* NULL: offline */
    VtApp *app;         /* to connect again with where the connection was lost; NULL: not to */
    char *uri;          /* of the bundle; NULL: that of @virt */
    VtHost *host;       /* NULL: nothing is known, or bundles are of several hosts */
    gboolean several_hosts;
    GPtrArray *hosts;   /* VtHost or NULL, beside @domains; NULL: @host is that of all */
    GPtrArray *uris;    /* char * or NULL, beside @domains: of the bundles; NULL: not from bundles */
    GPtrArray *domains; /* VtDomain; their XML is fetched one by one with vt_acquire_xml() */
    GPtrArray *profiles; /* VtProfile or NULL, beside @domains */
    GPtrArray *notes;   /* char * or NULL: why there is no profile, beside @domains */
} VtAcquired;
/* Without domains; the other arrays are NULL or empty. */
VtAcquired *vt_acquired_new(void);
void vt_acquired_free(VtAcquired *acquired);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VtAcquired, vt_acquired_free)

/* The connection, where the evidence is from one. */
const char *vt_acquired_uri(const VtAcquired *acquired);
/* The host of the domain at @i of @domains; NULL where nothing is known. */
VtHost *vt_acquired_host(const VtAcquired *acquired, guint i);

/* Everything the options and operands ask for: offline with --xml or where @names are bundles, else domains @names (or --all) of the connection,
 * sampled together. Catches Ctrl-C while it samples. */
VtAcquired *vt_acquire_run(VtApp *app, char **names, GError **error);

/* Fetches the XML, the migration state, the guest facts and what is pending of one domain; does nothing offline. FALSE
 * where the domain has gone meanwhile. After vt_acquire_run() a connection that was lost is made again, and that is said
 * on standard error. */
gboolean vt_acquire_xml(VtAcquired *acquired, VtDomain *domain, GError **error);

/* A connection to what -c says, read-only unless vt_acquire_options.writable. */
VtVirt *vt_acquire_connection(VtApp *app, GError **error);

/* Domains by name, id or UUID, or all of them when @all; each once. Elements are VtDomain without XML. */
GPtrArray *vt_acquire_domains(VtVirt *virt, char **names, gboolean all, gboolean running_only, GError **error);

/* Tells a user who sees no domain of their own session where the system's are. */
void vt_acquire_hint_session(VtApp *app, const VtAcquired *acquired);

/* Host facts, with all running domains entered, derived; @virt NULL: this machine alone. */
VtHost *vt_acquire_host(VtApp *app, VtVirt *virt, GError **error);

/* A native profile or any recording that import knows. @vcpus: of a recording that does not say; 0: not known. */
VtProfile *vt_acquire_profile_file(const char *path, guint vcpus, GError **error);
