/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as SMBIOS structures, and as all of the BIOS's area. */
#include <kernel/smbios.h>
#include "fuzz.h"

#define AREA 0xf0000

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	(void)type;
	return fuzz_map(phys, size);
}

static void check(const char *text)
{
	if (strnlen(text, SMBIOS_STRING_MAX) == SMBIOS_STRING_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct smbios_info info;

	smbios_parse(data, size, &info);
	check(info.bios_vendor);
	check(info.system_product);
	check(info.board_product);
	fuzz_memory(AREA, data, size);
	smbios_read(0, &info);
	check(info.bios_vendor);
	/* The same, by way of a system table at its beginning. */
	smbios_read(AREA, &info);
	check(info.bios_vendor);
	fuzz_unmap_all();
	return 0;
}
