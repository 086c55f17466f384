/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as firmware's memory, with an RSDP at its beginning. Checksums are
 * made right unless the first byte is odd: no fuzzer finds them by chance.
 */
#include <stdlib.h>

/* Included, not linked: their state must be forgotten between the inputs. */
#include "../../kernel/acpi/tables.c"
#undef pr_fmt
#include "../../drivers/pci/host.c"

#include <abi/hpet.h>
#include <abi/madt.h>
#include <kernel/acpi_device.h>
#include <kernel/acpi_event.h>
#include <kernel/clocksource.h>
#include <kernel/iort.h>
#include <kernel/madt.h>
#include <kernel/mm/bootmem.h>
#include <abi/srat.h>
#include <asm/apic.h>
#include <asm/smp.h>
#include "../../kernel/acpi/srat.h"
#include "../../arch/x86/kernel/ioapic.h"
#include "../../drivers/console/uart16550.h"
#include "fuzz.h"

/* Where the input's second byte is: low, so that 4 bytes reach it. */
#define MEMORY	   0x10000U
#define INPUT_MAX  16384
#define TABLE_STEP 16
#define CPUS_MAX   8

struct boot_info boot_info;
static struct memmap ram;

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	(void)type;
	return fuzz_map(phys, size);
}

void memunmap(const void *mapping)
{
	(void)mapping;
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	return fuzz_map(phys, size);
}

const struct memmap *bootmem_map(void)
{
	return &ram;
}

int device_register(struct device *dev)
{
	return dev->name[0] ? 0 : -EINVAL;
}

bool pci_ports_present(void)
{
	return false;
}

const struct pci_config_ops pci_ports_ops = { .name = "none" };

int pci_scan_host(struct pci_host *host)
{
	for (unsigned bus = host->first_bus; bus <= host->last_bus; bus++) {
		if (!pci_open_bus(host, (u8)bus))
			return -ENOMEM;
		host->ops->read(host, (u8)bus, 0xff, 4092, 4);
	}
	return 0;
}

void pci_rescan_host(struct pci_host *host, unsigned *added, unsigned *removed)
{
	(void)host;
	(void)added;
	(void)removed;
}

unsigned pci_count_host_bridges(const struct pci_host *host)
{
	(void)host;
	return 1;
}

bool pci_bus_is_taken(const struct pci_host *host, u8 bus)
{
	(void)host;
	(void)bus;
	return true;
}

void pci_number_bridges(struct pci_host *host)
{
	(void)host;
}

void iounmap(const volatile void __iomem *mapping)
{
	(void)mapping;
}

/* The last test of a clock that is found; time is not what is fed here. */
bool clocksource_counts(const struct clocksource *cs)
{
	(void)cs;
	return true;
}

int uart_add(const struct uart_place *place, const char *options, bool first)
{
	(void)options;
	(void)first;
	return place->stride ? -ENODEV : -EINVAL;
}

int uart_place_check(const struct uart_place *place)
{
	return place->io && place->address > UINT16_MAX ? -EINVAL : 0;
}

bool device_memory_plausible(phys_addr_t start, u64 size)
{
	return start + size > start;
}

static void seal(u8 *sum_byte, const u8 *bytes, size_t length)
{
	u8 sum = 0;

	for (size_t i = 0; i < length; i++)
		sum = (u8)(sum + bytes[i]);
	*sum_byte = (u8)(*sum_byte - sum);
}

/* Whatever begins with four letters may be a table. */
static void seal_tables(u8 *bytes, size_t size)
{
	struct acpi_rsdp *rsdp = (void *)bytes;

	for (size_t at = 0; at + sizeof(struct acpi_sdt_header) <= size;
	     at += TABLE_STEP) {
		struct acpi_sdt_header *h = (void *)(bytes + at);
		u32 length = le32_to_cpu(h->length);

		if (length >= sizeof(*h) && length <= size - at &&
		    h->signature[0] >= 'A' && h->signature[3] >= 'A')
			seal(&h->checksum, bytes + at, length);
	}
	if (size < sizeof(*rsdp))
		return;
	seal(&rsdp->checksum, bytes, ACPI_RSDP_V1_LENGTH);
	seal(&rsdp->extended_checksum, bytes, sizeof(*rsdp));
}

static void read_cpus(const struct acpi_sdt_header *madt)
{
	static u32 ids[CPUS_MAX];
	struct cpu_layout layout = { .ids = ids, .max = CPUS_MAX };

	cpu_layout_read(madt, 1, 254, &layout);
	cpu_mailbox_address(madt);
}

static void read_nodes(void)
{
	const struct acpi_sdt_header *srat = acpi_find(ACPI_SRAT_SIGNATURE, 0);
	const struct acpi_sdt_header *slit = acpi_find(ACPI_SLIT_SIGNATURE, 0);
	struct numa_layout layout = { 0 };
	unsigned ranges, cpus;

	if (slit && slit_check(slit))
		slit_distance((const struct acpi_slit *)slit, 0, 1);
	if (!srat)
		return;
	srat_count(srat, &ranges, &cpus);
	layout.range = malloc((ranges + 1) * sizeof(*layout.range));
	layout.cpu = malloc((cpus + 1) * sizeof(*layout.cpu));
	srat_read(srat, &layout);
	free(layout.range);
	free(layout.cpu);
}

/* Each resource that a device has is in the device's template. */
static void read_device(const struct acpi_device *device, void *context)
{
	struct acpi_resource r;

	(void)context;
	for (unsigned i = 0; acpi_device_resource(device, i, &r); i++)
		fuzz_sum += r.start + r.size + r.line;
	fuzz_sum += strlen(device->hid);
}

/* Where messages go, for one function of each of the segments. */
static void read_message_ways(void)
{
	const struct acpi_sdt_header *iort = acpi_find(ACPI_IORT_SIGNATURE, 0);
	u32 its, device;

	for (u16 segment = 0; iort && segment < 2; segment++)
		iort_find_its(iort, segment, 0x10, &its, &device);
}

static void read_tables(void)
{
	const struct acpi_sdt_header *madt;
	struct ioapic_layout layout;
	u64 value;
	u8 a, b;

	if (acpi_init(MEMORY))
		return;
	madt = acpi_find(ACPI_MADT_SIGNATURE, 0);
	if (madt && le32_to_cpu(madt->length) >= sizeof(struct acpi_madt))
		ioapic_layout_read(madt, &layout);
	if (madt && le32_to_cpu(madt->length) >= sizeof(struct acpi_madt))
		read_cpus(madt);
	read_nodes();
	read_message_ways();
	acpi_sleep_type_s5(&a, &b);
	acpi_for_each_device(read_device, NULL);
	acpi_mentions("LNRO0005");
	if (acpi_event_that_notifies("VGEN") > 0xff)
		abort();
	if (!acpi_find_integer("VGIA", &value))
		fuzz_sum += value;
	for (unsigned n = 0; acpi_table(n); n++)
		acpi_find("SSDT", n);
	table_for_each(struct clocksource, clocksource, it)
		(*it)->probe();
	/* MCFG and SPCR: level BUS. */
	table_for_each(const struct initcall, init, it)
		(*it)->fn();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 bytes[INPUT_MAX];

	if (size < 2 || size > INPUT_MAX)
		return 0;
	memcpy(bytes, data + 1, size - 1);
	if (!(data[0] & 1))
		seal_tables(bytes, size - 1);
	memset(&acpi, 0, sizeof(acpi));
	host_count = 0;
	boot_info.rsdp = MEMORY;
	fuzz_memory(MEMORY, bytes, size - 1);
	read_tables();
	fuzz_unmap_all();
	return 0;
}
