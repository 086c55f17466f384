/* SPDX-License-Identifier: BSD-2-Clause */
/* The network device (virtio 1.3, 5.1): what it is made of, and when. */
#include <kernel/atomic.h>
#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include "virtio_net.h"

static const u8 features[] = {
	VIRTIO_NET_F_CSUM,
	VIRTIO_NET_F_GUEST_CSUM,
	VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
	VIRTIO_NET_F_MTU,
	VIRTIO_NET_F_MAC,
	VIRTIO_NET_F_GUEST_TSO4,
	VIRTIO_NET_F_GUEST_TSO6,
	VIRTIO_NET_F_GUEST_ECN,
	VIRTIO_NET_F_GUEST_UFO,
	VIRTIO_NET_F_HOST_TSO4,
	VIRTIO_NET_F_HOST_TSO6,
	VIRTIO_NET_F_HOST_ECN,
	VIRTIO_NET_F_HOST_UFO,
	VIRTIO_NET_F_MRG_RXBUF,
	VIRTIO_NET_F_STATUS,
	VIRTIO_NET_F_CTRL_VQ,
	VIRTIO_NET_F_CTRL_RX,
	VIRTIO_NET_F_CTRL_VLAN,
	VIRTIO_NET_F_GUEST_ANNOUNCE,
	VIRTIO_NET_F_MQ,
	VIRTIO_NET_F_CTRL_MAC_ADDR,
	VIRTIO_NET_F_VQ_NOTF_COAL,
	VIRTIO_NET_F_NOTF_COAL,
	VIRTIO_NET_F_GUEST_USO4,
	VIRTIO_NET_F_GUEST_USO6,
	VIRTIO_NET_F_HOST_USO,
	VIRTIO_NET_F_HASH_REPORT,
	VIRTIO_NET_F_GUEST_HDRLEN,
	VIRTIO_NET_F_RSS,
	VIRTIO_NET_F_SPEED_DUPLEX,
	VIRTIO_FEATURES_END,
};

void virtnet_wake(struct virtnet_pair *pair)
{
	unsigned long state = spin_lock_irqsave(&pair->wake_lock);

	if (pair->net)
		net_wake(pair->net);
	spin_unlock_irqrestore(&pair->wake_lock, state);
}

/* The poller finds out which of its two queues it was. */
static void queue_done(struct virtqueue *vq)
{
	virtnet_wake(virtqueue_data(vq));
}

/* Connect @pair with the stack's @net, or with NULL: nobody. */
static void connect(struct virtnet_pair *pair, struct net_pair *net)
{
	unsigned long state = spin_lock_irqsave(&pair->wake_lock);

	pair->net = net;
	spin_unlock_irqrestore(&pair->wake_lock, state);
}

static void stop_pair(struct virtnet_pair *pair)
{
	if (!pair->net)
		return;
	virtnet_rx_stop(pair);
	virtnet_tx_stop(pair);
	connect(pair, NULL);
}

static int open_pair(struct virtnet_pair *pair, struct net_pair *net)
{
	int err;

	net->data = pair;
	virtqueue_get_stats(pair->rx.vq, &pair->rx.before);
	virtqueue_get_stats(pair->tx.vq, &pair->tx.before);
	connect(pair, net);
	err = virtnet_rx_open(pair);
	if (err)
		stop_pair(pair);
	return err;
}

static void stop_pairs(struct virtnet *vn)
{
	for (unsigned i = 0; i < vn->pairs; i++)
		stop_pair(&vn->pair[i]);
}

static int open_locked(struct virtnet *vn)
{
	unsigned pairs = MIN(vn->net.pairs, vn->pairs);
	int err = vn->failed ? -EIO : 0;

	for (unsigned i = 0; i < pairs && !err; i++)
		err = open_pair(&vn->pair[i], &vn->net.pair[i]);
	/* Queues have buffers before they are used (5.1.6.5.6.1). */
	if (!err)
		err = virtnet_steer(vn, pairs);
	if (!err)
		virtnet_coalesce(vn, pairs);
	else
		stop_pairs(vn);
	return err;
}

static int virtnet_open(struct net_device *net)
{
	struct virtnet *vn = to_virtnet(net);
	int err;

	mutex_lock(&vn->lock);
	err = open_locked(vn);
	mutex_unlock(&vn->lock);
	return err;
}

static void virtnet_stop(struct net_device *net)
{
	struct virtnet *vn = to_virtnet(net);

	mutex_lock(&vn->lock);
	stop_pairs(vn);
	mutex_unlock(&vn->lock);
}

static unsigned virtnet_poll(struct net_pair *net, unsigned budget)
{
	struct virtnet_pair *pair = net->data;

	virtnet_tx_poll(pair);
	return virtnet_rx_poll(pair, budget);
}

