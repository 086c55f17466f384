/* SPDX-License-Identifier: BSD-2-Clause */
/* Xen on arm64: its public header arch-arm/smccc.h, as W0 to W3 hold it. */
#pragma once

/* a71812dc-c698-4369-9acf-79d18ddee667 */
#define XEN_SMCCC_UID                            \
 {                                               \
  0xdc1218a7, 0x694398c6, 0xd179cf9a, 0x67e6de8d \
 }
