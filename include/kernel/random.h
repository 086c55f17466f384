/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers that nobody outside can guess, and where they are from.
 *
 * Sources give bytes, which go into one pool (BLAKE2s). Each is credited with
 * the bits that it is believed to have, no more. With RANDOM_SEED_BITS of them
 * the generator (ChaCha20, whose key is replaced after each use, so that
 * nobody who reads memory later learns what was given out) gets its key, and
 * is ready. Each CPU has a key of its own, made from that one.
 *
 * When somebody asks for numbers and the key is older than RANDOM_RESEED_NS,
 * every source is asked for RANDOM_SEED_BYTES, and the key is made anew. So
 * policy is that no source, and no host behind one, is asked for more than
 * RANDOM_SEED_BYTES in that time, and for nothing when nobody wants numbers.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/time.h>

/* What the key has, and what is credited before it is made. */
#define RANDOM_SEED_BITS 256
/* What a source is asked for at a time: enough if half of it is true. */
#define RANDOM_SEED_BYTES 64
/* A key is not older when somebody wants numbers: policy. */
#define RANDOM_RESEED_NS (60 * NSEC_PER_SEC)

/**
 * Fill @buffer with @size random bytes: at once, always, as good as there are
 * at that time (see random_ready()). Any context but NMI, from level TIME on.
 */
void random_get(void *buffer, size_t size);
u32 random_u32(void);
u64 random_u64(void);
/** One of 0 to @limit - 1, each as likely as the others; @limit is not 0. */
u64 random_below(u64 limit);

/** True once RANDOM_SEED_BITS were credited. Any context. */
bool random_ready(void);

/**
 * Wait until random_ready(), at most until time_ns() is @until_ns: false if
 * it is not. For those who make keys; the boot does not wait. Sleeps.
 */
bool random_wait(u64 until_ns);

/**
 * Stir @size bytes into the pool that may be known to others, such as names
 * and addresses of devices: no harm, no credit. Any context but NMI, from
 * level TIME on.
 */
void random_stir(const void *data, size_t size);

/**
 * From now on the 16 bytes at @id, which stay mapped and which the host
 * changes when this machine is a copy or was set back, are looked at with each
 * draw; when they change, what was given before is not given again, and the
 * sources are asked. NULL: no more. Returns what was watched before. In
 * threads and the boot, from level TIME on.
 */
const volatile u64 *random_watch_for_copies(const volatile u64 id[2]);

/** Look now: the host said that they changed. Any context but NMI. */
void random_look_for_copy(void);

/** How often they changed. Any context. */
u64 random_copies(void);

/* Whom a source belongs to, as random.trust_cpu= and _bootloader= ask. */
enum random_maker {
	RANDOM_BY_DEVICE,
	RANDOM_BY_CPU,
	RANDOM_BY_LOADER,
	RANDOM_BY_TIME, /* of events in this machine */
};

/* A source of random bytes. The owner's memory, zeroed but for what it sets. */
struct random_source {
	const char *name; /* "rdseed", "virtio0" */
	/*
	 * Bits credited for each byte, 0 to 8. With 8, the bytes are also
	 * tested: see <kernel/random.h>'s end.
	 */
	unsigned quality;
	enum random_maker maker;
	/* It costs time: only asked when the others did not give enough. */
	bool costly;
	/*
	 * Put at most @size bytes into @buffer; how many there are. At once,
	 * in threads and the boot. NULL: it has request(), or gives by itself.
	 */
	size_t (*read)(struct random_source *source, void *buffer, size_t size);
	/*
	 * Have random_add() called with up to @size bytes, soon or never. In
	 * a thread; must not wait for the device. If an earlier request was
	 * not answered yet, it stands for this one. NULL: see read().
	 */
	void (*request)(struct random_source *source, size_t size);

	/* The core's from here on; all by atomic reads for others. */
	u64 bytes;	    /* that it gave */
	u64 credited;	    /* bits, for those */
	const char *failed; /* why it is not credited any more, or NULL */
	struct random_source *next;
	u64 last_word;
	u64 first_word; /* of the last time */
	u8 last_byte;
	u8 run; /* last_byte so many times */
	u8 window_byte;
	u16 window_seen;
	u16 window_count; /* of window_byte */
};

/**
 * Add @source, and ask it once, unless it is costly. It is no source any more,
 * and none of its functions runs, when random_source_remove() returns; the
 * owner calls random_add() no more by then. In threads and the boot, from level
 * TIME on.
 */
void random_source_add(struct random_source *source);
void random_source_remove(struct random_source *source);

/**
 * @source, which was added, gives @size bytes: credited by its quality,
 * unless it was found broken. Any context but NMI.
 */
void random_add(struct random_source *source, const void *data, size_t size);
/** The same for a source that knows by itself that they have @bits. */
void random_add_assessed(struct random_source *source, const void *data,
			 size_t size, unsigned bits);

/**
 * For interrupt entry: a device interrupted, at a time that is hard to guess.
 * Interrupts masked.
 */
void random_note_interrupt(void);

/*
 * A source of quality 8 that gives what such a source should not is said to
 * be broken, once, and is credited no more until it is added again; its bytes
 * still go into the pool. Looked for are the same 8 bytes twice in a row, the
 * beginning of the last answer again, and the tests of NIST SP 800-90B, 4.4
 * (repetition count, adaptive proportion) for 8 bits a byte, which a good
 * source fails once in 2^40 bytes.
 */
