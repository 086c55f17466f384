/* SPDX-License-Identifier: BSD-2-Clause */
/* Partition tables, sound ones and others. */
#include "../../kernel/block/partition.h"
#include <abi/partition.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "unit.h"

#define BLOCKS 4096U
#define SIZE   512U
/* UEFI's: entries of 128 bytes, 128 of them. */
#define ENTRIES 128U

static u8 disk[BLOCKS * SIZE];
static u8 buffer[16384];
static unsigned reads;
static u64 bad_block;
static struct partition_table table;

static int read_disk(void *arg, u64 block, u32 count, void *to)
{
	(void)arg;
	if (!CHECK(block < BLOCKS && count && count <= BLOCKS - block) ||
	    !CHECK(count * SIZE <= sizeof(buffer)))
		return -EINVAL;
	reads++;
	if (bad_block && bad_block >= block && bad_block < block + count)
		return -EIO;
	memcpy(to, disk + block * SIZE, (size_t)count * SIZE);
	return 0;
}

static int read_table_by(u32 buffer_blocks)
{
	struct partition_reader reader = {
		.read = read_disk,
		.blocks = BLOCKS,
		.block_size = SIZE,
		.buffer_blocks = buffer_blocks,
		.buffer = buffer,
	};

	reads = 0;
	return partition_read(&reader, &table);
}

static int read_table(void)
{
	return read_table_by(sizeof(buffer) / SIZE);
}

static void clear(void)
{
	memset(disk, 0, sizeof(disk));
	bad_block = 0;
}

static void put_mbr(u64 block, unsigned n, u8 type, u32 start, u32 blocks)
{
	struct mbr *mbr = (struct mbr *)(void *)(disk + block * SIZE);

	mbr->signature = cpu_to_le16(MBR_SIGNATURE);
	mbr->partition[n].os_type = type;
	mbr->partition[n].starting_lba = cpu_to_le32(start);
	mbr->partition[n].size_in_lba = cpu_to_le32(blocks);
}

static void check_partition(unsigned i, unsigned number, u64 start, u64 blocks)
{
	if (!CHECK(i < table.count))
		return;
	CHECK_EQ(table.partition[i].number, number);
	CHECK_EQ(table.partition[i].start, start);
	CHECK_EQ(table.partition[i].blocks, blocks);
}

TEST(an_empty_disk_has_no_table)
{
	clear();
	CHECK_EQ(read_table(), 0);
	CHECK(!table.kind && !table.count && !table.refused);
	CHECK_EQ(reads, 1);
}

TEST(a_disk_that_cannot_be_read_says_so)
{
	struct partition_reader reader = { .read = read_disk, .blocks = 0 };

	CHECK_EQ(partition_read(&reader, &table), 0);
	CHECK_EQ(table.count, 0);
}

TEST(primary_partitions_are_found)
{
	clear();
	put_mbr(0, 0, 0x83, 64, 100);
	put_mbr(0, 2, 0x83, 200, BLOCKS - 200);
	CHECK_EQ(read_table(), 0);
	CHECK_STR(table.kind, "mbr");
	CHECK_EQ(table.count, 2);
	CHECK_EQ(table.refused, 0);
	check_partition(0, 1, 64, 100);
	check_partition(1, 3, 200, BLOCKS - 200);
}

TEST(partitions_that_cannot_be_are_left_out)
{
	clear();
	put_mbr(0, 0, 0x83, 64, BLOCKS); /* beyond the end */
	put_mbr(0, 1, 0x83, 64, 100);
	put_mbr(0, 2, 0x83, 163, 10); /* overlaps the second */
	put_mbr(0, 3, 0x83, BLOCKS, 1);
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.count, 1);
	CHECK_EQ(table.refused, 3);
	check_partition(0, 2, 64, 100);
}

TEST(a_boot_sector_without_a_table_is_none)
{
	clear();
	put_mbr(0, 0, 0x83, 64, 100);
	((struct mbr *)(void *)disk)->partition[1].boot_indicator = 0x12;
	CHECK_EQ(read_table(), 0);
	CHECK(!table.kind && !table.count);
}

TEST(logical_partitions_are_found)
{
	clear();
	put_mbr(0, 0, 0x83, 10, 50);
	put_mbr(0, 1, MBR_TYPE_EXTENDED, 100, 1000);
	put_mbr(100, 0, 0x83, 2, 30);
	put_mbr(100, 1, MBR_TYPE_EXTENDED, 200, 100); /* from 100 on */
	put_mbr(300, 0, 0x83, 4, 40);
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.count, 3);
	CHECK_EQ(table.refused, 0);
	check_partition(1, 5, 102, 30);
	check_partition(2, 6, 304, 40);
}

