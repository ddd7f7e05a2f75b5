/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Why a window of a domain is not counted. */
typedef enum {
    VT_GAP_NONE,
    /* What befell the domain: whoever sees it speaks for all sources. */
    VT_GAP_STOPPED,   /* not running at one end of the window */
    VT_GAP_RESTARTED, /* another run of the domain at its end than at its start */
    VT_GAP_PAUSED,
    VT_GAP_VCPUS, /* the number of vCPUs changed */
    VT_GAP_OF_DOMAIN = VT_GAP_VCPUS,
    /* What befell a source. */
    VT_GAP_UNEVEN,      /* the sources' snapshots were not of one instant */
    VT_GAP_DEVICES,     /* counters came or went with a device */
    VT_GAP_BACK,        /* a counter went back */
    VT_GAP_UNREADABLE,  /* a counter that was there could not be read */
    VT_GAP_BUSY,        /* the monitor did not answer in time */
    VT_GAP_EMULATED,    /* the domain does not use KVM */
    VT_GAP_UNSUPPORTED, /* the hypervisor has no such counters */
    VT_GAP_LAST
} VtGap;

/* A translated sentence. */
const char *vt_gap_reason(VtGap gap);
