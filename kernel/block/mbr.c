/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MBR: four entries, of which one may be an extended partition: a chain of
 * sectors like it, each with one logical partition and a link to the next.
 */
#include "partition.h"
#include <abi/partition.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>

#define FIRST_LOGICAL 5

static bool is_extended(const struct mbr_partition *p)
{
	return p->os_type == MBR_TYPE_EXTENDED ||
	       p->os_type == MBR_TYPE_EXTENDED_LBA ||
	       p->os_type == MBR_TYPE_EXTENDED_LINUX;
}

static bool is_used(const struct mbr_partition *p)
{
	return p->os_type != MBR_TYPE_EMPTY && le32_to_cpu(p->size_in_lba);
}

/*
 * A boot sector of a file system has the same signature: what stands in place
 * of the entries tells.
 */
static bool is_table(const struct mbr *mbr)
{
	if (le16_to_cpu(mbr->signature) != MBR_SIGNATURE)
		return false;
	for (unsigned i = 0; i < MBR_PARTITIONS; i++)
		if (mbr->partition[i].boot_indicator & 0x7f)
			return false;
	return true;
}

/* The link in the sector at @at, or 0; its partition is added. */
static u64 read_logical(const struct partition_reader *reader,
			struct partition_table *table, u64 first, u64 at,
			unsigned number)
{
	struct mbr mbr;
	const struct mbr_partition *p = &mbr.partition[0];
	const struct mbr_partition *link = &mbr.partition[1];

	if (at >= reader->blocks ||
	    reader->read(reader->arg, at, 1, reader->buffer)) {
		partition_refuse(table, "a link that leads nowhere");
		return 0;
	}
	memcpy(&mbr, reader->buffer, sizeof(mbr));
	if (!is_table(&mbr)) {
		partition_refuse(table, "a link to what is no table");
		return 0;
	}
	if (is_used(p) && !is_extended(p))
		partition_add(reader, table, number,
			      at + le32_to_cpu(p->starting_lba),
			      le32_to_cpu(p->size_in_lba));
	return is_used(link) && is_extended(link)
		       ? first + le32_to_cpu(link->starting_lba)
		       : 0;
}

/* The chain goes on to higher addresses: so it ends. */
static void read_chain(const struct partition_reader *reader,
		       struct partition_table *table, u64 first)
{
	unsigned number = FIRST_LOGICAL;
	u64 next;

	for (u64 at = first; at; at = next) {
		if (number == FIRST_LOGICAL + PARTITIONS_MAX) {
			partition_refuse(table, "too many partitions");
			return;
		}
		next = read_logical(reader, table, first, at, number++);
		if (next && next <= at) {
			partition_refuse(table, "a link that leads back");
			return;
		}
	}
}

enum mbr_kind mbr_kind(const struct partition_reader *reader)
{
	struct mbr mbr;

	memcpy(&mbr, reader->buffer, sizeof(mbr));
	if (!is_table(&mbr))
		return MBR_NONE;
	for (unsigned i = 0; i < MBR_PARTITIONS; i++)
		if (mbr.partition[i].os_type == MBR_TYPE_GPT)
			return MBR_PROTECTIVE;
	return MBR_TABLE;
}

void mbr_read(const struct partition_reader *reader,
	      struct partition_table *table)
{
	struct mbr mbr;
	u64 chain = 0;

	memcpy(&mbr, reader->buffer, sizeof(mbr));
	for (unsigned i = 0; i < MBR_PARTITIONS; i++) {
		const struct mbr_partition *p = &mbr.partition[i];
		u64 start = le32_to_cpu(p->starting_lba);

		if (!is_used(p))
			continue;
		if (!is_extended(p))
			partition_add(reader, table, i + 1, start,
				      le32_to_cpu(p->size_in_lba));
		else if (!chain && start)
			chain = start;
		else
			partition_refuse(table, "a second extended partition");
	}
	read_chain(reader, table, chain);
}
