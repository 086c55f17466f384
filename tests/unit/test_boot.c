/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot protocols' adapters, fed by loaders that are broken or lie. */
#include <stdlib.h>
#include <kernel/string.h>
#include <abi/bios.h>
#include <abi/e820.h>
#include <abi/multiboot2.h>
#include <abi/pvh.h>
#include <asm/boot.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/virt/xen.h>
#include "unit.h"
#include "fake_memory.h"

#define INFO	0x9000
#define MB2_MAX (1 << 20) /* what the adapter maps */

static struct boot_info bi;
static u8 *info;
static u32 used;
static unsigned messages;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	messages++;
}

static void begin(void)
{
	fake_memory_clear();
	memset(&bi, 0, sizeof(bi));
	messages = 0;
	info = fake_memory(INFO, MB2_MAX);
	used = sizeof(struct mb2_info);
}

/* A tag of @type with @size bytes in all; returns where. */
static void *add_tag(u32 type, u32 size)
{
	struct mb2_tag *tag = (void *)(info + used);

	tag->type = type;
	tag->size = size;
	used += (size + 7) & ~7U;
	return tag;
}

static void read_info(void)
{
	add_tag(MB2_TAG_END, 8);
	((struct mb2_info *)info)->total_size = used;
	multiboot2_read(INFO, &bi);
}

static void add_string(u32 type, const char *text)
{
	struct mb2_tag_string *tag = add_tag(type, 8 + (u32)strlen(text) + 1);

	memcpy(tag->string, text, strlen(text));
}

TEST(multiboot2_strings_are_copied)
{
	begin();
	add_string(MB2_TAG_CMDLINE, "selftest=all exit");
	add_string(MB2_TAG_LOADER_NAME, "GRUB 2.06");
	read_info();
	CHECK_STR(bi.protocol, "Multiboot2");
	CHECK_STR(bi.cmdline, "selftest=all exit");
	CHECK_STR(bi.loader, "GRUB 2.06");
	CHECK_EQ(messages, 0);
}

TEST(multiboot2_command_line_without_end_is_cut)
{
	struct mb2_tag_string *tag;

	begin();
	tag = add_tag(MB2_TAG_CMDLINE, 8 + BOOT_CMDLINE_MAX + 100);
	memset(tag->string, 'x', BOOT_CMDLINE_MAX + 100);
	read_info();
	CHECK_EQ(strlen(bi.cmdline), BOOT_CMDLINE_MAX - 1);
	CHECK_EQ(messages, 1);
}

static void add_mmap(u32 entry_size, unsigned count)
{
	struct mb2_tag_mmap *tag;

	tag = add_tag(MB2_TAG_MMAP, 16 + entry_size * count);
	tag->entry_size = entry_size;
	for (unsigned i = 0; i < count && entry_size >= 24; i++) {
		struct mb2_mmap_entry *e =
			(void *)(tag->entries + (size_t)i * entry_size);

		e->base_addr = 0x100000ULL * i;
		e->length = 0x1000;
		e->type = i;
	}
}

static u64 total_without_info(enum memmap_type type)
{
	u64 total = 0;

	for (unsigned i = 0; i < bi.memmap.count; i++)
		if (bi.memmap.entries[i].type == type &&
		    bi.memmap.entries[i].start != INFO)
			total += bi.memmap.entries[i].end -
				 bi.memmap.entries[i].start;
	return total;
}

TEST(multiboot2_memory_map_types)
{
	begin();
	add_mmap(32, 9);
	read_info();
	CHECK_EQ(bi.memmap.count, 10);
	CHECK_EQ(total_without_info(MEMMAP_RAM), 0x1000);
	CHECK_EQ(total_without_info(MEMMAP_ACPI_RECLAIM), 0x1000);
	CHECK_EQ(total_without_info(MEMMAP_ACPI_NVS), 0x1000);
	CHECK_EQ(total_without_info(MEMMAP_UNUSABLE), 0x1000);
	CHECK_EQ(total_without_info(MEMMAP_PERSISTENT), 0x1000);
	/* 0, 2, 6 and 8: what is not known is not touched. */
	CHECK_EQ(total_without_info(MEMMAP_RESERVED), 0x4000);
}

