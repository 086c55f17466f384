/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's commands that read, write and set disks. */
#include "internal.h"
#include <kernel/console.h>
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>

#define BUFFER_BYTES 65536U
#define DUMP_BYTES   256U /* of hexdump, unless -n says otherwise */
#define DUMP_ROW     16U

/* "DEVICE [-s OFFSET] [-n LENGTH] [VALUE]". */
struct range {
	struct block_device *device; /* with a reference */
	u64 offset, length;
	u64 most;	   /* if no length is given */
	const char *value; /* or NULL */
};

/* "vda" and "/dev/vda". */
static struct block_device *find_device(const char *command, const char *name)
{
	static const char dev[] = "/dev/";
	struct block_device *device;

	if (str_has_prefix(name, dev))
		name += sizeof(dev) - 1;
	device = block_find(name);
	if (!device)
		console_printf("%s: no device %s (try lsblk)\n", command, name);
	return device;
}

static int parse_option(struct range *range, const char *name,
			const char *value)
{
	if (!value)
		return -EINVAL;
	if (!strcmp(name, "-s"))
		return parse_size(value, &range->offset);
	if (!strcmp(name, "-n"))
		return parse_size(value, &range->length);
	return -EINVAL;
}

/* From the offset up to @length, or as much as there is if that is 0. */
static int fit_range(const char *command, struct range *range)
{
	u64 size = block_size(range->device);

	if (range->offset > size || range->length > size - range->offset) {
		console_printf("%s: %s has %llu bytes\n", command,
			       range->device->name, (unsigned long long)size);
		return -ENOSPC;
	}
	if (!range->length)
		range->length = MIN(size - range->offset, range->most);
	return 0;
}

/*
 * -EINVAL for the usage line; -ENODEV after a message. On success there is a
 * reference to the device.
 */
static int parse_range(char **argv, struct range *range, bool value)
{
	const char *name = NULL;
	int ret = 0;

	for (char **at = argv + 1; *at && !ret; at++) {
		if (**at == '-') {
			ret = parse_option(range, at[0], at[1]);
			at++;
		} else if (!name) {
			name = *at;
		} else if (value && !range->value) {
			range->value = *at;
		} else {
			ret = -EINVAL;
		}
	}
	if (ret || !name || (value && !range->value))
		return -EINVAL;
	range->device = find_device(argv[0], name);
	if (!range->device)
		return -ENODEV;
	if (!fit_range(argv[0], range))
		return 0;
	block_put(range->device);
	return -ENODEV;
}

static void say_error(const char *command, const struct range *range, int err)
{
	console_printf("%s: %s: error %d\n", command, range->device->name,
		       -err);
}

static void dump_row(u64 at, const u8 *bytes, u32 count)
{
	console_printf("%08llx ", (unsigned long long)at);
	for (u32 i = 0; i < DUMP_ROW; i++) {
		if (i < count)
			console_printf(" %02x", bytes[i]);
		else
			console_puts("   ");
	}
	console_puts("  |");
	for (u32 i = 0; i < count; i++) {
		char c = is_print((char)bytes[i]) ? (char)bytes[i] : '.';

		console_write(&c, 1);
	}
	console_puts("|\n");
}

/* Whole blocks are read, and what was asked for is shown of them. */
static int dump(struct range *range, u8 *buffer)
{
	u64 block = block_limits(range->device)->block_size;
	u64 end = range->offset + range->length;

	for (u64 at = range->offset; at < end;) {
		u64 start = ALIGN_DOWN(at, block);
		u64 bytes = MIN(ALIGN_UP(end, block) - start, BUFFER_BYTES);
		int ret = block_read(range->device, start, buffer, bytes);

		if (ret)
			return ret;
		for (; at < MIN(start + bytes, end); at += DUMP_ROW)
			dump_row(at, buffer + (at - start),
				 (u32)MIN(MIN(end, start + bytes) - at,
					  DUMP_ROW));
	}
	return 0;
}

/* Run @work on @range with a buffer, and say how it went. */
static int with_buffer(const char *command, struct range *range,
		       int (*work)(struct range *range, u8 *buffer))
{
	u8 *buffer = kmalloc(BUFFER_BYTES);
	int ret = buffer ? work(range, buffer) : -ENOMEM;

	kfree(buffer);
	if (ret)
		say_error(command, range, ret);
	block_put(range->device);
	return 0;
}

static int command_hexdump(int argc, char **argv)
{
	struct range range = { .most = DUMP_BYTES };
	int ret;

	(void)argc;
	ret = parse_range(argv, &range, false);
	if (ret)
		return ret == -EINVAL ? ret : 0;
	return with_buffer(argv[0], &range, dump);
}
SHELL_COMMAND(hexdump, "DEVICE [-s OFFSET] [-n LENGTH]",
	      "Show what is on a disk", command_hexdump);

/* The 64-bit words of a pattern: their offset on the device, and a number. */
static u64 pattern_word(u64 offset, u64 seed)
{
	return offset ^ seed;
}

static void fill_pattern(u64 *words, u64 offset, u64 bytes, u64 seed)
{
	for (u64 i = 0; i < bytes / sizeof(u64); i++)
		words[i] = pattern_word(offset + i * sizeof(u64), seed);
}

