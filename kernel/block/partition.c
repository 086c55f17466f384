/* SPDX-License-Identifier: BSD-2-Clause */
/* What partition tables have in common. */
#include "partition.h"

void partition_refuse(struct partition_table *table, const char *why)
{
	table->refused++;
	table->why = why;
}

static bool overlaps(const struct partition_table *table, u64 start, u64 blocks)
{
	for (unsigned i = 0; i < table->count; i++) {
		const struct partition *p = &table->partition[i];

		if (start < p->start + p->blocks && p->start < start + blocks)
			return true;
	}
	return false;
}

void partition_add(const struct partition_reader *reader,
		   struct partition_table *table, unsigned number, u64 start,
		   u64 blocks)
{
	if (!blocks || start >= reader->blocks ||
	    blocks > reader->blocks - start) {
		partition_refuse(table, "a partition beyond the disk's end");
	} else if (overlaps(table, start, blocks)) {
		partition_refuse(table, "a partition that overlaps another");
	} else if (table->count == PARTITIONS_MAX) {
		partition_refuse(table, "too many partitions");
	} else {
		table->partition[table->count++] = (struct partition){
			.start = start,
			.blocks = blocks,
			.number = number,
		};
	}
}

int partition_read(const struct partition_reader *reader,
		   struct partition_table *table)
{
	int ret;

	table->kind = NULL;
	table->count = 0;
	table->refused = 0;
	table->why = NULL;
	if (!reader->blocks)
		return 0;
	ret = reader->read(reader->arg, 0, 1, reader->buffer);
	if (ret)
		return ret;
	switch (mbr_kind(reader)) {
	case MBR_TABLE:
		table->kind = "mbr";
		mbr_read(reader, table);
		break;
	case MBR_PROTECTIVE:
		if (gpt_read(reader, table))
			table->kind = "gpt";
		else
			partition_refuse(table, "both copies of a GPT damaged");
		break;
	case MBR_NONE: break;
	}
	return 0;
}
