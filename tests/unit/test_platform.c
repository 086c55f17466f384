/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices at fixed addresses, out of a device tree. */
#include "fake_fdt.h"
#include "../../drivers/platform/scan.h"
#include <kernel/dma.h>
#include <kernel/errno.h>
#include <kernel/irq_fdt.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>

static struct fdt fdt;
static struct platform_device pdev;
static unsigned lines;
static phys_addr_t mapped;

const struct fdt *fdt_machine(void)
{
	return &fdt;
}

int irq_from_fdt(int node, unsigned index, enum irq_trigger *trigger)
{
	(void)node;
	*trigger = IRQ_TRIGGER_EDGE_RISING;
	return index < lines ? (int)(48 + index) : -ENOENT;
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	(void)size;
	mapped = phys;
	return &pdev;
}

struct dma_pool *dma_pool_for_node(int node)
{
	(void)node;
	return NULL;
}

int device_register(struct device *dev)
{
	(void)dev;
	return 0;
}

void *kmalloc(size_t size)
{
	(void)size;
	return NULL;
}

void kfree(const void *object)
{
	(void)object;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
}

static bool read_node(const char *name, const char *compatible, u32 size)
{
	tree_start();
	TREE_CELLS("#address-cells", 1);
	TREE_CELLS("#size-cells", 1);
	tree_begin(name);
	tree_string("compatible", compatible);
	TREE_CELLS("reg", 0xa000000, size);
	tree_end();
	tree_finish();
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), 0);
	memset(&pdev, 0, sizeof(pdev));
	return platform_read_node(&fdt, FDT_ROOT, fdt_next(&fdt, FDT_ROOT),
				  &pdev);
}

TEST(a_node_is_a_device_with_memory_and_lines)
{
	enum irq_trigger trigger;

	lines = 2;
	CHECK(read_node("virtio_mmio@a000000", "virtio,mmio", 0x200));
	CHECK_STR(pdev.dev.name, "a000000.virtio_mmio");
	CHECK_EQ(pdev.memories, 1);
	CHECK_EQ(pdev.memory[0].start, 0xa000000);
	CHECK_EQ(pdev.memory[0].size, 0x200);
	CHECK_EQ(platform_line(&pdev, 1, &trigger), 49);
	CHECK_EQ(trigger, IRQ_TRIGGER_EDGE_RISING);
	CHECK_EQ(platform_line(&pdev, 2, &trigger), -ENOENT);
}

TEST(what_has_no_memory_is_no_device)
{
	CHECK(!read_node("virtio_mmio@a000000", "virtio,mmio", 0));
}

TEST(long_names_are_cut)
{
	CHECK(read_node("a-name-that-is-longer-than-names-are@a000000", "x",
			1));
	CHECK_STR(pdev.dev.name, "a000000.a-name-that-is-");
}

TEST(drivers_match_by_what_they_know)
{
	static const char *const known[] = { "acme,uart", "virtio,mmio", NULL };
	static const char *const other[] = { "virtio", NULL };
	struct platform_driver a = { .compatible = known };
	struct platform_driver b = { .compatible = other };

	lines = 0;
	read_node("virtio_mmio@a000000", "virtio,mmio", 0x200);
	CHECK(platform_bus.match(&pdev.dev, &a.driver));
	CHECK(!platform_bus.match(&pdev.dev, &b.driver));
}

TEST(what_no_tree_describes_has_a_name_and_a_line)
{
	static const char *const known[] = { "acme,uart", "LNRO0005", NULL };
	struct platform_driver a = { .compatible = known };
	char text[DEVICE_TEXT_MAX];
	enum irq_trigger trigger;

	pdev = (struct platform_device){
		.id = "LNRO0005",
		.line = 17,
		.trigger = IRQ_TRIGGER_LEVEL_HIGH,
	};
	CHECK(platform_bus.match(&pdev.dev, &a.driver));
	CHECK_EQ(platform_line(&pdev, 0, &trigger), 17);
	CHECK_EQ(trigger, IRQ_TRIGGER_LEVEL_HIGH);
	CHECK_EQ(platform_line(&pdev, 1, &trigger), -ENOENT);
	platform_bus.describe(&pdev.dev, text);
	CHECK_STR(text, "LNRO0005, line 17");
	pdev.id = "LNRO0015";
	pdev.line = -ENOENT;
	CHECK(!platform_bus.match(&pdev.dev, &a.driver));
	platform_bus.describe(&pdev.dev, text);
	CHECK_STR(text, "LNRO0015");
}

TEST(only_what_is_the_devices_is_mapped)
{
	read_node("virtio_mmio@a000000", "virtio,mmio", 0x200);
	CHECK(platform_map(&pdev, 0, 0x100, 0x100) != NULL);
	CHECK_EQ(mapped, 0xa000100);
	CHECK(!platform_map(&pdev, 0, 0x100, 0x101));
	CHECK(!platform_map(&pdev, 0, 0x201, 1));
	CHECK(!platform_map(&pdev, 0, 0, 0));
	CHECK(!platform_map(&pdev, 0, UINT64_MAX, 2));
	CHECK(!platform_map(&pdev, 1, 0, 1));
}
