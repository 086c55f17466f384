/* SPDX-License-Identifier: BSD-2-Clause */
/* A PC without ACPI learns of pvpanic's port from fw_cfg. */
#include <drivers/fw_cfg.h>
#include <drivers/platform.h>
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/vsprintf.h>
#include "pvpanic.h"

static int pvpanic_find(void)
{
	struct platform_device found = {
		.id = PVPANIC_HID,
		.line = -ENOENT,
		.ports = 1,
	};
	struct fw_cfg_file file;
	le16 port;

	if (!acpi_init(boot_info.rsdp) ||
	    fw_cfg_find(FW_CFG_FILE_PVPANIC_PORT, &file) ||
	    fw_cfg_read(&file, 0, &port, sizeof(port)) != sizeof(port))
		return 0;
	found.port = le16_to_cpu(port);
	if (!found.port)
		return 0;
	snprintf(found.dev.name, sizeof(found.dev.name), "%x.%s", found.port,
		 found.id);
	return platform_add(&found);
}
initcall(INIT_BUS, pvpanic_find);
