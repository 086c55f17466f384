/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slot's state holds the number it was last claimed for (plus 1, so that
 * zeroed memory is older than number 0) above two bits that say how far that
 * went. The number in a slot never goes back, so a state never comes back
 * either, and comparing states before and after copying shows whether the
 * slot changed in between.
 */
#include <kernel/atomic.h>
#include <kernel/string.h>
#include "ring.h"

enum {
	SLOT_LOST,    /* nothing to read for this number */
	SLOT_WRITING, /* its writer is inside */
	SLOT_OVERRUN, /* lost, and the writer of an older number is inside */
	SLOT_DONE,    /* can be read */
	SLOT_MASK = 3,
};

/* Where a slot's words are in a record: behind the number. */
#define WORDS_OFFSET offsetof(struct log_record, time_ns)

static u64 slot_state(u64 seq, unsigned progress)
{
	return ((seq + 1) << 2) | progress;
}

/* One more than the number a state was made for; 0: never used. */
static u64 state_number(u64 state)
{
	return state >> 2;
}

static struct log_slot *slot_of(const struct log_ring *ring, u64 seq)
{
	return &ring->slots[seq & (ring->count - 1)];
}

u64 log_ring_reserve(struct log_ring *ring, u64 n)
{
	/*
	 * Orders nothing: a reader that sees the new head before the slot is
	 * claimed finds an older state in it, and takes that for unfinished.
	 */
	return atomic_fetch_add_relaxed(&ring->head, n);
}

static bool has_writer(u64 state)
{
	unsigned progress = state & SLOT_MASK;

	return progress == SLOT_WRITING || progress == SLOT_OVERRUN;
}

bool log_ring_claim(struct log_ring *ring, u64 seq)
{
	struct log_slot *slot = slot_of(ring, seq);
	u64 old = atomic_read(&slot->state);
	bool busy;

	do {
		/* We were lapped before we even began. */
		if (state_number(old) >= seq + 1) {
			atomic_fetch_add_relaxed(&ring->dropped, 1);
			return false;
		}
		busy = has_writer(old);
		/*
		 * Acquire: our stores into the words come after the previous
		 * writer's, which it ordered before its commit by release.
		 * Failing means that another writer moved this slot on, which
		 * takes it a whole lap: we do not wait for anyone.
		 */
	} while (!atomic_cmpxchg_acquire(&slot->state, &old,
					 slot_state(seq, busy ? SLOT_OVERRUN
							      : SLOT_WRITING)));
	if (busy)
		atomic_fetch_add_relaxed(&ring->dropped, 1);
	return !busy;
}

/*
 * The words are copied by untorn relaxed accesses because a reader may copy
 * them while a writer changes them; it then finds a changed state and throws
 * its copy away.
 */
static void store_record(struct log_slot *slot, const struct log_record *record)
{
	u64 words[LOG_SLOT_WORDS];

	memcpy(words, (const char *)record + WORDS_OFFSET, sizeof(words));
	for (size_t i = 0; i < LOG_SLOT_WORDS; i++)
		atomic_write(&slot->words[i], words[i]);
}

static void load_record(struct log_record *record, const struct log_slot *slot)
{
	u64 words[LOG_SLOT_WORDS];

	for (size_t i = 0; i < LOG_SLOT_WORDS; i++)
		words[i] = atomic_read(&slot->words[i]);
	memcpy((char *)record + WORDS_OFFSET, words, sizeof(words));
}

void log_ring_commit(struct log_ring *ring, u64 seq,
		     const struct log_record *record)
{
	struct log_slot *slot = slot_of(ring, seq);
	u64 old = slot_state(seq, SLOT_WRITING);
	u64 new = slot_state(seq, record ? SLOT_DONE : SLOT_LOST);

	if (record) {
		/*
		 * The claim's store to the state is before the stores to the
		 * words: a reader that copied one of these words sees, behind
		 * its fence_acquire(), that the slot was claimed.
		 */
		fence_release();
		store_record(slot, record);
	}
	/*
	 * Release: the stores to the words are before the store of SLOT_DONE,
	 * which log_ring_read() loads with acquire. It only fails when a later
	 * number found us inside and gave up: that number is lost, and the
	 * slot is free again.
	 */
	while (!atomic_cmpxchg_release(&slot->state, &old, new))
		new = (old & ~(u64)SLOT_MASK) | SLOT_LOST;
}

bool log_ring_write(struct log_ring *ring, u64 seq,
		    const struct log_record *record)
{
	if (!log_ring_claim(ring, seq))
		return false;
	log_ring_commit(ring, seq, record);
	return true;
}

enum read_result {
	READ_OK,
	READ_LOST,
	READ_UNFINISHED
};

static enum read_result read_slot(const struct log_slot *slot, u64 seq,
				  struct log_record *record)
{
	/* Acquire: the copy below is of what was committed before SLOT_DONE. */
	u64 state = atomic_load_acquire(&slot->state);

	if (state_number(state) < seq + 1)
		return READ_UNFINISHED;
	if (state == slot_state(seq, SLOT_WRITING))
		return READ_UNFINISHED;
	if (state != slot_state(seq, SLOT_DONE))
		return READ_LOST;

	load_record(record, slot);
	/*
	 * The loads of the words are before the second load of the state: if
	 * any word came from a later writer, the state shows its claim.
	 */
	fence_acquire();
	if (atomic_read(&slot->state) != state)
		return READ_LOST;
	record->seq = seq;
	return READ_OK;
}

bool log_ring_read(const struct log_ring *ring, u64 *seq,
		   struct log_record *record, bool skip_unfinished)
{
	/*
	 * Acquire is not needed to find the records below head, since each
	 * slot says for itself what it holds. Read once, so that writers that
	 * are faster than us cannot keep us here.
	 */
	u64 head = atomic_read(&ring->head);
	u64 next = *seq;

	if (head > ring->count && next < head - ring->count)
		next = head - ring->count;
	for (; next < head; next++) {
		enum read_result result =
			read_slot(slot_of(ring, next), next, record);

		if (result == READ_UNFINISHED && !skip_unfinished)
			return false;
		if (result == READ_OK) {
			*seq = next + 1;
			return true;
		}
	}
	return false;
}
