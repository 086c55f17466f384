# SPDX-License-Identifier: BSD-2-Clause
#
# Zirvium's build. There is one make process and no recursion: the fragments
# named `Makefile` in the source directories are included from here and say
# only what they build:
#
#	obj-y += foo.o			from foo.c or foo.S
#	obj-$(CONFIG_BAR) += bar.o	if the option is set
#	obj-y += subdir/		go on with subdir/Makefile
#	obj-$(CONFIG_BAR) += bar.ko	a module, built in for y, a file for m
#	bar.ko := a.o b.o		what it is made of, if not of bar.o
#	CFLAGS_foo.o := -fno-builtin	more flags for one object
#
# `make help` lists the targets and variables.

VERSION := 0.1.0

MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

comma := ,
empty :=
space := $(empty) $(empty)
hash := \#
squote := '

ifeq ($(V),1)
Q :=
else
Q := @
endif

# ARCH is what users type; SRCARCH is the directory under arch/ and build/.
ARCH ?= x86
SRCARCH := $(patsubst x86_64,x86,$(ARCH))
ifeq ($(filter $(SRCARCH),x86 arm64),)
$(error ARCH=$(ARCH) is unknown: ARCH is x86 or arm64)
endif
BUILD := build/$(SRCARCH)
export ARCH SRCARCH
# What is named after the architecture, unless it is x86's.
arch-suffix := $(patsubst %,-%,$(filter-out x86,$(SRCARCH)))

KCONFIG_CONFIG ?= .config$(arch-suffix)
export KCONFIG_CONFIG

PYTHON ?= /usr/bin/python3
# Debian's Kconfiglib is visible to Debian's Python only, not to one that the
# user may have earlier in PATH.
KCONFIG_PYTHON ?= /usr/bin/python3
export PYTHON KCONFIG_PYTHON

kernel := $(BUILD)/zirvium.elf
iso := $(BUILD)/zirvium.iso
run-iso := $(BUILD)/run.iso
check-build := build/check$(arch-suffix)
check-config := $(check-build)/config

shell-quote = '$(subst $(squote),'\'',$1)'

# Which goals need what: configuration targets change .config, so they cannot
# share a run with targets that read it.
config-goals := menuconfig defconfig olddefconfig savedefconfig allnoconfig \
	allyesconfig %_defconfig
outer-goals := run test lab check deps
lone-goals := $(config-goals) $(outer-goals) help clean mrproper

goals := $(or $(MAKECMDGOALS),all)
lone := $(filter $(lone-goals),$(goals))

ifneq ($(and $(lone),$(word 2,$(goals))),)
# Several goals, some of which must be alone: one after another.
.PHONY: $(goals) one-by-one
$(goals): one-by-one ; @:
one-by-one:
	+$(Q)set -e; for goal in $(goals); do $(MAKE) $$goal; done
else ifneq ($(lone),)
include scripts/make/goals.mk
else
include scripts/make/toolchain.mk
include scripts/make/config.mk
include scripts/make/rules.mk
include scripts/make/kernel.mk
include scripts/make/tools.mk
ifneq ($(filter unit build/unit/%,$(goals)),)
include scripts/make/unit.mk
endif
ifneq ($(filter fuzz build/fuzz/%,$(goals)),)
include scripts/make/fuzz.mk
endif
ifneq ($(filter check-% format,$(goals)),)
include scripts/make/check.mk
endif
endif

.PHONY: FORCE
FORCE:
