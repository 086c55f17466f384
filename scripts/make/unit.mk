# SPDX-License-Identifier: BSD-2-Clause
#
# `make unit`: build and run the host tests, all or those in UNIT=.

unit-build := build/unit

include tests/unit/Makefile

# By name: tests/unit/test_<name>.c, or one of a device that lies.
unit-tests := $(wildcard tests/unit/test_*.c tests/hostile/test_*.c)
unit-names := $(sort $(patsubst test_%.c,%,$(notdir $(unit-tests))))
unit-object = $(patsubst %.c,$(unit-build)/%.o,$(filter %/test_$1.c,$(unit-tests)))
unit-wanted := $(or $(UNIT),$(unit-names))
unit-sources := $(unit-library) $(foreach n,$(unit-names),$(unit-$n))

HOST_SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all
# Without -fpie the linker tables need not be writable.
HOST_CFLAGS := -std=gnu11 -O1 -g -fno-pie -fno-omit-frame-pointer $(HOST_SANITIZERS) \
	-Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-Wno-unused-parameter
# The kernel's sources are freestanding; they and the tests see the kernel's world.
UNIT_CPPFLAGS := -Iinclude -Itests/unit -Itests/unit/include \
	-include tests/unit/include/host_names.h \
	-include $(unit-build)/include/generated/autoconf.h

# Tests do not depend on what the user has configured: everything is on.
unit-auto-conf := $(unit-build)/include/config/auto.conf
unit-lds := $(unit-build)/tables.lds

$(unit-build)/%: config-dir := $(unit-build)/include/config
$(unit-build)/%: config-header := $(unit-build)/include/generated/autoconf.h

$(unit-auto-conf): $(kconfig-files) scripts/kconfig.py
	@export KCONFIG_CONFIG=$(unit-build)/config; \
	$(KCONFIG_PYTHON) scripts/kconfig.py --quiet allyesconfig && \
	$(KCONFIG_PYTHON) scripts/kconfig.py sync $(unit-build)/include

unit-cflags = $(UNIT_CPPFLAGS) -fno-builtin \
	$(if $(filter tests/%,$<),,-ffreestanding)
$(unit-build)/tests/unit/unit.o: unit-cflags :=

name-hostcc := HOSTCC
with-deps-hostcc := y
cmd-hostcc = $(HOSTCC) $(HOST_CFLAGS) $(unit-cflags) -MMD -MF $(compiler-deps) -c -o $@ $<

$(unit-build)/%.o: %.c FORCE | $(unit-auto-conf)
	$(call if-changed,hostcc)

name-hostlds := LDS
with-deps-hostlds := y
cmd-hostlds = $(HOSTCC) -E -P -x assembler-with-cpp -MMD \
	-MF $(compiler-deps) -o $@ $<

$(unit-lds): tests/unit/tables.lds.S FORCE
	$(call if-changed,hostlds)

name-hostar := AR
cmd-hostar = rm -f $@ && ar rcsD $@ $(filter %.o,$^)

unit-objects = $(patsubst %.c,$(unit-build)/%.o,$(wildcard $1))

$(unit-build)/library.a: $(call unit-objects,$(unit-library)) FORCE
	$(call if-changed,hostar)

name-hostld := HOSTLD
cmd-hostld = $(HOSTCC) -no-pie -pthread $(HOST_SANITIZERS) -Wl,-T,$(unit-lds) -o $@ \
	$(filter %.o %.a,$^)

# In every test, wanted or not.
unit-always := $(call unit-objects,$(wildcard tests/unit/live_modules.c))
unit-runner := $(unit-build)/tests/unit/unit.o $(unit-always) \
	$(unit-build)/library.a $(unit-lds)

define unit-program
$(unit-build)/test_$1: $(call unit-object,$1) \
	$(patsubst %.c,$(unit-build)/%.o,$(unit-$1)) $(unit-runner) FORCE
	$$(call if-changed,hostld)

endef
$(foreach n,$(unit-names),$(eval $(call unit-program,$n)))

$(unit-build)/prove_failure: $(unit-build)/tests/unit/prove_failure.o \
		$(unit-runner) FORCE
	$(call if-changed,hostld)

.PHONY: unit
unit: $(unit-wanted:%=$(unit-build)/test_%) $(unit-build)/prove_failure
	@tests/unit/run.sh $(unit-build)/prove_failure \
		$(unit-wanted:%=$(unit-build)/test_%)

-include $(wildcard $(call records,$(unit-lds) \
	$(addprefix $(unit-build)/,library.a prove_failure) \
	$(unit-names:%=$(unit-build)/test_%) \
	$(unit-build)/tests/unit/unit.o \
	$(unit-always) \
	$(unit-build)/tests/unit/prove_failure.o \
	$(patsubst %.c,$(unit-build)/%.o,$(unit-tests)) \
	$(patsubst %.c,$(unit-build)/%.o,$(unit-sources))))