TEST(multiboot2_memory_map_with_bad_entry_sizes)
{
	static const u32 bad[] = { 0, 1, 8, 23, 25, 0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct mb2_tag_mmap *tag;

		begin();
		tag = add_tag(MB2_TAG_MMAP, 64);
		tag->entry_size = bad[i];
		read_info();
		CHECK_EQ(bi.memmap.count, 1);
		CHECK_EQ(messages, 1);
	}
}

TEST(multiboot2_short_tags_are_refused)
{
	static const u32 types[] = { MB2_TAG_MODULE, MB2_TAG_MMAP,
				     MB2_TAG_FRAMEBUFFER, MB2_TAG_EFI64 };

	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		begin();
		add_tag(types[i], 9);
		read_info();
		CHECK_EQ(messages, 1);
		CHECK_EQ(bi.memmap.count, 1);
		CHECK_EQ(bi.efi_system_table, 0);
	}
}

TEST(multiboot2_tag_sizes_that_lie_stop_the_walk)
{
	static const u32 bad[] = { 0, 7, 0x7fffffff, 0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		begin();
		((struct mb2_tag *)add_tag(99, 8))->size = bad[i];
		add_string(MB2_TAG_CMDLINE, "never seen");
		read_info();
		CHECK_STR(bi.cmdline, "");
		CHECK_EQ(messages, 1);
	}
}

TEST(multiboot2_total_sizes_that_lie_are_refused)
{
	static const u32 bad[] = { 0, 7, MB2_MAX + 1, 0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		begin();
		((struct mb2_info *)info)->total_size = bad[i];
		multiboot2_read(INFO, &bi);
		CHECK_EQ(messages, 1);
		CHECK_EQ(bi.memmap.count, 0);
	}
	begin();
	multiboot2_read(0xdead0000, &bi);
	CHECK_EQ(messages, 1);
}

TEST(multiboot2_without_an_end_tag)
{
	begin();
	add_string(MB2_TAG_CMDLINE, "quiet");
	((struct mb2_info *)info)->total_size = used;
	multiboot2_read(INFO, &bi);
	CHECK_STR(bi.cmdline, "quiet");
	/* The last tag's padding is beyond the end. */
	begin();
	add_string(MB2_TAG_CMDLINE, "quiet");
	((struct mb2_info *)info)->total_size = 8 + 8 + 6;
	multiboot2_read(INFO, &bi);
	CHECK_STR(bi.cmdline, "quiet");
}

TEST(multiboot2_newer_rsdp_wins)
{
	u32 new_at, old_at;

	begin();
	new_at = used;
	add_tag(MB2_TAG_ACPI_NEW, 8 + 36);
	add_tag(MB2_TAG_ACPI_OLD, 8 + 20);
	read_info();
	CHECK_EQ(bi.rsdp, INFO + new_at + 8);
	begin();
	old_at = used;
	add_tag(MB2_TAG_ACPI_OLD, 8 + 20);
	read_info();
	CHECK_EQ(bi.rsdp, INFO + old_at + 8);
}

TEST(multiboot2_modules_are_kept_from_the_allocator)
{
	struct mb2_tag_module *m;

	begin();
	m = add_tag(MB2_TAG_MODULE, 17);
	m->mod_start = 0x500000;
	m->mod_end = 0x400000;
	m = add_tag(MB2_TAG_MODULE, 17);
	m->mod_start = 0x500000;
	m->mod_end = 0x600000;
	read_info();
	CHECK_EQ(messages, 1);
	CHECK_EQ(bi.initrd, 0x500000);
	CHECK_EQ(bi.initrd_size, 0x100000);
	CHECK_EQ(total_without_info(MEMMAP_KERNEL), 0x100000);
}

