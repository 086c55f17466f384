/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/boot_info.h>
#include <kernel/printk.h>
#include <kernel/string.h>

void boot_set_cmdline(struct boot_info *bi, const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	if (n >= sizeof(bi->cmdline)) {
		pr_warn("command line cut after %zu bytes",
			sizeof(bi->cmdline) - 1);
		n = sizeof(bi->cmdline) - 1;
	}
	memcpy(bi->cmdline, text, n);
	bi->cmdline[n] = '\0';
}