TEST(a_chain_in_a_circle_ends)
{
	clear();
	put_mbr(0, 0, MBR_TYPE_EXTENDED_LBA, 100, 1000);
	put_mbr(100, 1, MBR_TYPE_EXTENDED, 200, 100);
	put_mbr(300, 1, MBR_TYPE_EXTENDED, 0, 100);
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.refused, 1);
	CHECK_EQ(reads, 3);
	put_mbr(300, 1, MBR_TYPE_EXTENDED, 200, 100);
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.refused, 1);
	put_mbr(300, 1, MBR_TYPE_EXTENDED, 0xfffffff0, 100);
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.refused, 1);
	CHECK_STR(table.why, "a link that leads nowhere");
}

TEST(a_long_chain_ends)
{
	clear();
	put_mbr(0, 0, MBR_TYPE_EXTENDED, 1, BLOCKS - 1);
	for (u32 i = 1; i < BLOCKS - 1; i++)
		put_mbr(i, 1, MBR_TYPE_EXTENDED, i, 1);
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.refused, 1);
	CHECK(reads < 200);
}

TEST(a_link_that_cannot_be_read_ends_the_chain)
{
	clear();
	put_mbr(0, 0, 0x83, 10, 50);
	put_mbr(0, 1, MBR_TYPE_EXTENDED, 100, 1000);
	bad_block = 100;
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.count, 1);
	CHECK_EQ(table.refused, 1);
}

static u32 crc(const u8 *bytes, size_t n)
{
	u32 value = ~0U;

	while (n--) {
		value ^= *bytes++;
		for (unsigned i = 0; i < 8; i++)
			value = value >> 1 ^ (value & 1 ? 0xedb88320U : 0);
	}
	return ~value;
}

static struct gpt_header *header_at(u64 lba)
{
	return (struct gpt_header *)(void *)(disk + lba * SIZE);
}

static void seal(u64 lba)
{
	struct gpt_header *h = header_at(lba);
	size_t bytes = (size_t)le32_to_cpu(h->number_of_partition_entries) *
		       le32_to_cpu(h->size_of_partition_entry);
	u64 array = le64_to_cpu(h->partition_entry_lba);

	if (array < BLOCKS && bytes <= (BLOCKS - array) * SIZE)
		h->partition_entry_array_crc32 =
			cpu_to_le32(crc(disk + array * SIZE, bytes));
	h->header_crc32 = cpu_to_le32(0);
	h->header_crc32 = cpu_to_le32(
		crc((u8 *)h, MIN(le32_to_cpu(h->header_size), SIZE)));
}

static void put_header(u64 lba, u64 other, u64 array)
{
	*header_at(lba) = (struct gpt_header){
		.signature = cpu_to_le64(GPT_SIGNATURE),
		.revision = cpu_to_le32(0x10000),
		.header_size = cpu_to_le32(GPT_HEADER_MIN),
		.my_lba = cpu_to_le64(lba),
		.alternate_lba = cpu_to_le64(other),
		.first_usable_lba = cpu_to_le64(34),
		.last_usable_lba = cpu_to_le64(BLOCKS - 34),
		.partition_entry_lba = cpu_to_le64(array),
		.number_of_partition_entries = cpu_to_le32(ENTRIES),
		.size_of_partition_entry = cpu_to_le32(GPT_ENTRY_MIN),
	};
}

static struct gpt_entry *entry(u64 array, unsigned n)
{
	return (struct gpt_entry *)(void *)(disk + array * SIZE) + n;
}

static void put_entry(unsigned n, u64 first, u64 last)
{
	const u64 arrays[] = { 2, BLOCKS - 33 };

	for (unsigned i = 0; i < ARRAY_SIZE(arrays); i++) {
		struct gpt_entry *e = entry(arrays[i], n);

		e->partition_type_guid[0] = 1;
		e->starting_lba = cpu_to_le64(first);
		e->ending_lba = cpu_to_le64(last);
	}
}

static void put_gpt(void)
{
	clear();
	put_mbr(0, 0, MBR_TYPE_GPT, 1, BLOCKS - 1);
	put_header(1, BLOCKS - 1, 2);
	put_header(BLOCKS - 1, 1, BLOCKS - 33);
	put_entry(0, 100, 199);
	put_entry(5, 1000, 1000);
	seal(1);
	seal(BLOCKS - 1);
}

