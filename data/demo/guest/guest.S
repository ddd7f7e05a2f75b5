/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A firmware image that makes known VM exits and counts them. It takes the place of the BIOS
 * (<loader readonly='yes' type='rom'>), goes to long mode on the first vCPU and repeats for ever one
 * round of the kinds of work it was given. Nothing else ever runs in the domain; other vCPUs stay
 * asleep unless one of the words wakes them.
 *
 * The work is a list of words in the fw_cfg file opt/virt-tune/work (<sysinfo type='fwcfg'>):
 *
 *     e1000   read the STATUS register of the first e1000 on PCI bus 0        MMIO, to user space
 *     ide     read the status port 0x1f7 of a disk on the primary channel     port, to user space
 *     eoi     write the local APIC's EOI register (MSR 0x80b with x2APIC)     in the kernel
 *     hpet    read the HPET's main counter                                    MMIO, to user space
 *     hlt     sleep until the local APIC's timer fires, 100 us later
 *     quiet   sleep until the local APIC's timer fires, 40 ms later
 *     ap      no part of the round: all other vCPUs read port 0x80 meanwhile  port, to user space
 *
 * A device that is not there makes no exits: its word is dropped, and when nothing remains the guest is
 * quiet. Without the file it behaves as an ordinary guest would: no e1000, and it is quiet; else it does
 * "e1000 ide", and "eoi" too unless KVM offers paravirtual EOI, which would spare most of those writes.
 *
 * What it did stands in guest-physical memory from REPORT on, as 64-bit little-endian numbers:
 *
 *     0x5000   "VT-GUEST", written when set-up is complete
 *     0x5008   which kinds of work run: bit 0 e1000, 1 ide, 2 eoi, 3 hpet, 4 hlt, 5 quiet,
 *              6 ap
 *     0x5010   0, or the top of the stack at an unexpected exception, after which the guest is dead
 *     0x5040   how often each was done, in the order of the bits; 0x5050 has every EOI write, also those
 *              that end a timer interrupt, so sleeping counts there too
 *
 * Each sleep also writes the timer's initial count (MSR 0x838) twice. A count is raised after the access.
 */

#define REPORT      0x5000
#define R_MAGIC     REPORT
#define R_WORK      (REPORT + 0x08)
#define R_FAULT     (REPORT + 0x10)
#define COUNT(bit)  (REPORT + 0x40 + 8 * (bit))
#define ROUND       0x6000              /* addresses of the code of one round */
#define NAME        0x7000              /* one fw_cfg file name */
#define STACK       0x9000              /* grows down */
#define PML4        0x10000
#define PDPT        0x11000
#define PD          0x12000             /* four of them, for 4 GiB */

#define W_E1000     0
#define W_IDE       1
#define W_EOI       2
#define W_HPET      3
#define W_HLT       4
#define W_QUIET     5
#define W_AP        6
#define WORKS       7
#define ROUND_WORKS 6                   /* those before W_AP */

#define SEL_CODE64  0x08
#define SEL_DATA    0x10
#define SEL_CODE32  0x18

#define VECTOR      0x40
#define HLT_NS      100000
#define QUIET_NS    40000000

#define E1000_ID    0x100e8086
#define E1000_BAR   0xfeb00000          /* below the I/O APIC, clear of everything on pc and q35 */
#define E1000_STATUS 8
#define HPET        0xfed00000
#define HPET_COUNTER 0xf0

#define APIC_EOI    0x0b                /* register numbers: MSR 0x800 + n, or 16 * n in the xAPIC page */
#define APIC_SVR    0x0f
#define APIC_ICR    0x30
#define APIC_LVTT   0x32
#define APIC_TMICT  0x38
#define APIC_TDCR   0x3e
#define XAPIC       0xfee00000

/* From 32-bit code to \to in long mode, without a stack. */
    .macro  long_mode to
    mov     $PML4, %eax
    mov     %eax, %cr3
    mov     $0x20, %eax                 /* PAE */
    mov     %eax, %cr4
    mov     $0xc0000080, %ecx           /* EFER.LME */
    rdmsr
    or      $0x100, %eax
    wrmsr
    mov     $0x80000011, %eax           /* PG, ET, PE */
    mov     %eax, %cr0
    ljmpl   $SEL_CODE64, $\to
    .endm

    .text
    .globl  reset
