/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/time.h>
#include <kernel/virt/pvclock.h>

u64 pvclock_scale(u64 ticks, u32 mul, int shift)
{
	unsigned __int128 wide = ticks;

	/* 64 + PVCLOCK_SHIFT_MAX + 32 bits fit. */
	wide = shift < 0 ? wide >> -shift : wide << shift;
	return (u64)(wide * mul >> 32);
}

static bool makes_sense(const struct pvclock_vcpu_time_info *info)
{
	return info->tsc_to_system_mul &&
	       info->tsc_shift >= -PVCLOCK_SHIFT_MAX &&
	       info->tsc_shift <= PVCLOCK_SHIFT_MAX;
}

/* mul / 2^32 * 2^shift ns a tick; ticks in a millisecond is its inverse. */
u64 pvclock_khz(const struct pvclock_vcpu_time_info *info)
{
	u64 khz;

	if (!makes_sense(info))
		return 0;
	khz = (NSEC_PER_MSEC << 32) / info->tsc_to_system_mul;
	if (info->tsc_shift >= 0)
		return khz >> info->tsc_shift;
	return khz > UINT64_MAX >> -info->tsc_shift ? 0
						    : khz << -info->tsc_shift;
}

/*
 * The host makes the version odd, changes the rest, and makes it even again;
 * this CPU is not running while it does that, but may be another one by then.
 */
bool pvclock_snapshot(const struct pvclock_vcpu_time_info *info,
		      u64 (*counter)(void), struct pvclock_vcpu_time_info *copy,
		      u64 *ticks)
{
	for (unsigned i = 0; i < PVCLOCK_TRIES_MAX; i++) {
		/* Before the loads of what it is the version of. */
		u32 version = atomic_load_acquire(&info->version);

		if (version & 1) {
			cpu_relax();
			continue;
		}
		*ticks = counter();
		copy->tsc_timestamp = READ_ONCE(info->tsc_timestamp);
		copy->system_time = READ_ONCE(info->system_time);
		copy->tsc_to_system_mul = READ_ONCE(info->tsc_to_system_mul);
		copy->tsc_shift = READ_ONCE(info->tsc_shift);
		copy->flags = READ_ONCE(info->flags);
		/* Those loads before the second one of the version. */
		fence_acquire();
		if (READ_ONCE(info->version) == version)
			return makes_sense(copy);
	}
	return false;
}

u64 pvclock_not_before(struct pvclock_latest *latest, u64 ns)
{
	u64 last = atomic_read(&latest->ns);

	while (last < ns)
		if (atomic_cmpxchg(&latest->ns, &last, ns))
			return ns;
	return last;
}

/*
 * A counter that is behind the page's, on another CPU, does not go back. Where
 * the host made the page before the guest, whose counter began with 0, the
 * page's is negative.
 */
u64 pvclock_ns(const struct pvclock_vcpu_time_info *copy, u64 ticks)
{
	s64 since = (s64)(ticks - copy->tsc_timestamp);
	u64 passed = since > 0 ? (u64)since : 0;

	return copy->system_time +
	       pvclock_scale(passed, copy->tsc_to_system_mul, copy->tsc_shift);
}

bool pvclock_wall_ns(const struct pvclock_wall_clock *wall, u64 *ns)
{
	for (unsigned i = 0; i < PVCLOCK_TRIES_MAX; i++) {
		/* As in pvclock_snapshot(). */
		u32 version = atomic_load_acquire(&wall->version);
		u64 sec = READ_ONCE(wall->sec), nsec = READ_ONCE(wall->nsec);

		fence_acquire();
		if (version & 1 || READ_ONCE(wall->version) != version) {
			cpu_relax();
			continue;
		}
		*ns = sec * NSEC_PER_SEC + nsec;
		return version && sec && nsec < NSEC_PER_SEC;
	}
	return false;
}
