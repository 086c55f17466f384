/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "irq: " fmt

#include <asm/irq.h>
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/printk.h>

/* Unexpected interrupts that are worth a line each. */
#define REPORT_MAX 3

static const struct irq_root *root;
static bool available;
static void (*ppi_handler[INTID_SPI])(void);
static u64 counts[INTID_SPI];
static u64 unexpected;

bool irq_available(void)
{
	return READ_ONCE(available);
}

const struct irq_root *irq_root(void)
{
	return root;
}

/* A PC's lines, which no machine of this architecture has. */
int irq_from_isa(unsigned line __unused)
{
	return -ENODEV;
}

void interrupt_dispatch(void)
{
	if (root)
		root->dispatch();
}

void interrupt_private(unsigned intid)
{
	void (*handler)(void) = READ_ONCE(ppi_handler[intid]);

	atomic_fetch_add_relaxed(&counts[intid], (u64)1);
	if (handler)
		handler();
	else if (intid != SGI_SELFTEST)
		interrupt_unexpected(intid);
}

void interrupt_unexpected(unsigned intid)
{
	u64 n = atomic_fetch_add_relaxed(&unexpected, (u64)1);

	if (n < REPORT_MAX)
		pr_warn("unexpected interrupt %u: ignored", intid);
}

u64 private_count(unsigned intid)
{
	return READ_ONCE(counts[intid]);
}

int ppi_request(unsigned intid, void (*handler)(void))
{
	if (!irq_available())
		return -ENODEV;
	if (intid < INTID_PPI || intid >= INTID_SPI || ppi_handler[intid])
		return -EINVAL;
	WRITE_ONCE(ppi_handler[intid], handler);
	root->ppi_enable(intid, true);
	return 0;
}

bool arch_irq_counter(unsigned n, const char **name, u64 *count)
{
	static const char *const names[] = { "CPU-private", "unknown" };

	if (n >= ARRAY_SIZE(names))
		return false;
	*name = names[n];
	*count = n ? READ_ONCE(unexpected) : 0;
	for (unsigned i = 0; !n && i < INTID_SPI; i++)
		*count += private_count(i);
	return true;
}

void arch_irq_shutdown(void)
{
	local_irq_disable();
	WRITE_ONCE(available, false);
	if (root)
		root->shutdown();
}

static int interrupts_init(void)
{
	root = gic_init();
	if (!root) {
		pr_notice("no interrupts: everything is polled");
		return 0;
	}
	WRITE_ONCE(available, true);
	local_irq_enable();
	return 0;
}
initcall(INIT_IRQ, interrupts_init);
