/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `rescan`, and `lspci` in the layout that users of pciutils know.
 */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include "lspci.h"

static void print_class(const struct pci_device *pdev,
			const struct lspci_options *o)
{
	const char *name = pci_class_name(pdev->class);

	if (o->numbers)
		console_printf("%04x", pdev->class);
	else if (name)
		console_puts(name);
	else
		console_printf("Class %04x", pdev->class);
	if (o->both)
		console_printf(" [%04x]", pdev->class);
}

static void print_model(u16 vendor, u16 device, const char *device_name,
			const struct lspci_options *o)
{
	const char *vendor_name = pci_vendor_name(vendor);

	if (o->numbers || (!vendor_name && !device_name && !o->both)) {
		console_printf("%s%04x:%04x", o->numbers ? "" : "Device ",
			       vendor, device);
		return;
	}
	if (vendor_name)
		console_printf("%s ", vendor_name);
	else
		console_puts("Unknown vendor ");
	if (device_name)
		console_puts(device_name);
	else
		console_printf("Device %04x", device);
	if (o->both)
		console_printf(" [%04x:%04x]", vendor, device);
}

static void print_interface(const struct pci_device *pdev)
{
	const char *name = pci_interface_name(pdev->class, pdev->interface);

	if (name)
		console_printf(" (prog-if %02x [%s])", pdev->interface, name);
	else if (pdev->interface)
		console_printf(" (prog-if %02x)", pdev->interface);
}

static void print_device(struct pci_device *pdev, const struct lspci_options *o)
{
	if (o->domain)
		console_printf("%04x:", pdev->host->segment);
	console_printf("%02x:%02x.%x ", pdev->bus, pci_slot(pdev),
		       pci_function(pdev));
	print_class(pdev, o);
	console_puts(": ");
	print_model(pdev->vendor, pdev->device,
		    pci_device_name(pdev->vendor, pdev->device), o);
	if (pdev->revision)
		console_printf(" (rev %02x)", pdev->revision);
	if (o->verbose)
		print_interface(pdev);
	console_puts("\n");
	if (!o->verbose)
		return;
	if (pdev->subsystem_vendor) {
		console_puts("\tSubsystem: ");
		print_model(pdev->subsystem_vendor, pdev->subsystem,
			    pci_subsystem_name(pdev->subsystem_vendor,
					       pdev->subsystem),
			    o);
		console_puts("\n");
	}
	pci_size_regions(pdev);
	lspci_print_details(pdev);
	lspci_print_capabilities(pdev);
	if (pdev->dev.driver)
		console_printf("\tKernel driver in use: %s\n",
			       pdev->dev.driver->name);
	console_puts("\n");
}

/* Letters of pciutils' options, in one word or several. */
static int parse(int argc, char **argv, struct lspci_options *o)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			return -EINVAL;
		for (const char *c = argv[i] + 1; *c; c++) {
			if (*c == 'v')
				o->verbose = true;
			else if (*c == 'D')
				o->domain = true;
			else if (*c == 'n' && o->numbers)
				o->both = true;
			else if (*c == 'n')
				o->numbers = true;
			else
				return -EINVAL;
		}
	}
	if (o->both)
		o->numbers = false;
	return 0;
}

static int command_lspci(int argc, char **argv)
{
	struct lspci_options o = { 0 };
	int ret = parse(argc, argv, &o);

	if (ret)
		return ret;
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev))
		if (dev->bus == &pci_bus && to_pci_device(dev)->host->segment)
			o.domain = true;
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev))
		if (dev->bus == &pci_bus)
			print_device(to_pci_device(dev), &o);
	return 0;
}
SHELL_COMMAND(lspci, "[-v] [-n | -nn] [-D]",
	      "List PCI devices, in detail (-v), with numbers (-n)",
	      command_lspci);

static int command_rescan(int argc, char **argv __unused)
{
	unsigned added, removed;

	if (argc != 1)
		return -EINVAL;
	if (pci_rescan(&added, &removed)) {
		console_puts("rescan: another one is running\n");
		return 0;
	}
	console_printf("%u PCI devices found, %u gone\n", added, removed);
	return 0;
}
SHELL_COMMAND(rescan, "", "Look for PCI devices that were plugged in or out",
	      command_rescan);
