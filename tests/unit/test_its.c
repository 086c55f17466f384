/* SPDX-License-Identifier: BSD-2-Clause */
/* An ITS in memory, which carries commands out while it is waited for. */
#include "unit.h"
#include <stdlib.h>
#include <abi/arm64/gic_its.h>
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
/* Included, not linked: their state must be forgotten between the tests. */
#undef pr_fmt
#include "../../arch/arm64/gic/its.c"
#undef pr_fmt
#include "../../arch/arm64/gic/lpi.c"

#define ITS_BASE 0x8080000UL
#define CPUS	 4
#define EVENTS	 256
/* Of a device that wants few. */
#define EVENTS_OF_ONE 32

DEFINE_PER_CPU(unsigned, cpu_number);
struct cpumask cpu_online_mask = { { BIT(CPUS) - 1 } };
static u64 now_ns;
static unsigned messages, handled[IRQ_LINES_MAX], unexpected_count;
static u32 typer;

/* The device: registers as they are written, and what it made of commands. */
static struct {
	_Alignas(8) char registers[GITS_SIZE];
	u64 baser[GITS_BASERS]; /* as they were before anybody wrote */
	unsigned at;		/* command */
	unsigned commands;
	bool dead, stalls, cold;
	u64 collection[CPUS];
	struct {
		u32 lpi;
		u16 collection;
		bool valid;
	} event[EVENTS];
	u32 device;
	bool device_valid;
} hw;

static u64 *reg(unsigned offset)
{
	return (u64 *)(hw.registers + offset);
}

static void carry_out(const u64 *word)
{
	u32 event = (u32)word[1];

	hw.commands++;
	CHECK(event < EVENTS || (u8)word[0] == GITS_MAPD);
	switch ((u8)word[0]) {
	case GITS_MAPD:
		hw.device = (u32)(word[0] >> 32);
		hw.device_valid = word[2] & GITS_VALID;
		CHECK_EQ(word[2] % GITS_ITT_ALIGNMENT, 0);
		break;
	case GITS_MAPC:
		hw.collection[word[2] & UINT16_MAX] =
			word[2] & ~(GITS_VALID | UINT16_MAX);
		break;
	case GITS_MAPTI:
		CHECK(hw.device_valid);
		hw.event[event].lpi = (u32)(word[1] >> 32);
		hw.event[event].valid = true;
		__attribute__((fallthrough));
	case GITS_MOVI:
		CHECK_EQ(word[0] >> 32, hw.device);
		CHECK(hw.event[event].valid);
		hw.event[event].collection = (u16)word[2];
		break;
	case GITS_DISCARD: hw.event[event].valid = false; break;
	case GITS_INV: CHECK(hw.event[event].valid); break;
	case GITS_SYNC: break;
	default: CHECK(false);
	}
}

/* What a poll gives the device time for. */
static void run(void)
{
	u64 queue = *reg(GITS_CBASER) & GITS_BASER_ADDRESS;
	u64 end = *reg(GITS_CWRITER);

	*(u32 *)reg(GITS_CTLR) |= GITS_CTLR_QUIESCENT;
	for (unsigned n = 0; n < GITS_BASERS; n++) {
		const u64 fixed = 7ULL << 56 | 0x1fULL << 48;

		*reg(GITS_BASER + n * 8) =
			(*reg(GITS_BASER + n * 8) & ~fixed) | hw.baser[n];
	}
	if (hw.stalls && end)
		*reg(GITS_CREADR) |= GITS_CREADR_STALLED;
	while (!hw.dead && !hw.stalls && *reg(GITS_CREADR) != end) {
		carry_out((u64 *)(uintptr_t)(queue + *reg(GITS_CREADR)));
		*reg(GITS_CREADR) = (*reg(GITS_CREADR) + 32) % PAGE_SIZE;
	}
}

u64 time_ns(void)
{
	run();
	return now_ns += 100000;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	messages += level <= LOG_WARNING;
}

/* What an ITS was given it keeps. */
static void *kept[1024];
static unsigned kept_count;

