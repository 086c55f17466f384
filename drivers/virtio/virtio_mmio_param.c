/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices that the command line tells of, as microvm and Firecracker have it
 * do: virtio_mmio.device=<size>@<address>:<line>[:<id>], once for each.
 */
#define pr_fmt(fmt) "virtio-mmio: " fmt

#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "virtio_mmio.h"

/* Policy: more than microvm's 24 and Firecracker's 19. */
#define PLACES_MAX 64
#define TEXT_MAX   80
#define ISA_LINES  16

static const char *given[PLACES_MAX];
static unsigned count;

/* Cut @text at the first @separator: what follows, or NULL. */
static char *cut(char *text, char separator)
{
	char *at = strchr(text, separator);

	if (!at)
		return NULL;
	*at = '\0';
	return at + 1;
}

int virtio_mmio_parse(const char *value, struct virtio_mmio_place *place)
{
	char text[TEXT_MAX], *address, *line, *id;
	u64 number;
	int ret;

	if (!value || strscpy(text, value, sizeof(text)) < 0)
		return -EINVAL;
	address = cut(text, '@');
	line = address ? cut(address, ':') : NULL;
	/* The ID is Linux's name for it. */
	id = line ? cut(line, ':') : NULL;
	if (!line || (id && kstrtou64(id, 0, &number)))
		return -EINVAL;
	ret = parse_size(text, &place->size) ?:
	      kstrtou64(address, 0, &place->start) ?:
	      kstrtou64(line, 0, &number);
	if (ret)
		return ret;
	if (!place->size || place->size - 1 > UINT64_MAX - place->start ||
	    number >= IRQ_GSIS)
		return -ERANGE;
	place->line = (unsigned)number;
	return 0;
}

static int virtio_mmio_set(const struct param *p __unused, const char *value)
{
	struct virtio_mmio_place place;
	int ret = virtio_mmio_parse(value, &place);

	if (ret)
		return ret;
	if (count == PLACES_MAX)
		return -ENOSPC;
	given[count++] = value;
	return 0;
}
param_call("virtio_mmio.device", virtio_mmio_set,
	   "SIZE@ADDRESS:LINE: a virtio device there; can be repeated");

/* What a PC calls IRQ n may be another line. */
static int line_of(unsigned number)
{
	return number < ISA_LINES ? irq_from_isa(number) : (int)number;
}

static void add(const struct virtio_mmio_place *place)
{
	struct platform_device found = {
		.id = "virtio,mmio",
		.line = line_of(place->line),
		.trigger = IRQ_TRIGGER_DEFAULT,
		.memories = 1,
		.memory[0] = { place->start, place->size },
	};

	snprintf(found.dev.name, sizeof(found.dev.name), "%llx.virtio_mmio",
		 (unsigned long long)place->start);
	platform_add(&found);
}

static int virtio_mmio_init(void)
{
	for (unsigned i = 0; i < count; i++) {
		struct virtio_mmio_place place;

		/* It was right when the parameter was set. */
		if (!virtio_mmio_parse(given[i], &place))
			add(&place);
	}
	return 0;
}
initcall(INIT_BUS, virtio_mmio_init);
