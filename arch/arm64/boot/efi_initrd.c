/* SPDX-License-Identifier: BSD-2-Clause */
/* The EFI stub's initrd. What efi_stub.c must not do this must not either. */
#include <kernel/string.h>
#include "efi_stub.h"

#define WORD		  "initrd="
#define BESIDE_THE_KERNEL "\\EFI\\BOOT\\INITRD.CPIO"

/* Policy: more than this is a mistake. */
#define INITRD_MAX (1ULL << 30)

static u64 pages_of(u64 size)
{
	return (size + BIT64(EFI_PAGE_SHIFT) - 1) >> EFI_PAGE_SHIFT;
}

/* Memory for it, or NULL. */
static void *reserve(const struct efi_boot_services *bs, u64 size)
{
	u64 address;

	if (!size || size > INITRD_MAX ||
	    bs->allocate_pages(EFI_ALLOCATE_ANY_PAGES, EFI_LOADER_DATA,
			       pages_of(size), &address))
		return NULL;
	return (void *)(uintptr_t)address;
}

/* It is whole, with @size bytes at @memory, unless @status says not. */
static bool take(const struct efi_boot_services *bs, void *memory, u64 size,
		 efi_status status)
{
	if (status) {
		bs->free_pages((u64)(uintptr_t)memory, pages_of(size));
		return false;
	}
	efi_handover.initrd = (u64)(uintptr_t)memory;
	efi_handover.initrd_size = size;
	return true;
}

static bool read_whole(const struct efi_boot_services *bs,
		       struct efi_file *file)
{
	u64 size = 0, left;
	efi_status status;
	void *memory;

	if (file->set_position(file, EFI_FILE_END) ||
	    file->get_position(file, &size) || file->set_position(file, 0))
		return false;
	memory = reserve(bs, size);
	if (!memory)
		return false;
	left = size;
	status = file->read(file, &left, memory);
	return take(bs, memory, size, left == size ? status : EFI_LOAD_ERROR);
}

static bool take_file(const struct efi_boot_services *bs,
		      const struct efi_loaded_image *loaded, const char *name)
{
	struct efi_file *file = efi_open_file(bs, loaded, name);
	bool taken;

	if (!file)
		return false;
	taken = read_whole(bs, file);
	file->close(file);
	return taken;
}

/* What a boot loader, or QEMU's -initrd, has for whoever asks. */
static bool take_offered(const struct efi_boot_services *bs)
{
	static const struct efi_guid protocol = EFI_LOAD_FILE2_GUID;
	static const struct efi_vendor_path initrd = {
		.header = { EFI_PATH_MEDIA,
			    EFI_PATH_MEDIA_VENDOR,
			    { sizeof(initrd.header) + sizeof(initrd.guid) } },
		.guid = EFI_INITRD_MEDIA_GUID,
		.end = { EFI_PATH_END,
			 EFI_PATH_END_ENTIRE,
			 { sizeof(initrd.end) } },
	};
	const struct efi_device_path *path = &initrd.header;
	struct efi_load_file2 *loader;
	efi_handle handle;
	void *memory;
	u64 size = 0;

	if (bs->locate_device_path(&protocol, &path, &handle) ||
	    bs->handle_protocol(handle, &protocol, (void **)&loader) ||
	    loader->load_file(loader, path, false, &size, NULL) !=
		    EFI_BUFFER_TOO_SMALL)
		return false;
	memory = reserve(bs, size);
	return memory &&
	       take(bs, memory, size,
		    loader->load_file(loader, path, false, &size, memory));
}

/* The name that the command line gives, with firmware's separators. */
static bool find_name(char *name, size_t room)
{
	const char *at = efi_handover.cmdline;
	const size_t length = sizeof(WORD) - 1;
	size_t n = 0;

	while (at && strncmp(at, WORD, length)) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return false;
	for (at += length; *at > ' ' && n < room - 1; at++)
		name[n++] = *at == '/' ? '\\' : *at;
	name[n] = '\0';
	return n;
}

void efi_take_initrd(const struct efi_system_table *st,
		     const struct efi_boot_services *bs,
		     const struct efi_loaded_image *loaded)
{
	char name[EFI_TEXT_MAX];

	if (!find_name(name, sizeof(name))) {
		if (!take_offered(bs))
			take_file(bs, loaded, BESIDE_THE_KERNEL);
		return;
	}
	if (take_file(bs, loaded, name) || take_offered(bs))
		return;
	efi_say(st, "Zirvium: there is no initrd ");
	efi_say(st, name);
	efi_say(st, "\r\n");
}