static bool virtnet_arm(struct net_pair *net)
{
	return virtnet_rx_arm(net->data);
}

static void virtnet_get_costs(struct net_pair *net, struct net_costs *costs)
{
	struct virtnet_pair *pair = net->data;
	struct virtqueue_stats rx, tx;

	*costs = (struct net_costs){ 0 };
	/* It was never opened. */
	if (!pair)
		return;
	virtqueue_get_stats(pair->rx.vq, &rx);
	virtqueue_get_stats(pair->tx.vq, &tx);
	costs->notifications = rx.notifications + tx.notifications -
			       pair->rx.before.notifications -
			       pair->tx.before.notifications;
	costs->interrupts = rx.interrupts + tx.interrupts -
			    pair->rx.before.interrupts -
			    pair->tx.before.interrupts;
}

static const struct net_device_ops virtnet_ops = {
	.open = virtnet_open,
	.stop = virtnet_stop,
	.transmit = virtnet_transmit,
	.poll = virtnet_poll,
	.arm = virtnet_arm,
	.set_address = virtnet_set_address,
	.set_mtu = virtnet_set_mtu,
	.set_filter = virtnet_set_filter,
	.set_vlan = virtnet_set_vlan,
	.set_offloads = virtnet_set_offloads,
	.get_costs = virtnet_get_costs,
};

/* Receive and transmit queue of each pair, and the control queue. */
static void describe_queues(struct virtnet *vn,
			    struct virtqueue_config *configs)
{
	unsigned cpu = cpumask_next(&cpu_online_mask, 0), i;

	for (i = 0; i < vn->pairs; i++) {
		configs[2 * i] = (struct virtqueue_config){
			.index = VIRTIO_NET_RX_QUEUE(i),
			.name = "receive",
			.done = queue_done,
			.data = &vn->pair[i],
			.size_max = VIRTNET_QUEUE_MAX,
			.segments_max = virtnet_rx_segments(&vn->format),
			.cpu = cpu,
			.lasting = true,
		};
		configs[2 * i + 1] = configs[2 * i];
		configs[2 * i + 1].index = VIRTIO_NET_TX_QUEUE(i);
		configs[2 * i + 1].name = "transmit";
		configs[2 * i + 1].lasting = false;
		configs[2 * i + 1].segments_max = 2 + PACKET_FRAGMENTS_MAX;
		cpu = cpumask_next_cyclic(&cpu_online_mask, cpu);
	}
	configs[2 * i] = (struct virtqueue_config){
		.index = 2 * virtnet_device_pairs(vn->vdev),
		.name = "control",
		.done = virtnet_command_done,
		.data = vn,
		.segments_max = VIRTNET_COMMAND_PARTS + 2,
		.cpu = VIRTQUEUE_ANY,
	};
}

static void take_queues(struct virtnet *vn, struct virtqueue **vq)
{
	for (unsigned i = 0; i < vn->pairs; i++) {
		vn->pair[i].vn = vn;
		vn->pair[i].rx.vq = vq[2 * i];
		vn->pair[i].tx.vq = vq[2 * i + 1];
		virtqueue_disable_callback(vq[2 * i]);
		virtqueue_disable_callback(vq[2 * i + 1]);
	}
	if (virtnet_has(vn, VIRTIO_NET_F_CTRL_VQ))
		vn->ctrl.vq = vq[2 * vn->pairs];
}

static int make_queues(struct virtnet *vn)
{
	unsigned count = 2 * vn->pairs + virtnet_has(vn, VIRTIO_NET_F_CTRL_VQ);
	struct virtqueue_config *configs;
	struct virtqueue **vq;
	int err = -ENOMEM;

	configs = kzalloc((2 * vn->pairs + 1) * sizeof(*configs));
	vq = kzalloc(count * sizeof(struct virtqueue *));
	if (configs && vq) {
		describe_queues(vn, configs);
		err = virtio_make_queues(vn->vdev, configs, count, vq);
	}
	if (!err)
		take_queues(vn, vq);
	kfree(vq);
	kfree(configs);
	return err;
}

static void free_memory(struct virtnet *vn)
{
	for (unsigned i = 0; i < vn->pairs; i++)
		virtnet_rx_free(&vn->pair[i]);
	if (!virtio_is_lost(vn->vdev))
		kfree(vn->ctrl.command);
	kfree(vn);
}

