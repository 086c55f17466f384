/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `lsblk`, `iostat` and `partprobe`. */
#include "internal.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>

#define SIZE_TEXT 16
#define NAME_TEXT (BLOCK_NAME_MAX + 2)

/* As Linux's: up to one decimal, in powers of 1024. */
static void format_size(char *text, u64 bytes)
{
	static const char units[] = "BKMGTPE";
	unsigned unit = 0;
	u64 tenths;

	while (bytes >> (10 * (unit + 1)))
		unit++;
	tenths = unit ? (bytes >> (10 * (unit - 1))) % 1024 * 10 / 1024 : 0;
	bytes >>= 10 * unit;
	if (tenths)
		snprintf(text, SIZE_TEXT, "%llu.%llu%c",
			 (unsigned long long)bytes, (unsigned long long)tenths,
			 units[unit]);
	else
		snprintf(text, SIZE_TEXT, "%llu%c", (unsigned long long)bytes,
			 units[unit]);
}

static bool is_last_partition(const struct block_device *device)
{
	const struct block_disk *disk = device->disk;

	return device == &disk->partitions[disk->partition_count - 1];
}

static void print_details(const struct block_device *device)
{
	const struct block_disk *disk = device->disk;

	if (device->partition)
		return;
	console_printf(" %7u %7u %6u %-8s %-12s %s",
		       disk->limits.physical_block_size,
		       disk->limits.block_size, disk->queue_count,
		       disk->queues[0].scheduler->name,
		       disk->write_cache ? "write-back" : "write-through",
		       disk->serial);
}

static void print_device(const struct block_device *device, bool verbose)
{
	const char *branch = "";
	char name[NAME_TEXT], size[SIZE_TEXT];

	if (device->partition)
		branch = is_last_partition(device) ? "`-" : "|-";
	snprintf(name, sizeof(name), "%s%s", branch, device->name);
	format_size(size, block_size(device));
	console_printf("%-10s %7s  %u %s", name, size, block_read_only(device),
		       device->partition ? "part" : "disk");
	if (verbose)
		print_details(device);
	console_puts("\n");
}

static int command_lsblk(int argc, char **argv)
{
	bool verbose = argc == 2 && !strcmp(argv[1], "-v");

	if (argc > 2 || (argc == 2 && !verbose))
		return -EINVAL;
	console_printf("%-10s %7s RO TYPE%s\n", "NAME", "SIZE",
		       verbose ? " PHY-SEC LOG-SEC QUEUES SCHED    CACHE"
				 "        SERIAL"
			       : "");
	for (struct block_device *d = block_next(NULL); d; d = block_next(d))
		print_device(d, verbose);
	return 0;
}
SHELL_COMMAND(lsblk, "[-v]", "List disks and partitions; -v says more",
	      command_lsblk);

static void print_kind(const char *name, const struct block_counts *c)
{
	u64 us = c->requests ? c->ns / c->requests / NSEC_PER_USEC : 0;

	console_printf("  %-6s %10llu requests %10llu merged %8llu MiB "
		       "%8llu us each %6llu failed\n",
		       name, (unsigned long long)c->requests,
		       (unsigned long long)c->merged,
		       (unsigned long long)(c->sectors >> 11),
		       (unsigned long long)us, (unsigned long long)c->failed);
}

static void print_stats(struct block_device *device)
{
	struct block_stats s;

	block_get_stats(device, &s);
	console_printf("%s: %llu commands, %llu notifications, "
		       "%llu interrupts, %u in flight\n",
		       device->name, (unsigned long long)s.commands,
		       (unsigned long long)s.notifications,
		       (unsigned long long)s.interrupts, s.in_flight);
	print_kind("read", &s.kind[BLOCK_KIND_READ]);
	print_kind("write", &s.kind[BLOCK_KIND_WRITE]);
	print_kind("other", &s.kind[BLOCK_KIND_OTHER]);
}

static int command_iostat(int argc, char **argv)
{
	(void)argv;
	if (argc != 1)
		return -EINVAL;
	for (struct block_device *d = block_next(NULL); d; d = block_next(d))
		if (!d->partition)
			print_stats(d);
	return 0;
}
SHELL_COMMAND(iostat, "", "What disks have done since the boot",
	      command_iostat);

static void probe(struct block_device *device)
{
	const struct block_disk *disk = device->disk;
	int ret = device->partition ? -EINVAL : block_rescan(device->disk);

	if (ret == -EINVAL)
		console_printf("partprobe: %s is no disk\n", device->name);
	else if (ret == -EBUSY)
		console_printf("partprobe: a partition of %s is in use\n",
			       device->name);
	for (unsigned i = 0; !ret && i < disk->partition_count; i++)
		console_printf("%s\n", disk->partitions[i].name);
}

static int command_partprobe(int argc, char **argv)
{
	struct block_device *device;

	if (argc != 2)
		return -EINVAL;
	device = block_find(argv[1]);
	if (!device) {
		console_printf("partprobe: there is no %s (try lsblk)\n",
			       argv[1]);
		return 0;
	}
	probe(device);
	block_put(device);
	return 0;
}
SHELL_COMMAND(partprobe, "DISK", "Read a disk's partition table again",
	      command_partprobe);
