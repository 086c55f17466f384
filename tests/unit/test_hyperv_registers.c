/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's registers for ends of interrupts, commands, waits, idle CPUs,
 * panics, resets and migrations.
 */
#include "fake_hyperv.h"
#include "host.h"
#include <kernel/clocksource.h>
#include <kernel/init.h>
#include <kernel/power_hook.h>
#include <kernel/spin_pv.h>
#include <kernel/time.h>
#include <kernel/virt/driver.h>

void hv_interrupt_end(void);
void hv_ipi_send(unsigned cpu, enum ipi_kind kind);
void hv_idle_wait(void);

static unsigned native_ends, native_ipis, native_idles, delays;
static bool apic_in_memory;
static struct virt_evidence evidence;
static struct virt_detection detection;
static void (*note)(void);
static struct clocksource tsc = { .name = "tsc", .hz = 1 };
static bool other_clock;
static unsigned demoted;

const struct virt_evidence *virt_evidence(void)
{
	return &evidence;
}

const struct virt_detection *virt_detection(void)
{
	return &detection;
}

int static_call_patch(void *name, const void *fn)
{
	CHECK(name && fn);
	return 0;
}

void interrupt_end(void)
{
}

void native_interrupt_end(void)
{
	native_ends++;
}

void ipi_send(unsigned cpu, enum ipi_kind kind)
{
	(void)cpu;
	(void)kind;
}

void native_ipi_send(unsigned cpu, enum ipi_kind kind)
{
	(void)cpu;
	(void)kind;
	native_ipis++;
}

void idle_wait(void)
{
}

void native_idle_wait(void)
{
	native_idles++;
}

void hv_steal_sleep(void)
{
}

void hv_steal_wake(void)
{
}

u64 arch_cpu_id(unsigned cpu)
{
	return cpu + 3;
}

u32 arch_ipi_command(enum ipi_kind kind)
{
	return 0x40U + kind;
}

bool virt_apic_in_memory(void)
{
	return apic_in_memory;
}

void udelay(u64 us)
{
	delays += us != 0;
}

u32 hv_vp_index(unsigned cpu)
{
	return cpu + 9;
}

int arch_take_callback_vector(void (*fn)(void), bool end)
{
	CHECK(end);
	note = fn;
	return 0xf5;
}

u64 time_counter_khz(void)
{
	return 2000000;
}

struct clocksource *clocksource_nth(unsigned n)
{
	return n ? NULL : &tsc;
}

void clocksource_demote(struct clocksource *cs, const char *reason)
{
	CHECK(cs == &tsc && reason);
	demoted++;
	if (other_clock)
		cs->hz = 0;
}

/* As the boot does it at level TIME. */
static void begin(void)
{
	fake_hyperv_reset();
	native_ends = native_ipis = native_idles = delays = demoted = 0;
	tsc.hz = 1;
}

static void look_at_apic(bool in_memory)
{
	apic_in_memory = in_memory;
	table_for_each(const struct initcall, init, call)
		CHECK_EQ((*call)->fn(), 0);
}

TEST(interrupt_ends_by_memory_once)
{
	u32 *word;

	begin();
	CHECK_EQ(fake_start(HV_EOI_ASSIST), 0);
	look_at_apic(false);
	CHECK_EQ(FAKE(HV_X64_MSR_VP_ASSIST_PAGE) & 0xfff, 1);
	word = (void *)(uintptr_t)(FAKE(HV_X64_MSR_VP_ASSIST_PAGE) & ~0xfffULL);
	*word = 1;
	hv_interrupt_end();
	CHECK_EQ(*word, 0);
	CHECK_EQ(hv_eoi_skipped(), 1);
	CHECK_EQ(native_ends, 0);
	hv_interrupt_end();
	CHECK_EQ(native_ends, 1);
	fake_stop(HV_EOI_ASSIST);
	CHECK_EQ(FAKE(HV_X64_MSR_VP_ASSIST_PAGE), 0);
	*word = 1; /* the page is not shared any more */
	hv_interrupt_end();
	CHECK_EQ(native_ends, 2);
	CHECK_EQ(*word, 1);
	*word = 0;
}

