/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/bios_area.h>
#include <kernel/mm/map.h>
#include <kernel/string.h>

#define SAMPLE_STRIDE 4096U
#define SAMPLE_EMPTY  0xffffffffU

/* memcpy, not a cast: it is what the alignment rules allow. */
static u32 sample(const u8 *p)
{
	u32 value;

	memcpy(&value, p, sizeof(value));
	return value;
}

static bool answers(const u8 *area, size_t size)
{
	for (size_t at = 0; at < size; at += SAMPLE_STRIDE)
		if (sample(area + at) != SAMPLE_EMPTY)
			return true;
	/* The last bytes below 1 MiB are the BIOS's reset vector. */
	return sample(area + size - 16) != SAMPLE_EMPTY;
}

const u8 *bios_area_map(phys_addr_t start, size_t size)
{
	const u8 *area;

	if (!IS_ENABLED(CONFIG_HAS_BIOS_AREA))
		return NULL;
	area = memremap(start, size, MEMORY_WB);
	return area && answers(area, size) ? area : NULL;
}
