/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PCI device by which VirtualBox and its guests talk (VMMDev). There is
 * one in each machine; a second one would be refused.
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include "internal.h"

#define BAR_PORTS  0
#define BAR_MEMORY 1
#define PORTS_SIZE 32

static struct {
	struct spinlock lock;
	struct vmmdev *device; /* or NULL */
	unsigned users;
	struct wait_queue idle;
	bool leaving;
	u32 generation;
} the;

struct vmmdev *vmmdev_get(void)
{
	struct vmmdev *v = NULL;

	spin_lock(&the.lock);
	if (!the.leaving && the.device) {
		v = the.device;
		the.users++;
	}
	spin_unlock(&the.lock);
	return v;
}

void vmmdev_put(struct vmmdev *v)
{
	bool last;

	(void)v;
	spin_lock(&the.lock);
	last = !--the.users;
	spin_unlock(&the.lock);
	if (last)
		wake_all(&the.idle);
}

bool vmmdev_is_leaving(const struct vmmdev *v)
{
	return atomic_read(&the.leaving) || atomic_read(&v->broken);
}

struct vmmdev *vmmdev_peek(void)
{
	return atomic_read(&the.leaving) ? NULL : atomic_read(&the.device);
}

static bool publish(struct vmmdev *v)
{
	bool first;

	spin_lock(&the.lock);
	first = !the.device;
	if (first) {
		v->generation = ++the.generation;
		the.leaving = false;
		the.device = v;
	}
	spin_unlock(&the.lock);
	return first;
}

static unsigned users(void)
{
	unsigned n;

	spin_lock(&the.lock);
	n = the.users;
	spin_unlock(&the.lock);
	return n;
}

/*
 * New users find nothing, and those there are see vmmdev_is_leaving() and have
 * bounded ways to an end.
 */
static void retract(struct vmmdev *v)
{
	spin_lock(&the.lock);
	atomic_write(&the.leaving, true);
	spin_unlock(&the.lock);
	wake_all(&v->answered);
	wait_event(&the.idle, !users());
	spin_lock(&the.lock);
	atomic_write(&the.device, (struct vmmdev *)NULL);
	spin_unlock(&the.lock);
}

static int map_registers(struct vmmdev *v)
{
	const struct pci_region *ports = &v->pdev->region[BAR_PORTS];
	const struct vmmdev_memory __iomem *m;

	if (!(ports->flags & PCI_REGION_IO) || ports->size < PORTS_SIZE ||
	    !ports->start || ports->start + ports->size > UINT16_MAX + 1UL) {
		pr_err("%s: region 0 is not %u I/O ports: not used", v->name,
		       PORTS_SIZE);
		return -ENODEV;
	}
	v->port = (u16)ports->start;
	m = pci_map_region(v->pdev, BAR_MEMORY, 0, sizeof(*m));
	if (!m) {
		pr_err("%s: region 1 has no memory: not used", v->name);
		return -ENODEV;
	}
	v->memory = m;
	return 0;
}

static int take_page(struct vmmdev *v)
{
	v->page_phys = alloc_pages(0, ALLOC_BELOW_4G | ALLOC_ZERO);
	if (!v->page_phys)
		return -ENOMEM;
	v->page = phys_to_virt(v->page_phys);
	return 0;
}

static int use(struct vmmdev *v)
{
	int err = vmmdev_introduce(v);

	if (err) {
		pr_err("%s: refuses to talk (%d): not used", v->name, err);
		return err;
	}
	if (!publish(v))
		return -EBUSY;
	vmmdev_feature(VBOX_HOST_TIME, VIRT_OFFERED);
	if (v->features & VMMDEV_HVF_HGCM_PHYS_PAGE_LIST)
		vmmdev_feature(VBOX_HGCM, VIRT_OFFERED);
	vmmdev_start_events(v);
	vmmdev_start_heartbeat(v);
	return 0;
}

#define DECODES (PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

static int vmmdev_probe(struct device *dev)
{
	struct vmmdev *v = kzalloc(sizeof(*v));
	int err = -ENOMEM;

	if (!v)
		return err;
	v->pdev = to_pci_device(dev);
	v->name = dev->name;
	err = pci_enable(v->pdev, DECODES);
	if (err)
		goto err_free;
	err = map_registers(v);
	if (err)
		goto err_disable;
	err = take_page(v);
	if (err)
		goto err_unmap;
	err = use(v);
	if (err)
		goto err_free_page;
	device_set_data(dev, v);
	return 0;

err_free_page:
	free_pages(v->page_phys, 0);
err_unmap:
	iounmap(v->memory);
err_disable:
	pci_disable(v->pdev, DECODES);
err_free:
	kfree(v);
	return err;
}

static void vmmdev_remove(struct device *dev)
{
	struct vmmdev *v = device_data(dev);

	retract(v);
	vmmdev_stop_heartbeat(v);
	vmmdev_stop_events(v);
	vmmdev_report_status(v, VBOX_FACILITY_INACTIVE);
	free_pages(v->page_phys, 0);
	iounmap(v->memory);
	pci_disable(v->pdev, DECODES);
	kfree(v);
}

static const struct pci_id vmmdev_ids[] = {
	{ .vendor = VMMDEV_PCI_VENDOR, .device = VMMDEV_PCI_DEVICE },
	{},
};

static const struct pci_driver vmmdev_driver = {
	.driver = {
		.name = "vmmdev",
		.bus = &pci_bus,
		.probe = vmmdev_probe,
		.remove = vmmdev_remove,
	},
	.ids = vmmdev_ids,
};
PCI_DRIVER(vmmdev, vmmdev_driver);
