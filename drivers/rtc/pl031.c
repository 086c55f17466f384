/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm's PL031 as the time of day: it counts the seconds since 1970. */
#include <abi/pl031.h>
#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>

/* Of the first one, under the lock; there is no use for a second. */
static struct spinlock lock = SPINLOCK_INIT;
static char __iomem *registers;
static struct device *owner;

static int check(const struct device *dev, char __iomem *regs)
{
	u32 part = mmio_read32(regs + PL031_PERIPH_ID0) |
		   mmio_read32(regs + PL031_PERIPH_ID1) << 8;

	if ((part & PL031_PART_MASK) != PL031_PART) {
		pr_err("%s: identifies itself as part %#x: not used", dev->name,
		       part & PL031_PART_MASK);
		return -ENODEV;
	}
	if (mmio_read32(regs + PL031_CR) & PL031_CR_STARTED)
		return 0;
	pr_warn("%s: nobody has set it: not used", dev->name);
	return -EIO;
}

static bool use(struct device *dev, char __iomem *regs)
{
	bool first;

	spin_lock(&lock);
	first = !owner;
	if (first) {
		registers = regs;
		owner = dev;
	}
	spin_unlock(&lock);
	return first;
}

static int pl031_probe(struct device *dev)
{
	char __iomem *regs =
		platform_map(to_platform_device(dev), 0, 0, PL031_SIZE);
	int ret;

	if (!regs)
		return -ENOMEM;
	ret = check(dev, regs);
	if (!ret && !use(dev, regs))
		ret = -EBUSY;
	if (ret)
		iounmap(regs);
	return ret;
}

static void pl031_remove(struct device *dev __unused)
{
	char __iomem *regs;

	spin_lock(&lock);
	regs = registers;
	registers = NULL;
	owner = NULL;
	spin_unlock(&lock);
	iounmap(regs);
}

static const char *const pl031_compatible[] = { "arm,pl031", NULL };

MODULE_DECLARE(pl031);

static const struct platform_driver pl031_driver = {
	.driver = {
		.name = "pl031",
		.module = &module_pl031,
		.bus = &platform_bus,
		.probe = pl031_probe,
		.remove = pl031_remove,
	},
	.compatible = pl031_compatible,
};
PLATFORM_DRIVER(pl031, pl031_driver);
MODULE(pl031, "Real-time clock of Arm machines", "");

static int pl031_read(u64 *ns)
{
	int ret = -ENODEV;

	spin_lock(&lock);
	if (registers) {
		*ns = mmio_read32(registers + PL031_DR) * NSEC_PER_SEC;
		ret = 0;
	}
	spin_unlock(&lock);
	return ret;
}

static const struct wallclock pl031 = {
	.name = "PL031",
	.rating = 100,
	.read = pl031_read,
};
WALLCLOCK(pl031);
