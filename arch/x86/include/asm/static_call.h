/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A jump with a 32-bit displacement, aligned so that one store of 8 bytes
 * replaces it whole.
 */
#pragma once

#define ARCH_STATIC_CALL(name, fn)                  \
 __asm__(".pushsection .text.static_call, \"ax\"\n" \
	 ".balign 8\n"                              \
	 ".globl " #name "\n"                       \
	 ".type " #name ", @function\n" #name ":\n" \
	 ".byte 0xe9\n"                             \
	 ".long " #fn " - . - 4\n"                  \
	 ".byte 0xcc, 0xcc, 0xcc\n"                 \
	 ".size " #name ", . - " #name "\n"         \
	 ".popsection\n")

int arch_static_call_patch(void *name, const void *fn);
