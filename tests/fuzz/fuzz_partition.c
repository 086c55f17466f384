/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the beginning of a disk, and as its end. */
#include "../../kernel/block/partition.h"
#include <abi/partition.h>
#include <kernel/byteorder.h>
#include "fuzz.h"

#define BLOCKS	 1024U
#define SIZE	 512U
#define BUFFERED 4U

static u8 image[BLOCKS * SIZE];

static int read_disk(void *arg, u64 block, u32 count, void *buffer)
{
	(void)arg;
	if (!count || block >= BLOCKS || count > BLOCKS - block ||
	    count > BUFFERED)
		abort();
	memcpy(buffer, image + block * SIZE, (size_t)count * SIZE);
	return 0;
}

static le32 crc(const u8 *bytes, size_t n)
{
	u32 value = ~0U;

	while (n--) {
		value ^= *bytes++;
		for (unsigned i = 0; i < 8; i++)
			value = value >> 1 ^ (value & 1 ? 0xedb88320U : 0);
	}
	return cpu_to_le32(~value);
}

/* No fuzzer finds checksums by itself. */
static void seal(u64 lba)
{
	u8 *block = image + lba * SIZE;
	struct gpt_header h;
	u64 array, size;

	memcpy(&h, block, sizeof(h));
	array = le64_to_cpu(h.partition_entry_lba);
	size = (u64)le32_to_cpu(h.number_of_partition_entries) *
	       le32_to_cpu(h.size_of_partition_entry);
	if (array < BLOCKS && size <= (BLOCKS - array) * SIZE)
		h.partition_entry_array_crc32 = crc(image + array * SIZE, size);
	h.header_crc32 = cpu_to_le32(0);
	memcpy(block, &h, sizeof(h));
	h.header_crc32 = crc(block, MIN(le32_to_cpu(h.header_size), SIZE));
	memcpy(block, &h, sizeof(h));
}

/* The last two blocks are the first two again: a backup's header is there. */
static void make_image(const u8 *data, size_t size)
{
	memset(image, 0, sizeof(image));
	memcpy(image, data, MIN(size, sizeof(image)));
	memcpy(image + (BLOCKS - 2) * SIZE, image, 2 * SIZE);
	if (size && data[0] & 1)
		seal(1);
	if (size && data[0] & 2)
		seal(BLOCKS - 1);
}

static void check(const struct partition_table *table)
{
	for (unsigned i = 0; i < table->count; i++) {
		const struct partition *p = &table->partition[i];

		if (!p->blocks || !p->number || p->start >= BLOCKS ||
		    p->blocks > BLOCKS - p->start)
			abort();
		for (unsigned j = 0; j < i; j++) {
			const struct partition *q = &table->partition[j];

			if (p->start < q->start + q->blocks &&
			    q->start < p->start + p->blocks)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct partition_table table;
	u8 buffer[BUFFERED * SIZE];
	struct partition_reader reader = {
		.read = read_disk,
		.blocks = BLOCKS,
		.block_size = SIZE,
		.buffer_blocks = BUFFERED,
		.buffer = buffer,
	};

	make_image(data, size);
	if (!partition_read(&reader, &table))
		check(&table);
	return 0;
}
