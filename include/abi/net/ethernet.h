/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet frames (IEEE 802.3), VLAN tags (802.1Q) and ARP (RFC 826). */
#pragma once

#include <kernel/types.h>

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP  0x0806
#define ETHERTYPE_VLAN 0x8100 /* 802.1Q, 9.6: customer VLAN tag */

struct ethernet_header {
	u8 destination[6];
	u8 source[6];
	be16 type;
};
_Static_assert(sizeof(struct ethernet_header) == 14, "802.3, 3.1.1");

/* Between the addresses and the type; `type` of the header is 0x8100. */
struct vlan_tag {
	be16 control;
	be16 type;
};
_Static_assert(sizeof(struct vlan_tag) == 4, "802.1Q, 9.5.1");

#define VLAN_ID_MASK 0x0fff
#define VLAN_ID_NONE 0	    /* only a priority */
#define VLAN_ID_LAST 0x0ffe /* 0xfff is reserved */

#define ARP_HARDWARE_ETHERNET 1
#define ARP_REQUEST	      1
#define ARP_REPLY	      2

/* For IPv4 over Ethernet. Addresses are at odd places. */
struct arp_message {
	be16 hardware;
	be16 protocol;
	u8 hardware_length;
	u8 protocol_length;
	be16 operation;
	u8 sender_hardware[6];
	u8 sender_protocol[4];
	u8 target_hardware[6];
	u8 target_protocol[4];
};
_Static_assert(sizeof(struct arp_message) == 28, "RFC 826");
