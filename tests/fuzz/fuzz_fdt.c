/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a device tree: refused, or every question has an answer. */
#include <kernel/fdt.h>
#include <kernel/string.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define NODES_MAX 64 /* asked about; all are walked */

/* What answers point at is read, so that the sanitizers see it. */
static u64 seen;

static void read_text(const char *text)
{
	seen += text ? strlen(text) : 0;
}

static void ask_addresses(const struct fdt *fdt, int node, unsigned n)
{
	struct fdt_interrupt irq;
	struct fdt_range range;
	phys_addr_t address;
	u64 bytes;
	u32 value;

	(void)fdt_reg(fdt, node, n, &address, &bytes);
	(void)fdt_range(fdt, node, n, &range);
	(void)fdt_interrupt(fdt, node, n, &irq);
	(void)fdt_pci_interrupt(fdt, node, (u8)n, (u8)(n * 8), (u8)(1 + n),
				&irq);
	(void)fdt_cell(fdt, node, "reg", n, &value);
}

static void ask(const struct fdt *fdt, int node)
{
	const u8 *bytes;
	const char *text;
	u32 length, device;

	read_text(fdt_name(fdt, node));
	for (unsigned n = 0; n < 4; n++)
		ask_addresses(fdt, node, n);
	for (u32 id = 0; id < 0x20000; id += 0x5555)
		(void)fdt_msi_controller(fdt, node, id, &device);
	text = fdt_string(fdt, node, "stdout-path");
	if (text) {
		(void)fdt_find_console(fdt, text);
		(void)fdt_find(fdt, text);
	}
	text = fdt_string(fdt, node, "compatible");
	if (text)
		(void)fdt_is_compatible(fdt, node, text);
	(void)fdt_is_available(fdt, node);
	(void)fdt_parent(fdt, node);
	bytes = fdt_property(fdt, node, "reg", &length);
	for (u32 i = 0; bytes && i < length; i++)
		seen += bytes[i];
	fdt_for_each_child(fdt, child, node)
		read_text(fdt_name(fdt, child));
}

static void ask_all(const struct fdt *fdt)
{
	unsigned nodes = 0;
	phys_addr_t start;
	u64 bytes;

	for (unsigned n = 0; fdt_reservation(fdt, n, &start, &bytes); n++)
		seen += bytes;
	fdt_for_each(fdt, node)
		if (nodes++ < NODES_MAX)
			ask(fdt, node);
	(void)fdt_find_phandle(fdt, 1);
	(void)fdt_find_compatible(fdt, FDT_NONE, "arm,pl011");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	/* Of its size, to the byte. */
	u8 *blob = malloc(size ? size : 1);
	struct fdt fdt;

	if (!blob)
		return 0;
	memcpy(blob, data, size);
	if (!fdt_open(&fdt, blob, size))
		ask_all(&fdt);
	free(blob);
	return 0;
}
