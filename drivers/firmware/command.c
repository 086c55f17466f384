/* SPDX-License-Identifier: BSD-2-Clause */
/* The `fw_cfg` command. */
#include <drivers/fw_cfg.h>
#include <kernel/console.h>
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/shell.h>

#define LINE_BYTES 16
/* More is nothing to look at. */
#define SHOWN_MAX 4096

static bool list_one(const struct fw_cfg_file *file, void *context)
{
	unsigned *count = context;

	console_printf("%04x %10u  %s\n", file->select, file->size, file->name);
	++*count;
	return true;
}

static int list(void)
{
	unsigned count = 0;
	int ret;

	console_puts("item      bytes  name\n");
	ret = fw_cfg_for_each(list_one, &count);
	console_printf("%u files, read %s\n", count,
		       fw_cfg_has_dma() ? "by DMA" : "byte by byte");
	return ret;
}

static void show_line(u32 offset, const u8 *bytes, u32 n)
{
	console_printf("%08x ", offset);
	for (u32 i = 0; i < LINE_BYTES; i++)
		if (i < n)
			console_printf(" %02x", bytes[i]);
		else
			console_puts("   ");
	console_puts("  ");
	for (u32 i = 0; i < n; i++)
		console_printf("%c", is_print((char)bytes[i]) ? bytes[i] : '.');
	console_puts("\n");
}

static int show(const char *name)
{
	struct fw_cfg_file file;
	u8 bytes[LINE_BYTES];
	int ret = fw_cfg_find(name, &file);
	u32 offset = 0;
	long n;

	if (ret == -ENOENT) {
		console_printf("There is no file \"%s\".\n", name);
		return 0;
	}
	if (ret)
		return ret;
	for (; offset < SHOWN_MAX; offset += LINE_BYTES) {
		n = fw_cfg_read(&file, offset, bytes, sizeof(bytes));
		if (n <= 0)
			return (int)n;
		show_line(offset, bytes, (u32)n);
	}
	if (file.size > offset)
		console_printf("and %u bytes more\n", file.size - offset);
	return 0;
}

static int fw_cfg_command(int argc, char **argv)
{
	if (argc > 2)
		return -EINVAL;
	if (!fw_cfg_present()) {
		console_puts("There is no fw_cfg device here.\n");
		return 0;
	}
	return argc == 2 ? show(argv[1]) : list();
}
SHELL_COMMAND(fw_cfg, "[FILE]", "Show the files that QEMU has for its guest",
	      fw_cfg_command);
