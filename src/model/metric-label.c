/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names for ports, addresses and MSRs that people know. Fixed ranges of the PC as QEMU builds it
 * (hw/i386, hw/acpi, hw/dma, hw/isa; include/hw/acpi/pc-hotplug.h), with the bases that SeaBIOS and OVMF give
 * to power management, and the architecture manuals. A BAR has no name here: see region.h. */
#include "config.h"

#include "model/metric.h"

#include <string.h>

#include "base/error.h"

typedef struct {
    guint64 first, last;
    const char *label;
} Range;

/* Sorted; the first range that holds the number wins. */
static const Range ports[] = {
    {0x0, 0xf, N_("DMA controller")},
    {0x20, 0x21, N_("interrupt controller (PIC, master)")},
    {0x40, 0x43, N_("interval timer (PIT)")},
    {0x60, 0x60, N_("PS/2 data")},
    {0x61, 0x61, N_("PC speaker control")},
    {0x64, 0x64, N_("PS/2 status and command")},
    {0x70, 0x71, N_("real-time clock (CMOS)")},
    {0x80, 0x80, N_("I/O delay port")},
    {0x81, 0x8f, N_("DMA page registers")},
    {0x92, 0x92, N_("A20 gate and reset")},
    {0xa0, 0xa1, N_("interrupt controller (PIC, slave)")},
    {0xb2, 0xb3, N_("SMI command")},
    {0xc0, 0xdf, N_("DMA controller")},
    {0xe9, 0xe9, N_("firmware debug console")},
    {0x170, 0x170, N_("IDE secondary data")},
    {0x171, 0x176, N_("IDE secondary registers")},
    {0x177, 0x177, N_("IDE secondary status and command")},
    {0x1ce, 0x1d0, N_("Bochs VBE display")},
    {0x1f0, 0x1f0, N_("IDE primary data")},
    {0x1f1, 0x1f6, N_("IDE primary registers")},
    {0x1f7, 0x1f7, N_("IDE primary status and command")},
    {0x2e8, 0x2ef, N_("serial port 4 (COM4)")},
    {0x2f8, 0x2ff, N_("serial port 2 (COM2)")},
    {0x376, 0x376, N_("IDE secondary control")},
    {0x378, 0x37f, N_("parallel port")},
    {0x3c0, 0x3df, N_("VGA registers")},
    {0x3e8, 0x3ef, N_("serial port 3 (COM3)")},
    {0x3f0, 0x3f5, N_("floppy controller")},
    {0x3f6, 0x3f6, N_("IDE primary control")},
    {0x3f7, 0x3f7, N_("floppy controller")},
    {0x3f8, 0x3ff, N_("serial port 1 (COM1)")},
    {0x402, 0x402, N_("firmware debug console")},
    {0x4d0, 0x4d1, N_("interrupt controller trigger mode")},
    {0x505, 0x505, N_("pvpanic")},
    {0x510, 0x51b, N_("QEMU firmware configuration")},
    {0x600, 0x607, N_("ACPI power management")},
    {0x608, 0x608, N_("ACPI PM timer")},
    {0x620, 0x62f, N_("ACPI general-purpose events")},
    {0xa00, 0xa17, N_("ACPI memory hot-plug")},
    {0xcc0, 0xcd7, N_("ACPI PCI hot-plug")},
    {0xcd8, 0xcf7, N_("ACPI CPU hot-plug")},
    {0xcf8, 0xcf8, N_("PCI configuration address")},
    {0xcf9, 0xcf9, N_("reset control")},
    {0xcfc, 0xcff, N_("PCI configuration data")},
    {0x5658, 0x5658, N_("VMware back door (vmport)")},
    {0xae00, 0xae17, N_("ACPI PCI hot-plug")},
    {0xaf00, 0xaf1f, N_("ACPI CPU hot-plug")},
    {0xafe0, 0xafe3, N_("ACPI general-purpose events")},
    {0xb000, 0xb007, N_("ACPI power management")},
    {0xb008, 0xb008, N_("ACPI PM timer")},
};

static const Range addresses[] = {
    {0xa0000, 0xbffff, N_("VGA memory")},
    {0xfec00000, 0xfec00fff, N_("I/O APIC")},
    {0xfed00000, 0xfed003ff, N_("HPET")},
    {0xfed1c000, 0xfed1ffff, N_("chipset registers (ICH9)")},
    {0xfed40000, 0xfed44fff, N_("TPM")},
    {0xfed80000, 0xfed83fff, N_("IOMMU (AMD-Vi)")},
    {0xfed90000, 0xfed90fff, N_("IOMMU (VT-d)")},
    {0xfee00080, 0xfee00083, N_("local APIC task priority")},
    {0xfee000b0, 0xfee000b3, N_("local APIC EOI")},
    {0xfee00300, 0xfee00313, N_("local APIC interrupt command")},
    {0xfee00320, 0xfee00323, N_("local APIC timer vector")},
    {0xfee00380, 0xfee00393, N_("local APIC timer count")},
    {0xfee00000, 0xfee00fff, N_("local APIC")},
    {0xffc00000, 0xffffffff, N_("firmware flash")},
};

