# SPDX-License-Identifier: BSD-2-Clause
#
# Compiler, linker and their flags. LLVM=1 takes the whole toolchain from
# LLVM; otherwise it is GNU's, with CROSS_COMPILE as its prefix.

machine-x86 := x86_64
machine-arm64 := aarch64
machine := $(machine-$(SRCARCH))
ifneq ($(shell uname -m),$(machine))
CROSS_COMPILE ?= $(machine)-linux-gnu-
endif

ifeq ($(LLVM),1)
CC := clang
LD := ld.lld
NM := llvm-nm
OBJCOPY := llvm-objcopy
HOSTCC ?= clang
else
CC := $(CROSS_COMPILE)gcc
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
HOSTCC ?= gcc
endif

missing-packages := $(shell scripts/install-deps.sh --missing \
	$(if $(filter 1,$(LLVM)),llvm,build)$(arch-suffix) \
	$(if $(filter iso,$(goals)),iso$(arch-suffix)) \
	$(if $(filter unit,$(goals)),test) $(if $(filter fuzz,$(goals)),fuzz))
ifneq ($(missing-packages),)
$(error Debian packages that are missing: $(missing-packages). `make deps` \
installs all that Zirvium needs)
endif

# One line that names the compiler. It is part of every saved command, so that
# a new compiler rebuilds everything.
CC_VERSION := $(shell $(CC) --version 2>/dev/null | head -n 1)
ifeq ($(CC_VERSION),)
$(error The compiler $(CC) does not run)
endif
CC_KIND := $(if $(findstring clang,$(CC_VERSION)),clang,gcc)

include arch/$(SRCARCH)/flags.mk

# Nothing of the host but the compiler's own freestanding headers.
CPPFLAGS := -nostdinc \
	-isystem $(shell $(CC) $(arch-target) -print-file-name=include) \
	-Iinclude -Iarch/$(SRCARCH)/include -I$(BUILD)/include \
	-include $(BUILD)/include/generated/autoconf.h

# No path of this machine may reach the image.
prefix-map := '-ffile-prefix-map=$(CURDIR)=.'

warnings := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes \
	-Wvla -Wundef -Wno-unused-parameter

CFLAGS := -std=gnu11 -O2 -g -ffreestanding $(warnings) \
	-fno-omit-frame-pointer -fno-optimize-sibling-calls \
	-fno-stack-protector -fno-pic -fno-pie -fno-strict-aliasing \
	-fno-asynchronous-unwind-tables -fno-common \
	-ffunction-sections -fdata-sections \
	$(prefix-map) $(arch-target) $(arch-cflags) $(KCFLAGS)

AFLAGS := -D__ASSEMBLY__ -g $(prefix-map) $(arch-target) $(arch-aflags)

LDFLAGS := -nostdlib -static --build-id=none --gc-sections --fatal-warnings \
	-z noexecstack $(arch-ldflags)
