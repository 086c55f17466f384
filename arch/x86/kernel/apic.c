/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC, through memory (xAPIC) or MSRs (x2APIC). */
#define pr_fmt(fmt) "apic: " fmt

#include <abi/apic.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/cpuid.h>
#include <asm/msr.h>
#include <kernel/io.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/virt/paravirt.h>

#define CPUID_1_EDX_APIC   BIT(9)
#define CPUID_1_ECX_X2APIC BIT(21)

/* In xAPIC mode an ID has 8 bits. */
#define XAPIC_ID_SHIFT 24
#define XAPIC_ID_MAX   0xfe

/* Interrupts a previous owner may have left in service. */
#define EOI_MAX 256
/* A command is sent within microseconds, and the register free again. */
#define ICR_POLLS_MAX 10000

static bool nox2apic;
param_bool("nox2apic", nox2apic, "use the local APIC through memory");

static u8 __iomem *registers;
static bool x2, enabled;

bool apic_is_x2(void)
{
	return x2;
}

u32 apic_read(u32 reg)
{
	return x2 ? (u32)rdmsr(APIC_X2_MSR(reg)) : mmio_read32(registers + reg);
}

void apic_write(u32 reg, u32 value)
{
	if (x2)
		wrmsr(APIC_X2_MSR(reg), value);
	else
		mmio_write32(registers + reg, value);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

u32 apic_id(void)
{
	u32 id = apic_read(APIC_ID);

	return x2 ? id : id >> XAPIC_ID_SHIFT;
}

static u32 isr_word(unsigned i)
{
	return apic_read(APIC_ISR + i * APIC_REGISTER_STEP);
}

bool apic_in_service(unsigned vector)
{
	return enabled && isr_word(vector / 32) & BIT(vector % 32);
}

void apic_wait_sent(void)
{
	unsigned polls = 0;

	while (apic_read(APIC_ICR) & APIC_ICR_PENDING &&
	       ++polls < ICR_POLLS_MAX)
		cpu_relax();
}

void apic_send_self(unsigned vector)
{
	if (x2) {
		wrmsr(APIC_X2_MSR(APIC_ICR), APIC_ICR_SELF | vector);
		return;
	}
	apic_write(APIC_ICR, APIC_ICR_SELF | vector);
	apic_wait_sent();
}

/* Writing the base MSR with an impossible transition faults. */
static bool set_mode(u64 base, u64 mode)
{
	base &= ~(APIC_BASE_ENABLE | APIC_BASE_X2);
	return !wrmsr_safe(MSR_APIC_BASE, base | mode);
}

/*
 * x2APIC mode if it is offered: a register access costs a guest less. The way
 * back from it is through off, and only possible if the ID fits.
 */
static bool choose_mode(u64 base, bool offered)
{
	bool on = base & APIC_BASE_X2;

	x2 = on;
	if (on && nox2apic) {
		if (apic_read(APIC_ID) > XAPIC_ID_MAX) {
			pr_warn("nox2apic ignored: the ID needs x2APIC mode");
			return true;
		}
		x2 = false;
		return set_mode(base, 0) && set_mode(base, APIC_BASE_ENABLE);
	}
	if (!on && !(base & APIC_BASE_ENABLE) &&
	    !set_mode(base, APIC_BASE_ENABLE))
		return false;
	if (!on && offered && !nox2apic && !virt_refuses_x2apic())
		x2 = set_mode(base, APIC_BASE_ENABLE | APIC_BASE_X2);
	return true;
}

static bool find_registers(void)
{
	struct cpuid_regs id;
	u64 base = 0;

	cpuid(1, 0, &id);
	if (!(id.edx & CPUID_1_EDX_APIC) || rdmsr_safe(MSR_APIC_BASE, &base) ||
	    !choose_mode(base, id.ecx & CPUID_1_ECX_X2APIC))
		return false;
	if (x2)
		return true;
	if (!(base & APIC_BASE_ADDRESS))
		return false;
	registers = ioremap(base & APIC_BASE_ADDRESS, APIC_REGISTERS_SIZE);
	return registers;
}

static void mask_local_lines(void)
{
	unsigned last = APIC_VERSION_MAX_LVT(apic_read(APIC_VERSION));

	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT1, APIC_LVT_MASKED);
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
	if (last >= 4)
		apic_write(APIC_LVT_PERF, APIC_LVT_MASKED);
	if (last >= 5)
		apic_write(APIC_LVT_THERMAL, APIC_LVT_MASKED);
	if (last >= 6)
		apic_write(APIC_LVT_CMCI, APIC_LVT_MASKED);
}

/* What was in service when we came would block all that is less urgent. */
static void end_left_over(void)
{
	for (unsigned n = 0; n < EOI_MAX; n++) {
		u32 any = 0;

		for (unsigned i = 0; i < 8; i++)
			any |= isr_word(i);
		if (!any)
			return;
		apic_eoi();
	}
}

void apic_set_mode_secondary(void)
{
	u64 base = rdmsr(MSR_APIC_BASE);
	u64 mode = APIC_BASE_ENABLE | (x2 ? APIC_BASE_X2 : 0);

	if ((base & (APIC_BASE_ENABLE | APIC_BASE_X2)) == mode)
		return;
	/* There is no way from x2APIC mode to the other but through off. */
	base &= ~(APIC_BASE_ENABLE | APIC_BASE_X2);
	if (!x2)
		wrmsr(MSR_APIC_BASE, base);
	wrmsr(MSR_APIC_BASE, base | mode);
}

void apic_init_cpu(void)
{
	mask_local_lines();
	/* NMI: on a PC the platform's are on LINT1. */
	apic_write(APIC_LVT_LINT1, APIC_LVT_NMI);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SPURIOUS, APIC_SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	end_left_over();
	apic_write(APIC_ESR, 0);
	apic_write(APIC_LVT_ERROR, VECTOR_ERROR);
}

int apic_init(void)
{
	u32 version;

	if (!find_registers())
		return -ENODEV;
	version = apic_read(APIC_VERSION);
	if ((version & APIC_VERSION_MASK) < APIC_VERSION_INTEGRATED ||
	    version == UINT32_MAX) {
		pr_warn("version %#x is none that can be: not used", version);
		return -ENODEV;
	}
	apic_init_cpu();
	enabled = true;
	return 0;
}

/* The timer's count is cleared as well: it may be read by who comes next. */
void apic_shutdown(void)
{
	if (!enabled)
		return;
	mask_local_lines();
	apic_write(APIC_TIMER_INITIAL, 0);
}