TEST(multiboot2_framebuffers)
{
	struct mb2_tag_framebuffer *fb;

	begin();
	fb = add_tag(MB2_TAG_FRAMEBUFFER, sizeof(*fb));
	fb->framebuffer_addr = 0xfd000000;
	fb->framebuffer_width = 1024;
	fb->framebuffer_bpp = 32;
	fb->framebuffer_type = MB2_FRAMEBUFFER_RGB;
	fb->red_field_position = 16;
	read_info();
	CHECK_EQ(bi.framebuffer.address, 0xfd000000);
	CHECK_EQ(bi.framebuffer.width, 1024);
	CHECK_EQ(bi.framebuffer.red_shift, 16);
	CHECK(!bi.vga_text);
	CHECK_EQ(messages, 0);
}

TEST(multiboot2_text_screen_has_no_colour_fields)
{
	struct mb2_tag_framebuffer *fb;

	begin();
	fb = add_tag(MB2_TAG_FRAMEBUFFER, 32); /* as GRUB writes it */
	fb->framebuffer_addr = 0xb8000;
	fb->framebuffer_type = MB2_FRAMEBUFFER_EGA_TEXT;
	read_info();
	CHECK_EQ(bi.framebuffer.address, 0);
	CHECK(bi.vga_text);
	CHECK_EQ(messages, 0);
}

TEST(multiboot2_colour_framebuffer_without_colours_is_ignored)
{
	struct mb2_tag_framebuffer *fb;

	begin();
	fb = add_tag(MB2_TAG_FRAMEBUFFER, 37);
	fb->framebuffer_addr = 0xfd000000;
	fb->framebuffer_type = MB2_FRAMEBUFFER_RGB;
	read_info();
	CHECK_EQ(bi.framebuffer.address, 0);
	CHECK_EQ(messages, 1);
}

TEST(multiboot2_random_bytes)
{
	srand(2);
	for (unsigned round = 0; round < 3000; round++) {
		u32 size = 8 + (u32)rand() % 200;

		begin();
		for (u32 i = 8; i < size; i++)
			info[i] = rand() % 4 ? (u8)(rand() % 24) : (u8)rand();
		((struct mb2_info *)info)->total_size = size;
		multiboot2_read(INFO, &bi);
		CHECK(strnlen(bi.cmdline, BOOT_CMDLINE_MAX) < BOOT_CMDLINE_MAX);
	}
}

static struct hvm_start_info *begin_pvh(void)
{
	struct hvm_start_info *si;

	fake_memory_clear();
	memset(&bi, 0, sizeof(bi));
	messages = 0;
	si = fake_memory(INFO, sizeof(*si));
	si->magic = HVM_START_MAGIC;
	si->version = 1;
	return si;
}

TEST(pvh_map_command_line_and_rsdp)
{
	struct hvm_start_info *si = begin_pvh();
	struct hvm_memmap_table_entry *e = fake_memory(0x1000, 2 * sizeof(*e));

	e[1].addr = 0x100000;
	e[1].size = 0x700000;
	e[1].type = E820_RAM;
	si->memmap_paddr = 0x1000;
	si->memmap_entries = 2;
	si->rsdp_paddr = 0xf5000;
	si->cmdline_paddr = 0x20000;
	strscpy(fake_memory(0x20000, BOOT_CMDLINE_MAX), "mem=8M", 8);
	pvh_read(INFO, &bi);
	CHECK_STR(bi.protocol, "PVH");
	CHECK_STR(bi.cmdline, "mem=8M");
	CHECK_EQ(bi.rsdp, 0xf5000);
	CHECK_EQ(bi.memmap.count, 1);
	CHECK_EQ(bi.memmap.entries[0].end, 0x800000);
	CHECK_EQ(messages, 0);
}

/* Xen, as far as it is asked for the memory map. */
static struct {
	int enable; /* what xen_hypercall_enable() returns */
	long result;
	u32 claimed; /* entries; those that there is room for are written */
} xen = { .enable = -ENODEV };