/* x2APIC registers are 0x800 + (xAPIC offset >> 4). */
static const Range msrs[] = {
    {0x10, 0x10, N_("time-stamp counter")},
    {0x1b, 0x1b, N_("APIC base")},
    {0x3b, 0x3b, N_("time-stamp counter adjust")},
    {0x48, 0x48, N_("speculation control")},
    {0x49, 0x49, N_("prediction command")},
    {0xc1, 0xc8, N_("performance counter")},
    {0x186, 0x18d, N_("performance event select")},
    {0x1d9, 0x1d9, N_("debug control")},
    {0x277, 0x277, N_("page attribute table")},
    {0x309, 0x30b, N_("fixed performance counter")},
    {0x38d, 0x390, N_("performance counter control")},
    {0x6e0, 0x6e0, N_("TSC deadline timer")},
    {0x808, 0x808, N_("x2APIC task priority")},
    {0x80b, 0x80b, N_("x2APIC EOI")},
    {0x830, 0x830, N_("x2APIC interrupt command (IPI)")},
    {0x832, 0x832, N_("x2APIC timer vector")},
    {0x838, 0x838, N_("x2APIC timer initial count")},
    {0x839, 0x839, N_("x2APIC timer current count")},
    {0x83e, 0x83e, N_("x2APIC timer divide")},
    {0x83f, 0x83f, N_("x2APIC self IPI")},
    {0x800, 0x8ff, N_("x2APIC")},
    {0xda0, 0xda0, N_("extended supervisor state mask")},
    {0x40000020, 0x40000020, N_("Hyper-V reference time")},
    {0x40000070, 0x40000070, N_("Hyper-V EOI")},
    {0x40000071, 0x40000071, N_("Hyper-V interrupt command")},
    {0x40000072, 0x40000072, N_("Hyper-V task priority")},
    {0x40000080, 0x4000009f, N_("Hyper-V synthetic interrupt controller")},
    {0x400000b0, 0x400000b7, N_("Hyper-V synthetic timer")},
    {0x40000000, 0x400001ff, N_("Hyper-V")},
    {0x4b564d00, 0x4b564d07, N_("KVM paravirtual interface")},
    {0xc0000080, 0xc0000080, N_("extended feature enable")},
    {0xc0000081, 0xc0000084, N_("system call set-up")},
    {0xc0000100, 0xc0000102, N_("segment base")},
    {0xc0000103, 0xc0000103, N_("TSC auxiliary")},
    {0xc0010000, 0xc0010007, N_("performance counter")},
    {0xc0010200, 0xc001020b, N_("performance counter")},
};

/* The lines of the architecture (arch/x86/kernel/irq.c, arch_show_interrupts()). */
static const struct {
    const char *name;
    const char *label;
} interrupts[] = {
    {"irq.CAL", N_("function call interrupts between CPUs")},
    {"irq.DFR", N_("deferred error interrupts")},
    {"irq.HRE", N_("Hyper-V reenlightenment interrupts")},
    {"irq.HVS", N_("Hyper-V timer interrupts")},
    {"irq.HYP", N_("hypervisor callback interrupts")},
    {"irq.IWI", N_("IRQ work interrupts")},
    {"irq.LOC", N_("local timer interrupts")},
    {"irq.MCE", N_("machine check exceptions")},
    {"irq.MCP", N_("machine check polls")},
    {"irq.NMI", N_("non-maskable interrupts")},
    {"irq.NPI", N_("nested posted-interrupt events")},
    {"irq.PIN", N_("posted-interrupt notifications")},
    {"irq.PIW", N_("posted-interrupt wake-ups")},
    {"irq.PMI", N_("performance monitoring interrupts")},
    {"irq.RES", N_("rescheduling interrupts between CPUs")},
    {"irq.RTR", N_("APIC timer read retries")},
    {"irq.SPU", N_("spurious interrupts")},
    {"irq.THR", N_("threshold APIC interrupts")},
    {"irq.TLB", N_("TLB shootdowns")},
    {"irq.TRM", N_("thermal event interrupts")},
};

static const char *find_interrupt(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(interrupts); i++)
        if (strcmp(interrupts[i].name, name) == 0)
            return interrupts[i].label;
    return NULL;
}

static const char *find(const Range *ranges, gsize n, guint64 number)
{
    for (gsize i = 0; i < n; i++) {
        if (number >= ranges[i].first && number <= ranges[i].last)
            return ranges[i].label;
    }
    return NULL;
}

const char *vt_metric_label(const char *name)
{
    guint64 number;

    if (!vt_metric_number(name, &number))
        return vt_metric_kind(name) == VT_METRIC_IRQ ? find_interrupt(name) : NULL;
    switch (vt_metric_kind(name)) {
    case VT_METRIC_PIO:
        return find(ports, G_N_ELEMENTS(ports), number);
    case VT_METRIC_MMIO:
        return find(addresses, G_N_ELEMENTS(addresses), number);
    case VT_METRIC_MSR_READ:
    case VT_METRIC_MSR_WRITE:
        return find(msrs, G_N_ELEMENTS(msrs), number);
    default:
        return NULL;
    }
}
