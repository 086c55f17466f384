/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Internet checksum (RFC 1071): the complement of a sum of 16-bit words
 * whose carries are added again. A sum does not depend on the order of bytes
 * in a word, so words are added as this CPU reads them, and the result is
 * stored as this CPU writes it.
 */
#pragma once

#include <kernel/types.h>

/** The sum of @length bytes at any address, and @sum of what was before. */
u64 checksum_add(u64 sum, const void *data, size_t length);

/** The sum of 16 bits that @sum stands for, as it is in memory. */
static inline u16 checksum_fold(u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)(sum + (sum >> 16));
}

/** What goes into a header: the checksum of what @sum is the sum of. */
static inline u16 checksum_finish(u64 sum)
{
	return (u16)~checksum_fold(sum);
}

/** The part of a sum that stands for the number @value in network order. */
static inline u64 checksum_of_u16(u16 value)
{
	return __builtin_bswap16(value);
}

/**
 * The sum of the pseudo-header of UDP or ICMP's kin (RFC 768): addresses in
 * host order, and @length of what follows the IP header.
 */
static inline u64 checksum_pseudo(u32 source, u32 destination, u8 protocol,
				  u16 length)
{
	return (u64)__builtin_bswap32(source) + __builtin_bswap32(destination) +
	       checksum_of_u16(protocol) + checksum_of_u16(length);
}
