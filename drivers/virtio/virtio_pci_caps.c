/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the structures of a modern device are: virtio 1.3, 4.1.4. What a
 * capability says is believed only if it is wholly inside a region that the
 * CPU reaches; others, and kinds that nobody knows, are passed over.
 */
#include <kernel/device_space.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include "virtio_pci.h"

/* A capability as it was read. */
struct capability {
	unsigned at;
	u8 length;
	u8 type;
	u8 id;
	struct virtio_pci_place place;
};

static const struct virtio_pci_place nowhere;

/* Where there are no ports a structure in them is none of the device's. */
static bool is_reachable(const struct pci_device *pdev, unsigned bar)
{
	const struct pci_region *r = &pdev->region[bar];
	u64 start, end;

	return r->size &&
	       (!(r->flags & PCI_REGION_IO) || arch_port_space(&start, &end));
}

#define CAP_AT(field) offsetof(struct virtio_pci_cap, field)

/* False: it is too short for what all have, or ends outside. */
static bool read_capability(const struct pci_device *pdev, unsigned at,
			    struct capability *cap)
{
	*cap = (struct capability){
		.at = at,
		.length = pci_read8(pdev, at + CAP_AT(cap_len)),
		.type = pci_read8(pdev, at + CAP_AT(cfg_type)),
		.id = pci_read8(pdev, at + CAP_AT(id)),
		.place = {
			.bar = pci_read8(pdev, at + CAP_AT(bar)),
			.offset = pci_read32(pdev, at + CAP_AT(offset)),
			.length = pci_read32(pdev, at + CAP_AT(length)),
		},
	};
	return cap->length >= sizeof(struct virtio_pci_cap) &&
	       at + cap->length <= PCI_CONFIG_SIZE;
}

/* The next one behind @cap, which begins zeroed. False: there is none. */
static bool next_capability(const struct pci_device *pdev, unsigned *budget,
			    struct capability *cap)
{
	unsigned at = cap->at;

	while ((at = pci_next_capability(pdev, at, budget)))
		if (pci_read8(pdev, at) == PCI_CAP_VENDOR &&
		    read_capability(pdev, at, cap))
			return true;
	return false;
}

static bool is_inside(const struct pci_device *pdev,
		      const struct virtio_pci_place *place)
{
	u64 size;

	if (place->bar >= PCI_BARS || !is_reachable(pdev, place->bar))
		return false;
	size = pdev->region[place->bar].size;
	return place->length && place->offset <= size &&
	       place->length <= size - place->offset;
}

/* What a kind of structure must at least be (4.1.4.3 to 4.1.4.6). */
struct rule {
	u32 length;
	u8 align;
	u8 cap_length;
};

static bool keeps(const struct pci_device *pdev, const struct capability *cap,
		  const struct rule *rule)
{
	if (cap->length >= rule->cap_length && is_inside(pdev, &cap->place) &&
	    cap->place.length >= rule->length &&
	    IS_ALIGNED(cap->place.offset, rule->align))
		return true;
	pr_warn("%s: virtio structure %u of %#llx bytes at %#llx in region %u "
		"cannot be: ignored",
		pdev->dev.name, cap->type,
		(unsigned long long)cap->place.length,
		(unsigned long long)cap->place.offset, cap->place.bar);
	return false;
}

static void take(const struct pci_device *pdev, const struct capability *cap,
		 struct virtio_pci_layout *layout)
{
	static const struct rule rules[] = {
		[VIRTIO_PCI_CAP_COMMON_CFG] = {
			.length = VIRTIO_PCI_COMMON_CFG_MIN,
			.align = 4,
		},
		[VIRTIO_PCI_CAP_NOTIFY_CFG] = {
			.length = 2,
			.align = 2,
			.cap_length = sizeof(struct virtio_pci_notify_cap),
		},
		[VIRTIO_PCI_CAP_ISR_CFG] = { .length = 1, .align = 1 },
		[VIRTIO_PCI_CAP_DEVICE_CFG] = { .length = 1, .align = 4 },
	};
	struct virtio_pci_place *const places[] = {
		[VIRTIO_PCI_CAP_COMMON_CFG] = &layout->common,
		[VIRTIO_PCI_CAP_NOTIFY_CFG] = &layout->notify,
		[VIRTIO_PCI_CAP_ISR_CFG] = &layout->isr,
		[VIRTIO_PCI_CAP_DEVICE_CFG] = &layout->device,
	};

	if (cap->type >= ARRAY_SIZE(places) || !places[cap->type])
		return;
	layout->any = true;
	/* The first one is the device's choice. */
	if (places[cap->type]->length || !keeps(pdev, cap, &rules[cap->type]))
		return;
	*places[cap->type] = cap->place;
	if (cap->type == VIRTIO_PCI_CAP_NOTIFY_CFG)
		layout->notify_multiplier = pci_read32(
			pdev, cap->at + offsetof(struct virtio_pci_notify_cap,
						 notify_off_multiplier));
}

int virtio_pci_read_layout(const struct pci_device *pdev,
			   struct virtio_pci_layout *layout)
{
	unsigned budget = PCI_CAPABILITIES_MAX;
	struct capability cap = { 0 };

	*layout = (struct virtio_pci_layout){ 0 };
	while (next_capability(pdev, &budget, &cap))
		take(pdev, &cap, layout);
	return layout->common.length && layout->notify.length &&
			       layout->isr.length
		       ? 0
		       : -ENOENT;
}

int virtio_pci_find_shared(const struct pci_device *pdev, u8 id,
			   struct virtio_pci_place *place)
{
	unsigned budget = PCI_CAPABILITIES_MAX;
	struct capability cap = { 0 };

	while (next_capability(pdev, &budget, &cap)) {
		struct virtio_pci_place *p = &cap.place;

		if (cap.type != VIRTIO_PCI_CAP_SHARED_MEMORY_CFG ||
		    cap.id != id ||
		    cap.length < sizeof(struct virtio_pci_cap64))
			continue;
		p->offset |=
			(u64)pci_read32(
				pdev, cap.at + offsetof(struct virtio_pci_cap64,
							offset_hi))
			<< 32;
		p->length |=
			(u64)pci_read32(
				pdev, cap.at + offsetof(struct virtio_pci_cap64,
							length_hi))
			<< 32;
		if (!is_inside(pdev, p) ||
		    pdev->region[p->bar].flags & PCI_REGION_IO)
			continue;
		*place = *p;
		return 0;
	}
	*place = nowhere;
	return -ENOENT;
}
