/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's calls on arm64, answered by a host that may answer anything. */
#include "unit.h"
#include "fake_cpus.h"
#include "../../kernel/virt/kvm/internal.h"
#include "../../kernel/virt/kvm/ptp.h"
#include <abi/arm64/pv_time.h>
#include <abi/kvm/smccc.h>
#include <kernel/byteorder.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/arm64.h>
#include <kernel/virt/service.h>
#include <kernel/wallclock.h>

#define PLACE	  0x90a0000ULL /* where QEMU counts */
#define RAM	  0x40000000ULL
#define RAM_END	  0x80000000ULL
#define PHYS_END  (1ULL << 40)
#define WALL_NS	  1800000000000000000ULL
#define TICKS_KHZ 62500U

/* The host. */
static struct {
	bool v1_1, uid, features, psci, stolen_time;
	u32 feature_words[4];
	u64 place; /* what PV_TIME_ST returns */
	u64 wall_ns;
	s64 ticks_off;	    /* of the counter in the answer */
	unsigned ptp_wrong; /* answers that cannot be, before good ones */
	bool ptp_refused;
	unsigned calls;
} host;

static u64 ticks;
static bool runs, unreadable, unmapped;
static unsigned warnings, maps;
static steal_clock_fn steal;
static u8 page[4096] __attribute__((aligned(4096)));

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	warnings += level <= LOG_WARNING;
}

u64 virt_counter(void)
{
	return ticks += 10;
}

u64 virt_physical_counter(void)
{
	return virt_counter() + 1000000;
}

u64 time_counter_khz(void)
{
	return TICKS_KHZ;
}

bool smccc_is_1_1(void)
{
	return host.v1_1;
}

static void answer(struct smccc_result *r, u64 a, u64 b, u64 c, u64 d)
{
	*r = (struct smccc_result){ a, b, c, d };
}

static void answer_ptp(u64 counter, struct smccc_result *r)
{
	u64 now = ticks + 5 + (u64)host.ticks_off;

	if (host.ptp_refused)
		return;
	if (host.ptp_wrong && host.ptp_wrong--)
		now += 1U << 30;
	if (counter == KVM_PTP_PHYS_COUNTER)
		now += 1000000;
	answer(r, host.wall_ns >> 32, (u32)host.wall_ns, now >> 32, (u32)now);
}

/* As 64 bits, or, for calls of 32 bits, with rubbish in the upper halves. */
#define NO	((u64)SMCCC_NOT_SUPPORTED)
#define RUBBISH 0xdeadbeef00000000ULL

void smccc_call(u32 function, u64 a, u64 b, u64 c, struct smccc_result *r)
{
	static const u32 uid[] = KVM_SMCCC_UID;

	CHECK(!b && !c);
	host.calls++;
	answer(r, NO, 0, 0, 0);
	switch (function) {
	case SMCCC_VENDOR_HYP_UID:
		if (host.uid)
			answer(r, RUBBISH | uid[0], uid[1], uid[2], uid[3]);
		break;
	case KVM_SMCCC_FEATURES:
		if (host.features)
			answer(r, RUBBISH | host.feature_words[0],
			       host.feature_words[1], host.feature_words[2],
			       host.feature_words[3]);
		break;
	case SMCCC_ARCH_FEATURES:
		CHECK_EQ(a, PV_TIME_FEATURES);
		r->x0 = host.stolen_time ? RUBBISH : NO;
		break;
	case PV_TIME_FEATURES:
		CHECK_EQ(a, PV_TIME_ST);
		r->x0 = host.stolen_time ? 0 : NO;
		break;
	case PV_TIME_ST: r->x0 = host.place; break;
	case PSCI_FEATURES:
		if (host.psci && a != PSCI_MEM_PROTECT)
			r->x0 = 0;
		break;
	case KVM_SMCCC_PTP: answer_ptp(a, r); break;
	default: break;
	}
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	CHECK_EQ(type, HYPERV_TYPE_KVM);
	CHECK(!strcmp(feature, KVM_PTP) || !strcmp(feature, KVM_STEAL));
	return runs;
}

steal_clock_fn sched_set_steal_clock(steal_clock_fn new)
{
	steal = new;
	return NULL;
}

const struct memmap *bootmem_map(void)
{
	static const struct memmap map = {
		.count = 2,
		.entries = { { 0, RAM, MEMMAP_RESERVED },
			     { RAM, RAM_END, MEMMAP_RAM } },
	};

	return &map;
}

