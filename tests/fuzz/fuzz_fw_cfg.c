/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as fw_cfg's directory and as what all of its files hold. The
 * first byte says how they are read, the second how many of the others, in
 * blocks of 64, are the directory's.
 */
#include <stdlib.h>
#include "../unit/fake_fw_cfg.h"

#include "fuzz.h"

#define HAS_DMA	  0x01
#define DMA_FAILS 0x02
#define DIR_BLOCK 64

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return -ENOENT;
}

bool acpi_mentions(const char *text)
{
	(void)text;
	return false;
}

void acpi_for_each_device(void (*fn)(const struct acpi_device *device,
				     void *context),
			  void *context)
{
	(void)fn;
	(void)context;
}

bool acpi_device_resource(const struct acpi_device *device, unsigned index,
			  struct acpi_resource *resource)
{
	(void)device;
	(void)index;
	(void)resource;
	return false;
}

bool virt_may_be_qemu(void)
{
	return true;
}

/* What it says about a file holds, and its beginning and end can be read. */
static bool read_one(const struct fw_cfg_file *file, void *context)
{
	u8 *bytes = malloc(100);
	unsigned *count = context;
	long n = fw_cfg_read(file, 0, bytes, 100);

	if (n != (long)MIN(file->size, 100U) || !is_name(file->name) ||
	    ++*count > FW_CFG_FILES_MAX)
		abort();
	n = fw_cfg_read(file, file->size - 1, bytes, 100);
	if (file->size && file->size < FAKE_DIRECTORY_MAX && n != 1)
		abort();
	fuzz_sum += bytes[0];
	free(bytes);
	return true;
}

static void check_words(char *words, size_t size)
{
	size_t n = param_read_sources(words, size);

	if (n >= size || strlen(words) != n)
		abort();
	param_parse(words);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fw_cfg_file file;
	unsigned count = 0;
	char *words;

	if (size < 2)
		return 0;
	fake_begin();
	if (!(data[0] & HAS_DMA))
		fake.offers = FW_CFG_TRADITIONAL;
	fake.dma_fails = data[0] & DMA_FAILS;
	fake.directory = data + 2;
	fake.directory_size = MIN(size - 2, (size_t)data[1] * DIR_BLOCK + 4);
	fake.data = fake.directory + fake.directory_size;
	fake.data_size = size - 2 - fake.directory_size;
	fw_cfg_find("etc/e820", &file);
	words = malloc(PARAM_SOURCES_MAX);
	check_words(words, PARAM_SOURCES_MAX);
	free(words);
	/* Skipping gigabytes byte by byte is slow, and nothing else. */
	if (fw_cfg_has_dma())
		fw_cfg_for_each(read_one, &count);
	return 0;
}
