/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that belong to no other part of the kernel. */
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/panic.h>
#include <kernel/power.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>

/* "1023.9 KiB" and its terminator. */
#define SIZE_TEXT_BYTES 16

#define PANIC_MESSAGE_BYTES 128

/* A size with one decimal, cut: never more than there is. */
static const char *size_text(char *buf, u64 bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	unsigned shift = 10, i = 0;

	if (bytes < 1024) {
		snprintf(buf, SIZE_TEXT_BYTES, "%u B", (unsigned)bytes);
		return buf;
	}
	while (i + 1 < ARRAY_SIZE(units) && bytes >> shift >= 1024) {
		shift += 10;
		i++;
	}
	snprintf(buf, SIZE_TEXT_BYTES, "%u.%u %s", (unsigned)(bytes >> shift),
		 (unsigned)((bytes >> (shift - 10)) % 1024 * 10 / 1024),
		 units[i]);
	return buf;
}

static int command_clear(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	console_puts("\033[H\033[2J");
	return 0;
}
SHELL_COMMAND(clear, "", "Clear the screen", command_clear);

static int command_cpuinfo(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	cpu_print_info();
	return 0;
}
SHELL_COMMAND(cpuinfo, "", "Show what the CPU is", command_cpuinfo);

static void print_memory_total(const char *what, u64 bytes)
{
	char text[SIZE_TEXT_BYTES];

	if (bytes)
		console_printf("%-16s %10s  %16llu bytes\n", what,
			       size_text(text, bytes),
			       (unsigned long long)bytes);
}

static int command_meminfo(int argc, char **argv __unused)
{
	const struct memmap *map = bootmem_map();
	char text[SIZE_TEXT_BYTES];

	if (argc != 1)
		return -EINVAL;
	console_puts("Physical memory map, last byte included:\n");
	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		console_printf("  %016llx-%016llx %10s  %s\n",
			       (unsigned long long)e->start,
			       (unsigned long long)(e->end - 1),
			       size_text(text, e->end - e->start),
			       memmap_type_name(e->type));
	}
	if (map->dropped)
		console_printf("  and %u entries that did not fit\n",
			       map->dropped);
	console_puts("In total:\n");
	for (unsigned type = MEMMAP_RAM; type <= MEMMAP_UNUSABLE; type++)
		print_memory_total(memmap_type_name(type),
				   memmap_total(map, type));
	print_memory_total("free now", bootmem_free_bytes());
	return 0;
}
SHELL_COMMAND(meminfo, "", "Show the physical memory map", command_meminfo);

static int command_panic(int argc, char **argv)
{
	char message[PANIC_MESSAGE_BYTES];

	str_join(message, sizeof(message), argv + 1, ' ');
	panic("%s", argc > 1 ? message : "asked for in the shell");
}
SHELL_COMMAND(panic, "[MESSAGE]...", "Crash the kernel, to see what it shows",
	      command_panic);

static int command_poweroff(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	machine_poweroff();
}
SHELL_COMMAND(poweroff, "", "Turn the machine off", command_poweroff);

static int command_reboot(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	machine_reboot();
}
SHELL_COMMAND(reboot, "", "Restart the machine", command_reboot);

static int command_uptime(int argc, char **argv __unused)
{
	u64 now = time_ns();
	u64 seconds = now / NSEC_PER_SEC;

	if (argc != 1)
		return -EINVAL;
	console_printf("up %llu:%02u:%02u (%llu.%06u s)\n",
		       (unsigned long long)(seconds / 3600),
		       (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60),
		       (unsigned long long)seconds,
		       (unsigned)(now % NSEC_PER_SEC / NSEC_PER_USEC));
	return 0;
}
SHELL_COMMAND(uptime, "", "Show the time since the kernel was entered",
	      command_uptime);
