/* SPDX-License-Identifier: BSD-2-Clause */
/* Resource templates: ACPI 6.5, 6.4. */
#include <kernel/acpi_device.h>
#include <kernel/byteorder.h>

/* One descriptor: its type, and what follows type and length. */
struct descriptor {
	u8 type;
	const u8 *data;
	u32 size;
};

/* The descriptor at *@at, which moves on. False: the end, or no descriptor. */
static bool next_descriptor(const u8 **at, const u8 *end, struct descriptor *d)
{
	u32 left = (u32)(end - *at), header = 1;

	if (!left)
		return false;
	d->type = **at;
	if (d->type & ACPI_RESOURCE_LARGE) {
		header = 3;
		if (left < header)
			return false;
		d->size = (*at)[1] | (u32)(*at)[2] << 8;
	} else {
		d->size = d->type & ACPI_RESOURCE_SMALL_SIZE;
		d->type &= ACPI_RESOURCE_SMALL_MASK;
	}
	if (d->type == ACPI_RESOURCE_END_TAG || d->size > left - header)
		return false;
	d->data = *at + header;
	*at = d->data + d->size;
	return true;
}

static bool set_memory(struct acpi_resource *r, u64 start, u64 size)
{
	*r = (struct acpi_resource){
		.kind = ACPI_RESOURCE_MEMORY,
		.start = start,
		.size = size,
	};
	return size && size - 1 <= UINT64_MAX - start;
}

static bool read_memory(const struct descriptor *d, struct acpi_resource *r)
{
	const void *data = d->data;

	if (d->type == ACPI_RESOURCE_MEMORY32_FIXED &&
	    d->size >= sizeof(struct acpi_resource_memory32_fixed)) {
		const struct acpi_resource_memory32_fixed *m = data;

		return set_memory(r, le32_to_cpu(m->base),
				  le32_to_cpu(m->length));
	}
	if (d->type == ACPI_RESOURCE_ADDRESS32 &&
	    d->size >= sizeof(struct acpi_resource_address32)) {
		const struct acpi_resource_address32 *m = data;

		return m->resource_type == ACPI_RESOURCE_ADDRESS_MEMORY &&
		       set_memory(r, le32_to_cpu(m->minimum),
				  le32_to_cpu(m->length));
	}
	if (d->type == ACPI_RESOURCE_ADDRESS64 &&
	    d->size >= sizeof(struct acpi_resource_address64)) {
		const struct acpi_resource_address64 *m = data;

		return m->resource_type == ACPI_RESOURCE_ADDRESS_MEMORY &&
		       set_memory(r, le64_to_cpu(m->minimum),
				  le64_to_cpu(m->length));
	}
	return false;
}

static bool set_ports(struct acpi_resource *r, u16 start, u8 count)
{
	*r = (struct acpi_resource){
		.kind = ACPI_RESOURCE_PORTS,
		.start = start,
		.size = count,
	};
	return count && count - 1 <= UINT16_MAX - start;
}

/* Ports that could be moved are none at a fixed address. */
static bool read_ports(const struct descriptor *d, struct acpi_resource *r)
{
	const void *data = d->data;

	if (d->type == ACPI_RESOURCE_IO &&
	    d->size >= sizeof(struct acpi_resource_io)) {
		const struct acpi_resource_io *io = data;

		return le16_to_cpu(io->minimum) == le16_to_cpu(io->maximum) &&
		       set_ports(r, le16_to_cpu(io->minimum), io->length);
	}
	if (d->type == ACPI_RESOURCE_FIXED_IO &&
	    d->size >= sizeof(struct acpi_resource_fixed_io)) {
		const struct acpi_resource_fixed_io *io = data;

		return set_ports(r, le16_to_cpu(io->base), io->length);
	}
	return false;
}

static enum irq_trigger trigger_of(u8 flags)
{
	if (flags & ACPI_INTERRUPT_EDGE)
		return flags & ACPI_INTERRUPT_LOW ? IRQ_TRIGGER_EDGE_FALLING
						  : IRQ_TRIGGER_EDGE_RISING;
	return flags & ACPI_INTERRUPT_LOW ? IRQ_TRIGGER_LEVEL_LOW
					  : IRQ_TRIGGER_LEVEL_HIGH;
}

/* Interrupts in @d, which are all there. */
static unsigned interrupts(const struct descriptor *d)
{
	const struct acpi_resource_interrupt *i = (const void *)d->data;
	u32 room;

	if (d->type != ACPI_RESOURCE_INTERRUPT || d->size < sizeof(*i))
		return 0;
	room = (d->size - (u32)sizeof(*i)) / (u32)sizeof(i->interrupt[0]);
	return MIN(i->count, room);
}

bool acpi_device_resource(const struct acpi_device *device, unsigned index,
			  struct acpi_resource *resource)
{
	const u8 *at = device->resources, *end;
	struct descriptor d;

	if (!device->resources_size)
		return false;
	end = at + device->resources_size;
	while (next_descriptor(&at, end, &d)) {
		const struct acpi_resource_interrupt *i = (const void *)d.data;
		unsigned count = interrupts(&d);

		if (index < count) {
			*resource = (struct acpi_resource){
				.kind = ACPI_RESOURCE_LINE,
				.line = le32_to_cpu(i->interrupt[index]),
				.trigger = trigger_of(i->flags),
			};
			return true;
		}
		index -= count;
		if ((read_memory(&d, resource) || read_ports(&d, resource)) &&
		    !index--)
			return true;
	}
	return false;
}
