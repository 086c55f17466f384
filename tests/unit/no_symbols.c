/* SPDX-License-Identifier: BSD-2-Clause */
/* For %pS in tests: no address has a name. */
#include <kernel/symbols.h>

const char *symbol_lookup(uintptr_t addr, size_t *offset, size_t *size)
{
	(void)addr;
	(void)offset;
	(void)size;
	return NULL;
}
