/* SPDX-License-Identifier: BSD-2-Clause */
/* <asm/static_call.h> for host tests, which define what is called. */
#pragma once

#define ARCH_STATIC_CALL(name, fn) _Static_assert(1, "the test's")
