/* SPDX-License-Identifier: BSD-2-Clause */
/* What the boot protocols' adapters have in common. */
#include <abi/e820.h>
#include <asm/boot.h>

void boot_add_e820(struct boot_info *bi, u64 start, u64 size, u32 type)
{
	enum memmap_type t = MEMMAP_RESERVED;

	switch (type) {
	case E820_RAM: t = MEMMAP_RAM; break;
	case E820_ACPI: t = MEMMAP_ACPI_RECLAIM; break;
	case E820_NVS: t = MEMMAP_ACPI_NVS; break;
	case E820_UNUSABLE: t = MEMMAP_UNUSABLE; break;
	case E820_PERSISTENT: t = MEMMAP_PERSISTENT; break;
	default: break;
	}
	memmap_add(&bi->memmap, start, size, t);
}
