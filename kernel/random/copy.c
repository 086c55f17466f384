/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine that was copied while it ran, or set back to what it was, would
 * give the numbers again that its twin gives, or gave. A host that says so
 * changes 16 bytes of the machine's memory. They are looked at with each draw,
 * which closes the time until a notification comes.
 */
#define pr_fmt(fmt) "random: " fmt

#include <kernel/atomic.h>
#include <kernel/printk.h>
#include "internal.h"

/* A host that changes its mind all the time fills no log. */
#define TELL_NS NSEC_PER_SEC

static struct spinlock lock;
static const volatile u64 *watched;
static u64 seen[2];
static u64 copies, told_ns;

/* True: there was a change, and the key is another one. */
static bool renew(const volatile u64 *id)
{
	unsigned long state = spin_lock_irqsave(&lock);
	u64 now[2] = { id[0], id[1] };
	bool changed = now[0] != seen[0] || now[1] != seen[1];

	if (changed) {
		/* Before others see what ends their waiting for the lock. */
		pool_renew(now, sizeof(now));
		WRITE_ONCE(seen[0], now[0]);
		WRITE_ONCE(seen[1], now[1]);
		atomic_fetch_add(&copies, 1UL);
	}
	spin_unlock_irqrestore(&lock, state);
	return changed;
}

static void tell(void)
{
	u64 now = time_ns(), told = atomic_read(&told_ns);

	if ((told && now - told < TELL_NS) ||
	    !atomic_cmpxchg(&told_ns, &told, now))
		return;
	random_ask_sources();
	pr_notice("this machine is a copy or was set back: new key");
}

void random_look_for_copy(void)
{
	/* Acquire: seen is from before it was published. */
	const volatile u64 *id = atomic_load_acquire(&watched);

	if (!id || (id[0] == READ_ONCE(seen[0]) && id[1] == READ_ONCE(seen[1])))
		return;
	if (renew(id))
		tell();
}

const volatile u64 *random_watch_for_copies(const volatile u64 id[2])
{
	const volatile u64 *before = atomic_xchg(&watched, NULL);
	unsigned long state;

	if (!id)
		return before;
	state = spin_lock_irqsave(&lock);
	WRITE_ONCE(seen[0], id[0]);
	WRITE_ONCE(seen[1], id[1]);
	spin_unlock_irqrestore(&lock, state);
	random_stir(seen, sizeof(seen));
	atomic_store_release(&watched, id);
	return before;
}

u64 random_copies(void)
{
	return atomic_read(&copies);
}
