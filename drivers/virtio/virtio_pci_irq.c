/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of virtio-pci devices (virtio 1.3, 4.1.5.1.2, 4.1.5.3 and
 * 4.1.5.4). The best is a message for configuration changes and one for each
 * queue. With fewer, queues share; with one message or the pin, all do, and
 * the ISR status tells configuration changes from the rest. Where not even the
 * pin leads anywhere, the device is polled: see poll.c.
 */
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/vsprintf.h>
#include "virtio_pci.h"

/* What a device that is gone reads as. */
#define ISR_GONE 0xff

static void serve_queues(const struct virtio_pci_vector *v)
{
	struct virtio_pci *vp = v->vp;

	for (unsigned s = v->first; s != VIRTIO_PCI_NO_SLOT;
	     s = vp->slot[s].next)
		virtio_queue_interrupt(&vp->vdev, s);
}

static enum irq_return queue_message(void *context)
{
	serve_queues(context);
	return IRQ_HANDLED;
}

static enum irq_return config_message(void *context)
{
	const struct virtio_pci_vector *v = context;

	virtio_config_interrupt(&v->vp->vdev);
	return IRQ_HANDLED;
}

/*
 * One for all. A message is this device's, whatever the ISR status says of
 * queues; on a pin that others share it is for that to say.
 */
static enum irq_return any_interrupt(void *context)
{
	const struct virtio_pci_vector *v = context;
	struct virtio_pci *vp = v->vp;
	u8 isr = virtio_read8(&vp->isr, 0);

	if (isr == ISR_GONE || (!isr && !vp->messages))
		return IRQ_NONE;
	virtio_poll_prove(&vp->poll);
	if (isr & VIRTIO_ISR_CONFIG)
		virtio_config_interrupt(&vp->vdev);
	if (isr & VIRTIO_ISR_QUEUE || vp->messages)
		serve_queues(v);
	return IRQ_HANDLED;
}

/* Which of the vectors is that of the queue that is @nth to interrupt. */
static unsigned vector_of(const struct virtio_pci *vp, unsigned nth)
{
	return vp->vectors == 1 ? 0 : 1 + nth % (vp->vectors - 1);
}

static void share_out(struct virtio_pci *vp,
		      const struct virtqueue_config *configs, unsigned count)
{
	unsigned nth = 0;

	for (unsigned v = 0; v < vp->vectors; v++)
		vp->vector[v].first = VIRTIO_PCI_NO_SLOT;
	for (unsigned s = 0; s < count; s++) {
		struct virtio_pci_slot *slot = &vp->slot[s];
		struct virtio_pci_vector *v;

		slot->cpu = VIRTQUEUE_ANY;
		slot->vector = VIRTIO_MSI_NO_VECTOR;
		slot->next = VIRTIO_PCI_NO_SLOT;
		if (!configs[s].done)
			continue;
		slot->vector = (u16)vector_of(vp, nth++);
		v = &vp->vector[slot->vector];
		slot->next = v->first;
		v->first = s;
	}
}

static const char *vector_name(const struct virtio_pci *vp, unsigned index,
			       const struct virtqueue_config *configs)
{
	unsigned first = vp->vector[index].first;

	if (vp->vectors == 1)
		return "all";
	if (!index)
		return "config";
	if (first == VIRTIO_PCI_NO_SLOT)
		return "unused";
	return vp->slot[first].next == VIRTIO_PCI_NO_SLOT ? configs[first].name
							  : "queues";
}

static void prepare(struct virtio_pci *vp, unsigned index,
		    const struct virtqueue_config *configs)
{
	struct virtio_pci_vector *v = &vp->vector[index];

	v->vp = vp;
	snprintf(v->name, sizeof(v->name), "%s-%s", vp->vdev.dev.name,
		 vector_name(vp, index, configs));
	v->action = (struct irq_action){
		.name = v->name,
		.handler = vp->vectors == 1 ? any_interrupt
			   : index	    ? queue_message
					    : config_message,
		.context = v,
	};
}

/* A queue that has its vector for itself chooses the CPU. */
static void place_on_cpu(struct virtio_pci *vp,
			 const struct virtio_pci_vector *v,
			 const struct virtqueue_config *configs)
{
	struct cpumask mask = { 0 };
	unsigned s = v->first;

	if (s == VIRTIO_PCI_NO_SLOT || vp->slot[s].next != VIRTIO_PCI_NO_SLOT ||
	    !vp->messages || configs[s].cpu >= CONFIG_NR_CPUS)
		return;
	cpumask_set(&mask, configs[s].cpu);
	if (!irq_set_affinity(v->action.irq, &mask))
		vp->slot[s].cpu = configs[s].cpu;
}