static void *keep(void *memory)
{
	kept[kept_count++ % ARRAY_SIZE(kept)] = memory;
	return memory;
}

void *kzalloc(size_t size)
{
	return keep(calloc(1, size));
}

void kfree(const void *object)
{
	free((void *)object);
}

static unsigned pages_out;

phys_addr_t alloc_pages(unsigned order, unsigned flags)
{
	size_t size = (size_t)PAGE_SIZE << order;

	pages_out++;
	return (uintptr_t)memset(keep(aligned_alloc(size, size)),
				 flags & ALLOC_ZERO ? 0 : 0xa5, size);
}

int free_pages(phys_addr_t phys, unsigned order)
{
	(void)order;
	pages_out--;
	free((void *)(uintptr_t)phys);
	return 0;
}

unsigned page_order_for(u64 bytes)
{
	unsigned order = 0;

	while ((u64)PAGE_SIZE << order < bytes)
		order++;
	return order;
}

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(uintptr_t)phys;
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (uintptr_t)virt;
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	CHECK_EQ(phys, ITS_BASE);
	CHECK_EQ(size, GITS_SIZE);
	return (void __iomem *)hw.registers;
}

u32 gic_dist_read(unsigned offset)
{
	CHECK_EQ(offset, GICD_TYPER);
	return typer;
}

bool gic_wait_clear(u32 (*read)(void), u32 mask)
{
	return !(read() & mask);
}

void irq_handle(unsigned irq)
{
	handled[irq]++;
}

void interrupt_unexpected(unsigned intid)
{
	(void)intid;
	unexpected_count++;
}

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	(void)signature;
	(void)index;
	return NULL;
}

/* The machine's tree is one in which all of node 1 goes to node 5. */
const struct fdt *fdt_machine(void)
{
	return NULL;
}

static int controller = 5;

int fdt_msi_controller(const struct fdt *fdt, int node, u32 rid, u32 *id)
{
	(void)fdt;
	*id = rid + 0x100;
	return node == 1 ? controller : FDT_NONE;
}

/* All CPUs have one redistributor, which says that it is the current one's. */
static _Alignas(8) char redist[0x100];

static void become(unsigned cpu)
{
	percpu__cpu_number = cpu;
	*(u64 *)(redist + GICR_TYPER) =
		GICR_TYPER_PLPIS | cpu << GICR_TYPER_PROCESSOR;
}

/* An ITS and redistributors, each as it is after a reset. */
static void reset(void)
{
	memset(&hw, 0, sizeof(hw));
	memset(&itss, 0, sizeof(itss));
	memset(&lpis, 0, sizeof(lpis));
	memset(redist, 0, sizeof(redist));
	messages = unexpected_count = 0;
	controller = 5;
	typer = GICD_TYPER_LPIS | 15U << GICD_TYPER_ID_BITS;
	*(u32 *)reg(GITS_PIDR2) = 0x3b;
	/* 16 bits of events and devices, entries of 12 bytes. */
	*reg(GITS_TYPER) = GITS_TYPER_PHYSICAL | 0xb << 4 | 15 << 8 | 15 << 13;
	hw.baser[0] = 1ULL << 56 | 7ULL << 48;
	hw.baser[1] = 4ULL << 56 | 7ULL << 48;
	become(0);
	lpi_prepare_cpu(0, (char __iomem *)redist, 0x80a0000);
}

static void start_its(void)
{
	static const struct gic_place place = {
		.itss = 1,
		.its = { { .base = ITS_BASE, .id = 3, .fdt_node = 5 } },
	};

	its_init(&place);
	for (unsigned cpu = 1; cpu < CPUS && itss.count; cpu++) {
		become(cpu);
		its_init_cpu();
	}
}

static const struct msi_requester function = { .fdt_node = 1, .id = 0x10 };
static const struct cpumask everyone = { { BIT(CPUS) - 1 } };
static const struct cpumask second = { { BIT(1) } };

/* The event's interrupt, as the hardware of its CPU would say it. */
static void send(unsigned event)
{
	u32 lpi = hw.event[event].lpi;

	CHECK(hw.event[event].valid);
	CHECK(lpis.config[lpi - GIC_LPI_FIRST] & LPI_ENABLED);
	lpi_handle(lpi);
}

