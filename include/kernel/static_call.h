/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that are chosen once, at boot, and then called directly. The name
 * is a jump in the kernel's text to the function of choice, and callers call
 * that name as any other function. Nothing but the jump is ever patched: it
 * costs one direct branch that every CPU predicts, needs no list of callers,
 * and a pointer to the name stays right.
 *
 *	DECLARE_STATIC_CALL(void, ipi_send, (unsigned cpu));	in a header
 *	DEFINE_STATIC_CALL(ipi_send, native_ipi_send);		in one file
 *	err = static_call_update(ipi_send, kvm_ipi_send);
 */
#pragma once

#include <kernel/compiler.h>
#include <asm/static_call.h>

/*
 * From <asm/static_call.h>:
 *   ARCH_STATIC_CALL(name, fn)   a global symbol in .text that jumps to @fn
 *   int arch_static_call_patch(void *name, const void *fn)
 *                                make it jump to @fn; no other CPU runs
 */

#define DECLARE_STATIC_CALL(type, name, args) type name args

/** @fn is no static function, declared like @name. */
#define DEFINE_STATIC_CALL(name, fn)                            \
 _Static_assert(__builtin_types_compatible_p(__typeof__(name),  \
					     __typeof__(fn)),   \
		"a static call to a function of another type"); \
 ARCH_STATIC_CALL(name, fn)

/**
 * Call @fn where @name is called. On the boot CPU, before level SMP. 0, -EBUSY
 * (other CPUs run) or -ENOMEM.
 */
#define static_call_update(name, fn)                                      \
 ({                                                                       \
_Static_assert(__builtin_types_compatible_p(__typeof__(name), __typeof__(fn)), \
   "a static call to a function of another type");                        \
static_call_patch((void *)(uintptr_t)(name), (const void *)(uintptr_t)(fn));   \
 })

/** static_call_update() without the check of types. */
int static_call_patch(void *name, const void *fn);
