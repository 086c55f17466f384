/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generic timer (Arm ARM, chapter D11). The virtual count and the virtual
 * timer are used: a hypervisor keeps them steady for its guest, and every
 * guest has them.
 */
#define pr_fmt(fmt) "clock: " fmt

#include <asm/boot.h>
#include <asm/cpu.h>
#include <asm/irq.h>
#include <asm/timer.h>
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/timer.h>

/* Frequencies outside of this are not believed: 1 MHz to 4 GHz. */
#define HZ_MIN 1000000ULL
#define HZ_MAX 4000000000ULL

/* Until level TIME: no slower than any, so that the clock never goes back. */
#define BOOT_HZ HZ_MAX

#define CTL_ENABLE BIT(0)
#define CTL_MASKED BIT(1)

#define SCALE_SHIFT 32
/* Longer times are set in steps. */
#define TIMER_MAX_NS (1000 * NSEC_PER_SEC)

static u64 ticks_scale; /* ticks a nanosecond, times 2^SCALE_SHIFT */
static u64 frequency = BOOT_HZ;
static const char *source = "assumed";

static u64 counter_read(void)
{
	return cpu_counter() - boot_args.counter;
}

struct clocksource clocksource_boot = {
	.name = "boot",
	.mask = UINT64_MAX,
	.read = counter_read,
};

static bool believable(u64 hz)
{
	return hz >= HZ_MIN && hz <= HZ_MAX;
}

void timer_early_init(void)
{
	u64 hz = sysreg_read(cntfrq_el0);

	if (!believable(hz))
		hz = BOOT_HZ;
	clocksource_boot.ns_scale = (NSEC_PER_SEC << SCALE_SHIFT) / hz;
}

const char *time_frequency_source(void)
{
	return source;
}

u64 time_counter_khz(void)
{
	return frequency / 1000;
}

/* Nothing else counts at a known rate on every machine. */
u64 time_measure_khz(void)
{
	return 0;
}

/* Firmware sets CNTFRQ_EL0; where it forgot, the device tree may know. */
static u64 find_frequency(void)
{
	u64 hz = sysreg_read(cntfrq_el0);
	u64 stated = timer_stated_hz();

	if (believable(stated) && stated != hz) {
		pr_notice("CNTFRQ_EL0 says %lu Hz, the device tree %lu Hz", hz,
			  stated);
		source = "device tree";
		return stated;
	}
	if (!believable(hz)) {
		pr_warn("CNTFRQ_EL0 says %lu Hz: not believed", hz);
		return 0;
	}
	source = "CNTFRQ_EL0";
	return hz;
}

static u64 counter_probe(void)
{
	u64 hz = find_frequency();

	if (!hz)
		return 0;
	frequency = hz;
	pr_info("generic timer at %lu.%03lu MHz (%s)", hz / 1000000,
		hz / 1000 % 1000, source);
	return hz;
}

static struct clocksource counter_clock = {
	.name = "arch_sys_counter",
	.rating = 400,
	.mask = UINT64_MAX,
	.read = counter_read,
	.probe = counter_probe,
	.from_entry = true,
};
CLOCKSOURCE(counter_clock);

static void timer_stop(void)
{
	sysreg_write(cntv_ctl_el0, CTL_MASKED);
	isb();
}

/* The line is high until the timer is set anew or stopped. */
static void timer_fired(void)
{
	timer_stop();
	timer_interrupt();
}

static unsigned own_intid;

static void timer_release(void)
{
	timer_stop();
	ppi_release(own_intid);
}

static int timer_init_cpu(void)
{
	timer_stop();
	ppi_enable(own_intid);
	return 0;
}

static int timer_probe(void)
{
	int intid = timer_intid();
	int ret;

	if (!irq_available() || !counter_clock.hz || intid < 0)
		return -ENODEV;
	timer_stop();
	ret = ppi_request((unsigned)intid, timer_fired);
	if (ret)
		return ret;
	own_intid = (unsigned)intid;
	ticks_scale = (frequency << SCALE_SHIFT) / NSEC_PER_SEC;
	return 0;
}

static void timer_set(u64 ns)
{
	u64 ticks = (u64)((unsigned __int128)ns * ticks_scale >> SCALE_SHIFT);

	sysreg_write(cntv_cval_el0, cpu_counter() + ticks + 1);
	sysreg_write(cntv_ctl_el0, CTL_ENABLE);
	isb();
}

static struct clockevent generic_timer = {
	.name = "generic-timer",
	.rating = 400,
	.per_cpu = true,
	.probe = timer_probe,
	.release = timer_release,
	.init_cpu = timer_init_cpu,
	.set = timer_set,
	.stop = timer_stop,
	.max_ns = TIMER_MAX_NS,
	.counts_by = &counter_clock,
};
CLOCKEVENT(generic_timer);
