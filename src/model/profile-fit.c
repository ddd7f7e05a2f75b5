/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A recording that is used with another domain or host than it was made of. */
#include "config.h"

#include "model/profile-fit.h"

#include "base/error.h"

/* kvm_pvm exits as VMX does but is neither. */
static VtIsa isa_of(const VtHost *host)
{
    VtIsa isa = vt_isa_from_name(vt_host_get(host, "kvm.backend"));

    if (isa == VT_ISA_UNKNOWN && g_strcmp0(vt_host_get(host, "arch"), "aarch64") == 0)
        return VT_ISA_ARM64;
    return isa;
}

void vt_profile_fit(VtProfile *profile, const VtDomain *domain, const VtHost *host)
{
    const VtIsa isa = host ? isa_of(host) : VT_ISA_UNKNOWN;
    guint own = profile->notes->len - profile->n_fit_notes;

    g_ptr_array_set_size(profile->notes, (gint)own);
    if (profile->vcpus > 0 && domain->vcpus > 0 && profile->vcpus != domain->vcpus)
        vt_profile_note(profile,
                        _("The number of vCPUs is %1$u in the recording and %2$u in the domain: rates are for each "
                          "of the recording's."),
                        profile->vcpus, domain->vcpus);
    if (profile->isa != VT_ISA_UNKNOWN && isa != VT_ISA_UNKNOWN && profile->isa != isa)
        vt_profile_note(profile,
                        _("The recording is of a host with %1$s, and this host has %2$s: rules about the host use "
                          "this host's facts."),
                        vt_isa_name(profile->isa), vt_isa_name(isa));
    profile->n_fit_notes = profile->notes->len - own;
}
