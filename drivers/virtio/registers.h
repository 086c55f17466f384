/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's registers, in memory or behind I/O ports. Offsets are the
 * caller's to check; what is beyond is another device's.
 */
#pragma once

#include <kernel/io.h>

struct virtio_registers {
	char __iomem *memory; /* NULL: ports */
	u16 port;	      /* the first one */
	u32 size;	      /* bytes that can be reached; 0: none at all */
};

static inline bool virtio_by_ports(const struct virtio_registers *r)
{
	return IS_ENABLED(CONFIG_HAS_IOPORT) && !r->memory;
}

static inline u8 virtio_read8(const struct virtio_registers *r, u32 offset)
{
	return virtio_by_ports(r) ? inb((u16)(r->port + offset))
				  : mmio_read8(r->memory + offset);
}

static inline u16 virtio_read16(const struct virtio_registers *r, u32 offset)
{
	return virtio_by_ports(r) ? inw((u16)(r->port + offset))
				  : mmio_read16(r->memory + offset);
}

static inline u32 virtio_read32(const struct virtio_registers *r, u32 offset)
{
	return virtio_by_ports(r) ? inl((u16)(r->port + offset))
				  : mmio_read32(r->memory + offset);
}

static inline void virtio_write8(const struct virtio_registers *r, u32 offset,
				 u8 value)
{
	if (virtio_by_ports(r))
		outb((u16)(r->port + offset), value);
	else
		mmio_write8(r->memory + offset, value);
}

static inline void virtio_write16(const struct virtio_registers *r, u32 offset,
				  u16 value)
{
	if (virtio_by_ports(r))
		outw((u16)(r->port + offset), value);
	else
		mmio_write16(r->memory + offset, value);
}

static inline void virtio_write32(const struct virtio_registers *r, u32 offset,
				  u32 value)
{
	if (virtio_by_ports(r))
		outl((u16)(r->port + offset), value);
	else
		mmio_write32(r->memory + offset, value);
}

/**
 * Read @size bytes of configuration: 1, 2, 4 or 8, as one access of that width
 * or for 8 two of half of it (2.5.1), by bytes if @offset is not aligned.
 */
void virtio_read_field(const struct virtio_registers *r, u32 offset,
		       void *buffer, unsigned size);
/** The other way. */
void virtio_write_field(const struct virtio_registers *r, u32 offset,
			const void *buffer, unsigned size);
