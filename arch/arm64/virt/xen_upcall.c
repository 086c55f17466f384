/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How Xen interrupts an arm64 CPU for its events: by a private interrupt, which
 * the node /hypervisor of the device tree names (Linux,
 * Documentation/devicetree/bindings/arm/xen.txt). It cannot be asked for before
 * there is an interrupt controller, nor on a CPU before that has its part.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <asm/gic.h>
#include <asm/irq.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/virt/xen_upcall.h>
#include <kernel/vsprintf.h>

static void (*upcall)(void);
static unsigned intid; /* 0: none */
static char name[24];

const char *xen_upcall_name(void)
{
	return name;
}

/* The number of the private interrupt, or -errno. */
static int find_interrupt(void)
{
	const struct fdt *fdt = fdt_machine();
	struct fdt_interrupt irq;
	int ret;

	if (!fdt)
		return -ENODEV;
	ret = fdt_interrupt(fdt, fdt_find(fdt, "/hypervisor"), 0, &irq);
	if (ret)
		return -ENODEV;
	ret = gic_fdt_line(&irq, NULL);
	return ret >= INTID_PPI && ret < INTID_SPI ? ret : -EINVAL;
}

int xen_upcall_start(void (*fn)(void))
{
	int ret = find_interrupt();

	if (ret < 0)
		return ret;
	upcall = fn;
	intid = (unsigned)ret;
	snprintf(name, sizeof(name), "by interrupt %u", intid);
	return 0;
}

static int request(void)
{
	int err = intid ? ppi_request(intid, upcall) : 0;

	if (err)
		pr_err("no interrupt %u for events: error %d", intid, -err);
	return err;
}
initcall(INIT_TIME, request);

static int enable(void)
{
	if (intid)
		ppi_enable(intid);
	return 0;
}
initcall_cpu(INIT_TIME, enable);

/* Nothing to do before there are interrupts. */
int xen_upcall_start_cpu(void)
{
	return 0;
}

void xen_upcall_stop_cpu(void)
{
	if (intid && irq_root())
		irq_root()->ppi_enable(intid, false);
}