int xen_hypercall_enable(void)
{
	return xen.enable;
}

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	struct xen_memory_map *map = (void *)b;
	struct xen_e820_entry *entries = (void *)(uintptr_t)map->buffer;

	(void)c;
	(void)d;
	(void)e;
	CHECK_EQ(number, __HYPERVISOR_memory_op);
	CHECK_EQ(a, XENMEM_memory_map);
	if (xen.result)
		return xen.result;
	for (u32 i = 0; i < MIN(map->nr_entries, xen.claimed); i++)
		entries[i] =
			(struct xen_e820_entry){ i * 0x2000, 0x1000, E820_RAM };
	map->nr_entries = xen.claimed;
	return 0;
}

static void read_version_0(int enable, long result, u32 claimed)
{
	begin_pvh()->version = 0;
	xen.enable = enable;
	xen.result = result;
	xen.claimed = claimed;
	pvh_read(INFO, &bi);
	xen.enable = -ENODEV;
}

TEST(pvh_without_map_asks_xen)
{
	read_version_0(0, 0, 3);
	CHECK_EQ(bi.memmap.count, 3);
	CHECK_EQ(bi.memmap.entries[2].start, 0x4000);
	CHECK_EQ(messages, 0);
}

TEST(pvh_map_of_xen_with_an_absurd_count_is_bounded)
{
	read_version_0(0, 0, 0xffffffff);
	CHECK(bi.memmap.count > 0 && bi.memmap.count <= MEMMAP_MAX);
	CHECK_EQ(messages, 1);
}

TEST(pvh_without_map_and_without_answer_has_none)
{
	read_version_0(-ENODEV, 0, 3);
	CHECK_EQ(bi.memmap.count, 0);
	read_version_0(0, -ENOSYS, 3);
	CHECK_EQ(bi.memmap.count, 0);
	read_version_0(0, 0, 0);
	CHECK_EQ(bi.memmap.count, 0);
}

TEST(pvh_version_0_has_no_map)
{
	struct hvm_start_info *si = begin_pvh();

	si->version = 0;
	si->memmap_paddr = 0xbad000;
	si->memmap_entries = 1;
	pvh_read(INFO, &bi);
	CHECK_EQ(bi.memmap.count, 0);
	CHECK_EQ(messages, 0);
}

TEST(pvh_counts_that_lie_are_bounded)
{
	struct hvm_start_info *si = begin_pvh();

	si->memmap_paddr = 0x100000;
	si->memmap_entries = 0xffffffff;
	si->modlist_paddr = 0x200000;
	si->nr_modules = 0xffffffff;
	fake_memory(0x100000,
		    MEMMAP_MAX * sizeof(struct hvm_memmap_table_entry));
	fake_memory(0x200000, 16 * sizeof(struct hvm_modlist_entry));
	pvh_read(INFO, &bi);
	CHECK_EQ(messages, 1);
	CHECK_EQ(bi.memmap.count, 0);
}

TEST(pvh_pointers_to_nowhere_are_survived)
{
	struct hvm_start_info *si = begin_pvh();

	si->memmap_paddr = 0xfffffffffffff000;
	si->memmap_entries = 3;
	si->modlist_paddr = 0xffffffffffffffff;
	si->nr_modules = 1;
	si->cmdline_paddr = 0xfffffffffffffff0;
	pvh_read(INFO, &bi);
	CHECK_EQ(bi.memmap.count, 0);
	CHECK_STR(bi.cmdline, "");
	CHECK_EQ(messages, 2);
	si->magic = 0;
	pvh_read(INFO, &bi);
	CHECK_EQ(messages, 3);
	pvh_read(0x12345000, &bi);
	CHECK_EQ(messages, 4);
}

TEST(pvh_after_a_bios_has_a_text_screen)
{
	struct bios_video *video;

	begin_pvh();
	video = fake_memory(BIOS_VIDEO, sizeof(*video));
	pvh_read(INFO, &bi);
	CHECK(!bi.vga_text);
	video->mode = BIOS_MODE_TEXT_80X25;
	pvh_read(INFO, &bi);
	CHECK(!bi.vga_text);
	video->columns = 80;
	pvh_read(INFO, &bi);
	CHECK(bi.vga_text);
}