TEST(each_cpu_is_a_collection)
{
	reset();
	start_its();
	CHECK_EQ(itss.count, 1);
	CHECK_EQ(messages, 0);
	CHECK(*(u32 *)reg(GITS_CTLR) & GITS_CTLR_ENABLED);
	for (u64 cpu = 0; cpu < CPUS; cpu++)
		CHECK_EQ(hw.collection[cpu], cpu << GITS_TARGET);
	CHECK_EQ(cpumask_count(&itss.its[0].mapped), CPUS);
	CHECK(*(u32 *)(redist + GICR_CTLR) & GICR_CTLR_ENABLE_LPIS);
	its_shutdown();
	CHECK(!(*(u32 *)reg(GITS_CTLR) & GITS_CTLR_ENABLED));
}

TEST(targets_may_be_addresses)
{
	reset();
	*reg(GITS_TYPER) |= GITS_TYPER_PTA;
	start_its();
	CHECK_EQ(hw.collection[0], 0x80a0000);
}

TEST(messages_lead_to_lines_and_move)
{
	struct msi_device *device;
	struct msi_message message;
	struct msi_route one, four;

	reset();
	start_its();
	CHECK_EQ(its_open(&function, 5, &device), 0);
	CHECK_EQ(hw.device, 0x110);
	CHECK(hw.device_valid);
	CHECK_EQ(its_route(device, 2000, 1, &second, &one), 0);
	CHECK_EQ(one.cpu, 1);
	CHECK_EQ(its_route(device, 2004, 4, &everyone, &four), 0);
	CHECK_EQ(four.vector % 4, 0);
	its_compose(&four, &message);
	CHECK_EQ(message.address, ITS_BASE + GITS_TRANSLATER);
	CHECK_EQ(message.data, four.vector);
	send(one.vector);
	send(four.vector + 3);
	CHECK_EQ(handled[2000], 1);
	CHECK_EQ(handled[2007], 1);
	CHECK_EQ(its_reroute(&second, &four), 0);
	CHECK_EQ(four.cpu, 1);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(hw.event[four.vector + i].collection, 1);
	its_unroute(&four);
	its_unroute(&four);
	CHECK(!hw.event[four.vector].valid);
	/* One that was on its way when the route was given up. */
	lpi_handle(hw.event[four.vector].lpi);
	CHECK_EQ(handled[2004], 1);
	its_unroute(&one);
	its_close(device);
	CHECK(!hw.device_valid);
	CHECK_EQ(messages, 0);
}

TEST(functions_that_look_alike_share_a_device)
{
	struct msi_requester who = function;
	struct msi_device *first, *second_one;
	struct msi_route a, b;

	reset();
	start_its();
	who.shared = true;
	CHECK_EQ(its_open(&who, 1, &first), 0);
	CHECK_EQ(its_open(&who, 200, &second_one), 0);
	CHECK(first == second_one);
	CHECK_EQ(its_open(&who, 257, &second_one), -ENOSPC);
	CHECK_EQ(its_route(first, 2000, 1, &everyone, &a), 0);
	CHECK_EQ(its_route(first, 2001, 1, &everyone, &b), 0);
	CHECK(a.vector != b.vector);
	its_unroute(&a);
	its_unroute(&b);
	its_close(first);
	CHECK(hw.device_valid);
	its_close(first);
	CHECK(!hw.device_valid);
}

TEST(events_and_lpis_can_be_used_up)
{
	struct msi_device *device;
	struct msi_route route[EVENTS_OF_ONE + 1];
	unsigned n = 0;

	reset();
	start_its();
	CHECK_EQ(its_open(&function, 1, &device), 0);
	while (n <= EVENTS_OF_ONE &&
	       !its_route(device, 2000 + n, 1, &everyone, &route[n]))
		n++;
	CHECK_EQ(n, EVENTS_OF_ONE);
	while (n)
		its_unroute(&route[--n]);
	lpis.count = 2;
	lpis.next = 0;
	memset(lpis.line, 0, 4);
	CHECK_EQ(its_route(device, 2000, 4, &everyone, &route[0]), -ENOSPC);
	CHECK_EQ(its_route(device, 2000, 2, &everyone, &route[0]), 0);
	its_unroute(&route[0]);
	its_close(device);
}

