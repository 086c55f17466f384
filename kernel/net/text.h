/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as people write them. */
#pragma once

#include <kernel/net.h>

#define IPV4_TEXT_MAX 16
#define MAC_TEXT_MAX  18

/** @address to @text of IPV4_TEXT_MAX bytes, which is returned. */
const char *ipv4_text(u32 address, char *text);
/** The same of Ethernet's, MAC_TEXT_MAX bytes. */
const char *mac_text(const u8 *address, char *text);

/** The whole of @text is "1.2.3.4". 0 or -EINVAL. */
int ipv4_parse(const char *text, u32 *address);
/** "1.2.3.4/24", or without a prefix: *@prefix is 32. 0 or -EINVAL. */
int ipv4_parse_prefix(const char *text, u32 *address, unsigned *prefix);
/** "52:54:00:12:34:56". 0 or -EINVAL. */
int mac_parse(const char *text, u8 *address);

/** How many bits a mask has, which is contiguous. */
unsigned mask_prefix(u32 mask);
