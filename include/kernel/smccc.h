/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm only: calls to firmware or a hypervisor (SMCCC, Arm DEN 0028), by HVC or
 * SMC, whichever the device tree or ACPI says. Any context after level CPU.
 */
#pragma once

#include <abi/arm64/smccc.h>
#include <kernel/compiler.h>

/* Of 32-bit calls only the lower halves count. */
struct smccc_result {
	u64 x0, x1, x2, x3;
};

/**
 * Call @function. x0 is SMCCC_NOT_SUPPORTED also when nobody takes calls
 * here.
 */
void smccc_call(u32 function, u64 a, u64 b, u64 c, struct smccc_result *result);

/** Version of PSCI as it states it (major << 16 | minor), 0: there is none. */
u32 psci_version(void);

/** True if the general calls of SMCCC 1.1 can be made. */
bool smccc_is_1_1(void);
