/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtqueue, split or packed, whose device does what the input says. */
#include "../hostile/chaos.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	chaos_run(data, size);
	return 0;
}
