/* SPDX-License-Identifier: BSD-2-Clause */
/* Model-specific registers: Intel SDM volume 4, AMD APM volume 2. */
#pragma once

#include <asm/extable.h>
#include <kernel/errno.h>
#include <kernel/compiler.h>

#define MSR_PAT	    0x277
#define MSR_EFER    0xc0000080
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101

#define EFER_SCE BIT(0)
#define EFER_LME BIT(8)
#define EFER_LMA BIT(10)
#define EFER_NXE BIT(11)

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	__asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static inline void wrmsr(u32 msr, u64 v)
{
	__asm__ __volatile__("wrmsr"
			     :
			     : "c"(msr), "a"((u32)(v & UINT32_MAX)),
			       "d"((u32)(v >> 32))
			     : "memory");
}

/** Read an MSR that may not exist: 0 or -EIO. From level CPU on. */
static inline int rdmsr_safe(u32 msr, u64 *value)
{
	u32 low = 0, high = 0;
	int err = -EIO;

	__asm__ __volatile__("1: rdmsr\n"
			     "   xorl %[err], %[err]\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : "+a"(low), "+d"(high), [err] "+r"(err)
			     : "c"(msr));
	if (!err)
		*value = (u64)high << 32 | low;
	return err;
}

/** Write an MSR that may not exist or refuse the value: 0 or -EIO. */
static inline int wrmsr_safe(u32 msr, u64 v)
{
	int err = -EIO;

	__asm__ __volatile__("1: wrmsr\n"
			     "   xorl %[err], %[err]\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : [err] "+r"(err)
			     : "c"(msr), "a"((u32)(v & UINT32_MAX)),
			       "d"((u32)(v >> 32))
			     : "memory");
	return err;
}
