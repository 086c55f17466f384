/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of the device configuration: virtio 1.3, 4.1.3.1 and 4.2.2.2. */
#include <kernel/string.h>
#include "registers.h"

/* The widest access that a field of @size bytes at @offset bears. */
static unsigned width_of(u32 offset, unsigned size)
{
	unsigned width = MIN(size, 4U);

	return offset % width || size % width ? 1 : width;
}

static u32 read_one(const struct virtio_registers *r, u32 offset,
		    unsigned width)
{
	switch (width) {
	case 4: return virtio_read32(r, offset);
	case 2: return virtio_read16(r, offset);
	default: return virtio_read8(r, offset);
	}
}

void virtio_read_field(const struct virtio_registers *r, u32 offset,
		       void *buffer, unsigned size)
{
	unsigned width = width_of(offset, size);

	for (unsigned i = 0; i < size; i += width) {
		u32 value = read_one(r, offset + i, width);

		memcpy((u8 *)buffer + i, &value, width);
	}
}

static void write_one(const struct virtio_registers *r, u32 offset,
		      unsigned width, u32 value)
{
	switch (width) {
	case 4: virtio_write32(r, offset, value); break;
	case 2: virtio_write16(r, offset, (u16)value); break;
	default: virtio_write8(r, offset, (u8)value); break;
	}
}

void virtio_write_field(const struct virtio_registers *r, u32 offset,
			const void *buffer, unsigned size)
{
	unsigned width = width_of(offset, size);

	for (unsigned i = 0; i < size; i += width) {
		u32 value = 0;

		memcpy(&value, (const u8 *)buffer + i, width);
		write_one(r, offset + i, width, value);
	}
}
