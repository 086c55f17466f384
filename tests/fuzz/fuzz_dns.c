/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a name server's answer. */
#include "../../kernel/net/dns_message.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 address = 0;

	if (!dns_read_answer(data, size, 0x1234, "www.example.com", &address))
		fuzz_sum += address;
	return 0;
}
