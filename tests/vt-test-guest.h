/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual machine inside the test: a few bytes of real-mode code on /dev/kvm that make a known
 * number of port, memory and MSR accesses. */
#pragma once

#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vt-test.h"

#define VT_GUEST_ROUNDS 500
#define VT_GUEST_PORT 0x80
#define VT_GUEST_NO_RAM 0x9000 /* the address that it reads and writes */
#define VT_GUEST_MSR 0x1b

/* Each round: out %al, $port; mov address, %al; mov %al, address; rdmsr. Then hlt. */
static const guint8 vt_guest_code[] = {
    0xbd, VT_GUEST_ROUNDS & 0xff,  VT_GUEST_ROUNDS >> 8,  /* mov $rounds, %bp */
    0xe6, VT_GUEST_PORT,                                  /* the loop */
    0xa0, VT_GUEST_NO_RAM & 0xff,  VT_GUEST_NO_RAM >> 8,
    0xa2, VT_GUEST_NO_RAM & 0xff,  VT_GUEST_NO_RAM >> 8,
    0x66, 0xb9, VT_GUEST_MSR, 0, 0, 0,                    /* mov $msr, %ecx */
    0x0f, 0x32,
    0x4d,                                                 /* dec %bp */
    0x75, 0xed,                                           /* jnz to the loop */
    0xf4,
};

typedef struct {
    int kvm, vm, vcpu;
    struct kvm_run *run;
    gsize run_size;
    guint8 *memory;
} VtTestGuest;

/* FALSE where /dev/kvm cannot be used; errno says why. */
static inline gboolean vt_test_guest_open(VtTestGuest *guest)
{
    struct kvm_userspace_memory_region region = { .memory_size = 0x1000 };
    struct kvm_sregs sregs;
    struct kvm_regs regs = { .rflags = 2 };
    int size;

    guest->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    guest->vm = guest->kvm < 0 ? -1 : ioctl(guest->kvm, KVM_CREATE_VM, 0);
    if (guest->vm < 0)
        return FALSE;
    guest->memory = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memcpy(guest->memory, vt_guest_code, sizeof vt_guest_code);
    region.userspace_addr = (guint64)(gsize)guest->memory;
    assert_int_equal(ioctl(guest->vm, KVM_SET_TSS_ADDR, 0xfffbd000), 0);
    assert_int_equal(ioctl(guest->vm, KVM_SET_USER_MEMORY_REGION, &region), 0);
    guest->vcpu = ioctl(guest->vm, KVM_CREATE_VCPU, 0);
    size = ioctl(guest->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    assert_true(guest->vcpu >= 0 && size > 0);
    guest->run_size = (gsize)size;
    guest->run = mmap(NULL, guest->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, guest->vcpu, 0);
    assert_int_equal(ioctl(guest->vcpu, KVM_GET_SREGS, &sregs), 0);
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    assert_int_equal(ioctl(guest->vcpu, KVM_SET_SREGS, &sregs), 0);
    assert_int_equal(ioctl(guest->vcpu, KVM_SET_REGS, &regs), 0);
    return TRUE;
}

static inline void vt_test_guest_close(VtTestGuest *guest)
{
    if (guest->vm >= 0) {
        munmap(guest->run, guest->run_size);
        munmap(guest->memory, 0x1000);
        close(guest->vcpu);
        close(guest->vm);
    }
    if (guest->kvm >= 0)
        close(guest->kvm);
}

/* Runs the code once, from its beginning, to the hlt. */
static inline gboolean vt_test_guest_run(VtTestGuest *guest)
{
    struct kvm_regs regs = { .rflags = 2 };

    if (ioctl(guest->vcpu, KVM_SET_REGS, &regs) < 0)
        return FALSE;
    do {
        if (ioctl(guest->vcpu, KVM_RUN, 0) < 0)
            return FALSE;
    } while (guest->run->exit_reason == KVM_EXIT_IO || guest->run->exit_reason == KVM_EXIT_MMIO);
    return guest->run->exit_reason == KVM_EXIT_HLT;
}
