# SPDX-License-Identifier: BSD-2-Clause
#
# `make fuzz`: feed the parsers of what comes from outside, with libFuzzer.

fuzz-build := build/fuzz

include tests/fuzz/Makefile

fuzz-names := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort \
	$(wildcard tests/fuzz/fuzz_*.c)))
fuzz-wanted := $(or $(FUZZ),$(fuzz-names))
fuzz-sources := $(sort $(fuzz-library) $(foreach n,$(fuzz-names),$(fuzz-$n)))

FUZZ_SANITIZERS := address,undefined
FUZZ_CFLAGS := -std=gnu11 -O1 -g -fno-pie -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link$(comma)$(FUZZ_SANITIZERS) \
	-fno-sanitize-recover=all -Wall -Wextra -Werror -Wno-unused-parameter
FUZZ_CPPFLAGS := -Iinclude -Itests/unit -Itests/unit/include \
	-include tests/unit/include/host_names.h \
	-include $(fuzz-build)/include/generated/autoconf.h

fuzz-auto-conf := $(fuzz-build)/include/config/auto.conf
fuzz-lds := $(fuzz-build)/tables.lds

$(fuzz-build)/%: config-dir := $(fuzz-build)/include/config
$(fuzz-build)/%: config-header := $(fuzz-build)/include/generated/autoconf.h

$(fuzz-auto-conf): $(kconfig-files) scripts/kconfig.py
	@export KCONFIG_CONFIG=$(fuzz-build)/config; \
	$(KCONFIG_PYTHON) scripts/kconfig.py --quiet allyesconfig && \
	$(KCONFIG_PYTHON) scripts/kconfig.py sync $(fuzz-build)/include

name-fuzzcc := FUZZCC
with-deps-fuzzcc := y
cmd-fuzzcc = clang $(FUZZ_CFLAGS) $(FUZZ_CPPFLAGS) -fno-builtin \
	$(if $(filter tests/%,$<),,-ffreestanding) -MMD \
	-MF $(compiler-deps) -c -o $@ $<

$(fuzz-build)/%.o: %.c FORCE | $(fuzz-auto-conf)
	$(call if-changed,fuzzcc)

name-fuzzlds := LDS
with-deps-fuzzlds := y
cmd-fuzzlds = clang -E -P -x assembler-with-cpp -MMD \
	-MF $(compiler-deps) -o $@ $<

$(fuzz-lds): tests/unit/tables.lds.S FORCE
	$(call if-changed,fuzzlds)

name-fuzzld := FUZZLD
cmd-fuzzld = clang -no-pie -fsanitize=fuzzer$(comma)$(FUZZ_SANITIZERS) \
	-Wl$(comma)-T$(comma)$(fuzz-lds) -o $@ $(filter %.o,$^)

define fuzz-program
$(fuzz-build)/fuzz_$1: $(fuzz-build)/tests/fuzz/fuzz_$1.o \
	$(patsubst %.c,$(fuzz-build)/%.o,$(sort $(fuzz-$1) $(fuzz-library))) \
	$(fuzz-lds) FORCE
	$$(call if-changed,fuzzld)

endef
$(foreach n,$(fuzz-names),$(eval $(call fuzz-program,$n)))

.PHONY: fuzz
fuzz: $(fuzz-wanted:%=$(fuzz-build)/fuzz_%)
	@$(PYTHON) tests/fuzz/run.py $(fuzz-build) \
		$(if $(FUZZ_SECONDS),--seconds $(FUZZ_SECONDS)) \
		$(foreach n,$(fuzz-wanted),$n=$(or $(fuzz-floor-$n),none))

-include $(wildcard $(call records,$(fuzz-lds) \
	$(fuzz-names:%=$(fuzz-build)/fuzz_%) \
	$(fuzz-names:%=$(fuzz-build)/tests/fuzz/fuzz_%.o) \
	$(patsubst %.c,$(fuzz-build)/%.o,$(fuzz-sources))))
