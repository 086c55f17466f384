/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests that work on fake_cpuid.h's evidence alone: no registers. */
#pragma once

#include "fake_cpuid.h"
#include <kernel/virt/msr.h>

int virt_rdmsr(u32 msr, u64 *value)
{
	(void)msr;
	(void)value;
	return -1;
}

const struct virt_evidence *virt_evidence(void)
{
	return &ev;
}
