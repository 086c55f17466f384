/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * earlycon=virtio,ADDRESS: a console device at a fixed address (virtio 1.3,
 * 4.2), written to by emergency writes (5.3.4), which need no queues, nor that
 * the device was set up. Slow, for each byte is an exit: hvc0's driver takes
 * over when it comes.
 */
#define pr_fmt(fmt) "earlycon: " fmt

#include <abi/virtio/console.h>
#include <abi/virtio/mmio.h>
#include <kernel/earlycon.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "console.h"

#define EMERGENCY_REGISTER \
 (VIRTIO_MMIO_CONFIG + offsetof(struct virtio_console_config, emerg_wr))
#define REGISTERS_SIZE (EMERGENCY_REGISTER + sizeof(le32))

static phys_addr_t address;
static char __iomem *registers;

static int set_early(const char *value)
{
	static const char kind[] = "virtio,";

	if (!str_has_prefix(value, kind) ||
	    kstrtou64(value + strlen(kind), 0, &address))
		return -EINVAL;
	if (!address || address % 4 || address > UINT64_MAX - REGISTERS_SIZE) {
		address = 0;
		return -EINVAL;
	}
	return 0;
}

static const struct earlycon virtio_earlycon = {
	.name = "virtio",
	.set = set_early,
};
EARLYCON(virtio_earlycon);

static void put(char c)
{
	mmio_write32(registers + EMERGENCY_REGISTER, (u8)c);
}

static void early_write(struct console *con __unused, const char *s, size_t n)
{
	for (; n; s++, n--) {
		if (*s == '\n')
			put('\r');
		put(*s);
	}
}

static struct console early = {
	.name = "hvc0",
	.write = early_write,
	.flags = CONSOLE_ANSI,
};

static u32 read32(enum virtio_mmio_register reg)
{
	return mmio_read32(registers + reg);
}

/* A console device that offers emergency writes. */
static bool is_console(void)
{
	if (read32(VIRTIO_MMIO_MAGIC) != VIRTIO_MMIO_MAGIC_VALUE ||
	    read32(VIRTIO_MMIO_DEVICE_ID) != VIRTIO_ID_CONSOLE)
		return false;
	mmio_write32(registers + VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	return read32(VIRTIO_MMIO_DEVICE_FEATURES) &
	       BIT(VIRTIO_CONSOLE_F_EMERG_WRITE);
}

/* Where registers cannot be mapped before level MEMORY, that is when. */
static int start_early(void)
{
	int ret;

	if (!address || registers)
		return 0;
	registers = ioremap(address, REGISTERS_SIZE);
	if (!registers)
		return 0;
	if (!is_console()) {
		pr_warn("no virtio console with emergency writes at %#lx",
			address);
		address = 0;
		return -ENODEV;
	}
	ret = console_register(&early);
	return ret == -EPERM ? 0 : ret;
}
initcall(INIT_EARLYCON, start_early);

static int start_early_mapped(void)
{
	return start_early();
}
initcall(INIT_MEMORY, start_early_mapped);

struct console *vcon_take_early(void)
{
	bool active = early.flags & CONSOLE_ACTIVE;

	return active ? &early : NULL;
}
