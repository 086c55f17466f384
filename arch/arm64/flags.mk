# SPDX-License-Identifier: BSD-2-Clause
#
# What AArch64 needs: code that only counts on ARMv8.0, and leaves the vector
# and floating-point registers alone, because they are not saved.

arch-target-clang := --target=aarch64-linux-gnu
arch-target := $(arch-target-$(CC_KIND))

arch-cflags := -march=armv8-a -mcmodel=small -mgeneral-regs-only \
	-mno-outline-atomics -mbranch-protection=none \
	-mno-omit-leaf-frame-pointer
arch-aflags := -march=armv8-a

# Code that a Cortex-A53 gets wrong is not made (erratum 843419). Each place
# gets a veneer, also where ADR would reach: what is where in the text must not
# depend on where the data is, which only the second link knows.
# LLVM's linker has no other kind.
arch-erratum := --fix-cortex-a53-843419$(if $(filter 1,$(LLVM)),,=adrp)
arch-ldflags := -m aarch64elf -z max-page-size=0x1000 $(arch-erratum)

# What boot loaders and firmware take.
boot-image := $(BUILD)/Image
