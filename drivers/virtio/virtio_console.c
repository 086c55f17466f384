/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio console devices (virtio 1.3, 5.3): one console, or several ports
 * that come and go, of which some are consoles.
 */
#define pr_fmt(fmt) "%s: " fmt

#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "console.h"

void vcon_complain(struct vcon *vcon, enum vcon_wrong kind, const char *what,
		   u32 value)
{
	if (vcon->wrong & kind)
		return;
	vcon->wrong |= kind;
	pr_warn("%s %u: ignored, as others of its kind will be",
		vcon->vdev->dev.name, what, value);
}

/* How many ports there may be: 0 or -errno. */
static int read_limits(struct vcon *vcon)
{
	struct virtio_device *vdev = vcon->vdev;

	vcon->max_ports = 1;
	vcon->multiport = virtio_has(vdev, VIRTIO_CONSOLE_F_MULTIPORT);
	if (vcon->multiport)
		vcon->max_ports =
			virtio_config32(vdev,
					offsetof(struct virtio_console_config,
						 max_nr_ports));
	if (!vcon->max_ports) {
		pr_err("has no ports: not used", vdev->dev.name);
		return -EINVAL;
	}
	vcon->port_count = MIN(vcon->max_ports, VCON_PORTS_MAX);
	return 0;
}

static void read_size(struct vcon *vcon)
{
	struct virtio_console_config config;

	if (!virtio_has(vcon->vdev, VIRTIO_CONSOLE_F_SIZE) ||
	    virtio_read_config(vcon->vdev, 0, &config.cols,
			       sizeof(config.cols)) ||
	    virtio_read_config(vcon->vdev,
			       offsetof(struct virtio_console_config, rows),
			       &config.rows, sizeof(config.rows)))
		return;
	vcon_hvc_set_size(&vcon->ports[0], le16_to_cpu(config.cols),
			  le16_to_cpu(config.rows));
}

static int make_memory(struct vcon *vcon)
{
	vcon->ports = kzalloc(vcon->port_count * sizeof(*vcon->ports));
	if (!vcon->ports)
		return -ENOMEM;
	for (u32 i = 0; i < vcon->port_count; i++) {
		vcon->ports[i].vcon = vcon;
		vcon->ports[i].id = i;
	}
	if (!vcon->multiport)
		return 0;
	vcon->control_memory =
		kmalloc(VCON_CONTROL_BUFFERS * VCON_CONTROL_BYTES);
	vcon->control_out = kzalloc(sizeof(*vcon->control_out));
	return vcon->control_memory && vcon->control_out ? 0 : -ENOMEM;
}

static void free_memory(struct vcon *vcon)
{
	/* A device that is lost may still use what it was given. */
	if (!virtio_is_lost(vcon->vdev)) {
		kfree(vcon->control_memory);
		kfree(vcon->control_out);
	}
	for (u32 i = 0; vcon->ports && i < vcon->port_count; i++)
		vcon_data_free(&vcon->ports[i]);
	kfree(vcon->ports);
	kfree(vcon);
}

/* Where each port's queues are, and the control queues after them. */
static void describe_queues(struct vcon *vcon, struct virtqueue_config *configs)
{
	struct virtqueue_config *at = configs;

	for (u32 i = 0; i < vcon->port_count; i++) {
		*at++ = (struct virtqueue_config){
			.index = VIRTIO_CONSOLE_PORT_RECEIVEQ(i),
			.name = "receive",
			.done = vcon_data_received,
			.data = &vcon->ports[i],
			.size_max = VCON_BUFFERS,
			.lasting = true,
		};
		*at++ = (struct virtqueue_config){
			.index = VIRTIO_CONSOLE_PORT_RECEIVEQ(i) + 1,
			.name = "transmit",
			.done = vcon_data_sent,
			.data = &vcon->ports[i],
			.size_max = VCON_BUFFERS,
		};
	}
	*at++ = (struct virtqueue_config){
		.index = VIRTIO_CONSOLE_CONTROL_RECEIVEQ,
		.name = "control receive",
		.done = vcon_control_received,
		.data = vcon,
		.size_max = VCON_CONTROL_BUFFERS,
		.lasting = true,
	};
	*at++ = (struct virtqueue_config){
		.index = VIRTIO_CONSOLE_CONTROL_TRANSMITQ,
		.name = "control transmit",
		.done = vcon_control_sent,
		.data = vcon,
		.size_max = 1,
	};
	for (struct virtqueue_config *it = configs; it < at; it++) {
		it->segments_max = 1;
		it->cpu = VIRTQUEUE_ANY;
	}
}

