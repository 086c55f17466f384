/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives: as they should be, and as anybody may write them. */
#include "unit.h"
#include <abi/cpio.h>
#include <kernel/errno.h>
#include <kernel/initrd.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

static char archive[4096];
static size_t used;

/* Append an entry, with @name_size and @data_size as they are to be said. */
static void add_lying(const char *name, u32 name_size, const char *data,
		      u32 data_size, u32 mode)
{
	char header[sizeof(struct cpio_header) + 1];

	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08X%08x%08x%08x%08x%08x%08x",
		 1, mode, 0, 0, 1, 0, data_size, 0, 0, 0, 0, name_size, 0);
	memcpy(archive + used, header, sizeof(header) - 1);
	used += sizeof(header) - 1;
	memcpy(archive + used, name, strlen(name) + 1);
	used = ALIGN_UP(used + strlen(name) + 1, CPIO_ALIGN);
	memcpy(archive + used, data, strlen(data));
	used = ALIGN_UP(used + strlen(data), CPIO_ALIGN);
}

static void add(const char *name, const char *data)
{
	add_lying(name, (u32)strlen(name) + 1, data, (u32)strlen(data),
		  CPIO_MODE_FILE | 0644);
}

static void begin(void)
{
	memset(archive, 0, sizeof(archive));
	used = 0;
}

/* How many entries a copy of @size bytes has; -EBADMSG if it is malformed. */
static int walk(size_t size)
{
	u8 *copy = malloc(size ? size : 1);
	struct cpio_reader reader = { .bytes = copy, .size = size };
	struct cpio_entry entry;
	volatile u8 sum = 0;
	int ret, n = 0;

	memcpy(copy, archive, size);
	while ((ret = cpio_next(&reader, &entry)) > 0) {
		CHECK(strlen(entry.name) < CPIO_NAME_MAX);
		for (size_t i = 0; i < entry.size; i++)
			sum += entry.data[i];
		n++;
	}
	if (ret)
		CHECK_EQ(cpio_next(&reader, &entry), ret);
	free(copy);
	return ret ? ret : n;
}

TEST(files_are_found_by_name)
{
	struct cpio_entry entry;

	begin();
	add_lying("modules", 8, "", 0, 040755);
	add("modules/a.ko", "first");
	add("./b", "12345678");
	add("/c", "");
	add(CPIO_TRAILER, "");
	add("behind", "the end");
	CHECK_EQ(walk(used), 4);
	CHECK_EQ(cpio_find(archive, used, "modules/a.ko", &entry), 0);
	CHECK_EQ(entry.size, 5);
	CHECK_MEM(entry.data, "first", 5);
	CHECK_EQ(cpio_find(archive, used, "b", &entry), 0);
	CHECK_EQ(entry.size, 8);
	CHECK_EQ(cpio_find(archive, used, "c", &entry), 0);
	CHECK_EQ(entry.size, 0);
	/* A directory is no file. */
	CHECK_EQ(cpio_find(archive, used, "modules", &entry), -ENOENT);
	CHECK_EQ(cpio_find(archive, used, "behind", &entry), -ENOENT);
	CHECK_EQ(cpio_find(archive, 0, "b", &entry), -ENOENT);
}

TEST(archive_without_trailer_ends_with_its_bytes)
{
	begin();
	add("a", "1234");
	CHECK_EQ(walk(used), 1);
	CHECK_EQ(walk(used + 512), 1);
}

TEST(sizes_that_lie_are_refused)
{
	static const u32 sizes[] = { 6, 0x7fffffff, 0xffffffff, 0xfffffff0 };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		begin();
		add_lying("a", 2, "1234", sizes[i], CPIO_MODE_FILE);
		CHECK_EQ(walk(used), -EBADMSG);
		begin();
		add_lying("a", sizes[i], "1234", 4, CPIO_MODE_FILE);
		CHECK_EQ(walk(used), -EBADMSG);
	}
	begin();
	add_lying("a", 0, "1234", 4, CPIO_MODE_FILE);
	CHECK_EQ(walk(used), -EBADMSG);
	/* A terminator too early, and none. */
	begin();
	add_lying("a\0b", 4, "1234", 4, CPIO_MODE_FILE);
	CHECK_EQ(walk(used), -EBADMSG);
	begin();
	add_lying("abcd", 4, "1234", 4, CPIO_MODE_FILE);
	CHECK_EQ(walk(used), -EBADMSG);
}

TEST(names_that_are_too_long_are_refused)
{
	char name[CPIO_NAME_MAX + 1];

	memset(name, 'x', sizeof(name));
	name[CPIO_NAME_MAX] = '\0';
	begin();
	add(name, "1234");
	CHECK_EQ(walk(used), -EBADMSG);
	begin();
	name[CPIO_NAME_MAX - 1] = '\0';
	add(name, "1234");
	CHECK_EQ(walk(used), 1);
}

TEST(digits_that_are_none_are_refused)
{
	for (size_t at = 0; at < sizeof(struct cpio_header); at++) {
		bool matters = at < 6 || (at >= 14 && at < 22) ||
			       (at >= 54 && at < 62) || (at >= 94 && at < 102);

		begin();
		add("a", "1234");
		archive[at] = 'g';
		CHECK_EQ(walk(used), matters ? -EBADMSG : 1);
	}
}

TEST(archive_cut_off_anywhere_is_survived)
{
	begin();
	add("modules/a.ko", "some text");
	add("b", "more of it");
	add(CPIO_TRAILER, "");
	for (size_t size = 0; size <= used; size++) {
		int n = walk(size);

		CHECK(n == -EBADMSG || (n >= 0 && n <= 2));
	}
	CHECK_EQ(walk(used), 2);
}

TEST(no_damaged_byte_does_harm)
{
	for (size_t at = 0; at < 300; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			begin();
			add("modules/a.ko", "some text");
			add("b", "more of it");
			archive[at] ^= (char)(1 << bit);
			CHECK(walk(used) <= 2);
		}
	}
}
