/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The integer types every room shares. Values whose byte order is fixed by a
 * specification have the types le16/le32/le64 and be16/be32/be64; sparse
 * reports a mix-up, <kernel/byteorder.h> converts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#ifdef __CHECKER__
# define __bitwise __attribute__((bitwise))
# define __force   __attribute__((force))
# define __iomem   __attribute__((noderef, address_space(__iomem)))
#else
# define __bitwise
# define __force
# define __iomem
#endif

typedef u16 __bitwise le16;
typedef u32 __bitwise le32;
typedef u64 __bitwise le64;
typedef u16 __bitwise be16;
typedef u32 __bitwise be32;
typedef u64 __bitwise be64;

/** A guest-physical address. */
typedef u64 phys_addr_t;
