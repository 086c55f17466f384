/* SPDX-License-Identifier: BSD-2-Clause */
/* The network stack on a device without hardware. */
#pragma once

#include <kernel/types.h>

int bench_stack_begin(void);
void bench_stack_end(void);

/* Datagrams of 64 and 1472 bytes. */
void bench_stack_send_small(u64 count);
void bench_stack_send_large(u64 count);
void bench_stack_receive_small(u64 count);
void bench_stack_receive_large(u64 count);
