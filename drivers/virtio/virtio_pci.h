/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the PCI transport share. */
#pragma once

#include <abi/virtio/pci.h>
#include <drivers/pci.h>
#include <drivers/virtio_transport.h>
#include <kernel/irq.h>
#include "registers.h"
#include "transport.h"

/* Where a structure is; length 0: nowhere. */
struct virtio_pci_place {
	u8 bar;
	u64 offset; /* in it; the structure is wholly inside */
	u64 length;
};

/* Capabilities of a device, each the first of its kind that can be used. */
struct virtio_pci_layout {
	struct virtio_pci_place common, notify, isr, device;
	u32 notify_multiplier;
	bool any; /* there were some, of use or not */
};

/**
 * Read the capabilities of @pdev, whose regions are known. 0, or -ENOENT: what
 * every modern device has is not there, or not where it can be used.
 */
int virtio_pci_read_layout(const struct pci_device *pdev,
			   struct virtio_pci_layout *layout);

/** Shared memory region @id of @pdev. 0 or -ENOENT. */
int virtio_pci_find_shared(const struct pci_device *pdev, u8 id,
			   struct virtio_pci_place *place);

/* A queue, as notify() needs it, by its index. */
struct virtio_pci_queue {
	u32 notify_offset; /* in the registers for it */
	u16 notify_data;   /* what names the queue there */
};

/* One interrupt. Queues that share it are in a list by slot. */
struct virtio_pci_vector {
	struct irq_action action;
	struct virtio_pci *vp;
	unsigned first; /* slot, or VIRTIO_PCI_NO_SLOT */
	char name[32];
};

#define VIRTIO_PCI_NO_SLOT UINT32_MAX

/* A queue's place among the interrupts. */
struct virtio_pci_slot {
	unsigned next; /* that shares its vector, or VIRTIO_PCI_NO_SLOT */
	u16 vector;    /* or VIRTIO_MSI_NO_VECTOR */
	unsigned cpu;  /* that takes it, or VIRTQUEUE_ANY */
};

struct virtio_pci {
	struct virtio_device vdev;
	struct pci_device *pdev;
	const struct virtio_pci_events *events;
	u16 command;   /* bits that were set by pci_enable() */
	bool isolated; /* it is not a bus master any more */
	struct virtio_registers common, notify, isr, device;
	u32 notify_multiplier;
	struct virtio_pci_queue *queue; /* queue_count of them */
	unsigned queue_count;
	struct virtio_pci_vector *vector;
	unsigned vectors;
	struct virtio_pci_slot *slot;
	bool messages;		 /* by MSI-X */
	struct virtio_poll poll; /* where there are none */
};

/* How an interface maps events to MSI-X vectors (4.1.5.1.2). */
struct virtio_pci_events {
	/* Each returns what it reads back. */
	u16 (*map_config)(struct virtio_pci *vp, u16 vector);
	u16 (*map_queue)(struct virtio_pci *vp, unsigned index, u16 vector);
};

static inline struct virtio_pci *to_virtio_pci(const struct virtio_device *vdev)
{
	return container_of(vdev, struct virtio_pci, vdev);
}

/** Make @r reach @place of @vp's device, or only the first @most bytes. */
int virtio_pci_map(const struct virtio_pci *vp,
		   const struct virtio_pci_place *place, u64 most,
		   struct virtio_registers *r);
void virtio_pci_unmap(struct virtio_registers *r);

/* The transport's, for both interfaces. */
int virtio_pci_start_interrupts(struct virtio_device *vdev,
				const struct virtqueue_config *configs,
				unsigned count);
void virtio_pci_stop_interrupts(struct virtio_device *vdev);
bool virtio_pci_isolate(struct virtio_device *vdev);
unsigned virtio_pci_interrupt_cpu(struct virtio_device *vdev, unsigned slot);
void virtio_pci_release(struct virtio_device *vdev);

/** The vector of slot @slot. */
u16 virtio_pci_slot_vector(const struct virtio_pci *vp, unsigned slot);

/** virtio_pci.force_legacy=; with CONFIG_VIRTIO_PCI_LEGACY. */
extern bool virtio_pci_force_legacy;

/**
 * Use the modern interface, or the legacy one: fill @vp, whose device decodes
 * its regions. 0, or -errno after a message: what was done is for the caller
 * to undo.
 */
int virtio_pci_modern_open(struct virtio_pci *vp,
			   const struct virtio_pci_layout *layout);
int virtio_pci_legacy_open(struct virtio_pci *vp);