rom:

/* ---- reset to long mode ---- */

/* The other vCPUs, whose start-up message points to the beginning of the image, when the first one has
 * set up the page tables. */
    .code16
ap16:
    cli
    lgdtl   %cs:gdt_pointer - rom
    mov     $0x11, %eax
    mov     %eax, %cr0
    ljmpl   $SEL_CODE32, $ap32

    .code32
ap32:
    mov     $SEL_DATA, %eax
    mov     %eax, %ds
    long_mode ap64

    .code64
ap64:
    in      $0x80, %al
    lock incq COUNT(W_AP)
    jmp     ap64

    .code16
start16:
    cli
    cld
    lgdtl   %cs:gdt_pointer - rom
    mov     $0x11, %eax                 /* PE, ET; clears CD and NW of the reset value */
    mov     %eax, %cr0
    ljmpl   $SEL_CODE32, $start32

    .code32
start32:
    mov     $SEL_DATA, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %ss

    xor     %eax, %eax                  /* memory survives a reset of the machine */
    mov     $REPORT, %edi
    mov     $0x1000 / 4, %ecx
    rep stosl
    mov     $PML4, %edi
    mov     $0x2000 / 4, %ecx
    rep stosl

    movl    $PDPT + 3, PML4             /* the first 4 GiB, one to one, in 2 MiB pages */
    mov     $PD + 3, %eax
    mov     $PDPT, %edi
1:  mov     %eax, (%edi)
    add     $8, %edi
    add     $0x1000, %eax
    cmp     $PD + 0x4000, %eax
    jb      1b
    mov     $0x83, %eax
    mov     $PD, %edi
    mov     $2048, %ecx
1:  mov     %eax, (%edi)
    movl    $0, 4(%edi)
    add     $8, %edi
    add     $0x200000, %eax
    dec     %ecx
    jnz     1b

    long_mode start64

    .code64
start64:
    mov     $STACK, %esp
    lidt    idt_pointer
    mov     $0xff, %al                  /* the PICs wake up unmasked and wired to the processor */
    out     %al, $0x21
    out     %al, $0xa1

    call    apic_setup
    call    selection                   /* -> r12d: the bits asked for */
    call    keep_present
    mov     %r12, R_WORK
    call    fill_round
    call    wake_others
    mov     magic(%rip), %rax
    mov     %rax, R_MAGIC

/* ---- the rounds: each kind of work ends by jumping to the next address in ROUND ---- */

#define NEXT        add $8, %rsi; jmp *(%rsi)

round:
    mov     $ROUND, %esi
    jmp     *(%rsi)

do_e1000:
    mov     $E1000_BAR, %eax
    mov     E1000_STATUS(%rax), %eax
    incq    COUNT(W_E1000)
    NEXT

do_ide:
    mov     $0x1f7, %edx
    in      %dx, %al
    incq    COUNT(W_IDE)
    NEXT

do_eoi:
    call    eoi
    NEXT

do_hpet:
    mov     $HPET, %eax
    mov     HPET_COUNTER(%rax), %eax
    incq    COUNT(W_HPET)
    NEXT

do_hlt:
    mov     $HLT_NS, %eax
    call    sleep
    incq    COUNT(W_HLT)
    NEXT

do_quiet:
    mov     $QUIET_NS, %eax
    call    sleep
    incq    COUNT(W_QUIET)
    NEXT

/* Sleeps for eax ns. KVM's and QEMU's APIC timers tick at 1 GHz. Interrupts are on only here, and the
 * instruction after sti still runs before one is taken, so that none can be missed. Where a hypervisor
 * loses that (SVM as QEMU itself emulates it does), the timer started by the handler ends the sleep. */
sleep:
    call    start_timer
    sti
    hlt
    cli
    ret

start_timer:
    mov     $APIC_TMICT, %ecx
    jmp     apic_write

eoi:
    xor     %eax, %eax
    mov     $APIC_EOI, %ecx
    call    apic_write
    incq    COUNT(W_EOI)
    ret

timer:                                  /* taken in sleep only, which has no use for eax, ecx, edx */
    mov     $QUIET_NS, %eax             /* long enough not to be due before iretq on a slow machine */
    call    start_timer
    call    eoi
spurious:
    iretq

fault:
    mov     (%rsp), %rax
    mov     %rax, R_FAULT
