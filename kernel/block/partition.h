/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Partition tables, as plain functions on what a reader gives them: nothing in
 * a table is believed. Of a table with mistakes the entries without are used.
 */
#pragma once

#include <kernel/types.h>

#define PARTITIONS_MAX 128 /* policy; more are left out */

/* All in blocks of the disk. */
struct partition {
	u64 start;
	u64 blocks; /* at least 1 */
	unsigned number;
};

struct partition_table {
	const char *kind; /* "gpt", "mbr"; NULL: none */
	unsigned count;
	unsigned refused; /* entries that cannot be */
	const char *why;  /* what was wrong with the last of these */
	struct partition partition[PARTITIONS_MAX];
};

struct partition_reader {
	/* Read @count blocks from @block on to @buffer. 0 or -errno. */
	int (*read)(void *arg, u64 block, u32 count, void *buffer);
	void *arg;
	u64 blocks;	   /* of the disk */
	u32 block_size;	   /* 512 to 65536, a power of two */
	u32 buffer_blocks; /* at least 1 */
	void *buffer;	   /* for so many; the parser's */
};

/**
 * Read the disk's table: a GPT, its copy at the end if the first is damaged,
 * else an MBR. 0 or what read() said; a disk without a table has none.
 */
int partition_read(const struct partition_reader *reader,
		   struct partition_table *table);

enum mbr_kind {
	MBR_NONE,
	MBR_TABLE,
	MBR_PROTECTIVE, /* it stands for a GPT */
};

/** What block 0, which is in the buffer, is. */
enum mbr_kind mbr_kind(const struct partition_reader *reader);
/** The partitions of the table in the buffer, and of the chain behind it. */
void mbr_read(const struct partition_reader *reader,
	      struct partition_table *table);
/** False: neither copy is right. */
bool gpt_read(const struct partition_reader *reader,
	      struct partition_table *table);

/** Add one, unless it is none that can be: beyond the disk, or overlapping. */
void partition_add(const struct partition_reader *reader,
		   struct partition_table *table, unsigned number, u64 start,
		   u64 blocks);
void partition_refuse(struct partition_table *table, const char *why);
