/* SPDX-License-Identifier: BSD-2-Clause */
/* Paravirtualized time for Arm: Arm DEN 0057 A. */
#pragma once

#include <kernel/types.h>

/* 3.1, 3.2: is a call there; where is the calling CPU's stolen time? */
#define PV_TIME_FEATURES 0xc5000020U
#define PV_TIME_ST	 0xc5000021U

/* 3.2.2: of each CPU, in write-back memory that is the hypervisor's. */
struct pv_time_stolen {
	le32 revision;	  /* 0 */
	le32 attributes;  /* 0 */
	le64 stolen_time; /* ns that it did not run, though it wanted to */
	u8 padding[48];
};
_Static_assert(sizeof(struct pv_time_stolen) == 64, "DEN 0057, 3.2.2");
_Static_assert(__builtin_offsetof(struct pv_time_stolen, stolen_time) == 8,
	       "DEN 0057, 3.2.2");

#define PV_TIME_STOLEN_ALIGN 64
