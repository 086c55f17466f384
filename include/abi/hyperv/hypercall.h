/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's hypercalls: Microsoft, TLFS, "Hypercall Interface" and the page of
 * each call.
 */
#pragma once

#include <kernel/types.h>

/* Input value: the call's code, and */
#define HV_HYPERCALL_CODE_MASK 0xffffULL
#define HV_HYPERCALL_FAST      (1ULL << 16)
#define HV_HYPERCALL_VARHEAD_SHIFT         \
 17 /* 8 bytes of variable header, 10 bits \
     */
#define HV_HYPERCALL_REP_COUNT 32
#define HV_HYPERCALL_REP_START 48
#define HV_HYPERCALL_REP_MASK  0xfffULL

/* Result value: HV_STATUS, and in bits 43 to 32 the elements completed. */
#define HV_RESULT_STATUS_MASK 0xffffULL
#define HV_RESULT_REPS_SHIFT  32

#define HV_STATUS_SUCCESS		  0
#define HV_STATUS_INVALID_HYPERCALL_CODE  2
#define HV_STATUS_INVALID_HYPERCALL_INPUT 3
#define HV_STATUS_INVALID_ALIGNMENT	  4
#define HV_STATUS_INVALID_PARAMETER	  5
#define HV_STATUS_ACCESS_DENIED		  6

#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE    0x0002
#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST     0x0003
#define HV_CALL_NOTIFY_LONG_SPIN_WAIT	       0x0008
#define HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI     0x000b
#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX 0x0013
#define HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX  0x0014
#define HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI_EX  0x0015

/* Input is within a page, and at a multiple of this. */
#define HV_HYPERCALL_PAGE_SIZE 4096
#define HV_HYPERCALL_ALIGNMENT 8

/* HV_VP_SET: bank n has VPs 64 * n to 64 * n + 63; only those that are valid
 * have contents.
 */
#define HV_VP_SET_SPARSE_4K 0
#define HV_VP_SET_ALL	    1
#define HV_VP_SET_BANKS	    64
#define HV_VPS_PER_BANK	    64
#define HV_VP_INDEX_MAX	    (HV_VP_SET_BANKS * HV_VPS_PER_BANK - 1)
struct hv_vp_set {
	u64 format;
	u64 valid_banks;
	u64 bank_contents[];
};
_Static_assert(sizeof(struct hv_vp_set) == 16, "TLFS, HV_VP_SET");

/* Valid vectors of the IPI calls */
#define HV_IPI_VECTOR_FIRST 0x10
#define HV_IPI_VECTOR_LAST  0xff

/* HvCallSendSyntheticClusterIpiEx */
struct hv_send_ipi_ex {
	u32 vector;
	u8 target_vtl;
	u8 padding[3];
	struct hv_vp_set vp_set;
};
_Static_assert(sizeof(struct hv_send_ipi_ex) == 24, "TLFS");

/* HV_FLUSH_FLAGS */
#define HV_FLUSH_ALL_PROCESSORS		    (1ULL << 0)
#define HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES (1ULL << 1)
#define HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY   (1ULL << 2)

/* An element of a list: a page's address, and further pages in bits 11 to 0 */
#define HV_GVA_RANGE_PAGES 4096

/* HvCallFlushVirtualAddressSpace and ...List */
struct hv_flush {
	u64 address_space;
	u64 flags;
	u64 processor_mask;
};
_Static_assert(sizeof(struct hv_flush) == 24, "TLFS");

/* HvCallFlushVirtualAddressSpaceEx and ...ListEx */
struct hv_flush_ex {
	u64 address_space;
	u64 flags;
	struct hv_vp_set vp_set;
};
_Static_assert(sizeof(struct hv_flush_ex) == 32, "TLFS");
