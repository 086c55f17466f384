/* SPDX-License-Identifier: BSD-2-Clause */
/* Hyper-V on arm64: Linux, arch/arm64/hyperv, as W0 to W3 hold it. */
#pragma once

/* 58ba324d-6447-24cd-756c-ef8e24705916 */
#define HV_SMCCC_UID                             \
 {                                               \
  0x4d32ba58, 0xcd244764, 0x8eef6c75, 0x16597024 \
 }
