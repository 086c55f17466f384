/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM on arm64: Linux, include/linux/arm-smccc.h, as W0 to W3 hold it. */
#pragma once

/* 28b46fb6-2ec5-11e9-a9ca-4b564d003a74 */
#define KVM_SMCCC_UID                            \
 {                                               \
  0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d \
 }