static int init_memory(struct virtnet *vn)
{
	int err;

	vn->ctrl.command = kzalloc(sizeof(*vn->ctrl.command));
	if (!vn->ctrl.command)
		return -ENOMEM;
	for (unsigned i = 0; i < vn->pairs; i++) {
		err = virtnet_rx_init(&vn->pair[i]);
		if (err == -EINVAL)
			pr_err("%s: queues of %u are too small for a frame",
			       vn->vdev->dev.name,
			       virtqueue_size(vn->pair[i].rx.vq));
		if (err)
			return err;
	}
	return 0;
}

static int virtnet_probe(struct virtio_device *vdev)
{
	unsigned pairs = MIN(virtnet_device_pairs(vdev),
			     cpumask_count(&cpu_online_mask));
	struct virtnet *vn;
	int err;

	pairs = MIN(pairs, (unsigned)NET_PAIRS_MAX);
	vn = kzalloc(sizeof(*vn) + pairs * sizeof(vn->pair[0]));
	if (!vn)
		return -ENOMEM;
	vn->vdev = vdev;
	vn->pairs = pairs;
	vn->net.ops = &virtnet_ops;
	vn->net.parent = &vdev->dev;
	vn->net.pairs_max = pairs;
	virtnet_read_identity(vn);
	err = make_queues(vn);
	if (!err)
		err = init_memory(vn);
	if (err) {
		free_memory(vn);
		return err;
	}
	device_set_data(&vdev->dev, vn);
	return 0;
}

/* Of a device that the stack does not know any more nobody is told. */
static void set_link(struct virtnet *vn, bool up, bool announce)
{
	mutex_lock(&vn->lock);
	if (vn->registered)
		net_set_link(&vn->net, up && !vn->failed, announce);
	mutex_unlock(&vn->lock);
}

static void update_link(struct virtnet *vn)
{
	bool up, announce = virtnet_read_status(vn, &up);

	set_link(vn, up, announce);
	if (announce)
		virtnet_announced(vn);
}

static int virtnet_ready(struct virtio_device *vdev)
{
	static const struct net_filter own = { 0 };
	struct virtnet *vn = device_data(&vdev->dev);
	int err;

	/* Devices begin with all that comes, and an address of their own. */
	if (virtnet_has(vn, VIRTIO_NET_F_CTRL_RX))
		virtnet_set_filter(&vn->net, &own);
	if (vn->own_address)
		virtnet_set_address(&vn->net, vn->net.address);
	err = net_device_register(&vn->net);
	if (err)
		return err;
	vn->registered = true;
	update_link(vn);
	pr_info("%s: %s, %u of its pairs of queues", vdev->dev.name,
		vn->net.name, vn->pairs);
	return 0;
}

static void virtnet_unready(struct virtio_device *vdev)
{
	struct virtnet *vn = device_data(&vdev->dev);

	mutex_lock(&vn->lock);
	vn->registered = false;
	mutex_unlock(&vn->lock);
	net_device_unregister(&vn->net);
	virtnet_command_end(vn);
}

static void virtnet_remove(struct virtio_device *vdev)
{
	struct virtnet *vn = device_data(&vdev->dev);

	for (unsigned i = 0; i < vn->pairs; i++)
		virtnet_tx_free(&vn->pair[i]);
	if (vn->ctrl.vq)
		(void)virtqueue_detach(vn->ctrl.vq);
	free_memory(vn);
}

static void fail_pair(struct virtnet_pair *pair)
{
	if (pair->net)
		spin_lock(&pair->net->transmit_lock);
	virtnet_tx_free(pair);
	if (pair->net)
		spin_unlock(&pair->net->transmit_lock);
}

/* Senders get their packets back; received ones nobody waits for. */
static void virtnet_failed(struct virtio_device *vdev)
{
	struct virtnet *vn = device_data(&vdev->dev);

	complete(&vn->ctrl.done);
	mutex_lock(&vn->lock);
	vn->failed = true;
	for (unsigned i = 0; i < vn->pairs; i++)
		fail_pair(&vn->pair[i]);
	mutex_unlock(&vn->lock);
	set_link(vn, false, false);
}

static void virtnet_config_changed(struct virtio_device *vdev)
{
	update_link(device_data(&vdev->dev));
}

MODULE_DECLARE(virtio_net);

const struct virtio_driver virtio_net_driver = {
	.driver = VIRTIO_DRIVER_BASE("virtio_net", &module_virtio_net),
	.type = VIRTIO_ID_NET,
	.features = features,
	.validate = virtnet_validate,
	.probe = virtnet_probe,
	.ready = virtnet_ready,
	.unready = virtnet_unready,
	.remove = virtnet_remove,
	.failed = virtnet_failed,
	.config_changed = virtnet_config_changed,
};
VIRTIO_DRIVER(virtio_net, virtio_net_driver);
MODULE(virtio_net, "virtio network devices", "");
MODULE_AUTOMATIC();
