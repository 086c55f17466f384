/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers get as interrupts, and what devices are told about it. */
#include "unit.h"
#include <stdlib.h>
#include "fake_pci_host.h"
#include <kernel/byteorder.h>
#include <kernel/irq.h>
#include <kernel/mm/slab.h>
#include <kernel/msi.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "../../drivers/pci/internal.h"

#define TABLE_ENTRIES 8
#define TABLE_OFFSET  0x800

DEFINE_PER_CPU(unsigned, cpu_number);
struct cpumask cpu_online_mask = { { 0xf } };

static struct pci_msix_entry memory[512];
static unsigned route_count;
static bool no_vectors, vectors_taken;
static int isa_line = 11;

u64 time_ns(void)
{
	return 0;
}

unsigned cpu_count(void)
{
	return 4;
}

const char *pci_class_name(u16 class)
{
	(void)class;
	return NULL;
}

void udelay(u64 us)
{
	(void)us;
}

int irq_from_isa(unsigned line)
{
	return line == (unsigned)isa_line ? 20 : -ENODEV;
}

static struct msi_requester last_requester;
static unsigned senders;
static bool no_controller;

int arch_msi_open(const struct msi_requester *who, unsigned messages,
		  struct msi_device **device)
{
	CHECK(messages);
	last_requester = *who;
	if (no_controller)
		return -ENODEV;
	senders++;
	*device = (struct msi_device *)&senders;
	return 0;
}

void arch_msi_close(struct msi_device *device)
{
	CHECK(device == (struct msi_device *)&senders);
	senders--;
}

int arch_msi_route(struct msi_device *device, unsigned irq, unsigned count,
		   const struct cpumask *cpus, struct msi_route *route)
{
	CHECK(device == (struct msi_device *)&senders);
	(void)irq;
	if (no_vectors)
		return -ENOSPC;
	*route = (struct msi_route){
		.device = device,
		.cpu = cpumask_next(cpus, 0),
		.vector = 0x40 + 32 * route_count++,
		.count = count,
	};
	return 0;
}

int arch_msi_reroute(unsigned irq, const struct cpumask *cpus,
		     struct msi_route *route)
{
	(void)irq;
	if (vectors_taken)
		return -EBUSY;
	route->cpu = cpumask_next(cpus, 0);
	return 0;
}

void arch_msi_unroute(struct msi_route *route)
{
	route->count = 0;
}

void arch_msi_compose(const struct msi_route *route,
		      struct msi_message *message)
{
	message->address = 0x1fee00000 | route->cpu << 12;
	message->data = route->vector;
}

static enum irq_return answer(void *context)
{
	(void)context;
	return IRQ_HANDLED;
}

static struct irq_action actions[TABLE_ENTRIES];

static int request(const struct pci_device *pdev, unsigned index)
{
	int irq = pci_irq_vector(pdev, index);

	CHECK(irq >= 0);
	actions[index] =
		(struct irq_action){ .name = "test", .handler = answer };
	return irq_request((unsigned)irq, &actions[index], IRQ_TRIGGER_DEFAULT);
}

static struct pci_device *device_with(struct fake_function **f, u8 capability,
				      u16 control)
{
	struct pci_device *pdev = only_device(f);

	(*f)->writable[PCI_COMMAND + 1] = 0x04;
	fake_put(*f, PCI_CAPABILITY_LIST, 0x40, 1);
	fake_put(*f, 0x40, capability, 1);
	fake_put(*f, 0x42, control, 2);
	memset((*f)->writable + 0x44, 0xff, 0x20);
	return pdev;
}

static struct pci_device *msi_device(struct fake_function **f, u16 control)
{
	struct pci_device *pdev = device_with(f, PCI_CAP_MSI, control);

	(*f)->writable[0x42] = 0x71;
	return pdev;
}

