/* SPDX-License-Identifier: BSD-2-Clause */
/* Multiboot2, as GRUB hands over on BIOS and UEFI machines. */
#define pr_fmt(fmt) "multiboot2: " fmt

#include <abi/multiboot2.h>
#include <asm/boot.h>
#include <kernel/byteorder.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>

/* More than any loader writes; a larger size is not believed. */
#define MB2_MAX_BYTES (1U << 20)

static char loader_name[64];

static void read_mmap(const struct mb2_tag_mmap *tag, u32 size,
		      struct boot_info *bi)
{
	u32 step = le32_to_cpu(tag->entry_size);
	u32 offset = offsetof(struct mb2_tag_mmap, entries);
	const struct mb2_mmap_entry *e;

	if (step < sizeof(*e) || step % MB2_TAG_ALIGN) {
		pr_warn("memory map entries of %u bytes: ignored", step);
		return;
	}
	for (; offset <= size && size - offset >= step; offset += step) {
		e = (const void *)((const char *)tag + offset);
		boot_add_e820(bi, le64_to_cpu(e->base_addr),
			      le64_to_cpu(e->length), le32_to_cpu(e->type));
	}
}

static void read_framebuffer(const struct mb2_tag_framebuffer *tag, u32 size,
			     struct boot_info *bi)
{
	struct framebuffer_info *fb = &bi->framebuffer;

	if (tag->framebuffer_type == MB2_FRAMEBUFFER_EGA_TEXT)
		bi->vga_text = true;
	if (tag->framebuffer_type != MB2_FRAMEBUFFER_RGB)
		return;
	if (size < sizeof(*tag)) {
		pr_warn("framebuffer without its colours: ignored");
		return;
	}
	fb->address = le64_to_cpu(tag->framebuffer_addr);
	fb->pitch = le32_to_cpu(tag->framebuffer_pitch);
	fb->width = le32_to_cpu(tag->framebuffer_width);
	fb->height = le32_to_cpu(tag->framebuffer_height);
	fb->bpp = tag->framebuffer_bpp;
	fb->red_shift = tag->red_field_position;
	fb->red_bits = tag->red_mask_size;
	fb->green_shift = tag->green_field_position;
	fb->green_bits = tag->green_mask_size;
	fb->blue_shift = tag->blue_field_position;
	fb->blue_bits = tag->blue_mask_size;
}

static void read_module(const struct mb2_tag_module *tag, struct boot_info *bi)
{
	u32 start = le32_to_cpu(tag->mod_start);
	u32 end = le32_to_cpu(tag->mod_end);

	if (end <= start) {
		pr_warn("module at %#x ends at %#x: ignored", start, end);
		return;
	}
	memmap_add(&bi->memmap, start, end - start, MEMMAP_KERNEL);
	if (!bi->initrd) {
		bi->initrd = start;
		bi->initrd_size = end - start;
	}
}

/* The smallest size a tag of @type may have, for its fixed part. */
static u32 tag_min_size(u32 type)
{
	switch (type) {
	case MB2_TAG_MODULE: return sizeof(struct mb2_tag_module);
	case MB2_TAG_MMAP: return sizeof(struct mb2_tag_mmap);
	case MB2_TAG_FRAMEBUFFER: return MB2_TAG_FRAMEBUFFER_MIN;
	case MB2_TAG_EFI64: return sizeof(struct mb2_tag_efi64);
	default: return sizeof(struct mb2_tag);
	}
}

static void read_tag(const struct mb2_tag *tag, u32 size, phys_addr_t phys,
		     struct boot_info *bi)
{
	u32 type = le32_to_cpu(tag->type);
	const char *text = ((const struct mb2_tag_string *)tag)->string;

	if (size < tag_min_size(type)) {
		pr_warn("tag %u has only %u bytes: ignored", type, size);
		return;
	}
	switch (type) {
	case MB2_TAG_CMDLINE:
		boot_set_cmdline(bi, text, size - sizeof(*tag));
		break;
	case MB2_TAG_LOADER_NAME:
		memcpy(loader_name, text,
		       MIN(size - sizeof(*tag), sizeof(loader_name) - 1));
		bi->loader = loader_name;
		break;
	case MB2_TAG_MODULE: read_module((const void *)tag, bi); break;
	case MB2_TAG_MMAP: read_mmap((const void *)tag, size, bi); break;
	case MB2_TAG_FRAMEBUFFER:
		read_framebuffer((const void *)tag, size, bi);
		break;
	case MB2_TAG_EFI64:
		bi->efi_system_table = le64_to_cpu(
			((const struct mb2_tag_efi64 *)tag)->pointer);
		break;
	case MB2_TAG_ACPI_OLD:
		/* The newer RSDP wins, whichever tag comes first. */
		if (!bi->rsdp)
			bi->rsdp = phys + sizeof(*tag);
		break;
	case MB2_TAG_ACPI_NEW: bi->rsdp = phys + sizeof(*tag); break;
	default: break;
	}
}

void multiboot2_read(phys_addr_t info, struct boot_info *bi)
{
	const struct mb2_info *head = memremap(info, MB2_MAX_BYTES, MEMORY_WB);
	u32 total, offset = sizeof(*head);

	bi->protocol = "Multiboot2";
	total = head ? le32_to_cpu(head->total_size) : 0;
	if (total < sizeof(*head) || total > MB2_MAX_BYTES) {
		pr_err("boot information of %u bytes: ignored", total);
		return;
	}
	/* The RSDP's copy stays where it is. */
	memmap_add(&bi->memmap, info, total, MEMMAP_KERNEL);
	while (total - offset >= sizeof(struct mb2_tag)) {
		const struct mb2_tag *tag =
			(const void *)((const char *)head + offset);
		u32 size = le32_to_cpu(tag->size);

		if (size < sizeof(*tag) || size > total - offset) {
			pr_err("tag of %u bytes at %u of %u: stopped there",
			       size, offset, total);
			return;
		}
		if (le32_to_cpu(tag->type) == MB2_TAG_END)
			return;
		read_tag(tag, size, info + offset, bi);
		offset += ALIGN_UP(size, MB2_TAG_ALIGN);
		if (offset > total)
			return;
	}
}
