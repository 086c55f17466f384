# SPDX-License-Identifier: BSD-2-Clause
#
# What is made of the kernel and beside it: images, and the list of compile
# commands that editors and analysers read.

GRUB_TIMEOUT ?= 2

mkiso := scripts/mkiso$(arch-suffix).sh
iso-kernel := $(or $(boot-image),$(kernel))

name-iso := ISO
cmd-iso = $(mkiso) $(iso-kernel) $@ --timeout $(GRUB_TIMEOUT) \
	$(if $(initrd),--initrd $(initrd)) --append \
	$(call shell-quote,$(iso-append))

.PHONY: iso
iso: $(iso)

# The same with the words of APPEND= on the kernel's command line.
$(run-iso): iso-append := $(APPEND)

$(iso) $(run-iso): $(iso-kernel) $(initrd) $(mkiso) FORCE
	$(call if-changed,iso)

-include $(wildcard $(call records,$(iso) $(run-iso)))

# What a boot costs: see docs/benchmarks.md.
.PHONY: bench-boot
bench-boot: $(kernel) $(iso)
	$(Q)$(PYTHON) scripts/bench-boot.py

# What the kernel's services cost, with 1 to 8 CPUs: the same page.
.PHONY: bench-core
bench-core: $(kernel)
	$(Q)$(PYTHON) scripts/bench-core.py

# Requests to a disk, with 1 to 4 queues: the same page.
.PHONY: bench-blk
bench-blk: $(kernel)
	$(Q)$(PYTHON) scripts/bench-blk.py

json-escape = $(subst ",\",$(subst \,\\,$1))
c-objects = $(foreach o,$(kernel-objects) $(module-objects),$(if $(wildcard \
	$(o:$(BUILD)/%.o=%.c)),$o))

# $(call json-entry,SOURCE,OBJECT)
define json-entry
{"directory": "$(CURDIR)", "file": "$1",
 "command": "$(call json-escape,$(call cc-command,$2,$1))"},

endef

compile_commands.json: $(generated-headers) FORCE
	@: $(file >$@.new,[$(foreach o,$(c-objects),$(call \
	json-entry,$(o:$(BUILD)/%.o=%.c),$o)))
	@sed -i '$$s/,$$/]/' $@.new; if cmp -s $@.new $@; then rm $@.new; else \
		echo '  GEN     $@'; mv $@.new $@; fi
