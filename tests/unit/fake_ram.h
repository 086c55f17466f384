/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine's RAM for tests of the allocators: 64 GiB of addresses, of which
 * the host gives those that are touched. What the allocators print is kept.
 */
#pragma once

#include <stdarg.h>
#include <sys/mman.h>
#include <kernel/cpu.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

#define PAGE	  4096ULL
#define MIB	  (1ULL << 20)
#define GIB	  (1ULL << 30)
#define RAM_BYTES (64 * GIB)

static char *ram;
static struct memmap ram_map;
static char said[512]; /* the last message */
static unsigned times_said;

void *phys_to_virt(phys_addr_t phys)
{
	return ram + phys;
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (phys_addr_t)((uintptr_t)virt - (uintptr_t)ram);
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	times_said++;
}

u64 cpu_counter(void)
{
	return 0x1234567;
}

/* A machine without RAM; fake_ram() adds some. */
static inline void fake_ram_begin(void)
{
	if (ram)
		munmap(ram, RAM_BYTES);
	ram = mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		abort();
	memset(&ram_map, 0, sizeof(ram_map));
	times_said = 0;
	said[0] = '\0';
}

/* RAM with something in its last @dirty bytes, where descriptors will be. */
static inline void fake_ram(phys_addr_t start, u64 size, u64 dirty)
{
	memmap_add(&ram_map, start, size, MEMMAP_RAM);
	memset(ram + start + size - dirty, 0xff, dirty);
}

static inline void fake_ram_ready(void)
{
	memmap_normalize(&ram_map);
	bootmem_init(&ram_map);
	page_init();
}
