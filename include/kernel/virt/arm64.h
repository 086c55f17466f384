/* SPDX-License-Identifier: BSD-2-Clause */
/* What arm64's paravirtual services are made of. Any context. */
#pragma once

#include <kernel/smccc.h>
#include <kernel/virt/evidence.h>

/** Fill @smccc by asking whoever takes calls. Level VIRT. */
void virt_scan_smccc(struct virt_smccc *smccc);

/** The virtual count, which clocks go by, not before earlier loads. */
u64 virt_counter(void);

/** The physical count, whose difference to the other one is the host's. */
u64 virt_physical_counter(void);
