/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be read of a module's file without running or loading it: strings
 * "key=value" in the section .modinfo, each with its terminator. In the
 * kernel's own image nothing is left of them.
 */
#pragma once

#include <kernel/compiler.h>

#define MODINFO_SECTION ".modinfo"

/** Add "key=value" (literals); @key is also part of an identifier. */
#define MODINFO(key, value)                                     \
 static const char __concat(__modinfo_##key##_,                 \
			    __LINE__)[] __used __modinfo_packed \
 __section(MODINFO_SECTION) __aligned(1) = #key "=" value

/* No red zones between them: see <kernel/table.h>. */
#ifdef __clang__
# define __modinfo_packed __attribute__((no_sanitize("address")))
#else
# define __modinfo_packed
#endif
