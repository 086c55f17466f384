/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: the host sets bits and interrupts; acknowledging gives the bits and
 * clears them. The line is a PCI pin, shared with others.
 */
#include <kernel/byteorder.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include "internal.h"

#define WANTED (VMMDEV_EVENT_HGCM | VMMDEV_EVENT_RESTORED)

static u32 acknowledge(struct vmmdev *v)
{
	struct vmmdev_events r = { 0 };

	/* One exit that the host ends quickly, instead of a request. */
	if (v->features & VMMDEV_HVF_FAST_IRQ_ACK)
		return inl(v->port + VMMDEV_PORT_OFF_REQUEST_FAST);
	if (vmmdev_request(v, &r, VMMDEV_REQ_ACKNOWLEDGE_EVENTS, sizeof(r)))
		return 0;
	return le32_to_cpu(r.events);
}

/*
 * The machine goes on from a state that was saved: another one may go on from
 * the same, and both would draw the same random numbers.
 */
static void part_from_the_other(struct vmmdev *v)
{
	struct vmmdev_session_id r = { 0 };

	if (!vmmdev_request(v, &r, VMMDEV_REQ_GET_SESSION_ID, sizeof(r)))
		random_stir(&r.session, sizeof(r.session));
}

static enum irq_return vmmdev_interrupt(void *context)
{
	struct vmmdev *v = context;
	u32 events;

	if (!mmio_read8((const char __iomem *)v->memory +
			offsetof(struct vmmdev_memory, have_events)))
		return IRQ_NONE;
	events = acknowledge(v);
	atomic_fetch_add_relaxed(&v->interrupts, (u64)1);
	/* What was not asked for means nothing. */
	events &= WANTED;
	atomic_fetch_or(&v->events, (u64)events);
	if (events & VMMDEV_EVENT_HGCM)
		wake_all(&v->answered);
	if (events & VMMDEV_EVENT_RESTORED)
		part_from_the_other(v);
	return IRQ_HANDLED;
}

static int set_filter(struct vmmdev *v, u32 wanted)
{
	struct vmmdev_mask r = {
		.or_mask = cpu_to_le32(wanted),
		.not_mask = cpu_to_le32(~wanted),
	};

	return vmmdev_request(v, &r, VMMDEV_REQ_CTL_GUEST_FILTER_MASK,
			      sizeof(r));
}

static int take_line(struct vmmdev *v)
{
	int err = pci_irq_vectors_alloc(v->pdev, 1, 1, PCI_IRQ_INTX);

	if (err < 0)
		return err;
	v->irq = (struct irq_action){
		.name = v->name,
		.handler = vmmdev_interrupt,
		.context = v,
	};
	err = irq_request((unsigned)pci_irq_vector(v->pdev, 0), &v->irq,
			  IRQ_TRIGGER_DEFAULT);
	if (err)
		pci_irq_vectors_free(v->pdev);
	return err;
}

void vmmdev_start_events(struct vmmdev *v)
{
	v->has_irq = !take_line(v);
	if (!v->has_irq) {
		pr_info("%s: no interrupt: polled", v->name);
		return;
	}
	if (!set_filter(v, WANTED))
		vmmdev_feature(VBOX_EVENTS, VIRT_OFFERED | VIRT_ENABLED);
}

void vmmdev_stop_events(struct vmmdev *v)
{
	set_filter(v, 0);
	if (!v->has_irq)
		return;
	irq_free(&v->irq);
	pci_irq_vectors_free(v->pdev);
	v->has_irq = false;
}