TEST(interrupt_ends_by_register_where_the_apic_is_in_memory)
{
	begin();
	CHECK_EQ(fake_start(HV_EOI_ASSIST), 0);
	look_at_apic(true);
	hv_interrupt_end();
	CHECK_EQ(fake_writes[fake_index(HV_X64_MSR_EOI)], 1);
	CHECK_EQ(native_ends, 0);
	fake_no_write[fake_index(HV_X64_MSR_EOI)] = true;
	hv_interrupt_end();
	CHECK_EQ(native_ends, 1);
}

TEST(commands_go_by_register_where_the_apic_is_in_memory)
{
	begin();
	CHECK_EQ(fake_start(HV_APIC_REGISTERS), 0);
	look_at_apic(true);
	hv_ipi_send(2, IPI_CALL);
	CHECK_EQ(FAKE(HV_X64_MSR_ICR), 5ULL << 56 | 0x4040U | IPI_CALL);
	CHECK_EQ(native_ipis, 0);
	fake_no_write[fake_index(HV_X64_MSR_ICR)] = true;
	hv_ipi_send(2, IPI_CALL);
	CHECK_EQ(native_ipis, 1);
	look_at_apic(false);
	hv_ipi_send(2, IPI_CALL);
	CHECK_EQ(native_ipis, 2);
	fake_missing = "recommend-apic-registers";
	CHECK_EQ(fake_start(HV_APIC_REGISTERS), -ENODEV);
}

/* Only leaf 4 of the block matters here. */
static void recommend(u32 tries)
{
	static const struct hypervisor hv;

	detection.count = 1;
	detection.found[0].hv = &hv;
	evidence.block_count = 1;
	evidence.block[0].leaf[1].eax = 0x31237648;
	evidence.block[0].leaf[4].ebx = tries;
	evidence.block[0].max_trusted = 0x40000010;
	evidence.block[0].base = 0x40000000;
}

TEST(host_is_told_of_a_wait_only_while_it_lasts)
{
	static const struct {
		u32 recommended;
		unsigned used;
	} tries[] = { { 8191, 8191 }, { 1, 16 }, { 0x7fffffff, 1U << 20 } };
	u8 byte = 1;

	begin();
	CHECK_EQ(fake_start(HV_HYPERCALLS), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(tries); i++) {
		recommend(tries[i].recommended);
		CHECK_EQ(fake_start(HV_SPIN_WAIT), 0);
		CHECK_EQ(spin_pv->tries, tries[i].used);
	}
	fake_calls.count = 0;
	spin_pv->wait(&byte, 2);
	CHECK_EQ(fake_calls.count, 0);
	spin_pv->wait(&byte, 1);
	CHECK_EQ(fake_calls.count, 1);
	CHECK_EQ(fake_calls.control[0],
		 HV_CALL_NOTIFY_LONG_SPIN_WAIT | HV_HYPERCALL_FAST);
	CHECK_EQ(fake_calls.a[0], 1U << 20);
	spin_pv->kick(0);
	CHECK_EQ(fake_calls.count, 1);
}

TEST(idle_cpu_halts_where_the_register_faults)
{
	begin();
	CHECK_EQ(fake_start(HV_GUEST_IDLE), 0);
	hv_idle_wait();
	CHECK_EQ(hv_idle_waits(), 1);
	CHECK_EQ(native_idles, 0);
	fake_no_msr[fake_index(HV_X64_MSR_GUEST_IDLE)] = true;
	hv_idle_wait();
	CHECK_EQ(native_idles, 1);
}

static void panicked(const char *message)
{
	table_for_each(const struct power_hook, power_hook, it)
		if ((*it)->panicked)
			(*it)->panicked(message);
}