TEST(msi_messages_share_an_address_and_a_value)
{
	struct fake_function *f;
	/* 16 messages, 64 bits, mask bits */
	struct pci_device *pdev = msi_device(&f, 0x0188);
	struct cpumask two = { { 4 } };
	struct pci_msi_info info;

	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 7, PCI_IRQ_ANY), 4);
	CHECK_EQ(pci_irq_kind(pdev), PCI_IRQ_MSI);
	CHECK_EQ(pci_irq_vector(pdev, 4), -ENOENT);
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_ANY), -EBUSY);
	/* Enabled, 4 of 16 messages, all masked, and no pin. */
	CHECK_EQ(fake_get(f, 0x42, 2), 0x01a9);
	CHECK_EQ(fake_get(f, 0x50, 4), ~0U);
	CHECK_EQ(pci_msi_info(pdev, &info), 0);
	CHECK(info.enabled && info.used == 4 && info.vectors == 16);
	CHECK(fake_get(f, PCI_COMMAND, 2) & PCI_COMMAND_INTX_DISABLE);
	CHECK_EQ(request(pdev, 2), 0);
	CHECK_EQ(fake_get(f, 0x44, 4), 0xfee00000);
	CHECK_EQ(fake_get(f, 0x48, 4), 1);
	CHECK_EQ(fake_get(f, 0x4c, 2) % 4, 0);
	CHECK_EQ(fake_get(f, 0x50, 4), ~4U);
	CHECK_EQ(request(pdev, 0), 0);
	CHECK_EQ(fake_get(f, 0x50, 4), ~5U);
	CHECK_EQ(irq_mask(actions[2].irq), 0);
	CHECK_EQ(fake_get(f, 0x50, 4), ~1U);
	/* All move together. */
	CHECK_EQ(irq_set_affinity(actions[0].irq, &two), 0);
	CHECK_EQ(fake_get(f, 0x44, 4), 0xfee02000);
	vectors_taken = true;
	two.bits[0] = 2;
	CHECK_EQ(irq_set_affinity(actions[0].irq, &two), -EBUSY);
	vectors_taken = false;
	/* It was reset. */
	fake_put(f, 0x42, 0x0188, 2);
	memset(f->config + 0x44, 0, 16);
	pci_restore_irqs(pdev);
	CHECK_EQ(fake_get(f, 0x42, 2), 0x01a9);
	CHECK_EQ(fake_get(f, 0x44, 4), 0xfee02000);
	CHECK_EQ(fake_get(f, 0x50, 4), ~1U);
	irq_free(&actions[2]);
	irq_free(&actions[0]);
	CHECK_EQ(fake_get(f, 0x50, 4), ~0U);
	pci_irq_vectors_free(pdev);
	pci_irq_vectors_free(pdev);
	CHECK_EQ(fake_get(f, 0x42, 2) & PCI_MSI_CONTROL_ENABLE, 0);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2) & PCI_COMMAND_INTX_DISABLE, 0);
}

TEST(msi_without_mask_bits_is_off_while_nobody_listens)
{
	struct fake_function *f;
	struct pci_device *pdev = msi_device(&f, 0x0000);

	CHECK_EQ(pci_irq_vectors_alloc(pdev, 2, 2, PCI_IRQ_MESSAGES), -ENOSPC);
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 8, PCI_IRQ_MESSAGES), 1);
	CHECK_EQ(fake_get(f, 0x42, 2), 0);
	no_vectors = true;
	CHECK_EQ(request(pdev, 0), -ENOSPC);
	CHECK_EQ(fake_get(f, 0x42, 2), 0);
	no_vectors = false;
	CHECK_EQ(request(pdev, 0), 0);
	CHECK_EQ(fake_get(f, 0x42, 2), PCI_MSI_CONTROL_ENABLE);
	/* 32 bits: the value is right behind the address. */
	CHECK_EQ(fake_get(f, 0x44, 4), 0xfee00000);
	CHECK(fake_get(f, 0x48, 2) >= 0x40);
	CHECK_EQ(irq_mask(actions[0].irq), 0);
	CHECK_EQ(fake_get(f, 0x42, 2), 0);
	CHECK_EQ(irq_unmask(actions[0].irq), 0);
	irq_free(&actions[0]);
	pci_irq_vectors_free(pdev);
}

static struct pci_device *msix_device(struct fake_function **f)
{
	struct pci_device *pdev =
		device_with(f, PCI_CAP_MSIX, TABLE_ENTRIES - 1);

	(*f)->writable[0x43] = 0xc0;
	memset((*f)->writable + 0x44, 0, 8);
	fake_put(*f, 0x44, TABLE_OFFSET | 2, 4);
	fake_put(*f, 0x48, 0x1000 | 2, 4);
	pdev->sized = true;
	pdev->region[2] = (struct pci_region){
		.start = (uintptr_t)memory,
		.size = sizeof(memory),
	};
	/* As a liar's reset leaves them: open. */
	memset(memory, 0, sizeof(memory));
	return pdev;
}

