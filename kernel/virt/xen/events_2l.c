/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels of two levels: a bit for each port says that it is pending,
 * another that it is masked, and a bit for each word of them, one set for each
 * CPU, where to look.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include "internal.h"

#define WORD_BITS 64
_Static_assert(EVTCHN_2L_NR_CHANNELS == XEN_EVTCHN_WORDS * WORD_BITS,
	       "event_channel.h");

static u64 *pending_words, *mask_words;

static u64 bit_of(unsigned port)
{
	return BIT64(port % WORD_BITS);
}

static int start(void)
{
	struct shared_info *shared = xen_shared();

	pending_words = shared->evtchn_pending;
	mask_words = shared->evtchn_mask;
	memset(mask_words, 0xff, sizeof(shared->evtchn_mask));
	return 0;
}

static int start_cpu(void)
{
	return 0;
}

static int prepare(unsigned port)
{
	(void)port;
	return 0;
}

static void mask(unsigned port)
{
	atomic_fetch_or(&mask_words[port / WORD_BITS], bit_of(port));
}

static bool is_masked(unsigned port)
{
	return atomic_read(&mask_words[port / WORD_BITS]) & bit_of(port);
}

static bool pending(unsigned port)
{
	return atomic_read(&pending_words[port / WORD_BITS]) & bit_of(port);
}

/*
 * Xen sets the pending bit and then looks at the mask; here the mask is
 * changed, by a full barrier, before the look at the pending bit. So one of
 * the two sees the other. Xen only acts on what it unmasks itself.
 */
static bool unmask(unsigned port)
{
	if (pending(port))
		return false;
	atomic_fetch_and(&mask_words[port / WORD_BITS], ~bit_of(port));
	if (!pending(port))
		return true;
	mask(port);
	return false;
}

static bool clear(unsigned port)
{
	return atomic_fetch_and(&pending_words[port / WORD_BITS],
				~bit_of(port)) &
	       bit_of(port);
}

static unsigned scan_word(unsigned word)
{
	u64 bits = atomic_read(&pending_words[word]) &
		   ~atomic_read(&mask_words[word]);
	unsigned here = smp_processor_id(), delivered = 0;

	for (; bits; bits &= bits - 1) {
		unsigned port =
			word * WORD_BITS + (unsigned)__builtin_ctzll(bits);

		/* Other CPUs have their own bit for this word. */
		if (xen_event_cpu(port) != here || !clear(port))
			continue;
		xen_event_deliver(port);
		delivered++;
	}
	return delivered;
}

static unsigned scan(struct xen_vcpu_events *v)
{
	/* A full barrier: before the loads of the words it tells of. */
	u64 words = atomic_xchg(&v->evtchn_pending_sel, (u64)0);
	unsigned delivered = 0;

	for (; words; words &= words - 1)
		delivered += scan_word((unsigned)__builtin_ctzll(words));
	return delivered;
}

const struct xen_event_abi xen_events_2l = {
	.name = "2-level",
	.ports = EVTCHN_2L_NR_CHANNELS,
	.start = start,
	.start_cpu = start_cpu,
	.prepare = prepare,
	.mask = mask,
	.is_masked = is_masked,
	.unmask = unmask,
	.pending = pending,
	.clear = clear,
	.scan = scan,
};