phys_addr_t arch_phys_limit(void)
{
	return PHYS_END;
}

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	CHECK_EQ(phys, PLACE & ~4095ULL);
	CHECK_EQ(size, sizeof(page));
	CHECK_EQ(type, MEMORY_WB);
	maps++;
	return unmapped ? NULL : page;
}

int probe_read8(const void *addr, u8 *value)
{
	if (unreadable)
		return -EFAULT;
	*value = *(const u8 *)addr;
	return 0;
}

static void good_host(void)
{
	memset(&host, 0, sizeof(host));
	host.v1_1 = host.uid = host.features = true;
	host.psci = host.stolen_time = true;
	host.feature_words[0] = BIT(0) | BIT(KVM_SMCCC_FUNC_PTP);
	host.place = PLACE;
	host.wall_ns = WALL_NS;
	warnings = 0;
}

static bool found(const struct virt_smccc *s, unsigned bit)
{
	return s->offers[bit / 32] & BIT(bit % 32);
}

TEST(calls_of_a_host_are_found)
{
	struct virt_smccc s;

	good_host();
	host.feature_words[2] = BIT(0);
	virt_scan_smccc(&s);
	CHECK(s.uid_present);
	CHECK_EQ(s.uid[0], 0xb66fb428);
	CHECK(found(&s, VIRT_SMCCC_KVM + KVM_SMCCC_FUNC_PTP));
	CHECK(found(&s, VIRT_SMCCC_KVM + KVM_SMCCC_FUNC_DISCOVER_IMPL_VER));
	CHECK(!found(&s, VIRT_SMCCC_KVM + KVM_SMCCC_FUNC_MEM_SHARE));
	CHECK(found(&s, VIRT_SMCCC_STOLEN_TIME));
	CHECK(found(&s, VIRT_SMCCC_SYSTEM_RESET2));
	CHECK(!found(&s, VIRT_SMCCC_MEM_PROTECT));
}

TEST(an_error_is_no_set_of_calls)
{
	struct virt_smccc s;

	good_host();
	host.features = host.stolen_time = host.psci = false;
	virt_scan_smccc(&s);
	CHECK(s.uid_present);
	for (unsigned i = 0; i < VIRT_SMCCC_WORDS; i++)
		CHECK_EQ(s.offers[i], 0);
}

TEST(whoever_is_no_hypervisor_is_asked_nothing_more)
{
	struct virt_smccc s;

	good_host();
	host.v1_1 = false;
	virt_scan_smccc(&s);
	CHECK_EQ(host.calls, 0);
	CHECK(!s.uid_present);
	host.v1_1 = true;
	host.uid = false;
	virt_scan_smccc(&s);
	CHECK_EQ(host.calls, 2);
	CHECK(!s.uid_present);
	CHECK(!found(&s, VIRT_SMCCC_STOLEN_TIME));
}

/* The wall clock. */

static const struct virt_service *service(const char *feature)
{
	table_for_each(const struct virt_service, virt_service, it)
		if (!strcmp((*it)->feature, feature))
			return *it;
	return NULL;
}

static const struct wallclock *wall(void)
{
	table_for_each(const struct wallclock, wallclock, it)
		return *it;
	return NULL;
}

TEST(the_hosts_time_goes_on_by_the_counter)
{
	struct kvm_ptp pair;
	u64 ns;

	good_host();
	runs = true;
	CHECK_EQ(service(KVM_PTP)->start(), 0);
	CHECK_EQ(kvm_ptp_read(KVM_PTP_PHYS_COUNTER, &pair), 0);
	CHECK_EQ(pair.wall_ns, WALL_NS);
	CHECK(pair.ticks > 1000000);
	ticks = 0xfffffff0; /* the lower half of the answer wraps */
	CHECK_EQ(wall()->read(&ns), 0);
	/* 15 ticks between the answer and the last reading. */
	CHECK_EQ(ns, WALL_NS + 15ULL * 1000000 / TICKS_KHZ);
	runs = false;
	CHECK_EQ(wall()->read(&ns), -ENODEV);
}

TEST(a_host_without_a_pair_says_so)
{
	u64 ns;

	good_host();
	runs = true;
	host.ptp_refused = true;
	CHECK_EQ(service(KVM_PTP)->start(), -EOPNOTSUPP);
	CHECK_EQ(wall()->read(&ns), -ENODEV);
}

TEST(a_counter_from_outside_the_call_is_refused)
{
	struct kvm_ptp pair;

	good_host();
	host.ticks_off = -6;
	CHECK_EQ(kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair), -EIO);
	host.ticks_off = 6;
	CHECK_EQ(kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair), -EIO);
	host.ticks_off = INT64_MAX;
	CHECK_EQ(kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair), -EIO);
}

