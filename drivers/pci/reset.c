/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Putting a device into the state it has after power-on: by a function-level
 * reset where it has one, else by a reset of the bus it is alone on.
 */
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "internal.h"

/* Until a function that was working may be told to forget it. */
#define PCI_QUIET_TIMEOUT_MS 100
/* How long a bus is held in reset: PCIe 5.0, 6.6.1 (1 ms at least). */
#define PCI_BUS_RESET_MS 2
/* Until a device answers again: PCIe 5.0, 2.3.1 (no more than 1 s). */
#define PCI_READY_TIMEOUT_MS 1000

#define USEC_PER_MSEC 1000ULL

/* What firmware set up and a reset clears. */
struct saved_config {
	u32 header[PCI_CAPABILITY_FIRST / 4];
	u16 express_control;
};

static void save(const struct pci_device *pdev, struct saved_config *saved)
{
	for (unsigned i = 0; i < ARRAY_SIZE(saved->header); i++)
		saved->header[i] = pci_read32(pdev, i * 4);
	if (pdev->express)
		saved->express_control =
			pci_read16(pdev, pdev->express + PCIE_DEVICE_CONTROL);
}

/* Addresses first: the command register lets them be decoded. */
static void restore(const struct pci_device *pdev,
		    const struct saved_config *saved)
{
	for (unsigned i = ARRAY_SIZE(saved->header); i-- > PCI_REVISION_ID / 4;)
		pci_write32(pdev, i * 4, saved->header[i]);
	if (pdev->express)
		pci_write16(pdev, pdev->express + PCIE_DEVICE_CONTROL,
			    saved->express_control);
	/* Its upper half is status, whose bits are cleared by writing ones. */
	pci_write16(pdev, PCI_COMMAND, (u16)saved->header[PCI_COMMAND / 4]);
}

/* Wait until register @at of @pdev has none of @bits. */
static bool wait_quiet(const struct pci_device *pdev, unsigned at, u8 bits)
{
	for (unsigned ms = 0; ms < PCI_QUIET_TIMEOUT_MS; ms++) {
		if (!(pci_read8(pdev, at) & bits))
			return true;
		udelay(USEC_PER_MSEC);
	}
	return false;
}

static int wait_ready(const struct pci_device *pdev)
{
	for (unsigned ms = 0; ms < PCI_READY_TIMEOUT_MS; ms++) {
		if (pci_present(pdev))
			return 0;
		udelay(USEC_PER_MSEC);
	}
	return -ETIMEDOUT;
}

/* PCIe 5.0, 6.6.2. -EOPNOTSUPP: the device cannot. */
static int reset_express(const struct pci_device *pdev)
{
	unsigned at = pdev->express;
	u16 control;

	if (!at || !(pci_read32(pdev, at + PCIE_DEVICE_CAPABILITIES) &
		     PCIE_DEVCAP_FLR))
		return -EOPNOTSUPP;
	if (!wait_quiet(pdev, at + PCIE_DEVICE_STATUS,
			PCIE_DEVSTA_TRANSACTIONS))
		pr_warn("%s: transactions pend: reset all the same",
			pdev->dev.name);
	control = pci_read16(pdev, at + PCIE_DEVICE_CONTROL);
	pci_write16(pdev, at + PCIE_DEVICE_CONTROL,
		    control | PCIE_DEVCTL_INITIATE_FLR);
	udelay(PCIE_FLR_MS * USEC_PER_MSEC);
	return wait_ready(pdev);
}

/* Advanced Features ECN: the same for conventional PCI. */
static int reset_conventional(const struct pci_device *pdev)
{
	unsigned at = pci_find_capability(pdev, PCI_CAP_AF, PCI_AF_SIZE);
	u8 need = PCI_AF_CAP_FLR | PCI_AF_CAP_TRANSACTIONS;

	if (!at || (pci_read8(pdev, at + PCI_AF_CAPABILITIES) & need) != need)
		return -EOPNOTSUPP;
	if (!wait_quiet(pdev, at + PCI_AF_STATUS, PCI_AF_TRANSACTIONS))
		pr_warn("%s: transactions pend: reset all the same",
			pdev->dev.name);
	pci_write8(pdev, at + PCI_AF_CONTROL, PCI_AF_INITIATE_FLR);
	udelay(PCIE_FLR_MS * USEC_PER_MSEC);
	return wait_ready(pdev);
}

/* PCI-to-PCI bridge 1.2, 3.2.5.18; for an Express link, a hot reset. */
static int reset_bus(const struct pci_device *pdev)
{
	const struct pci_device *bridge = pdev->bridge;
	u16 control;

	if (!bridge || pdev->secondary || !pci_is_alone(pdev))
		return -EOPNOTSUPP;
	control = pci_read16(bridge, PCI_BRIDGE_CONTROL);
	pci_write16(bridge, PCI_BRIDGE_CONTROL,
		    control | PCI_BRIDGE_CONTROL_BUS_RESET);
	udelay(PCI_BUS_RESET_MS * USEC_PER_MSEC);
	pci_write16(bridge, PCI_BRIDGE_CONTROL,
		    control & (u16)~PCI_BRIDGE_CONTROL_BUS_RESET);
	udelay(PCIE_FLR_MS * USEC_PER_MSEC);
	return wait_ready(pdev);
}

int pci_reset(struct pci_device *pdev)
{
	struct saved_config saved = { 0 };
	int ret;

	if (!pci_present(pdev))
		return -ENODEV;
	save(pdev, &saved);
	/* Nothing is begun any more, and nothing answers half reset. */
	pci_disable(pdev,
		    PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	ret = reset_express(pdev);
	if (ret == -EOPNOTSUPP)
		ret = reset_conventional(pdev);
	if (ret == -EOPNOTSUPP)
		ret = reset_bus(pdev);
	if (ret == -ETIMEDOUT) {
		pr_err("%s: not back %u ms after its reset", pdev->dev.name,
		       PCI_READY_TIMEOUT_MS);
		return ret;
	}
	restore(pdev, &saved);
	pci_restore_irqs(pdev);
	return ret;
}
