# SPDX-License-Identifier: BSD-2-Clause
#
# The configuration. .config is what people edit; scripts/kconfig.py makes of
# it auto.conf for make, autoconf.h for C, and under include/config/ one stamp
# for each option, touched when the option changes.

auto-conf := $(BUILD)/include/config/auto.conf
autoconf-h := $(BUILD)/include/generated/autoconf.h
version-h := $(BUILD)/include/generated/version.h
module-version-h := $(BUILD)/include/generated/module_version.h

# A missing configuration is made, and make starts over.
include $(auto-conf)
# The Kconfig files auto.conf was made from.
-include $(auto-conf).d

$(KCONFIG_CONFIG):
	@echo "No $(KCONFIG_CONFIG) yet: using the default configuration."
	@$(KCONFIG_PYTHON) scripts/kconfig.py --quiet defconfig

$(auto-conf): $(KCONFIG_CONFIG) scripts/kconfig.py
	@$(KCONFIG_PYTHON) scripts/kconfig.py sync $(BUILD)/include

$(autoconf-h): $(auto-conf)
	@[ -e $@ ] || $(KCONFIG_PYTHON) scripts/kconfig.py sync $(BUILD)/include
