/* SPDX-License-Identifier: BSD-2-Clause */
/* Paravirtual services that the rest of the kernel uses. */
#pragma once

#include <kernel/compiler.h>

#ifdef CONFIG_PARAVIRT

/**
 * The frequency of the CPU's counter in kHz as the hypervisor states it, for
 * a caller that then uses it (it is reported as enabled from here on). Sets
 * *@source to a constant text that says where it comes from. 0, with *@source
 * untouched: no hypervisor states one, all that was stated is absurd, or the
 * command line says nopv. After level VIRT.
 */
u64 virt_tsc_khz(const char **source);

/**
 * The same of the clock that the local APIC's timer divides.
 */
u64 virt_apic_khz(const char **source);

/**
 * True if interrupt messages and I/O APICs have 15 bits for an APIC ID, for a
 * caller that then uses them (reported as enabled). After level VIRT.
 */
bool virt_has_extended_ids(void);

/**
 * True if the hypervisor wants the local APIC's x2APIC mode left alone where
 * firmware has not switched it on. What it says otherwise is reported as
 * enabled. After level VIRT.
 */
bool virt_refuses_x2apic(void);

/** False when the command line says nopv. After the parameters are parsed. */
bool virt_paravirt_allowed(void);

#else

static inline u64 virt_tsc_khz(const char **source)
{
	(void)source;
	return 0;
}

static inline u64 virt_apic_khz(const char **source)
{
	(void)source;
	return 0;
}

static inline bool virt_has_extended_ids(void)
{
	return false;
}

static inline bool virt_refuses_x2apic(void)
{
	return false;
}

static inline bool virt_paravirt_allowed(void)
{
	return false;
}

#endif
