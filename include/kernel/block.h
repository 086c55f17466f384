/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices, for those who read and write them: disks and partitions.
 * Drivers of disks see <kernel/block_driver.h>.
 *
 * A request is the caller's memory. From block_submit() on it is the layer's,
 * with the memory that its segments name, until its done() is called: once,
 * always, with 0 or -errno in its status. A disk that is taken away or does not
 * answer in time ends all its requests with -EIO.
 *
 * Addresses and lengths are in sectors of 512 bytes whatever the disk's own
 * blocks are; requests are whole blocks of it (struct block_limits).
 */
#pragma once

#include <kernel/compiler.h>

#define BLOCK_SECTOR_SHIFT 9
#define BLOCK_SECTOR	   (1U << BLOCK_SECTOR_SHIFT)
#define BLOCK_NAME_MAX	   16 /* with its terminator: "vda", "vda1" */
#define BLOCK_SERIAL_MAX   21 /* with its terminator */

struct block_disk;

enum block_operation {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH,	    /* what was written before is on the medium */
	BLOCK_DISCARD,	    /* the contents are not needed any more */
	BLOCK_WRITE_ZEROES, /* reads as zero afterwards */
	BLOCK_SECURE_ERASE, /* cannot be had back from the medium */
	BLOCK_OPERATIONS,
	/* The layer's own: one segment of BLOCK_SERIAL_MAX - 1 bytes. */
	BLOCK_IDENTIFY = BLOCK_OPERATIONS,
};

enum block_flags {
	BLOCK_PREFLUSH = BIT(0), /* BLOCK_WRITE: flush before it */
	BLOCK_FUA = BIT(1), /* BLOCK_WRITE: it is on the medium when done */
	BLOCK_NO_UNMAP = BIT(2), /* BLOCK_WRITE_ZEROES: keep the space */
};

/* What a disk can do. Sizes are sectors where nothing else is said. */
struct block_limits {
	u32 block_size;		 /* bytes; all requests are multiples */
	u32 physical_block_size; /* bytes; smaller writes cost more */
	u32 optimal_size;	 /* bytes; 0: not known */
	u32 sectors_max;	 /* of one read or write */
	u32 segment_max;	 /* bytes of one segment */
	u16 segments_max;
	/* 0: the operation is not offered. */
	u32 discard_max;
	u32 discard_alignment; /* what is not a multiple may be left out */
	u32 write_zeroes_max;
	u32 secure_erase_max;
	u32 secure_erase_alignment;
	bool read_only;
};

/* A disk or a partition of one. */
struct block_device {
	char name[BLOCK_NAME_MAX];
	struct block_disk *disk;
	unsigned partition; /* its number, or 0: all of the disk */
	u64 start;	    /* on the disk */
	u64 sectors;	    /* of a disk this may change: atomic */
	/* The layer's. */
	unsigned references;
	u64 order; /* in the list of all */
	struct block_device *next;
};

/* A run of memory in the direct map (so not on a stack). */
struct block_segment {
	void *data;
	u32 length; /* bytes, not 0 */
};

struct block_request {
	/* The caller's. */
	struct block_device *device; /* to which the caller has a reference */
	u64 sector;		     /* of the device */
	u32 sectors;
	u8 operation; /* enum block_operation */
	u8 flags;     /* enum block_flags */
	u16 segment_count;
	/* Of reads and writes: `sectors` in all. They stay until done(). */
	const struct block_segment *segments;
	/*
	 * It is finished, and the caller's again. On any CPU, interrupts
	 * masked, perhaps before block_submit() has returned. It may submit
	 * requests, this one as well.
	 */
	void (*done)(struct block_request *request);
	int status;
	u64 done_ns; /* time_ns() when the layer saw that it was finished */

	/* The layer's from here on. */
	u32 total_sectors; /* with those that were merged into it */
	struct block_request *next;
	struct block_request *merged, *last;
	u64 start; /* on the disk */
	u16 total_segments;
	u8 step;  /* enum block_operation: what is done of it now */
	u8 steps; /* that are still to be done */
	u64 queued_ns;
};

/**
 * Start @request. What is wrong with it is told through done() as well:
 * -EINVAL (no such operation, not whole blocks, segments), -ENOSPC (beyond the
 * device's end), -EROFS, -EOPNOTSUPP, -EIO. Any context but NMI.
 */
void block_submit(struct block_request *request);

/*
 * Requests that are submitted together: neighbours are merged, and the device
 * is told once. A zeroed one is empty; block_plug_flush() must follow.
 */
struct block_plug {
	struct block_request *first, *last;
};

/** Add @request, as block_submit(); it starts with the flush. */
void block_plug_add(struct block_plug *plug, struct block_request *request);
void block_plug_flush(struct block_plug *plug);

/**
 * Look for finished requests that were submitted on this CPU, instead of
 * waiting for the interrupt. Any context but NMI.
 */
void block_poll(struct block_device *device);

/*
 * The same, one after the other and waited for. @offset and @length are bytes,
 * multiples of the block size; any length, cut to what the device can. 0 or
 * -errno, as above; after an error a part may have been done. In threads and
 * the boot.
 */
int block_read(struct block_device *device, u64 offset, void *buffer,
	       u64 length);
/** @flags: enum block_flags. */
int block_write(struct block_device *device, u64 offset, const void *buffer,
		u64 length, unsigned flags);
int block_flush(struct block_device *device);
int block_discard(struct block_device *device, u64 offset, u64 length);
int block_write_zeroes(struct block_device *device, u64 offset, u64 length,
		       unsigned flags);
int block_secure_erase(struct block_device *device, u64 offset, u64 length);

/** The device @name, with a reference for the caller, or NULL. In threads. */
struct block_device *block_find(const char *name);

/**
 * Visit all: the first one for NULL, else the one after @previous, whose
 * reference is put. Each disk is followed by its partitions. In threads.
 */
struct block_device *block_next(struct block_device *previous);

/** Put a reference: no request of the caller's is under way. In threads. */
void block_put(struct block_device *device);

/** What the disk of @device can do. They do not change. */
const struct block_limits *block_limits(const struct block_device *device);

/** Bytes of @device now. */
static inline u64 block_size(const struct block_device *device)
{
	return READ_ONCE(device->sectors) << BLOCK_SECTOR_SHIFT;
}

/** True if @device cannot be written to. */
bool block_read_only(const struct block_device *device);

/** What one kind of requests has cost: reads, writes, all others. */
enum block_kind {
	BLOCK_KIND_READ,
	BLOCK_KIND_WRITE,
	BLOCK_KIND_OTHER,
	BLOCK_KINDS,
};

struct block_counts {
	u64 requests; /* finished */
	u64 merged;   /* of these with others, so that one was sent */
	u64 sectors;
	u64 failed;
	u64 ns; /* from block_submit() to the end, of all together */
};

struct block_stats {
	struct block_counts kind[BLOCK_KINDS];
	u64 commands;	   /* sent to the device */
	u64 notifications; /* that it was told of some */
	u64 interrupts;	   /* that it told of results */
	unsigned in_flight;
};

/** Since the disk of @device was registered. Any context but NMI. */
void block_get_stats(struct block_device *device, struct block_stats *stats);