1:  hlt
    jmp     1b

/* ---- local APIC ---- */

/* Turns the APIC on, as x2APIC where there is one; r13d: whether it is. */
apic_setup:
    mov     $1, %eax
    xor     %ecx, %ecx
    cpuid
    xor     %r13d, %r13d
    bt      $21, %ecx
    jnc     1f
    inc     %r13d
    mov     $0x1b, %ecx                 /* APIC_BASE: global enable, x2APIC */
    rdmsr
    or      $0xc00, %eax
    wrmsr
1:  mov     $APIC_SVR, %ecx
    mov     $0x1ff, %eax                /* enabled, spurious vector 0xff */
    call    apic_write
    mov     $APIC_TDCR, %ecx
    mov     $0xb, %eax                  /* divide by 1 */
    call    apic_write
    mov     $APIC_LVTT, %ecx
    mov     $VECTOR, %eax               /* one-shot */
    jmp     apic_write

/* APIC register ecx := eax. Overwrites ecx and edx. */
apic_write:
    test    %r13d, %r13d
    jz      1f
    xor     %edx, %edx
    add     $0x800, %ecx
    wrmsr
    ret
1:  shl     $4, %ecx
    mov     $XAPIC, %edx
    mov     %eax, (%rdx,%rcx)
    ret

/* Where that was asked for, sends INIT and start-up at 0xf0000 to all but itself. */
wake_others:
    bt      $W_AP, %r12d
    jnc     1f
    mov     $APIC_ICR, %ecx
    mov     $0xc4500, %eax
    call    apic_write
    mov     $APIC_ICR, %ecx
    mov     $0xc46f0, %eax
    jmp     apic_write
1:  ret

/* ---- what to do ---- */

/* r12d: the bits of the words in opt/virt-tune/work, or the default without that file. */
selection:
    mov     $0x19, %eax                 /* the directory: a number of files, then 64 bytes for each */
    call    fw_select
    call    fw_be32
    mov     %eax, %ebx
1:  test    %ebx, %ebx
    jz      default_work
    dec     %ebx
    call    fw_be32                     /* size */
    mov     %eax, %r8d
    call    fw_be32                     /* key in the upper half */
    mov     %eax, %r9d
    mov     $NAME, %edi
    mov     $56, %ecx
2:  in      %dx, %al
    stosb
    dec     %ecx
    jnz     2b
    mov     $NAME, %esi
    mov     $work_file, %edi
    mov     $work_file_end - work_file, %ecx
    repe cmpsb
    jne     1b

    mov     %r9d, %eax
    shr     $16, %eax
    call    fw_select
    xor     %r12d, %r12d
3:  xor     %r10d, %r10d                /* the word so far, first letter lowest */
    xor     %ecx, %ecx
4:  sub     $1, %r8d
    jc      5f
    in      %dx, %al
    cmp     $' ', %al
    jbe     5f
    movzbl  %al, %eax
    shl     %cl, %rax
    or      %rax, %r10
    add     $8, %ecx
    jmp     4b
5:  xor     %ecx, %ecx
6:  cmp     words(,%rcx,8), %r10
    jne     7f
    bts     %ecx, %r12d
7:  inc     %ecx
    cmp     $WORKS, %ecx
    jb      6b
    cmp     $0, %r8d
    jg      3b
    ret

default_work:
    mov     $1 << W_E1000 | 1 << W_IDE, %r12d
    call    find_e1000
    jnc     2f
    mov     $0x40000000, %eax
    cpuid
    cmp     $0x4b4d564b, %ebx           /* "KVMK" */
    jne     1f
    mov     $0x40000001, %eax
    cpuid
    bt      $6, %eax                    /* KVM_FEATURE_PV_EOI */
    jc      3f
1:  bts     $W_EOI, %r12d
    ret
2:  xor     %r12d, %r12d
3:  ret

/* Selects the fw_cfg item eax; leaves its data port in dx. */
fw_select:
    mov     $0x510, %edx
    out     %ax, %dx
    inc     %edx
    ret

/* eax: the next four bytes of the item, big-endian. */
fw_be32:
    mov     $4, %ecx
1:  shl     $8, %eax
    in      %dx, %al
    dec     %ecx
    jnz     1b
    ret

/* Drops from r12d the work whose device is missing. */
keep_present:
    call    find_e1000
    jc      1f
    btr     $W_E1000, %r12d
