/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM on arm64: Linux, include/linux/arm-smccc.h and
 * Documentation/virt/kvm/arm/hypercalls.rst; values as W0 to W3 hold them.
 */
#pragma once

/* 28b46fb6-2ec5-11e9-a9ca-4b564d003a74 */
#define KVM_SMCCC_UID                            \
 {                                               \
  0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d \
 }

/* Its own calls; the first answers which there are, as 128 bits. */
#define KVM_SMCCC_FEATURES 0x86000000U
#define KVM_SMCCC_PTP	   0x86000001U

/* Bits of that answer. */
#define KVM_SMCCC_FUNC_PTP		  1
#define KVM_SMCCC_FUNC_HYP_MEMINFO	  2
#define KVM_SMCCC_FUNC_MEM_SHARE	  3
#define KVM_SMCCC_FUNC_MEM_UNSHARE	  4
#define KVM_SMCCC_FUNC_MMIO_GUARD	  7
#define KVM_SMCCC_FUNC_MEM_RELINQUISH	  9 /* Android's kernels */
#define KVM_SMCCC_FUNC_DISCOVER_IMPL_VER  64
#define KVM_SMCCC_FUNC_DISCOVER_IMPL_CPUS 65

/*
 * KVM_SMCCC_PTP, ptp_kvm.rst: with which counter? The host's wall clock in ns
 * (W0 high, W1 low), and the counter at that time (W2 high, W3 low).
 */
#define KVM_PTP_VIRT_COUNTER 0
#define KVM_PTP_PHYS_COUNTER 1
