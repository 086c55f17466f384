/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an initrd. */
#include <kernel/initrd.h>
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct cpio_reader reader = { .bytes = data, .size = size };
	struct cpio_entry entry;

	while (cpio_next(&reader, &entry) > 0) {
		if (strnlen(entry.name, CPIO_NAME_MAX) == CPIO_NAME_MAX)
			abort();
		for (size_t i = 0; i < entry.size; i++)
			fuzz_sum += entry.data[i];
	}
	cpio_find(data, size, "modules/a.ko", &entry);
	return 0;
}
