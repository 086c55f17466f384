/* SPDX-License-Identifier: BSD-2-Clause */
/* GPT (UEFI 2.10, 5.3). */
#include "partition.h"
#include <abi/partition.h>
#include <kernel/byteorder.h>
#include <kernel/compiler.h>
#include <kernel/errno.h>
#include <kernel/string.h>

/* Policy: an array of this many bytes is read, and no more. 128 KiB. */
#define ARRAY_BYTES_MAX	 131072U
#define CRC32_POLYNOMIAL 0xedb88320U

/* CRC-32 as Ethernet's, by half bytes; begins and ends with ~0. */
static u32 crc32(u32 crc, const u8 *bytes, size_t n)
{
	u32 table[16];

	for (u32 i = 0; i < 16; i++) {
		table[i] = i;
		for (unsigned bit = 0; bit < 4; bit++)
			table[i] = table[i] >> 1 ^
				   (table[i] & 1 ? CRC32_POLYNOMIAL : 0);
	}
	while (n--) {
		crc ^= *bytes++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

static bool header_crc_is_right(struct gpt_header *header, const u8 *block,
				u32 size)
{
	u32 wanted = le32_to_cpu(header->header_crc32), crc;

	header->header_crc32 = cpu_to_le32(0);
	crc = crc32(~0U, (const u8 *)header, sizeof(*header));
	crc = crc32(crc, block + sizeof(*header), size - sizeof(*header));
	return ~crc == wanted;
}

/* What the header says about the array. */
static bool array_is_sane(const struct partition_reader *reader,
			  const struct gpt_header *header)
{
	u64 lba = le64_to_cpu(header->partition_entry_lba);
	u32 count = le32_to_cpu(header->number_of_partition_entries);
	u32 size = le32_to_cpu(header->size_of_partition_entry);
	u64 bytes = (u64)count * size;
	u64 blocks = (bytes + reader->block_size - 1) / reader->block_size;

	return size >= GPT_ENTRY_MIN && size <= reader->block_size &&
	       !(size & (size - 1)) && count && bytes <= ARRAY_BYTES_MAX &&
	       lba > 0 && lba < reader->blocks &&
	       blocks <= reader->blocks - lba;
}

static bool range_is_sane(const struct partition_reader *reader,
			  const struct gpt_header *header)
{
	u64 first = le64_to_cpu(header->first_usable_lba);
	u64 last = le64_to_cpu(header->last_usable_lba);

	return first <= last && last < reader->blocks;
}

static bool read_header(const struct partition_reader *reader, u64 lba,
			struct gpt_header *header)
{
	u32 size;

	if (reader->read(reader->arg, lba, 1, reader->buffer))
		return false;
	memcpy(header, reader->buffer, sizeof(*header));
	size = le32_to_cpu(header->header_size);
	return le64_to_cpu(header->signature) == GPT_SIGNATURE &&
	       size >= GPT_HEADER_MIN && size <= reader->block_size &&
	       header_crc_is_right(header, reader->buffer, size) &&
	       le64_to_cpu(header->my_lba) == lba &&
	       range_is_sane(reader, header) && array_is_sane(reader, header);
}

static void read_entry(const struct partition_reader *reader,
		       struct partition_table *table,
		       const struct gpt_header *header, unsigned number,
		       const struct gpt_entry *entry)
{
	static const u8 unused[sizeof(entry->partition_type_guid)];
	u64 start = le64_to_cpu(entry->starting_lba);
	u64 end = le64_to_cpu(entry->ending_lba);

	if (!memcmp(entry->partition_type_guid, unused, sizeof(unused)))
		return;
	if (start < le64_to_cpu(header->first_usable_lba) || end < start ||
	    end > le64_to_cpu(header->last_usable_lba))
		partition_refuse(table, "a partition where none may be");
	else
		partition_add(reader, table, number, start, end - start + 1);
}

/* @bytes of the array, from @offset on, are in the buffer. */
static void read_entries(const struct partition_reader *reader,
			 struct partition_table *table,
			 const struct gpt_header *header, u32 offset, u32 bytes)
{
	const u8 *bytes_read = reader->buffer;
	u32 size = le32_to_cpu(header->size_of_partition_entry);
	struct gpt_entry entry;

	for (u32 at = 0; at < bytes; at += size) {
		memcpy(&entry, bytes_read + at, sizeof(entry));
		read_entry(reader, table, header, (offset + at) / size + 1,
			   &entry);
	}
}

static u32 array_bytes(const struct gpt_header *header)
{
	return le32_to_cpu(header->number_of_partition_entries) *
	       le32_to_cpu(header->size_of_partition_entry);
}

/* Read what fits into the buffer of the array's rest from @offset on: bytes. */
static u32 read_part(const struct partition_reader *reader,
		     const struct gpt_header *header, u32 offset)
{
	u32 size = reader->block_size;
	u32 bytes =
		MIN(reader->buffer_blocks * size, array_bytes(header) - offset);
	u64 lba = le64_to_cpu(header->partition_entry_lba) + offset / size;

	return reader->read(reader->arg, lba, (bytes + size - 1) / size,
			    reader->buffer)
		       ? 0
		       : bytes;
}

static bool array_crc_is_right(const struct partition_reader *reader,
			       const struct gpt_header *header)
{
	u32 crc = ~0U, bytes;

	for (u32 at = 0; at < array_bytes(header); at += bytes) {
		bytes = read_part(reader, header, at);
		if (!bytes)
			return false;
		crc = crc32(crc, reader->buffer, bytes);
	}
	return ~crc == le32_to_cpu(header->partition_entry_array_crc32);
}

/*
 * An array that does not fit into the buffer is read a second time. The device
 * may give something else then: each entry is checked for itself.
 */
static bool read_array(const struct partition_reader *reader,
		       struct partition_table *table,
		       const struct gpt_header *header)
{
	u32 total = array_bytes(header), bytes;
	bool fits = total <= reader->buffer_blocks * reader->block_size;

	if (!array_crc_is_right(reader, header))
		return false;
	for (u32 at = 0; at < total; at += bytes) {
		bytes = fits ? total : read_part(reader, header, at);
		if (!bytes)
			return false;
		read_entries(reader, table, header, at, bytes);
	}
	return true;
}

static bool read_copy(const struct partition_reader *reader, u64 lba,
		      struct partition_table *table)
{
	struct gpt_header header;

	return read_header(reader, lba, &header) &&
	       read_array(reader, table, &header);
}

bool gpt_read(const struct partition_reader *reader,
	      struct partition_table *table)
{
	if (reader->blocks <= GPT_PRIMARY_LBA)
		return false;
	if (!read_copy(reader, GPT_PRIMARY_LBA, table)) {
		table->count = 0;
		table->refused = 0;
		if (!read_copy(reader, reader->blocks - 1, table))
			return false;
		partition_refuse(table, "a damaged GPT: its copy is used");
	}
	return true;
}
