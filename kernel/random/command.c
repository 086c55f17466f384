/* SPDX-License-Identifier: BSD-2-Clause */
/* The `random` command. */
#include <kernel/atomic.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include "internal.h"

#define HEX_BYTES_MAX 64

static void print_state(void)
{
	u64 generation = pool_generation();

	if (generation)
		console_printf(
			"ready: key %lu, %llu s old, and %u bits for the "
			"next one\n",
			generation,
			(time_ns() - pool_key_time_ns()) / NSEC_PER_SEC,
			pool_bits());
	else
		console_printf("not ready: %u of %u bits\n", pool_bits(),
			       RANDOM_SEED_BITS);
	if (random_copies())
		console_printf("renewed %lu times: copied or set back\n",
			       random_copies());
}

static void print_sources(void)
{
	console_puts("source            bytes  credited bits\n");
	for (const struct random_source *it = sources_lock(); it;
	     it = it->next) {
		const char *failed = atomic_read(&it->failed);

		console_printf("%-14s %8lu  %13lu%s%s\n", it->name,
			       atomic_read(&it->bytes),
			       atomic_read(&it->credited),
			       failed ? "  broken: " : "", failed ?: "");
	}
	sources_unlock();
}

static int print_bytes(const char *count)
{
	u8 bytes[HEX_BYTES_MAX];
	u64 n;

	if (kstrtou64(count, 0, &n) || !n || n > sizeof(bytes))
		return -EINVAL;
	random_get(bytes, n);
	for (u64 i = 0; i < n; i++)
		console_printf("%02x", bytes[i]);
	console_puts("\n");
	wipe(bytes, sizeof(bytes));
	return 0;
}

static int random_command(int argc, char **argv)
{
	if (argc > 2)
		return -EINVAL;
	if (argc == 2)
		return print_bytes(argv[1]);
	print_state();
	print_sources();
	return 0;
}
SHELL_COMMAND(random, "[BYTES]",
	      "Show where random numbers are from, or some (up to 64 bytes)",
	      random_command);
