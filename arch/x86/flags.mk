# SPDX-License-Identifier: BSD-2-Clause
#
# What x86-64 needs: the kernel lives in the top 2 GiB, interrupts may come at
# any instruction, and the vector and floating-point registers are not saved.

arch-target-clang := --target=x86_64-linux-gnu
arch-target := $(arch-target-$(CC_KIND))

arch-cflags := -m64 -march=x86-64 -mcmodel=kernel -mno-red-zone \
	-mgeneral-regs-only -mno-omit-leaf-frame-pointer -fcf-protection=none
arch-aflags := -m64

arch-ldflags := -m elf_x86_64 -z max-page-size=0x1000
