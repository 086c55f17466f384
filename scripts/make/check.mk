# SPDX-License-Identifier: BSD-2-Clause
#
# `make check`: each tool prints one line, and what it found if it found
# something. Here BUILD and .config are the checks' own, with all options on.
#
# Analysers of single files keep their findings in a file beside the object,
# which is newer than everything the source includes: what has not changed is
# not analysed again.

check-tools := format tidy cppcheck sparse rules kconfig virtio lab contracts shell \
	clang allnoconfig other

.PHONY: check-all $(check-tools:%=check-%)
check-all: $(check-tools:%=check-%)

# Linker scripts have the C preprocessor's name for headers but are not C.
c-files := $(sort $(shell find arch include kernel drivers tests \
	-name '*.[ch]' ! -name '*.lds.h'))
shell-files := $(shell find scripts tests .ci -type f -exec awk \
	'FNR == 1 && /^\#!.*\/(ba)?sh$$/ { print FILENAME }' {} +)

# $(call verdict,TOOL,COMMAND): the command's output is its findings.
verdict = @if found=$$({ $2; } 2>&1) && [ -z "$$found" ]; then \
	printf '  %-13s ok\n' '$1'; else printf '%s\n  %-13s FAILED\n' \
	"$$found" '$1'; exit 1; fi

.PHONY: format
format:
	@clang-format -i $(c-files)

check-format:
	$(call verdict,clang-format,clang-format --dry-run --Werror $(c-files) \
		2>&1 | sed -n '/: error:/p')

findings = $(c-objects:%.o=%.$1)

# Only findings are of interest, not how many others were suppressed.
$(BUILD)/%.tidy: %.c $(BUILD)/%.o .clang-tidy
	@clang-tidy --quiet $< -- $(arch-target-clang) $(CPPFLAGS) $(filter-out \
		-Werror,$(CFLAGS)) >$@ 2>$@.err || cat $@.err >>$@
	@rm $@.err

check-tidy: $(call findings,tidy)
	$(call verdict,clang-tidy,cat $^)

$(BUILD)/%.sparse: %.c $(BUILD)/%.o
	@sparse $(CPPFLAGS) $(CFLAGS) -Wbitwise -Wno-cast-truncate \
		-Wno-declaration-after-statement $< >$@ 2>&1 || :

check-sparse: $(call findings,sparse)
	$(call verdict,sparse,cat $^)

# It cannot follow IS_ENABLED(), does not know that the two ends of a linker
# table are one object's, takes a pointer to a result for a use of it, and finds
# tests of memcmp() pointless.
check-cppcheck: $(generated-headers)
	@mkdir -p $(BUILD)/cppcheck
	$(call verdict,cppcheck,cppcheck --quiet --std=c11 --platform=unix64 \
		--enable=warning$(comma)performance$(comma)portability \
		--inline-suppr --suppress=missingIncludeSystem \
		--suppress=preprocessorErrorDirective \
		--suppress=comparePointers --suppress=ctuuninitvar \
		--suppress=staticStringCompare \
		--cppcheck-build-dir=$(BUILD)/cppcheck -Iinclude \
		-Iarch/$(SRCARCH)/include -I$(BUILD)/include --include=$(autoconf-h) \
		--template=gcc --error-exitcode=1 \
		$(c-objects:$(BUILD)/%.o=%.c))

check-rules:
	$(call verdict,rules,$(PYTHON) scripts/check-rules.py)

# Each section of virtio with requirements for drivers has a test.
check-virtio:
	$(call verdict,virtio,$(PYTHON) scripts/check-virtio-spec.py)

# README says of the lab what its results say.
check-lab:
	$(call verdict,lab,$(PYTHON) scripts/what-works.py --check)

# docs/hypervisors says who keeps which contract as the code does.
check-contracts:
	$(call verdict,contracts,$(PYTHON) scripts/contracts-table.py --check)

check-kconfig:
	$(call verdict,kconfig,$(KCONFIG_PYTHON) scripts/check-kconfig.py)

check-shell:
	$(call verdict,shellcheck,shellcheck $(shell-files))

# The other compiler, and the least of all configurations.
check-clang:
	+$(call verdict,clang,$(MAKE) -s LLVM=1 BUILD=$(BUILD)/clang all)

no-config := $(BUILD)/allnoconfig/config
check-allnoconfig:
	@KCONFIG_CONFIG=$(no-config) $(KCONFIG_PYTHON) scripts/kconfig.py \
		--quiet allnoconfig
	+$(call verdict,allnoconfig,$(MAKE) -s BUILD=$(BUILD)/allnoconfig \
		KCONFIG_CONFIG=$(no-config) all)

# The other architecture, with all options on, by both compilers: `make check
# ARCH=arm64` has the analysers look at it as well.
other-arch := $(if $(filter x86,$(SRCARCH)),arm64,x86)
other-build := $(BUILD)/$(other-arch)
other-config := $(other-build)/config
make-other = $(MAKE) -s ARCH=$(other-arch) BUILD=$(other-build)$1 \
	KCONFIG_CONFIG=$(other-config) $2 all

check-other:
	@SRCARCH=$(other-arch) KCONFIG_CONFIG=$(other-config) \
		$(KCONFIG_PYTHON) scripts/kconfig.py --quiet allyesconfig
	+$(call verdict,$(other-arch),$(call make-other) && $(call \
		make-other,/clang,LLVM=1))
