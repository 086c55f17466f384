/* SPDX-License-Identifier: BSD-2-Clause */
/* The end. */
#pragma once

#include <kernel/compiler.h>

/**
 * Say why, print a backtrace, then do what `panic=` says: 0 (default) stop,
 * N > 0 reset after N seconds, N < 0 reset at once. When `exit` is on the
 * command line, leave as a failed test run instead. Any context. A panic inside
 * a panic does the same without a report, and a third one stops. The other CPUs
 * are stopped first; of several that panic at once one reports.
 */
__noreturn void panic(const char *fmt, ...) __printf(1, 2);

/** Panic with file and line if @cond holds: for states that cannot be. */
#define BUG_ON(cond)                                     \
 do {                                                    \
  if (unlikely(cond))                                    \
   panic("BUG: %s at %s:%d", #cond, __FILE__, __LINE__); \
 } while (0)