static int fill(struct range *range, u8 *buffer)
{
	u64 seed, end = range->offset + range->length, bytes;
	int ret = kstrtou64(range->value, 0, &seed);

	for (u64 at = range->offset; at < end && !ret; at += bytes) {
		bytes = MIN(end - at, BUFFER_BYTES);
		fill_pattern((u64 *)(void *)buffer, at, bytes, seed);
		ret = block_write(range->device, at, buffer, bytes, 0);
	}
	return ret ? ret : block_flush(range->device);
}

static int command_blkfill(int argc, char **argv)
{
	struct range range = { .most = UINT64_MAX };
	int ret;

	(void)argc;
	ret = parse_range(argv, &range, true);
	if (ret)
		return ret == -EINVAL ? ret : 0;
	return with_buffer(argv[0], &range, fill);
}
SHELL_COMMAND(blkfill, "DEVICE [-s OFFSET] [-n LENGTH] NUMBER",
	      "OVERWRITE a disk with a pattern made of NUMBER",
	      command_blkfill);

static bool check_words(const u64 *words, u64 offset, u64 bytes, u64 seed)
{
	for (u64 i = 0; i < bytes / sizeof(u64); i++) {
		u64 at = offset + i * sizeof(u64);

		if (words[i] == pattern_word(at, seed))
			continue;
		console_printf("differs at %llu: %#llx instead of %#llx\n",
			       (unsigned long long)at,
			       (unsigned long long)words[i],
			       (unsigned long long)pattern_word(at, seed));
		return false;
	}
	return true;
}

static int check(struct range *range, u8 *buffer)
{
	u64 seed, end = range->offset + range->length, bytes;
	int ret = kstrtou64(range->value, 0, &seed);

	for (u64 at = range->offset; at < end && !ret; at += bytes) {
		bytes = MIN(end - at, BUFFER_BYTES);
		ret = block_read(range->device, at, buffer, bytes);
		if (!ret &&
		    !check_words((u64 *)(void *)buffer, at, bytes, seed))
			return 0;
	}
	if (!ret)
		console_puts("as it should be\n");
	return ret;
}

static int command_blkcheck(int argc, char **argv)
{
	struct range range = { .most = UINT64_MAX };
	int ret;

	(void)argc;
	ret = parse_range(argv, &range, true);
	if (ret)
		return ret == -EINVAL ? ret : 0;
	return with_buffer(argv[0], &range, check);
}
SHELL_COMMAND(blkcheck, "DEVICE [-s OFFSET] [-n LENGTH] NUMBER",
	      "Compare a disk with blkfill's pattern", command_blkcheck);

/* "-z" and "-S" come first, before the device. */
static int command_blkdiscard(int argc, char **argv)
{
	bool zero = argc > 1 && !strcmp(argv[1], "-z");
	bool secure = argc > 1 && !strcmp(argv[1], "-S");
	struct range range = { .most = UINT64_MAX };
	int ret;

	if (zero || secure) {
		argv[1] = argv[0];
		argv++;
	}
	ret = parse_range(argv, &range, false);
	if (ret)
		return ret == -EINVAL ? ret : 0;
	if (zero)
		ret = block_write_zeroes(range.device, range.offset,
					 range.length, 0);
	else if (secure)
		ret = block_secure_erase(range.device, range.offset,
					 range.length);
	else
		ret = block_discard(range.device, range.offset, range.length);
	if (ret == -EOPNOTSUPP)
		console_printf("%s: %s cannot do that\n", argv[0],
			       range.device->name);
	else if (ret)
		say_error(argv[0], &range, ret);
	block_put(range.device);
	return 0;
}
SHELL_COMMAND(blkdiscard, "[-z|-S] DEVICE [-s OFFSET] [-n LENGTH]",
	      "FORGET what is on a disk; -z: write zeroes; -S: erase securely",
	      command_blkdiscard);

static int set_scheduler(struct block_disk *disk, const char *value)
{
	const struct block_scheduler *s = block_scheduler_find(value);

	if (!s)
		return -EINVAL;
	block_set_scheduler(disk, s);
	return 0;
}

static int set_cache(struct block_disk *disk, const char *value)
{
	if (!strcmp(value, "write-back"))
		return block_set_write_cache(disk, true);
	if (!strcmp(value, "write-through"))
		return block_set_write_cache(disk, false);
	return -EINVAL;
}

static int set_completion(struct block_disk *disk, const char *value)
{
	bool polled = !strcmp(value, "polled");

	if (!polled && strcmp(value, "interrupt") != 0)
		return -EINVAL;
	block_set_polled(disk, polled);
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct block_disk *disk, const char *value);
} settings[] = {
	{ "scheduler", set_scheduler },
	{ "cache", set_cache },
	{ "completion", set_completion },
};

static int command_blkset(int argc, char **argv)
{
	struct block_device *device;
	int ret = -EINVAL;

	if (argc != 4)
		return -EINVAL;
	device = find_device(argv[0], argv[1]);
	if (!device)
		return 0;
	for (unsigned i = 0; i < ARRAY_SIZE(settings); i++)
		if (!strcmp(argv[2], settings[i].name))
			ret = settings[i].set(device->disk, argv[3]);
	if (ret == -EOPNOTSUPP)
		console_printf("%s: %s cannot do that\n", argv[0],
			       device->name);
	else if (ret && ret != -EINVAL)
		console_printf("%s: %s: error %d\n", argv[0], device->name,
			       -ret);
	block_put(device);
	return ret == -EINVAL ? ret : 0;
}
SHELL_COMMAND(blkset,
	      "DISK scheduler none|deadline | cache write-back|write-through "
	      "| completion interrupt|polled",
	      "Change how a disk is driven", command_blkset);
