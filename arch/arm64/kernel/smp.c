/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the other CPUs, by device tree or ACPI, and starting them by PSCI. */
#define pr_fmt(fmt) "smp: " fmt

#include <abi/madt_gic.h>
#include <asm/cpu.h>
#include <asm/irq.h>
#include <asm/smccc.h>
#include <asm/stack.h>
#include <kernel/acpi.h>
#include <kernel/arch_smp.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/irq.h>
#include <kernel/madt.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include "../mm/mapping.h"

#define MPIDR_AFFINITY 0xff00ffffffULL
#define TCR_EPD0       BIT64(7)

/* From and for head.S. */
extern char secondary_entry[];
extern u64 secondary_root;
extern u8 **secondary_stacks;
u8 **secondary_stacks;

void arm64_secondary_start(u64 cpu);

/* CPUs in the order in which firmware lists them, the boot CPU first. */
static struct {
	u64 *mpidr;
	unsigned max, count;
	unsigned left_alone;
	bool boot_listed;
} cpus;

static u64 own_mpidr(void)
{
	return sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
}

u64 arch_cpu_id(unsigned cpu)
{
	return cpus.mpidr ? cpus.mpidr[cpu] : own_mpidr();
}

const char *arch_cpu_id_name(void)
{
	return "MPIDR";
}

static void note_cpu(u64 mpidr)
{
	for (unsigned i = 0; i < cpus.count; i++) {
		if (cpus.mpidr[i] != mpidr)
			continue;
		if (i || cpus.boot_listed)
			pr_warn("CPU %#lx is listed twice", mpidr);
		cpus.boot_listed |= !i;
		return;
	}
	if (cpus.count == cpus.max)
		cpus.left_alone++;
	else
		cpus.mpidr[cpus.count++] = mpidr;
}

/* "reg" of a CPU is its affinity; it is no address of the bus above. */
static bool fdt_mpidr(const struct fdt *fdt, int node, u64 *mpidr)
{
	u32 high = 0, low;

	if (!fdt_cell(fdt, node, "reg", 0, &low))
		return false;
	if (fdt_cell(fdt, node, "reg", 1, &high)) {
		*mpidr = ((u64)low << 32 | high) & MPIDR_AFFINITY;
		return true;
	}
	*mpidr = low & MPIDR_AFFINITY;
	return true;
}

static void list_fdt(const struct fdt *fdt)
{
	int parent = fdt_find(fdt, "/cpus");
	u64 mpidr;

	fdt_for_each_child(fdt, node, parent) {
		const char *type = fdt_string(fdt, node, "device_type");

		if (type && !strcmp(type, "cpu") &&
		    fdt_is_available(fdt, node) && fdt_mpidr(fdt, node, &mpidr))
			note_cpu(mpidr);
	}
}

static void list_madt(const struct acpi_sdt_header *madt)
{
	const struct acpi_madt_entry *e = NULL;

	while ((e = madt_next(madt, e, ACPI_MADT_GICC,
			      sizeof(struct acpi_madt_gicc)))) {
		const struct acpi_madt_gicc *gicc = (const void *)e;

		if (le32_to_cpu(gicc->flags) & ACPI_MADT_GICC_ENABLED)
			note_cpu(le64_to_cpu(gicc->mpidr) & MPIDR_AFFINITY);
	}
}

unsigned arch_smp_enumerate(unsigned max, unsigned *left_alone)
{
	const struct acpi_sdt_header *madt = acpi_find(ACPI_MADT_SIGNATURE, 0);

	if (!irq_available() || !psci_version())
		return 1;
	cpus.mpidr = kmalloc(max * sizeof(u64));
	if (!cpus.mpidr)
		return 1;
	cpus.mpidr[0] = own_mpidr();
	cpus.count = 1;
	cpus.max = max;
	if (fdt_machine())
		list_fdt(fdt_machine());
	else if (madt)
		list_madt(madt);
	if (!cpus.boot_listed)
		pr_warn("the boot CPU, %#lx, is not listed", cpus.mpidr[0]);
	*left_alone = cpus.left_alone;
	return cpus.count;
}

int arch_cpu_prepare(unsigned cpu)
{
	return irq_root()->prepare_cpu(cpu, arch_cpu_id(cpu));
}

/* CPUs read these before they have caches. */
static void publish(void *data, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(u64))
		__asm__ __volatile__("dc civac, %0"
				     :
				     : "r"((char *)data + i)
				     : "memory");
	dsb();
}

static bool make_stacks(unsigned count)
{
	secondary_stacks = kzalloc(count * sizeof(*secondary_stacks));
	if (!secondary_stacks)
		return false;
	for (unsigned cpu = 1; cpu < count; cpu++) {
		secondary_stacks[cpu] = vmalloc(IDLE_STACK_SIZE);
		if (!secondary_stacks[cpu])
			return false;
	}
	return true;
}

static void start(unsigned cpu)
{
	struct smccc_result r;

	smccc_call(PSCI_CPU_ON, arch_cpu_id(cpu), virt_to_phys(secondary_entry),
		   cpu, &r);
	if ((s32)r.x0 != PSCI_SUCCESS)
		pr_warn("CPU %u, %#lx: PSCI refuses to start it: %d", cpu,
			arch_cpu_id(cpu), (s32)r.x0);
}

int arch_cpus_start(const struct cpumask *mask)
{
	unsigned cpu;

	if (!make_stacks(cpu_count()))
		return -ENOMEM;
	secondary_root = virt_to_phys(kernel_root());
	publish(&secondary_root, sizeof(secondary_root));
	for_each_cpu(cpu, mask)
		start(cpu);
	return 0;
}

/* A CPU that is late needs its stack, and what is left is a list. */
void arch_cpus_started(bool all)
{
	if (!all)
		return;
	kfree(secondary_stacks);
	secondary_stacks = NULL;
}

/* From head.S, on its own stack, with the kernel's page tables. */
void arm64_secondary_start(u64 cpu)
{
	int err;

	arch_set_current(this_cpu_ptr(idle_thread));
	stack_set_idle((uintptr_t)secondary_stacks[cpu]);
	sysreg_write(tcr_el1, sysreg_read(tcr_el1) | TCR_EPD0);
	isb();
	arch_tlb_flush_local();
	err = irq_root()->init_cpu();
	if (own_mpidr() != arch_cpu_id((unsigned)cpu) || err)
		cpu_park();
	smp_secondary_main((unsigned)cpu);
}
