# SPDX-License-Identifier: BSD-2-Clause
#
# Goals that run alone, before there is a configuration or a compiler.

.PHONY: $(MAKECMDGOALS)

$(filter $(config-goals),$(MAKECMDGOALS)):
	$(Q)$(KCONFIG_PYTHON) scripts/kconfig.py $@

clean:
	$(Q)rm -rf build compile_commands.json

mrproper: clean
	$(Q)rm -rf $(KCONFIG_CONFIG) defconfig .pytest_cache