1:  call    find_disk
    jc      2f
    btr     $W_IDE, %r12d
2:  mov     $HPET, %eax
    mov     (%rax), %eax                /* identification: the vendor in the upper half */
    shr     $16, %eax
    cmp     $0x8086, %eax
    je      3f
    btr     $W_HPET, %r12d
3:  test    $(1 << ROUND_WORKS) - 1, %r12d
    jnz     4f
    bts     $W_QUIET, %r12d
4:  ret

/* Sets CF when there is an e1000 on bus 0, and puts its registers at E1000_BAR. */
find_e1000:
    mov     $0x80000000, %ebx           /* bus 0, device 0, function 0, register 0 */
1:  mov     %ebx, %eax
    call    pci_read
    cmp     $E1000_ID, %eax
    je      2f
    add     $1 << 11, %ebx
    cmp     $0x80010000, %ebx           /* leaves CF clear behind the last device */
    jb      1b
    ret
2:  lea     0x10(%rbx), %eax            /* BAR 0 */
    mov     $E1000_BAR, %ecx
    call    pci_write
    lea     0x04(%rbx), %eax            /* command: answer to memory accesses */
    mov     $2, %ecx
    call    pci_write
    stc
    ret

/* Sets CF when a disk, not a CD-ROM, is on the primary IDE channel, and selects it. */
find_disk:
    mov     $0xa0, %eax                 /* unit 0, then unit 1 */
1:  mov     $0x1f6, %edx
    out     %al, %dx
    mov     %eax, %ebx
    inc     %edx
    in      %dx, %al                    /* status: 0 without a drive, all ones without a channel */
    dec     %al
    cmp     $0xfe, %al
    jae     2f
    mov     $0x1f5, %edx
    in      %dx, %al                    /* signature after reset: packet devices have 0xeb here */
    cmp     $0xeb, %al
    je      2f
    stc
    ret
2:  lea     0x10(%rbx), %eax
    cmp     $0xc0, %eax                 /* leaves CF clear behind unit 1 */
    jb      1b
    ret

pci_read:
    mov     $0xcf8, %edx
    out     %eax, %dx
    mov     $0xcfc, %edx
    in      %dx, %eax
    ret

pci_write:
    mov     $0xcf8, %edx
    out     %eax, %dx
    mov     $0xcfc, %edx
    mov     %ecx, %eax
    out     %eax, %dx
    ret

/* Writes the code addresses of the bits in r12d to ROUND. */
fill_round:
    mov     $ROUND, %edi
    xor     %ecx, %ecx
1:  bt      %ecx, %r12d
    jnc     2f
    movzwl  code(,%rcx,2), %eax
    add     $rom, %eax
    stosq
2:  inc     %ecx
    cmp     $ROUND_WORKS, %ecx
    jb      1b
    mov     $round, %eax
    stosq
    ret

/* ---- tables ---- */

    .balign 8
words:                                  /* in the order of the bits, padded with zeros */
    .irp    word, "e1000", "ide", "eoi", "hpet", "hlt", "quiet", "ap"
1:  .ascii  "\word"
    .org    1b + 8
    .endr
code:
    .irp    name, e1000, ide, eoi, hpet, hlt, quiet
    .word   do_\name - rom
    .endr

work_file:
    .asciz  "opt/virt-tune/work"
work_file_end:
magic:
    .ascii  "VT-GUEST"

    .balign 8
gdt:
    .quad   0
    .quad   0x00af9b000000ffff          /* SEL_CODE64 */
    .quad   0x00cf93000000ffff          /* SEL_DATA */
    .quad   0x00cf9b000000ffff          /* SEL_CODE32 */
gdt_pointer:
    .word   . - gdt - 1
    .long   gdt

    .balign 8
idt:                                    /* the image is at 0xf0000, so an address is 0xf and an offset */
    .macro  gate handler
    .word   \handler - rom, SEL_CODE64, 0x8e00, 0xf, 0, 0, 0, 0
    .endm
    .rept   VECTOR
    gate    fault
    .endr
    gate    timer
    .rept   255 - VECTOR
    gate    spurious
    .endr
idt_pointer:
    .word   . - idt - 1
    .quad   idt

    .org    0xfff0
    .code16
reset:
    ljmp    $0xf000, $start16 - rom
    .org    0x10000