TEST(panic_is_told_with_its_message)
{
	begin();
	panicked("before it started");
	CHECK_EQ(fake_writes[fake_index(HV_X64_MSR_CRASH_CTL)], 0);
	FAKE(HV_X64_MSR_CRASH_CTL) = HV_CRASH_CTL_NOTIFY | HV_CRASH_CTL_MESSAGE;
	CHECK_EQ(fake_start(HV_CRASH), 0);
	panicked("it broke");
	CHECK_EQ(FAKE(HV_X64_MSR_CRASH_CTL),
		 HV_CRASH_CTL_NOTIFY | HV_CRASH_CTL_MESSAGE);
	CHECK_STR((char *)(uintptr_t)FAKE(HV_X64_MSR_CRASH_P(3)), "it broke");
	CHECK_EQ(FAKE(HV_X64_MSR_CRASH_P(4)), 8);
	CHECK_EQ(FAKE(HV_X64_MSR_CRASH_P(2)), hv_guest_os_id());
}

TEST(message_is_cut_to_what_does_not_cross_a_page)
{
	char text[1000];

	begin();
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	FAKE(HV_X64_MSR_CRASH_CTL) = HV_CRASH_CTL_NOTIFY;
	CHECK_EQ(fake_start(HV_CRASH), 0);
	panicked(text);
	CHECK_EQ(FAKE(HV_X64_MSR_CRASH_P(4)), 255);
	CHECK(FAKE(HV_X64_MSR_CRASH_P(3)) % 4096 + 256 <= 4096);
	CHECK_EQ(FAKE(HV_X64_MSR_CRASH_CTL), HV_CRASH_CTL_NOTIFY);
	begin();
	CHECK_EQ(fake_start(HV_CRASH), -ENODEV); /* it can do nothing */
}

static void reboot(void)
{
	table_for_each(const struct power_hook, power_hook, it)
		if ((*it)->reboot)
			(*it)->reboot();
}

TEST(reset_that_faults_is_not_waited_for)
{
	begin();
	reboot();
	CHECK_EQ(FAKE(HV_X64_MSR_RESET), 1);
	CHECK_EQ(delays, 1);
	begin();
	fake_no_write[fake_index(HV_X64_MSR_RESET)] = true;
	reboot();
	CHECK_EQ(delays, 0);
	begin();
	fake_nothing_runs = true;
	reboot();
	CHECK_EQ(FAKE(HV_X64_MSR_RESET), 0);
}

static void migrate(u64 hz)
{
	FAKE(HV_X64_MSR_TSC_FREQUENCY) = hz;
	FAKE(HV_X64_MSR_TSC_EMULATION_STATUS) = HV_TSC_EMULATION_IN_PROGRESS;
	note();
	CHECK_EQ(host_run_work(), 1);
}

TEST(notes_of_a_migration_are_asked_for_and_given_back)
{
	begin();
	CHECK_EQ(fake_start(HV_REENLIGHTENMENT), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_REENLIGHTENMENT_CONTROL),
		 9ULL << 32 | HV_REENLIGHTENMENT_ENABLED | 0xf5);
	CHECK_EQ(FAKE(HV_X64_MSR_TSC_EMULATION_CONTROL), 1);
	fake_stop(HV_REENLIGHTENMENT);
	CHECK_EQ(FAKE(HV_X64_MSR_REENLIGHTENMENT_CONTROL), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_TSC_EMULATION_CONTROL), 0);
}

TEST(counter_of_another_rate_is_given_up_or_stays_emulated)
{
	begin();
	CHECK_EQ(fake_start(HV_REENLIGHTENMENT), 0);
	migrate(2000100000); /* 50 parts in a million */
	CHECK_EQ(demoted, 0);
	CHECK_EQ(FAKE(HV_X64_MSR_TSC_EMULATION_STATUS), 0);
	other_clock = true;
	migrate(2500000000);
	CHECK_EQ(demoted, 1);
	CHECK_EQ(FAKE(HV_X64_MSR_TSC_EMULATION_STATUS), 0);
	other_clock = false;
	tsc.hz = 1;
	migrate(2500000000);
	CHECK_EQ(demoted, 2);
	CHECK_EQ(FAKE(HV_X64_MSR_TSC_EMULATION_STATUS),
		 HV_TSC_EMULATION_IN_PROGRESS);
}

TEST(invariant_counter_is_asked_for)
{
	begin();
	CHECK_EQ(fake_start(HV_INVARIANT_TSC), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_TSC_INVARIANT_CONTROL), 1);
}
