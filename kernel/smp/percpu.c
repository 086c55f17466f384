/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory for per-CPU variables. The boot CPU's are where they were linked. */
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>

/* From the linker script: the boot CPU's, on a page boundary. */
extern char _percpu_start[], _percpu_end[];

uintptr_t percpu_offsets[CONFIG_NR_CPUS];
DEFINE_PER_CPU(unsigned, cpu_number);

int percpu_create(unsigned cpu)
{
	unsigned order = page_order_for((u64)(_percpu_end - _percpu_start));
	phys_addr_t block = alloc_pages(order, ALLOC_ZERO);

	if (!block)
		return -ENOMEM;
	percpu_offsets[cpu] =
		(uintptr_t)phys_to_virt(block) - (uintptr_t)_percpu_start;
	per_cpu(cpu_number, cpu) = cpu;
	return 0;
}
