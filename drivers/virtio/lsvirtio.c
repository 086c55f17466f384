/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `lsvirtio`. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include "internal.h"

static const struct {
	u8 bit;
	const char *name;
} status_names[] = {
	{ VIRTIO_STATUS_ACKNOWLEDGE, "ACKNOWLEDGE" },
	{ VIRTIO_STATUS_DRIVER, "DRIVER" },
	{ VIRTIO_STATUS_FEATURES_OK, "FEATURES_OK" },
	{ VIRTIO_STATUS_DRIVER_OK, "DRIVER_OK" },
	{ VIRTIO_STATUS_DEVICE_NEEDS_RESET, "DEVICE_NEEDS_RESET" },
	{ VIRTIO_STATUS_FAILED, "FAILED" },
};

static void print_status(struct virtio_device *vdev)
{
	u8 status = vdev->transport->get_status(vdev);

	console_printf("  status: %#04x", status);
	if (status == VIRTIO_STATUS_GONE)
		console_puts(" (gone)");
	else
		for (unsigned i = 0; i < ARRAY_SIZE(status_names); i++)
			if (status & status_names[i].bit)
				console_printf(" %s", status_names[i].name);
	if (virtio_is_broken(vdev))
		console_printf(", broken: %s", vdev->broken_why);
	if (vdev->lost)
		console_puts(", lost with its memory");
	console_puts("\n");
}

/* What is negotiated has a "+", what only the device knows a "-". */
static void print_features(struct virtio_device *vdev)
{
	bool bound = vdev->state != VIRTIO_DOWN;
	struct virtio_features offered = vdev->offered;

	if (!bound)
		vdev->transport->get_features(vdev, &offered);
	console_puts("  features:");
	for (unsigned bit = 0; bit < 64 * VIRTIO_FEATURE_WORDS; bit++) {
		const char *name = virtio_feature_name(vdev->type, bit);
		char sign = bound && virtio_has(vdev, bit) ? '+' : '-';

		if (!virtio_feature_test(&offered, bit))
			continue;
		if (name)
			console_printf(" %c%s", sign, name);
		else
			console_printf(" %c%u", sign, bit);
	}
	console_puts("\n");
}

static void print_queue(const struct virtqueue *vq)
{
	struct virtqueue_stats stats;
	unsigned cpu = virtqueue_cpu(vq);

	virtqueue_get_stats(vq, &stats);
	console_printf("  queue %u (%s): %s, %u descriptors", vq->index,
		       vq->name, vq->packed ? "packed" : "split", vq->size);
	if (vq->tables.count)
		console_printf(", %u tables of %u", vq->tables.count,
			       vq->segments_max);
	if (cpu != VIRTQUEUE_ANY)
		console_printf(", CPU %u", cpu);
	console_printf("\n    %llu added, %llu used, %llu kicks, "
		       "%llu notifications, %llu interrupts\n",
		       (unsigned long long)stats.added,
		       (unsigned long long)stats.used,
		       (unsigned long long)stats.kicks,
		       (unsigned long long)stats.notifications,
		       (unsigned long long)stats.interrupts);
}

static void print_device(struct virtio_device *vdev)
{
	const struct driver *drv = vdev->dev.driver;
	const char *name = virtio_type_name(vdev->type);

	console_printf("%s: %s device (type %u), vendor %#x, %s%s, %s\n",
		       vdev->dev.name, name ? name : "unknown", vdev->type,
		       vdev->vendor, vdev->transport->name,
		       vdev->legacy ? ", legacy" : "",
		       drv ? drv->name : "no driver");
	/* Queues and registers stay as they are meanwhile. */
	mutex_lock(&vdev->lock);
	/* It may have gone since it was found. */
	if (vdev->dev.state != DEVICE_GONE) {
		print_status(vdev);
		print_features(vdev);
		for (unsigned i = 0; i < vdev->queue_count; i++)
			if (vdev->queues[i])
				print_queue(vdev->queues[i]);
	}
	mutex_unlock(&vdev->lock);
}

static int command_lsvirtio(int argc, char **argv)
{
	unsigned count = 0;

	if (argc > 2)
		return -EINVAL;
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev)) {
		if (dev->bus != &virtio_bus ||
		    (argc == 2 && strcmp(argv[1], dev->name)))
			continue;
		print_device(to_virtio_device(dev));
		count++;
	}
	if (!count && argc == 2)
		console_printf("lsvirtio: no virtio device %s\n", argv[1]);
	else if (!count)
		console_puts("No virtio devices.\n");
	return 0;
}
SHELL_COMMAND(lsvirtio, "[DEVICE]",
	      "Show virtio devices: features (+ used, - not) and queues",
	      command_lsvirtio);
