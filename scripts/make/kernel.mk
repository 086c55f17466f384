# SPDX-License-Identifier: BSD-2-Clause
#
# What the kernel is made of, and how it is linked.

.PHONY: all
all: $(kernel) $(boot-image)

# visit DIR/: include its fragment, then take its entries in their order.
visit = $(if $(wildcard $1Makefile),$(call visit-fragment,$1),$(eval \
	absent-fragments += $1Makefile))
visit-fragment = $(eval obj-y :=)$(eval obj-m :=)$(eval include \
	$1Makefile)$(call take-flags,$1,$(foreach e,$(obj-y) $(obj-m),$(call \
	parts,$e)))$(call take-modules,$1,$(obj-m))$(call take,$1,$(obj-y))
# What a module is made of; "/x.o" is no file of the fragment's directory.
parts = $(if $(filter %.ko,$1),$(or $($1),$(1:.ko=.o)),$1)
paths = $(foreach o,$2,$(if $(filter /%,$o),$(o:/%=%),$1$o))
take-flags = $(foreach o,$2,$(if $(CFLAGS_$o),$(eval \
	flags-$1$o := $$(CFLAGS_$o))$(eval undefine CFLAGS_$o)))
take = $(foreach e,$2,$(if $(filter %/,$e),$(call visit,$1$e),$(eval \
	objects += $(call paths,$1,$(call parts,$e)))))
take-modules = $(foreach e,$2,$(if $(filter %.ko,$e),,$(error $1Makefile: \
	obj-m += $e: a module is called <name>.ko))$(eval modules += \
	$e)$(eval module-$e := $(call paths,$1,$(call parts,$e))))

objects :=
modules :=
absent-fragments :=
$(foreach dir,arch/$(SRCARCH)/ kernel/ drivers/,$(call visit,$(dir)))

# Names of PCI devices, from another.
ifeq ($(CONFIG_PCI_NAMES),y)
objects += pci_names.o
endif

ifeq ($(CONFIG_MODULES),y)
objects += exports.o
endif

kernel-objects := $(addprefix $(BUILD)/,$(objects))
module-objects := $(sort $(foreach m,$(modules),$(addprefix \
	$(BUILD)/,$(module-$m))))
lds := $(BUILD)/kernel.lds

# The console font, from a Debian package.
name-font := FONT
cmd-font = $(PYTHON) scripts/font.py $@

$(BUILD)/font.c: scripts/font.py FORCE
	$(call if-changed,font)

name-pciids := PCIIDS
cmd-pciids = $(PYTHON) scripts/pciids.py $@

$(BUILD)/pci_names.c: scripts/pciids.py FORCE
	$(call if-changed,pciids)

$(lds): arch/$(SRCARCH)/kernel.lds.S FORCE | $(generated-headers)
	$(call if-changed,lds)

# The symbol table is made from a first link and put into a second one. It
# follows the text in the image, so the text of both is at the same addresses;
# the second link proves it by making the same table again.
name-ld := LD
cmd-ld = $(LD) $(LDFLAGS) -T $(lds) -o $@ \
	$(filter %.o,$^)

name-ldsym := LD
cmd-ldsym = $(cmd-ld) && $(NM) -n $@ | $(symbols) | cmp -s - \
	$(BUILD)/symbols.S || { rm -f $@; echo "error: the symbol table" \
	"moved the text it describes: see $(lds)" >&2; exit 1; }

symbols := $(PYTHON) scripts/symbols.py

name-symbols := SYMBOLS
cmd-symbols = $(NM) -n $(filter %.elf,$^) | $(symbols) >$@

name-nosymbols := SYMBOLS
cmd-nosymbols = $(symbols) </dev/null >$@

$(BUILD)/no-symbols.S: scripts/symbols.py FORCE
	$(call if-changed,nosymbols)

$(BUILD)/symbols.S: $(BUILD)/zirvium.first.elf scripts/symbols.py FORCE
	$(call if-changed,symbols)

$(BUILD)/zirvium.first.elf: $(lds) $(kernel-objects) $(BUILD)/no-symbols.o FORCE
	$(if $(absent-fragments),$(error These do not exist, but the Makefile \
		above them lists their directory: $(absent-fragments)))
	$(call if-changed,ld)

$(BUILD)/zirvium.debug.elf: $(lds) $(kernel-objects) $(BUILD)/symbols.o FORCE
	$(call if-changed,ldsym)

name-strip := STRIP
cmd-strip = $(OBJCOPY) --strip-all $< $@

$(kernel): $(BUILD)/zirvium.debug.elf FORCE
	$(call if-changed,strip)

# What boot loaders of some architectures take: the bytes as in memory.
name-binary := BINARY
cmd-binary = $(OBJCOPY) -O binary $< $@

$(boot-image): $(kernel) FORCE
	$(call if-changed,binary)

# What each file was made from the last time.
targets := $(kernel-objects) $(module-objects) $(lds) $(version-h) $(kernel) \
	$(boot-image) $(addprefix \
	$(BUILD)/,font.c pci_names.c symbols.S symbols.o no-symbols.S no-symbols.o \
	zirvium.first.elf zirvium.debug.elf)
include scripts/make/modules.mk

records = $(foreach t,$1,$(dir $t).$(notdir $t).d)
-include $(wildcard $(call records,$(targets)))
