/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages through VMware's backdoor: open-vm-tools, lib/include/
 * guest_msg_def.h and lib/message/message.c; requests: lib/rpcOut.
 *
 * ECX's high half is the request's type, and its status in the answer; EDX's
 * high half the channel, and in answers the type of what the host sends; ESI
 * and EDI the cookie that opening the channel returned; EBX the value.
 */
#pragma once

/* Types; the value that goes with it */
#define VMWARE_MSG_OPEN		0 /* protocol and flags */
#define VMWARE_MSG_SEND_SIZE	1 /* of the message that follows, bytes */
#define VMWARE_MSG_SEND_DATA	2 /* four bytes, the first one lowest */
#define VMWARE_MSG_RECEIVE_SIZE 3
#define VMWARE_MSG_RECEIVE_DATA 4 /* status of what came before */
#define VMWARE_MSG_RECEIVE_END	5 /* the same */
#define VMWARE_MSG_CLOSE	6

/* Status */
#define VMWARE_MSG_SUCCESS 0x01
#define VMWARE_MSG_WAITING 0x02 /* the host has a message */
#define VMWARE_MSG_CHECKPOINT                    \
 0x10 /* begin again: the host stopped meanwhile \
       */

/* Protocols: "RPCI", requests of the guest, "TCLO", the host's; a flag */
#define VMWARE_MSG_RPCI	  0x49435052U
#define VMWARE_MSG_TCLO	  0x4f4c4354U
#define VMWARE_MSG_COOKIE 0x80000000U

/* The longest that the host takes, in bytes */
#define VMWARE_MSG_SIZE_MAX 65536

/* RPCI: a reply begins with this, or with a 0, and may go on with a text. */
#define VMWARE_RPCI_DONE "1 "
/* RPCI: writes the text that follows to the virtual machine's log. */
#define VMWARE_RPCI_LOG "log "

/*
 * RPCI: who takes TCLO's commands; that it takes those about power (the space
 * belongs to it); its version, of one whose updates are not VMware's; and what
 * became of a command about power, followed by its number.
 */
#define VMWARE_RPCI_TOOLBOX	 "vmx.capability.unified_loop toolbox"
#define VMWARE_RPCI_CAN_POWER	 "tools.capability.statechange "
#define VMWARE_RPCI_VERSION	 "tools.set.version 2147483647"
#define VMWARE_RPCI_POWER_STATUS "tools.os.statechange.status 1 "

/*
 * TCLO: open-vm-tools, lib/rpcIn, lib/include/vmware/guestrpc/{tclodefs,
 * powerops}.h. The guest sends the reply to the last command, or nothing, and
 * then looks whether there is another one.
 */
#define VMWARE_TCLO_RESET	 "reset"
#define VMWARE_TCLO_PING	 "ping"
#define VMWARE_TCLO_CAPABILITIES "Capabilities_Register"
#define VMWARE_TCLO_HALT	 "OS_Halt"
#define VMWARE_TCLO_REBOOT	 "OS_Reboot"
#define VMWARE_TCLO_POWER_ON	 "OS_PowerOn"
#define VMWARE_TCLO_RESUME	 "OS_Resume"
#define VMWARE_TCLO_SUSPEND	 "OS_Suspend"

#define VMWARE_TCLO_DONE       "OK "
#define VMWARE_TCLO_RESET_DONE "OK ATR toolbox"
#define VMWARE_TCLO_UNKNOWN    "ERROR Unknown command"

_Static_assert(sizeof(VMWARE_RPCI_LOG) == 4 + 1, "RPCI");