static int request_all(struct virtio_pci *vp,
		       const struct virtqueue_config *configs)
{
	for (unsigned i = 0; i < vp->vectors; i++) {
		struct virtio_pci_vector *v = &vp->vector[i];
		int irq = pci_irq_vector(vp->pdev, i), ret;

		prepare(vp, i, configs);
		ret = irq < 0 ? irq
			      : irq_request((unsigned)irq, &v->action,
					    IRQ_TRIGGER_DEFAULT);
		if (ret)
			return ret;
		place_on_cpu(vp, v, configs);
	}
	return 0;
}

/* Tell the device. It may have no room for so many (4.1.5.1.2.2). */
static int map_all(struct virtio_pci *vp,
		   const struct virtqueue_config *configs, unsigned count)
{
	if (!vp->messages)
		return 0;
	if (vp->events->map_config(vp, 0) != 0)
		return -EBUSY;
	for (unsigned s = 0; s < count; s++) {
		u16 vector = vp->slot[s].vector;

		if (vp->events->map_queue(vp, configs[s].index, vector) !=
		    vector)
			return -EBUSY;
	}
	return 0;
}

void virtio_pci_stop_interrupts(struct virtio_device *vdev)
{
	struct virtio_pci *vp = to_virtio_pci(vdev);

	virtio_poll_stop(&vp->poll);
	for (unsigned i = 0; vp->vector && i < vp->vectors; i++)
		irq_free(&vp->vector[i].action);
	pci_irq_vectors_free(vp->pdev);
	kfree(vp->vector);
	kfree(vp->slot);
	vp->vector = NULL;
	vp->slot = NULL;
	vp->vectors = 0;
	vp->messages = false;
}

static int start(struct virtio_pci *vp, const struct virtqueue_config *configs,
		 unsigned count)
{
	vp->messages = pci_irq_kind(vp->pdev) == PCI_IRQ_MSIX;
	vp->vector = kzalloc(vp->vectors * sizeof(*vp->vector));
	vp->slot = kzalloc(MAX(count, 1U) * sizeof(*vp->slot));
	if (!vp->vector || !vp->slot)
		return -ENOMEM;
	share_out(vp, configs, count);
	return request_all(vp, configs) ?: map_all(vp, configs, count);
}

static int try_kind(struct virtio_pci *vp, enum pci_irq_kind kind,
		    unsigned most, const struct virtqueue_config *configs,
		    unsigned count)
{
	int ret = pci_irq_vectors_alloc(vp->pdev, 1, most, kind);

	if (ret < 0)
		return ret;
	vp->vectors = (unsigned)ret;
	ret = start(vp, configs, count);
	if (ret)
		virtio_pci_stop_interrupts(&vp->vdev);
	return ret;
}

static void look(struct virtio_device *vdev)
{
	u8 isr = virtio_read8(&to_virtio_pci(vdev)->isr, 0);

	if (isr & VIRTIO_ISR_CONFIG)
		virtio_config_interrupt(vdev);
}

int virtio_pci_start_interrupts(struct virtio_device *vdev,
				const struct virtqueue_config *configs,
				unsigned count)
{
	struct virtio_pci *vp = to_virtio_pci(vdev);
	unsigned most = 1;
	int ret = vp->isolated ? pci_enable(vp->pdev, vp->command) : 0;

	if (ret)
		return ret;
	vp->isolated = false;
	for (unsigned s = 0; s < count; s++)
		most += !!configs[s].done;
	/* All queues share one, then configuration changes share it too. */
	for (;; most = most > 2 ? 2 : 1) {
		ret = try_kind(vp, PCI_IRQ_MSIX, most, configs, count);
		if (!ret || most == 1)
			break;
	}
	if (!ret)
		return 0;
	if (try_kind(vp, PCI_IRQ_INTX, 1, configs, count))
		return virtio_poll_start(&vp->poll, vdev, look);
	virtio_poll_watch(&vp->poll, vdev, look);
	return 0;
}

unsigned virtio_pci_interrupt_cpu(struct virtio_device *vdev, unsigned slot)
{
	const struct virtio_pci *vp = to_virtio_pci(vdev);

	return vp->slot ? vp->slot[slot].cpu : VIRTQUEUE_ANY;
}

u16 virtio_pci_slot_vector(const struct virtio_pci *vp, unsigned slot)
{
	return vp->messages ? vp->slot[slot].vector : VIRTIO_MSI_NO_VECTOR;
}
