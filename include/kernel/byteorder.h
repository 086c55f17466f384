/* SPDX-License-Identifier: BSD-2-Clause */
/* Conversions between CPU order (little-endian on all we run on) and wire. */
#pragma once

#include <kernel/types.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "Zirvium supports little-endian CPUs only");

static inline u16 le16_to_cpu(le16 v)
{
	return (__force u16)v;
}

static inline u32 le32_to_cpu(le32 v)
{
	return (__force u32)v;
}

static inline u64 le64_to_cpu(le64 v)
{
	return (__force u64)v;
}

static inline le16 cpu_to_le16(u16 v)
{
	return (__force le16)v;
}

static inline le32 cpu_to_le32(u32 v)
{
	return (__force le32)v;
}

static inline le64 cpu_to_le64(u64 v)
{
	return (__force le64)v;
}

static inline u16 be16_to_cpu(be16 v)
{
	return __builtin_bswap16((__force u16)v);
}

static inline be16 cpu_to_be16(u16 v)
{
	return (__force be16)__builtin_bswap16(v);
}

static inline u32 be32_to_cpu(be32 v)
{
	return __builtin_bswap32((__force u32)v);
}

static inline u64 be64_to_cpu(be64 v)
{
	return __builtin_bswap64((__force u64)v);
}

static inline be32 cpu_to_be32(u32 v)
{
	return (__force be32)__builtin_bswap32(v);
}

static inline be64 cpu_to_be64(u64 v)
{
	return (__force be64)__builtin_bswap64(v);
}