static void check_found(unsigned refused)
{
	CHECK_EQ(read_table(), 0);
	CHECK_STR(table.kind, "gpt");
	CHECK_EQ(table.count, 2);
	CHECK_EQ(table.refused, refused);
	check_partition(0, 1, 100, 100);
	check_partition(1, 6, 1000, 1);
}

TEST(gpt_partitions_are_found)
{
	put_gpt();
	check_found(0);
	CHECK_EQ(reads, 3);
}

TEST(an_array_larger_than_the_buffer_is_read_in_parts)
{
	put_gpt();
	for (u32 blocks = 1; blocks < 40; blocks += 3) {
		CHECK_EQ(read_table_by(MIN(blocks, 32U)), 0);
		CHECK_EQ(table.count, 2);
		check_partition(1, 6, 1000, 1);
	}
}

TEST(a_damaged_table_is_replaced_by_its_copy)
{
	put_gpt();
	disk[SIZE + 60] ^= 1;
	check_found(1);
	put_gpt();
	disk[2 * SIZE + 700] ^= 1; /* an entry: the array's checksum */
	check_found(1);
	put_gpt();
	bad_block = 1;
	check_found(1);
	put_gpt();
	bad_block = 3;
	check_found(1);
}

TEST(two_damaged_tables_are_none)
{
	put_gpt();
	disk[SIZE + 60] ^= 1;
	disk[(BLOCKS - 1) * SIZE + 60] ^= 1;
	CHECK_EQ(read_table(), 0);
	CHECK_EQ(table.count, 0);
	CHECK_EQ(table.refused, 1);
	CHECK(!table.kind);
}

/* Each with a checksum that is right: the first copy is refused. */
static void spoil(void (*how)(struct gpt_header *h))
{
	put_gpt();
	how(header_at(1));
	seal(1);
	check_found(1);
}

static void size_small(struct gpt_header *h)
{
	h->header_size = cpu_to_le32(GPT_HEADER_MIN - 1);
}

static void size_large(struct gpt_header *h)
{
	h->header_size = cpu_to_le32(SIZE + 1);
}

static void other_place(struct gpt_header *h)
{
	h->my_lba = cpu_to_le64(2);
}

static void no_entries(struct gpt_header *h)
{
	h->number_of_partition_entries = cpu_to_le32(0);
}

static void many_entries(struct gpt_header *h)
{
	h->number_of_partition_entries = cpu_to_le32(0xffffffff);
}

static void odd_entries(struct gpt_header *h)
{
	h->size_of_partition_entry = cpu_to_le32(GPT_ENTRY_MIN + 8);
}

static void small_entries(struct gpt_header *h)
{
	h->size_of_partition_entry = cpu_to_le32(GPT_ENTRY_MIN / 2);
}

static void huge_entries(struct gpt_header *h)
{
	h->size_of_partition_entry = cpu_to_le32(0x80000000);
}

static void array_beyond(struct gpt_header *h)
{
	h->partition_entry_lba = cpu_to_le64(BLOCKS - 1);
}

static void array_nowhere(struct gpt_header *h)
{
	h->partition_entry_lba = cpu_to_le64(~0ULL);
}

static void usable_beyond(struct gpt_header *h)
{
	h->last_usable_lba = cpu_to_le64(BLOCKS);
}

static void usable_backwards(struct gpt_header *h)
{
	h->first_usable_lba = cpu_to_le64(BLOCKS - 1);
}

TEST(headers_that_cannot_be_are_refused)
{
	spoil(size_small);
	spoil(size_large);
	spoil(other_place);
	spoil(no_entries);
	spoil(many_entries);
	spoil(odd_entries);
	spoil(small_entries);
	spoil(huge_entries);
	spoil(array_beyond);
	spoil(array_nowhere);
	spoil(usable_beyond);
	spoil(usable_backwards);
}

TEST(entries_that_cannot_be_are_left_out)
{
	put_gpt();
	put_entry(6, 1001, 900);	/* backwards */
	put_entry(7, 10, 20);		/* in front of the usable blocks */
	put_entry(8, 2000, BLOCKS - 1); /* behind them */
	put_entry(9, 150, 160);		/* overlaps the first */
	put_entry(10, 2000, ~0ULL);	/* wraps around */
	seal(1);
	check_found(5);
}
