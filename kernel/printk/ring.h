/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log's ring of records: many writers, many readers, no locks and no
 * waiting, so that a writer may be interrupted anywhere, by anything, for
 * good.
 *
 * A writer takes the next sequence number; it owns slot (number mod size) for
 * that number, claims it, fills it and commits it. When the whole ring was
 * written while one writer was interrupted, that writer is still inside a
 * slot that a later number needs: the later record is dropped and counted.
 */
#pragma once

#include <kernel/printk.h>

#define LOG_SLOT_BYTES 256
#define LOG_SLOT_WORDS (LOG_SLOT_BYTES / sizeof(u64) - 1)

/* A record with its sequence number replaced by the slot's state. */
struct log_slot {
	u64 state;
	u64 words[LOG_SLOT_WORDS]; /* struct log_record from time_ns on */
};

_Static_assert(sizeof(struct log_record) == LOG_SLOT_BYTES, "one per slot");
_Static_assert(sizeof(struct log_slot) == LOG_SLOT_BYTES, "same as a record");

struct log_ring {
	struct log_slot *slots; /* all zero before the first record */
	u64 count;		/* of slots; a power of two */
	u64 head;		/* the next number to give out */
	u64 dropped;
};

/** Take @n numbers in a row; returns the first. Each must then be written. */
u64 log_ring_reserve(struct log_ring *ring, u64 n);

/**
 * Write the record for the reserved number @seq; record->seq is ignored. NULL
 * gives the number up: readers pass over it. Returns false if the record had
 * to be dropped.
 */
bool log_ring_write(struct log_ring *ring, u64 seq,
		    const struct log_record *record);

/* The two halves of log_ring_write(), apart for tests of what is between. */
bool log_ring_claim(struct log_ring *ring, u64 seq);
void log_ring_commit(struct log_ring *ring, u64 seq,
		     const struct log_record *record);

/**
 * As log_read(). A record that is still being written ends the reading, since
 * its writer will come back and print it; with @skip_unfinished, for when no
 * writer will, it is passed over.
 */
bool log_ring_read(const struct log_ring *ring, u64 *seq,
		   struct log_record *record, bool skip_unfinished);
