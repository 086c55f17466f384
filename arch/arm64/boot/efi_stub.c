/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel as an EFI application: it takes from firmware what it needs, in
 * efi_handover, leaves boot services, and goes on as from any boot loader.
 *
 * This runs where firmware loaded the image, not where it was linked. The
 * compiler addresses by distance, which is the same in both places; but there
 * must be no initialized pointer here, and nothing of the kernel's is called
 * but functions on plain memory. tests/build proves that there are none.
 */
#include <abi/efi_boot.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>
#include "efi_stub.h"

/* The map may grow while it is fetched; attempts until it stays the same. */
#define MAP_SLACK     (16 * sizeof(struct efi_memory_descriptor))
#define EXIT_ATTEMPTS 4
#define TABLES_MAX    256

struct efi_handover efi_handover __section(".data");

efi_status efi_main(efi_handle image, struct efi_system_table *st);
__attribute__((noreturn)) void efi_leave(void);

static const struct efi_boot_services *boot_services(
	const struct efi_system_table *st)
{
	return (const void *)(uintptr_t)le64_to_cpu(st->boot_services);
}

void efi_widen(u16 *to, const char *from, size_t size)
{
	size_t n = 0;

	for (; n < size - 1 && from[n]; n++)
		to[n] = (u8)from[n];
	to[n] = 0;
}

void efi_say(const struct efi_system_table *st, const char *text)
{
	struct efi_text_output *out =
		(void *)(uintptr_t)le64_to_cpu(st->con_out);
	u16 wide[EFI_TEXT_MAX];

	efi_widen(wide, text, EFI_TEXT_MAX);
	if (out)
		out->output_string(out, wide);
}

/* Words of a person, up to the first character that is none of theirs. */
static bool take_options(const struct efi_loaded_image *loaded)
{
	u32 n = loaded->load_options_size / sizeof(u16), at = 0;
	const u16 *text = loaded->load_options;

	if (!text)
		return false;
	while (at < n && at < BOOT_CMDLINE_MAX - 1 && text[at] >= ' ' &&
	       text[at] <= '~') {
		efi_handover.cmdline[at] = (char)text[at];
		at++;
	}
	efi_handover.cmdline[at] = '\0';
	return at;
}

struct efi_file *efi_open_file(const struct efi_boot_services *bs,
			       const struct efi_loaded_image *loaded,
			       const char *name)
{
	static const struct efi_guid guid = EFI_FILE_SYSTEM_GUID;
	struct efi_file *root, *file = NULL;
	struct efi_file_system *fs;
	u16 wide[EFI_TEXT_MAX];

	efi_widen(wide, name, EFI_TEXT_MAX);
	if (bs->handle_protocol(loaded->device_handle, &guid, (void **)&fs) ||
	    fs->open_volume(fs, &root))
		return NULL;
	if (root->open(root, &file, wide, EFI_FILE_MODE_READ, 0))
		file = NULL;
	root->close(root);
	return file;
}

/* The file beside the kernel on a medium whose kernel firmware just starts. */
static void take_file(const struct efi_boot_services *bs,
		      const struct efi_loaded_image *loaded)
{
	struct efi_file *file =
		efi_open_file(bs, loaded, "\\EFI\\BOOT\\CMDLINE.TXT");
	u64 size = BOOT_CMDLINE_MAX - 1;

	if (!file)
		return;
	if (file->read(file, &size, efi_handover.cmdline))
		size = 0;
	efi_handover.cmdline[MIN(size, (u64)BOOT_CMDLINE_MAX - 1)] = '\0';
	file->close(file);
}

static void take_words_and_initrd(const struct efi_system_table *st,
				  efi_handle image)
{
	static const struct efi_guid guid = EFI_LOADED_IMAGE_GUID;
	const struct efi_boot_services *bs = boot_services(st);
	struct efi_loaded_image *loaded;

	if (bs->handle_protocol(image, &guid, (void **)&loaded))
		return;
	if (!take_options(loaded))
		take_file(bs, loaded);
	efi_take_initrd(st, bs, loaded);
}

static void take_tables(const struct efi_system_table *st)
{
	static const struct efi_guid acpi = EFI_ACPI_20_GUID;
	static const struct efi_guid dtb = EFI_DTB_GUID;
	u64 count = le64_to_cpu(st->number_of_table_entries);
	const struct efi_configuration_table *t =
		(const void *)(uintptr_t)le64_to_cpu(st->configuration_table);

	for (u64 i = 0; t && i < count && i < TABLES_MAX; i++) {
		if (!memcmp(&t[i].vendor_guid, &acpi, sizeof(acpi)))
			efi_handover.rsdp = le64_to_cpu(t[i].vendor_table);
		if (!memcmp(&t[i].vendor_guid, &dtb, sizeof(dtb)))
			efi_handover.fdt = le64_to_cpu(t[i].vendor_table);
	}
}

static void take_display(const struct efi_boot_services *bs)
{
	static const struct efi_guid guid = EFI_GRAPHICS_GUID;
	const struct efi_graphics_info *info;
	struct efi_graphics *graphics;

	if (bs->locate_protocol(&guid, NULL, (void **)&graphics) ||
	    !graphics->mode || !graphics->mode->info)
		return;
	info = graphics->mode->info;
	if (info->pixel_format >= EFI_PIXEL_BLT_ONLY)
		return;
	efi_handover.framebuffer = graphics->mode->frame_buffer_base;
	efi_handover.width = info->horizontal_resolution;
	efi_handover.height = info->vertical_resolution;
	efi_handover.pitch = info->pixels_per_scan_line * 4;
	efi_handover.format = info->pixel_format;
	memcpy(efi_handover.mask, info->pixel_mask, sizeof(info->pixel_mask));
}

static void take_time(const struct efi_system_table *st)
{
	const struct efi_runtime_services *rt =
		(const void *)(uintptr_t)le64_to_cpu(st->runtime_services);

	if (rt->get_time(&efi_handover.time, NULL))
		efi_handover.time.year = 0;
}

/* Fetch the map of memory and leave boot services, which must agree. */
static efi_status leave(const struct efi_boot_services *bs, efi_handle image)
{
	efi_status status = EFI_LOAD_ERROR;

	for (unsigned i = 0; i < EXIT_ATTEMPTS && status; i++) {
		u64 size = 0, key;
		u32 version;
		void *map;

		bs->get_memory_map(&size, NULL, &key,
				   &efi_handover.descriptor_size, &version);
		size += MAP_SLACK;
		status = bs->allocate_pool(EFI_LOADER_DATA, size, &map);
		if (status)
			return status;
		status = bs->get_memory_map(&size, map, &key,
					    &efi_handover.descriptor_size,
					    &version);
		if (!status)
			status = bs->exit_boot_services(image, key);
		efi_handover.memory_map = (u64)(uintptr_t)map;
		efi_handover.memory_map_size = size;
	}
	return status;
}

efi_status efi_main(efi_handle image, struct efi_system_table *st)
{
	const struct efi_boot_services *bs = boot_services(st);
	efi_status status;

	efi_handover.system_table = (u64)(uintptr_t)st;
	take_words_and_initrd(st, image);
	take_tables(st);
	take_display(bs);
	take_time(st);
	status = leave(bs, image);
	if (status) {
		efi_say(st,
			"Zirvium: firmware does not let go of the machine\r\n");
		return status;
	}
	efi_leave();
}