TEST(a_pair_that_was_torn_by_a_migration_is_asked_for_again)
{
	struct kvm_ptp pair;

	good_host();
	host.ptp_wrong = 2;
	CHECK_EQ(kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair), 0);
	host.ptp_wrong = 100;
	host.calls = 0;
	CHECK_EQ(kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair), -EIO);
	CHECK_EQ(host.calls, 3);
}

TEST(times_that_no_clock_shows_are_refused)
{
	struct kvm_ptp pair;

	good_host();
	host.wall_ns = 0;
	CHECK_EQ(kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair), -EIO);
	host.wall_ns = 1ULL << 63;
	CHECK_EQ(kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair), -EOPNOTSUPP);
}

/* Stolen time. The service starts once, and is refused before that. */

static struct pv_time_stolen *stolen_of(u64 place)
{
	return (void *)(page + place % sizeof(page));
}

static int start_steal(void)
{
	int err = service(KVM_STEAL)->start();

	return err ? err : service(KVM_STEAL)->start_cpu();
}

static void finish_boot(void)
{
	table_for_each(const struct initcall, init, it)
		CHECK_EQ((*it)->fn(), 0);
}

TEST(places_where_no_host_can_count_are_refused)
{
	static const u64 places[] = {
		0,
		PLACE + 8, /* misaligned */
		PLACE + 32,
		RAM, /* this kernel's */
		RAM_END - 64,
		PHYS_END, /* no address */
		INT64_MAX & ~63ULL,
	};

	good_host();
	for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
		host.place = places[i];
		warnings = maps = 0;
		CHECK_EQ(start_steal(), -EFAULT);
		CHECK_EQ(warnings, 1);
		CHECK_EQ(maps, 0);
	}
	host.place = NO;
	CHECK_EQ(start_steal(), -EOPNOTSUPP);
	host.place = 1ULL << 63;
	CHECK_EQ(start_steal(), -EOPNOTSUPP);
}

TEST(memory_that_cannot_be_used_is_refused)
{
	good_host();
	unmapped = true;
	CHECK_EQ(start_steal(), -ENOMEM);
	unmapped = false;
	unreadable = true;
	CHECK_EQ(start_steal(), -EFAULT);
	unreadable = false;
	stolen_of(PLACE)->revision = cpu_to_le32(1);
	warnings = 0;
	CHECK_EQ(start_steal(), -EINVAL);
	CHECK_EQ(warnings, 1);
	stolen_of(PLACE)->revision = cpu_to_le32(0);
	stolen_of(PLACE)->attributes = cpu_to_le32(0x80000000);
	CHECK_EQ(start_steal(), -EINVAL);
	CHECK_EQ(warnings, 2);
	stolen_of(PLACE)->attributes = cpu_to_le32(0);
}

TEST(stolen_time_is_what_the_host_counts_for_each_cpu)
{
	good_host();
	steal = NULL;
	runs = false;
	finish_boot();
	CHECK(!steal);
	maps = 0;
	CHECK_EQ(start_steal(), 0);
	runs = true;

	/* CPU 1 has one of its own, CPU 2 one that makes no sense. */
	for (unsigned cpu = 1; cpu <= 3; cpu++) {
		fake_cpu_enter(cpu);
		cpumask_set(&cpu_online_mask, cpu);
		host.place = PLACE + cpu * 64;
		CHECK_EQ(service(KVM_STEAL)->start_cpu(), 0);
	}
	unit_percpu_offset = 0;
	stolen_of(PLACE)->stolen_time = cpu_to_le64(1000);
	stolen_of(PLACE + 64)->stolen_time = cpu_to_le64(2000);
	stolen_of(PLACE + 128)->stolen_time = cpu_to_le64(3000);
	stolen_of(PLACE + 128)->revision = cpu_to_le32(7);
	stolen_of(PLACE + 192)->stolen_time = cpu_to_le64(UINT64_MAX);
	warnings = 0;
	finish_boot();
	CHECK_EQ(warnings, 1);
	CHECK_EQ(maps, 0); /* the page is mapped already */
	CHECK(steal);
	CHECK_EQ(steal(0), 1000);
	CHECK_EQ(steal(1), 2000);
	CHECK_EQ(steal(2), 0);
	CHECK_EQ(steal(3), UINT64_MAX);
	for (unsigned cpu = 1; cpu <= 3; cpu++)
		fake_cpu_end(cpu);
}
