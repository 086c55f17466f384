/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMware's backdoor: commands to the hypervisor with values in registers.
 * QEMU imitates a part of it (-machine vmport=on).
 */
#pragma once

#include <kernel/virt/evidence.h>

enum vmware_way {
	VMWARE_BY_PORT,
	VMWARE_BY_VMCALL,
	VMWARE_BY_VMMCALL,
};

/* The registers of a command, and of its answer. */
struct vmware_regs {
	u32 eax, ebx, ecx, edx, esi, edi;
};

/**
 * Give the command in @regs, whose EAX and low half of EDX are set here, and
 * replace it by the answer. The architecture's. 0, or -EIO: the instruction
 * faulted, and the registers are as they were. Any context. Only where there
 * was a reason to: see kernel/virt/vmware/backdoor.c.
 */
int vmware_call(enum vmware_way way, struct vmware_regs *regs);

/**
 * Look who answers at the backdoor, if other evidence in @ev is a reason to,
 * and fill @ev->backdoor. The machine is asked once; after that the same
 * answer is given. At level VIRT or later.
 */
void vmware_gather_backdoor(struct virt_evidence *ev);

/** The same without memory. */
void vmware_ask_backdoor(struct virt_evidence *ev);

/**
 * Give @command, with @regs for the other registers, the way that was seen to
 * work. 0 or -EIO, also if there is no backdoor. Any context.
 */
int vmware_command(u32 command, struct vmware_regs *regs);

/**
 * The host's time in ns of UTC since 1970, the way @backdoor works. 0 or -EIO:
 * it tells none that makes sense.
 */
int vmware_read_time(const struct virt_backdoor *backdoor, u64 *ns);
