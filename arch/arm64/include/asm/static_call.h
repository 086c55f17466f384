/* SPDX-License-Identifier: BSD-2-Clause */
/* A branch, which reaches 128 MiB: more than the image spans. */
#pragma once

#define ARCH_STATIC_CALL(name, fn)                  \
 __asm__(".pushsection .text.static_call, \"ax\"\n" \
	 ".balign 4\n"                              \
	 ".globl " #name "\n"                       \
	 ".type " #name ", %function\n" #name ":\n" \
	 "b " #fn "\n"                              \
	 ".size " #name ", . - " #name "\n"         \
	 ".popsection\n")

int arch_static_call_patch(void *name, const void *fn);
