# SPDX-License-Identifier: BSD-2-Clause
#
# How one file is made from others, and when it has to be made again: when a
# prerequisite is newer, or when the command is not the one that made it.
#
# A rule names FORCE as prerequisite and $(call if-changed,<what>) as recipe;
# cmd-<what> is the command. Beside the target it keeps .<target>.d with the
# prerequisites the compiler found and the command that was run.

# Where the options are that a source mentions.
config-dir = $(BUILD)/include/config
config-header = $(autoconf-h)

record = $(@D)/.$(@F).d
compiler-deps = $(@D)/.$(@F).tmp

stale-prerequisites = $(filter-out FORCE,$?)
# Equal lists of words filter each other out to nothing.
as-word = $(subst $(space),$(comma),$(strip $1))
command-changed = $(filter-out $(call as-word,$(saved-command-$@)), \
	$(call as-word,$(cmd-$1) $(CC_VERSION)))

make-quote = $(subst $$,$$$$,$(subst $(hash),\$(hash),$1))

if-changed = $(if $(stale-prerequisites)$(command-changed),@$(call run,$1),@:)

silent := $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS))))
announce = $(if $(filter 1,$(V)),printf '%s\n' $(call \
	shell-quote,$(cmd-$1)),$(if $(silent),:,printf '  %-7s %s\n' \
	$(name-$1) $(@:$(BUILD)/%=%)))

define run
set -e; mkdir -p $(@D); $(announce); $(cmd-$1); \
{ $(if $(with-deps-$1),awk -f scripts/fixdep.awk -v target=$@ \
	-v config=$(config-dir) -v autoconf=$(config-header) \
	$(compiler-deps);) \
printf '%s\n' $(call shell-quote,saved-command-$@ := \
$(call make-quote,$(strip $(cmd-$1)) $(CC_VERSION))); } >$(record).new; \
mv $(record).new $(record)$(if $(with-deps-$1),; rm -f $(compiler-deps))
endef

generated-headers := $(autoconf-h) $(version-h) $(if $(filter \
	y,$(CONFIG_MODULES)),$(module-version-h))

name-cc := CC
with-deps-cc := y
cc-command = $(CC) $(CPPFLAGS) $(CFLAGS) $(flags-$(1:$(BUILD)/%=%)) -c -o $1 $2
cmd-cc = $(call cc-command,$@,$<) -MMD -MF $(compiler-deps)

name-as := AS
with-deps-as := y
cmd-as = $(CC) $(CPPFLAGS) $(AFLAGS) $(flags-$(@:$(BUILD)/%=%)) \
	-MMD -MF $(compiler-deps) -c -o $@ $<

name-lds := LDS
with-deps-lds := y
cmd-lds = $(CC) $(CPPFLAGS) $(arch-target) -E -P -x assembler-with-cpp \
	-D__ASSEMBLY__ -MMD -MF $(compiler-deps) -o $@ $<

$(BUILD)/%.o: %.c FORCE | $(generated-headers)
	$(call if-changed,cc)

$(BUILD)/%.o: %.S FORCE | $(generated-headers)
	$(call if-changed,as)

# From generated sources.
$(BUILD)/%.o: $(BUILD)/%.c FORCE | $(generated-headers)
	$(call if-changed,cc)

$(BUILD)/%.o: $(BUILD)/%.S FORCE | $(generated-headers)
	$(call if-changed,as)

name-version := GEN
cmd-version = printf '$(hash)define %s "%s"\n' ZIRVIUM_VERSION '$(VERSION)' \
	ZIRVIUM_COMPILER '$(CC_VERSION)' >$@

$(version-h): FORCE
	$(call if-changed,version)

# What a module relies on: the headers, the options, the compiler. A module
# made with others of these is refused.
module-abi := $(if $(filter y,$(CONFIG_MODULES)),$(sort $(shell find include \
	arch/$(SRCARCH)/include -name '*.h')))

name-moduleversion := GEN
cmd-moduleversion = printf '$(hash)define MODULE_VERSION "%s %.16s"\n' \
	'$(VERSION)' "$$({ cat $(autoconf-h) $(module-abi); printf '%s\n' \
	$(call shell-quote,$(CC_VERSION) $(filter-out \
	$(prefix-map),$(CFLAGS))); } | sha256sum)" >$@

$(module-version-h): $(autoconf-h) $(module-abi) FORCE
	$(call if-changed,moduleversion)