TEST(msix_messages_go_their_own_ways)
{
	struct pci_msix_entry *table = &memory[TABLE_OFFSET / 16];
	struct cpumask three = { { 8 } };
	struct fake_function *f;
	struct pci_device *pdev = msix_device(&f);

	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 5, PCI_IRQ_ANY), 5);
	CHECK_EQ(pci_irq_kind(pdev), PCI_IRQ_MSIX);
	CHECK_EQ(fake_get(f, 0x42, 2) >> 14, 2);
	for (unsigned i = 0; i < TABLE_ENTRIES; i++)
		CHECK_EQ(le32_to_cpu(table[i].vector_control), 1);
	CHECK_EQ(le32_to_cpu(memory[TABLE_OFFSET / 16 - 1].vector_control), 0);
	CHECK_EQ(request(pdev, 0), 0);
	CHECK_EQ(request(pdev, 4), 0);
	CHECK_EQ(le32_to_cpu(table[4].vector_control), 0);
	CHECK_EQ(le32_to_cpu(table[3].vector_control), 1);
	CHECK_EQ(le32_to_cpu(table[4].address_high), 1);
	CHECK(le32_to_cpu(table[4].data) != le32_to_cpu(table[0].data));
	/* With another vector if it must be. */
	vectors_taken = true;
	CHECK_EQ(irq_set_affinity(actions[4].irq, &three), 0);
	no_vectors = true;
	three.bits[0] = 2;
	CHECK_EQ(irq_set_affinity(actions[4].irq, &three), -EBUSY);
	vectors_taken = no_vectors = false;
	CHECK_EQ(le32_to_cpu(table[4].address_low), 0xfee03000);
	CHECK_EQ(le32_to_cpu(table[0].address_low), 0xfee00000);
	CHECK_EQ(irq_mask(actions[0].irq), 0);
	CHECK_EQ(irq_set_affinity(actions[0].irq, &three), 0);
	CHECK_EQ(le32_to_cpu(table[0].vector_control), 1);
	/* It was reset: what is masked stays so. */
	memset(memory, 0xff, sizeof(memory));
	fake_put(f, 0x42, TABLE_ENTRIES - 1, 2);
	pci_restore_irqs(pdev);
	CHECK_EQ(fake_get(f, 0x42, 2) >> 14, 2);
	CHECK_EQ(le32_to_cpu(table[4].address_low), 0xfee03000);
	CHECK_EQ(le32_to_cpu(table[4].vector_control) & 1, 0);
	CHECK_EQ(le32_to_cpu(table[0].vector_control) & 1, 1);
	irq_free(&actions[0]);
	irq_free(&actions[4]);
	CHECK_EQ(le32_to_cpu(table[4].vector_control) & 1, 1);
	pci_irq_vectors_free(pdev);
	CHECK_EQ(fake_get(f, 0x42, 2) >> 14, 0);
}

TEST(msix_out_of_its_region_is_not_used)
{
	struct fake_function *f;
	struct pci_device *pdev = msix_device(&f);

	pdev->region[2].size = TABLE_OFFSET + 16 * TABLE_ENTRIES - 1;
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 5, PCI_IRQ_ANY), -ENOSPC);
	pdev->region[2].size = sizeof(memory);
	pdev->region[2].start = 0; /* firmware assigned none */
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 5, PCI_IRQ_ANY), -ENOSPC);
	CHECK_EQ(fake_get(f, 0x42, 2) >> 14, 0);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2) & PCI_COMMAND_INTX_DISABLE, 0);
}

TEST(a_pin_is_what_remains)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);

	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_ANY), -ENOSPC);
	pdev->interrupt = 1;
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_ANY), -ENOSPC);
	pdev->irq_line = 0xff;
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_ANY), -ENOSPC);
	pdev->irq_line = 11;
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_MESSAGES), -ENOSPC);
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 2, 4, PCI_IRQ_ANY), -ENOSPC);
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 0, 4, PCI_IRQ_ANY), -EINVAL);
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 2, 1, PCI_IRQ_ANY), -EINVAL);
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 4, PCI_IRQ_ANY), 1);
	CHECK_EQ(pci_irq_vector(pdev, 0), 20);
	CHECK_EQ(pci_irq_kind(pdev), PCI_IRQ_INTX);
	pci_irq_vectors_free(pdev);
}

TEST(messages_that_nobody_takes_are_not_offered)
{
	struct fake_function *f;
	struct pci_device *pdev = msi_device(&f, 0x0188);

	no_controller = true;
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_MESSAGES), -ENOSPC);
	pdev->interrupt = 1;
	pdev->irq_line = 11;
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_ANY), 1);
	CHECK_EQ(pci_irq_kind(pdev), PCI_IRQ_INTX);
	pci_irq_vectors_free(pdev);
	no_controller = false;
}

static u16 id_behind(struct pci_device *pdev, struct pci_device *bridge)
{
	pdev->bridge = bridge;
	CHECK_EQ(pci_irq_vectors_alloc(pdev, 1, 1, PCI_IRQ_MESSAGES), 1);
	pci_irq_vectors_free(pdev);
	CHECK_EQ(senders, 0);
	pdev->bridge = NULL;
	return last_requester.id;
}

TEST(bridges_of_conventional_pci_send_in_their_own_name)
{
	struct fake_function *f;
	struct pci_device *pdev = msi_device(&f, 0x0188);
	struct pci_device root_port = {
		.bus = 0,
		.devfn = 0x10,
		.secondary = 1,
		.express = 0x40,
		.port_type = PCIE_ROOT_PORT,
	};
	struct pci_device to_pci = {
		.bus = 1,
		.devfn = 0,
		.secondary = 2,
		.bridge = &root_port,
		.express = 0x40,
		.port_type = PCIE_TO_PCI_BRIDGE,
	};
	struct pci_device conventional = {
		.bus = 2,
		.devfn = 0x18,
		.secondary = 3,
		.bridge = &to_pci,
	};

	CHECK_EQ(id_behind(pdev, &root_port), pdev->bus << 8 | pdev->devfn);
	CHECK(!last_requester.shared);
	CHECK_EQ(id_behind(pdev, &to_pci), 0x200);
	CHECK(last_requester.shared);
	CHECK_EQ(id_behind(pdev, &conventional), 0x200);
	conventional.bridge = NULL;
	CHECK_EQ(id_behind(pdev, &conventional), 0x218);
}
