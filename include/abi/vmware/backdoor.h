/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMware's backdoor: open-vm-tools, lib/include/backdoor_def.h and the library
 * "timeSync"; Linux, arch/x86/include/asm/vmware.h and kernel/cpu/vmware.c,
 * for what a kernel uses. QEMU's hw/i386/vmport.c answers some commands too.
 *
 * A command is a read of 32 bits from a port with values in all registers; or
 * VMCALL or VMMCALL, where the timing leaf says so. EAX holds the magic number
 * and ECX the command; the low half of EDX is the port, or 0 for the
 * instructions (low bandwidth, direction in). Only the lower halves of 64-bit
 * registers count.
 */
#pragma once

#include <kernel/types.h>

#define VMWARE_MAGIC 0x564d5868U
#define VMWARE_PORT  0x5658U

/* What a command that does not exist leaves in EAX. */
#define VMWARE_NO_COMMAND 0xffffffffU

/* EAX: version; EBX: the magic number; ECX: product */
#define VMWARE_CMD_GETVERSION 10
/* EAX: seconds since 1970, EBX: microseconds; until the year 2106 */
#define VMWARE_CMD_GETTIME 23
/* ECX's and EDX's high halves: <abi/vmware/message.h> */
#define VMWARE_CMD_MESSAGE 30
/* EBX and EAX: counter in Hz; ECX: APIC bus in Hz. EBX: ~0 if unknown */
#define VMWARE_CMD_GETHZ 45
/* ESI and EDX: seconds since 1970; EBX: microseconds; EAX: magic number */
#define VMWARE_CMD_GETTIMEFULL 46
/* EAX: bits below */
#define VMWARE_CMD_GET_VCPU_INFO 68
/* ESI and EDI: address of this CPU's area, or VMWARE_STEAL_CLOCK_OFF */
#define VMWARE_CMD_STEALCLOCK 91

/* VMWARE_CMD_GETVERSION, ECX */
#define VMWARE_PRODUCT_EXPRESS	   1
#define VMWARE_PRODUCT_SERVER	   2 /* ESXi */
#define VMWARE_PRODUCT_WGS	   3
#define VMWARE_PRODUCT_WORKSTATION 4

/* VMWARE_CMD_GET_VCPU_INFO: bit numbers */
#define VMWARE_VCPU_LEGACY_X2APIC 3
#define VMWARE_VCPU_RESERVED	  31 /* set: no answer */

/* VMWARE_CMD_STEALCLOCK, EAX */
#define VMWARE_STEAL_CLOCK_DISABLED 0
#define VMWARE_STEAL_CLOCK_ENABLED  1
#define VMWARE_STEAL_CLOCK_OFF	    1 /* instead of an address */

#define VMWARE_STEAL_CLOCK_ALIGNMENT 64

/* One for each CPU. The host writes `clock` in one piece. */
struct vmware_steal_time {
	u64 clock; /* stolen ticks of this guest's counter */
	u64 reserved[7];
};
_Static_assert(sizeof(struct vmware_steal_time) == 64, "steal clock area");
_Static_assert(offsetof(struct vmware_steal_time, clock) == 0,
	       "steal clock area");
