/* SPDX-License-Identifier: BSD-2-Clause */
/* <asm/current.h> for host tests: each of the host's threads is one. */
#pragma once

struct thread;
struct thread *arch_current(void);