static void assign_queues(struct vcon *vcon, struct virtqueue **vqs)
{
	for (u32 i = 0; i < vcon->port_count; i++) {
		vcon->ports[i].rx = *vqs++;
		vcon->ports[i].tx = *vqs++;
		/* Wanted only while somebody waits for room. */
		virtqueue_disable_callback(vcon->ports[i].tx);
	}
	if (!vcon->multiport)
		return;
	vcon->control_rx = *vqs++;
	vcon->control_tx = *vqs;
}

static int make_queues(struct vcon *vcon)
{
	unsigned count = 2 * vcon->port_count + (vcon->multiport ? 2 : 0);
	/* One pair more than may be used. */
	struct virtqueue_config *configs =
		kmalloc((2 * vcon->port_count + 2) * sizeof(*configs));
	struct virtqueue **vqs = kmalloc(count * sizeof(struct virtqueue *));
	int ret = -ENOMEM;

	if (configs && vqs) {
		describe_queues(vcon, configs);
		ret = virtio_make_queues(vcon->vdev, configs, count, vqs);
	}
	if (!ret)
		assign_queues(vcon, vqs);
	kfree(vqs);
	kfree(configs);
	return ret;
}

static int virtio_console_probe(struct virtio_device *vdev)
{
	struct vcon *vcon = kzalloc(sizeof(*vcon));
	int ret;

	if (!vcon)
		return -ENOMEM;
	vcon->vdev = vdev;
	vcon->control_work.fn = vcon_control_work;
	ret = read_limits(vcon);
	if (!ret)
		ret = make_memory(vcon);
	if (!ret)
		ret = make_queues(vcon);
	if (ret)
		goto err_free_memory;
	device_set_data(&vdev->dev, vcon);
	return 0;

err_free_memory:
	free_memory(vcon);
	return ret;
}

/* A device without control queues has one port, a console that is open. */
static int start_single(struct vcon *vcon)
{
	struct vcon_port *port = &vcon->ports[0];
	int ret = vcon_port_add(port);

	if (ret)
		return ret;
	vcon_port_set_host_open(port, true);
	read_size(vcon);
	return vcon_hvc_add(port);
}

static int start_multiport(struct vcon *vcon)
{
	vcon_hvc_expect();
	vcon_control_start(vcon);
	return 0;
}

static int virtio_console_ready(struct virtio_device *vdev)
{
	struct vcon *vcon = device_data(&vdev->dev);
	int ret = -EIO;

	/* It may break as soon as it hears of anything. */
	mutex_lock(&vcon->teardown);
	if (!vcon->stopped)
		ret = vcon->multiport ? start_multiport(vcon)
				      : start_single(vcon);
	mutex_unlock(&vcon->teardown);
	return ret;
}

/* No control message is handled any more, and all ports are gone. */
static void stop(struct vcon *vcon)
{
	unsigned long state = spin_lock_irqsave(&vcon->control_lock);

	vcon->stopped = true;
	spin_unlock_irqrestore(&vcon->control_lock, state);
	work_cancel(&vcon->control_work);
	/* The device may break while its driver is taken from it. */
	mutex_lock(&vcon->teardown);
	for (u32 i = 0; i < vcon->port_count; i++)
		vcon_port_remove(&vcon->ports[i]);
	mutex_unlock(&vcon->teardown);
}

static void virtio_console_unready(struct virtio_device *vdev)
{
	stop(device_data(&vdev->dev));
}

static void virtio_console_remove(struct virtio_device *vdev)
{
	struct vcon *vcon = device_data(&vdev->dev);

	stop(vcon);
	for (u32 i = 0; i < vcon->port_count; i++)
		vcon_hvc_remove(&vcon->ports[i]);
	free_memory(vcon);
}

/* 5.3.6: it is the size of port 0. */
static void virtio_console_config_changed(struct virtio_device *vdev)
{
	struct vcon *vcon = device_data(&vdev->dev);

	if (!vcon->multiport)
		read_size(vcon);
}

static const u8 virtio_console_features[] = {
	VIRTIO_CONSOLE_F_SIZE,
	VIRTIO_CONSOLE_F_MULTIPORT,
	VIRTIO_CONSOLE_F_EMERG_WRITE,
	VIRTIO_FEATURES_END,
};

MODULE_DECLARE(virtio_console);

static const struct virtio_driver virtio_console_driver = {
	.driver = VIRTIO_DRIVER_BASE("virtio-console", &module_virtio_console),
	.type = VIRTIO_ID_CONSOLE,
	.features = virtio_console_features,
	.probe = virtio_console_probe,
	.ready = virtio_console_ready,
	.unready = virtio_console_unready,
	.remove = virtio_console_remove,
	.failed = virtio_console_unready,
	.config_changed = virtio_console_config_changed,
};
VIRTIO_DRIVER(virtio_console, virtio_console_driver);
MODULE(virtio_console, "virtio consoles and ports", "");
