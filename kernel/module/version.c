/* SPDX-License-Identifier: BSD-2-Clause */
/* In every module: which kernel it works with. */
#include <generated/module_version.h>
#include <kernel/modinfo.h>

MODINFO(version, MODULE_VERSION);
