/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which hypervisor is this? The public answer: constant after level VIRT,
 * "none" before it and in a kernel built without HYPERVISOR_DETECTION.
 */
#pragma once

#include <kernel/compiler.h>

enum hypervisor_type {
	HYPERV_TYPE_NONE, /* bare metal, as far as can be told */
	HYPERV_TYPE_KVM,
	HYPERV_TYPE_VMWARE,
	HYPERV_TYPE_HYPERV,
	HYPERV_TYPE_XEN,
	HYPERV_TYPE_VIRTUALBOX,
	HYPERV_TYPE_QEMU, /* its own CPU emulation (TCG), or not told apart */
	HYPERV_TYPE_PARALLELS,
	HYPERV_TYPE_BHYVE,
	HYPERV_TYPE_ACRN,
	HYPERV_TYPE_UNKNOWN, /* there is one, but none that this kernel knows */
};

#ifdef CONFIG_HYPERVISOR_DETECTION

/** True if anything says that there is a hypervisor. Any context. */
bool is_virtualized(void);

/**
 * The primary hypervisor's name: "KVM", "Hyper-V", ... ; "None" on bare
 * metal; 'Unknown ("XYZ")' with the signature or the maker that firmware
 * names, or "Unknown" when there is neither. Never NULL. Any context.
 */
const char *hypervisor_get_name(void);

/** The primary hypervisor. Any context. */
enum hypervisor_type hypervisor_get_type(void);

#else

static inline bool is_virtualized(void)
{
	return false;
}

static inline const char *hypervisor_get_name(void)
{
	return "None";
}

static inline enum hypervisor_type hypervisor_get_type(void)
{
	return HYPERV_TYPE_NONE;
}

#endif