TEST(lpis_are_taken_again_as_late_as_possible)
{
	int first;

	reset();
	start_its();
	first = lpi_take(1500);
	CHECK(first >= GIC_LPI_FIRST);
	lpi_give_back((unsigned)first, false);
	for (unsigned i = 1; i < lpis.count; i++)
		CHECK(lpi_take(1501) != first);
	CHECK_EQ(lpi_take(1502), first);
	CHECK_EQ(lpi_take(1502), -ENOSPC);
	lpi_handle(GIC_LPI_FIRST + lpis.count);
	lpi_handle(UINT32_MAX);
	CHECK_EQ(unexpected_count, 2);
}

TEST(an_its_that_carries_nothing_out_is_given_up_once)
{
	struct msi_device *device;
	u64 before;

	reset();
	hw.dead = true;
	before = now_ns;
	start_its();
	/* Bounded: one time for all. */
	CHECK(now_ns - before < 2 * ITS_TIMEOUT_MS * NSEC_PER_MSEC);
	CHECK_EQ(messages, 1);
	CHECK_EQ(its_open(&function, 1, &device), -ENODEV);
	CHECK_EQ(messages, 1);
}

TEST(an_its_that_stops_later_loses_no_memory_to_others)
{
	struct msi_device *device;
	struct msi_route route;
	unsigned pages;

	reset();
	start_its();
	CHECK_EQ(its_open(&function, 1, &device), 0);
	CHECK_EQ(its_route(device, 2000, 1, &everyone, &route), 0);
	hw.stalls = true;
	CHECK_EQ(its_reroute(&second, &route), -EINVAL);
	CHECK_EQ(messages, 1);
	its_unroute(&route);
	pages = pages_out;
	its_close(device);
	/* It may write there still. */
	CHECK_EQ(pages_out, pages);
	CHECK_EQ(lpis.line[hw.event[0].lpi - GIC_LPI_FIRST], 2001);
	CHECK_EQ(messages, 1);
}

TEST(what_cannot_be_an_its_is_none)
{
	struct msi_device *device;

	reset();
	*(u32 *)reg(GITS_PIDR2) = 0;
	start_its();
	CHECK_EQ(itss.count, 0);
	reset();
	*reg(GITS_TYPER) &= ~1ULL;
	start_its();
	CHECK_EQ(itss.count, 0);
	reset();
	typer = 0;
	start_its();
	CHECK_EQ(itss.count, 0);
	reset();
	start_its();
	controller = 6;
	CHECK_EQ(its_open(&function, 1, &device), -ENODEV);
}

TEST(large_tables_have_two_levels)
{
	struct its_table *t;

	reset();
	start_its();
	t = &itss.its[0].devices;
	CHECK(t->indirect);
	CHECK_EQ(t->entries, 65536);
	CHECK_EQ(((u64 *)t->memory)[1], 0);
	CHECK_EQ(its_table_reach(t, 512), 0);
	CHECK(((u64 *)t->memory)[1] & GITS_VALID);
	CHECK_EQ(((u64 *)t->memory)[2], 0);
	CHECK_EQ(its_table_reach(t, 65536), -ERANGE);
}

TEST(small_tables_are_flat_and_large_ones_cut)
{
	reset();
	*reg(GITS_TYPER) = (*reg(GITS_TYPER) & ~(31ULL << 13)) | 11 << 13;
	start_its();
	CHECK(!itss.its[0].devices.indirect);
	CHECK_EQ(itss.its[0].devices.entries, 4096);
	CHECK_EQ(*reg(GITS_BASER) & 0xff, 7);
	reset();
	*reg(GITS_TYPER) |= 31ULL << 13;
	start_its();
	CHECK_EQ(itss.its[0].devices.entries, (ITS_TABLE_MAX / 8) * 512);
}
