# SPDX-License-Identifier: BSD-2-Clause
#
# Modules (obj-m): relocatable objects, in an archive that the loader puts into
# memory beside the kernel; and what the kernel exports to them, which is what
# they use of it.

module-files := $(addprefix $(BUILD)/modules/,$(modules))
module-lds := $(BUILD)/module.lds
# Says which kernel a module is for. In every module, and in no kernel.
module-version := $(BUILD)/kernel/module/version.o

name-moduleld := LD
cmd-moduleld = $(LD) -r $(arch-ldflags) -T $(module-lds) -o $@ \
	$(filter %.o,$^) && $(OBJCOPY) --strip-debug --strip-unneeded $@

$(module-lds): kernel/module/module.lds.S FORCE | $(generated-headers)
	$(call if-changed,lds)

define module-rule
$(BUILD)/modules/$1: $(addprefix $(BUILD)/,$(module-$1)) $(module-version) \
		$(module-lds) FORCE
	$$(call if-changed,moduleld)

endef
$(foreach m,$(modules),$(eval $(call module-rule,$m)))

name-exports := EXPORTS
cmd-exports = $(PYTHON) scripts/modules.py $@ $(NM) $(module-files)

$(BUILD)/exports.S: $(module-files) scripts/modules.py FORCE
	$(call if-changed,exports)

name-automatic := AUTOMATIC
cmd-automatic = $(PYTHON) scripts/modules.py --automatic $@ $(module-files)

$(BUILD)/modules/automatic: $(module-files) scripts/modules.py FORCE
	$(call if-changed,automatic)

# The same files give the same bytes.
name-initrd := INITRD
cmd-initrd = $(PYTHON) scripts/initrd.py $@ \
	$(foreach m,$(modules) automatic,modules/$m=$(BUILD)/modules/$m)

$(BUILD)/initrd.cpio: $(module-files) $(BUILD)/modules/automatic \
		scripts/initrd.py FORCE
	$(call if-changed,initrd)

initrd := $(if $(modules),$(BUILD)/initrd.cpio)
all: $(initrd)

targets += $(module-files) $(module-lds) $(module-version) $(module-version-h) \
	$(addprefix $(BUILD)/,exports.S exports.o initrd.cpio modules/automatic)
