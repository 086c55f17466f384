/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Features of a hypervisor that are found as devices, and not in its evidence:
 * what their drivers say about them, for the report.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/virt/hypervisor.h>

/* Three separate facts; a feature is not supported because a bit is set. */
enum virt_feature_state {
	VIRT_OFFERED = BIT(0),	/* the hypervisor advertises it */
	VIRT_ENABLED = BIT(1),	/* this kernel switched it on or uses it */
	VIRT_VERIFIED = BIT(2), /* a self-test saw it do its job */
};

#ifdef CONFIG_HYPERVISOR_DETECTION

/**
 * Add @bits (enum virt_feature_state) to feature @name of hypervisor @type, if
 * that one was found. After level VIRT; any context.
 */
void virt_feature_add_state(enum hypervisor_type type, const char *name,
			    u8 bits);

#else

static inline void virt_feature_add_state(enum hypervisor_type type,
					  const char *name, u8 bits)
{
	(void)type;
	(void)name;
	(void)bits;
}

#endif
