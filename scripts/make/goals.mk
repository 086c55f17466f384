# SPDX-License-Identifier: BSD-2-Clause
#
# Goals that run alone. They configure, or they install what is missing and
# then start the build proper, so nothing here may need a compiler.

.PHONY: $(MAKECMDGOALS)

# As many jobs as there are processors, unless the user said how many.
sub-make = $(MAKE) $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell \
	nproc))
deps := @scripts/install-deps.sh

$(filter $(config-goals),$(MAKECMDGOALS)):
	$(Q)$(KCONFIG_PYTHON) scripts/kconfig.py $@

deps:
	$(deps) all

run:
	$(deps) $(addsuffix $(arch-suffix),$(if $(filter 1,$(LLVM)),llvm,build) \
		iso run)
	+$(Q)$(sub-make) $(run-iso)
	$(Q)python3 scripts/run.py --arch $(SRCARCH) --iso $(run-iso) \
		--kernel $(if $(arch-suffix),$(BUILD)/Image,$(kernel)) \
		--initrd $(BUILD)/initrd.cpio \
		--append=$(call shell-quote,$(or $(APPEND),selftest=all)) \
		$(if $(ACCEL),--accel '$(ACCEL)') $(if $(SMP),--smp '$(SMP)') \
		$(if $(MEM),--mem '$(MEM)') $(if $(filter 1,$(UEFI)),--uefi) \
		$(if $(filter 1,$(V)),--verbose) \
		--qemu-extra=$(call shell-quote,$(QEMU_EXTRA))

# All there is, for both architectures, whichever ARCH names.
for-x86 := $(if $(arch-suffix),ARCH=x86 KCONFIG_CONFIG=.config)

test:
	$(deps) build iso run build-arm64 iso-arm64 run-arm64 test fuzz
	+$(Q)$(for-x86) SRCARCH=x86 scripts/test.sh $(sub-make) $(for-x86)

# Real hypervisors. What the lab itself needs it downloads below build/.
lab:
	$(deps) build iso run build-arm64 run-arm64 test
	+$(Q)$(sub-make) $(for-x86) iso
	+$(Q)$(sub-make) ARCH=arm64 KCONFIG_CONFIG=.config-arm64 all
	$(Q)scripts/suite.sh tests/lab --lab-results=build/lab/results.json \
		$(if $(LAB),-k '$(LAB)')

# Everything is checked with all options on, whatever is configured.
check:
	$(deps) build build-arm64 llvm check
	$(Q)KCONFIG_CONFIG=$(check-config) $(KCONFIG_PYTHON) \
		scripts/kconfig.py --quiet allyesconfig
	+$(Q)$(sub-make) -s --keep-going --output-sync=target check-all \
		BUILD=$(check-build) KCONFIG_CONFIG=$(check-config)
	@echo 'check: all is well'

clean:
	$(Q)rm -rf build compile_commands.json

mrproper: clean
	$(Q)rm -rf $(KCONFIG_CONFIG) $(KCONFIG_CONFIG).old defconfig \
		.pytest_cache
	$(Q)find scripts tests -name __pycache__ -prune -exec rm -rf {} +

help:
	@cat scripts/make/help.txt
