/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who answers at VMware's backdoor, and what does it know?
 *
 * A read of the port is harmless where VMware or QEMU is named: there the port
 * is theirs, or nobody's. On any other machine it may be a device's, whose
 * registers a read could change, so nobody is asked there, unless the command
 * line says so. For the same reason the machine is asked once, at boot: later,
 * this kernel may have given the port to a device itself. The instructions are
 * tried only where VMware's own CPUID leaf names them, since hosts are known
 * on which a hypercall of another kind never returns.
 */
#include <abi/hypervisor_cpuid.h>
#include <abi/qemu/cpuid.h>
#include <abi/vmware/backdoor.h>
#include <abi/vmware/cpuid.h>
#include <abi/vmware/message.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/time.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/service.h>
#include <kernel/virt/vmware.h>
#include "internal.h"

#define UNKNOWN_HZ 0xffffffffU

static bool no_backdoor;
param_bool("no-vmware-backdoor", no_backdoor,
	   "do not ask for VMware's backdoor");
static bool force_backdoor;
param_bool("vmware-backdoor", force_backdoor,
	   "ask for VMware's backdoor on any machine");

static bool has_reason(const struct virt_evidence *ev)
{
	if (no_backdoor)
		return false;
	return force_backdoor || virt_vmware_is_named(ev) ||
	       virt_smbios_is_qemus(&ev->smbios) ||
	       virt_find_signature(ev, QEMU_TCG_SIGNATURE) != VIRT_NO_BLOCK;
}

static bool answers(struct virt_backdoor *b, enum vmware_way way)
{
	struct vmware_regs r = { .ebx = ~VMWARE_MAGIC,
				 .ecx = VMWARE_CMD_GETVERSION };

	if (vmware_call(way, &r) || r.eax == VMWARE_NO_COMMAND ||
	    r.ebx != VMWARE_MAGIC)
		return false;
	b->answers = true;
	b->way = (u8)way;
	b->version = r.eax;
	b->product = r.ecx;
	return true;
}

/* What VMware's own leaf names; the port if it names none, or both. */
static enum vmware_way named_way(const struct virt_evidence *ev)
{
	int index = virt_find_signature(ev, VMWARE_SIGNATURE);
	u32 bits;

	if (index == VIRT_NO_BLOCK || virt_block_is_hyperv(&ev->block[index]))
		return VMWARE_BY_PORT;
	bits = ev->block[index].leaf[HYPERVISOR_CPUID_TIMING].ecx &
	       (BIT(VMWARE_FEATURE_VMCALL) | BIT(VMWARE_FEATURE_VMMCALL));
	if (bits == BIT(VMWARE_FEATURE_VMCALL))
		return VMWARE_BY_VMCALL;
	return bits == BIT(VMWARE_FEATURE_VMMCALL) ? VMWARE_BY_VMMCALL
						   : VMWARE_BY_PORT;
}

static void ask_frequencies(struct virt_backdoor *b)
{
	struct vmware_regs r = { .ebx = UNKNOWN_HZ, .ecx = VMWARE_CMD_GETHZ };

	if (vmware_call(b->way, &r) || r.ebx == UNKNOWN_HZ)
		return;
	b->tsc_hz = (u64)r.ebx << 32 | r.eax;
	b->apic_hz = r.ecx;
}

static void ask_vcpu(struct virt_backdoor *b)
{
	struct vmware_regs r = { .ecx = VMWARE_CMD_GET_VCPU_INFO };

	if (vmware_call(b->way, &r) || r.eax & BIT(VMWARE_VCPU_RESERVED))
		return;
	b->has_vcpu_info = true;
	b->vcpu_info = r.eax;
}

/* Switching off what is off tells whether there is one. */
static void ask_steal_clock(struct virt_backdoor *b)
{
	struct vmware_regs r = { .ecx = VMWARE_CMD_STEALCLOCK,
				 .edi = VMWARE_STEAL_CLOCK_OFF };

	b->has_steal_clock = !vmware_call(b->way, &r) &&
			     (r.eax == VMWARE_STEAL_CLOCK_DISABLED ||
			      r.eax == VMWARE_STEAL_CLOCK_ENABLED);
}

static void ask_messages(struct virt_backdoor *b)
{
	struct vmware_regs r = {
		.ebx = VMWARE_MSG_RPCI | VMWARE_MSG_COOKIE,
		.ecx = VMWARE_CMD_MESSAGE | (u32)VMWARE_MSG_OPEN << 16,
	};

	if (vmware_call(b->way, &r) || r.eax == VMWARE_NO_COMMAND ||
	    !(r.ecx >> 16 & VMWARE_MSG_SUCCESS))
		return;
	b->has_messages = true;
	/* The channel and its cookie are where they have to be. */
	r.ecx = VMWARE_CMD_MESSAGE | (u32)VMWARE_MSG_CLOSE << 16;
	vmware_call(b->way, &r);
}

/* Of QEMU nothing but its frequency is used: it has no more. */
static void ask_all(struct virt_evidence *ev)
{
	struct virt_backdoor *b = &ev->backdoor;
	u64 ns;

	ask_frequencies(b);
	ask_vcpu(b);
	if (!virt_backdoor_is_vmwares(ev))
		return;
	b->has_time = !vmware_read_time(b, &ns);
	ask_steal_clock(b);
	ask_messages(b);
}

void vmware_ask_backdoor(struct virt_evidence *ev)
{
	struct virt_backdoor *b = &ev->backdoor;
	enum vmware_way way = named_way(ev);

	*b = (struct virt_backdoor){ .asked = has_reason(ev) };
	if (b->asked && (answers(b, way) ||
			 (way != VMWARE_BY_PORT && answers(b, VMWARE_BY_PORT))))
		ask_all(ev);
}

void vmware_gather_backdoor(struct virt_evidence *ev)
{
	static struct virt_backdoor first;
	static bool done;

	if (!done)
		vmware_ask_backdoor(ev);
	else
		ev->backdoor = first;
	first = ev->backdoor;
	done = true;
}

/* It has nothing to switch on; what it told is in use. */
static const struct virt_service backdoor_service = {
	.hypervisor = HYPERV_TYPE_VMWARE,
	.feature = VMWARE_BACKDOOR,
};
VIRT_SERVICE(7, backdoor_service);

static int start_if_way(enum vmware_way way)
{
	const struct virt_backdoor *b = &virt_evidence()->backdoor;

	return b->answers && b->way == way ? 0 : -ENODEV;
}

static int start_vmcall(void)
{
	return start_if_way(VMWARE_BY_VMCALL);
}

static const struct virt_service vmcall_service = {
	.hypervisor = HYPERV_TYPE_VMWARE,
	.feature = VMWARE_VMCALL,
	.start = start_vmcall,
};
VIRT_SERVICE(7, vmcall_service);

static int start_vmmcall(void)
{
	return start_if_way(VMWARE_BY_VMMCALL);
}

static const struct virt_service vmmcall_service = {
	.hypervisor = HYPERV_TYPE_VMWARE,
	.feature = VMWARE_VMMCALL,
	.start = start_vmmcall,
};
VIRT_SERVICE(7, vmmcall_service);

int vmware_command(u32 command, struct vmware_regs *regs)
{
	const struct virt_backdoor *b = &virt_evidence()->backdoor;

	if (!b->answers)
		return -EIO;
	regs->ecx = command;
	return vmware_call(b->way, regs);
}
