/* SPDX-License-Identifier: BSD-2-Clause */
/* The fw_cfg driver, before a device that may lie. */
#include "unit.h"
#include "host.h"
#include <stdlib.h>
#include "fake_fw_cfg.h"

static bool has_acpi, may_be_qemu;
static struct acpi_resource acpi_has;
static const char *acpi_hid;
static u64 acpi_status;

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return has_acpi ? 0 : -ENOENT;
}

bool acpi_mentions(const char *text)
{
	return !strcmp(text, acpi_hid);
}

void acpi_for_each_device(void (*fn)(const struct acpi_device *device,
				     void *context),
			  void *context)
{
	struct acpi_device device = { .status = acpi_status };

	fn(&device, context);
	strscpy(device.hid, acpi_hid, sizeof(device.hid));
	fn(&device, context);
	fn(&device, context);
}

bool acpi_device_resource(const struct acpi_device *device, unsigned index,
			  struct acpi_resource *resource)
{
	(void)device;
	*resource = acpi_has;
	return !index && acpi_has.size;
}

bool virt_may_be_qemu(void)
{
	return may_be_qemu;
}

#define FILES_MAX 300

static struct {
	be32 count;
	struct fw_cfg_dir_entry entry[FILES_MAX];
} directory;

static u8 contents[3000];
static unsigned files;

static struct fw_cfg_dir_entry *add(const char *name, u32 size)
{
	struct fw_cfg_dir_entry *e = &directory.entry[files];

	e->size = cpu_to_be32(size);
	e->select = cpu_to_be16((u16)(FW_CFG_FILE_FIRST + files));
	strscpy(e->name, name, sizeof(e->name));
	directory.count = cpu_to_be32(++files);
	return e;
}

static void begin(void)
{
	fake_begin();
	memset(&directory, 0, sizeof(directory));
	files = 0;
	has_acpi = false;
	may_be_qemu = true;
	for (unsigned i = 0; i < sizeof(contents); i++)
		contents[i] = (u8)(i * 7 + i / 256);
	fake.directory = (const u8 *)&directory;
	fake.directory_size = sizeof(directory);
	fake.data = contents;
	fake.data_size = sizeof(contents);
	host_said_count = 0;
}

/* Any part of a file, and none beyond its end. */
static void check_file(void)
{
	struct fw_cfg_file file;
	u8 buffer[sizeof(contents) + 1];

	if (!CHECK_EQ(fw_cfg_find("etc/big", &file), 0))
		return;
	CHECK_EQ(file.size, sizeof(contents));
	CHECK_EQ(fw_cfg_read(&file, 0, buffer, sizeof(buffer)),
		 sizeof(contents));
	CHECK_MEM(buffer, contents, sizeof(contents));
	for (u32 at = 0; at < sizeof(contents); at += 97) {
		CHECK_EQ(fw_cfg_read(&file, at, buffer, 31),
			 MIN(31, sizeof(contents) - at));
		CHECK_MEM(buffer, contents + at,
			  MIN(31, sizeof(contents) - at));
	}
	CHECK_EQ(fw_cfg_read(&file, 5, buffer, 2), 2);
	CHECK_MEM(buffer, contents + 5, 2);
	CHECK_EQ(fw_cfg_read(&file, sizeof(contents), buffer, 1), 0);
	CHECK_EQ(fw_cfg_read(&file, UINT32_MAX, buffer, UINT32_MAX), 0);
}

TEST(files_are_read_by_dma)
{
	begin();
	add("etc/other", 3);
	add("etc/big", sizeof(contents));
	CHECK(fw_cfg_present());
	CHECK(fw_cfg_has_dma());
	fake.selects = 0;
	check_file();
	CHECK_EQ(fake.selects, 0);
	CHECK(fake.copies);
	CHECK_EQ(host_said_count, 0);
}

TEST(files_are_read_byte_by_byte)
{
	begin();
	fake.offers = FW_CFG_TRADITIONAL;
	add("etc/big", sizeof(contents));
	CHECK(!fw_cfg_has_dma());
	check_file();
	CHECK_EQ(fake.copies, 0);
	CHECK_EQ(host_said_count, 0);
}

TEST(reading_on_does_not_begin_anew)
{
	struct fw_cfg_file file;
	u8 buffer[10];

	begin();
	fake.offers = FW_CFG_TRADITIONAL;
	add("etc/big", sizeof(contents));
	CHECK_EQ(fw_cfg_find("etc/big", &file), 0);
	fake.bytes_read = 0;
	for (u32 at = 0; at < 1000; at += sizeof(buffer))
		fw_cfg_read(&file, at, buffer, sizeof(buffer));
	CHECK_EQ(fake.bytes_read, 1000);
}

TEST(a_register_that_is_none_is_not_used_for_dma)
{
	begin();
	fake.dma_signature = UINT64_MAX;
	add("etc/big", sizeof(contents));
	CHECK(!fw_cfg_has_dma());
	check_file();
	CHECK_EQ(fake.copies, 0);
}

TEST(a_copy_that_never_ends_is_given_up_for_good)
{
	begin();
	add("etc/big", sizeof(contents));
	CHECK(fw_cfg_has_dma());
	fake.dma_never = true;
	check_file();
	CHECK_EQ(host_said_count, 1);
	CHECK(strstr(host_said, "does not end"));
	CHECK(!fw_cfg_has_dma());
	CHECK_EQ(fake.copies, 1);
	/* It ends after all, into memory that nobody looks at. */
	memset(shared.data, 0xee, sizeof(shared.data));
	shared.access.control = cpu_to_be32(0);
	check_file();
	CHECK_EQ(fake.copies, 1);
}

TEST(a_copy_that_fails_is_made_byte_by_byte)
{
	begin();
	fake.dma_fails = true;
	add("etc/big", sizeof(contents));
	check_file();
	CHECK_EQ(host_said_count, 1);
	CHECK(strstr(host_said, "failed"));
}

TEST(what_does_not_say_its_name_is_not_used)
{
	struct fw_cfg_file file;

	begin();
	fake.signature = "\xff\xff\xff\xff";
	CHECK(!fw_cfg_present());
	CHECK_EQ(host_said_count, 1);
	CHECK_EQ(fw_cfg_find("etc/big", &file), -ENODEV);
	CHECK(!fw_cfg_present());
	CHECK_EQ(host_said_count, 1);
	/* At level BUS it is looked for again. */
	fake.signature = FW_CFG_SIGNATURE_TEXT;
	fw_cfg_init();
	CHECK(fw_cfg_present());
	CHECK_EQ(fake_features, VIRT_OFFERED | VIRT_ENABLED);
}

TEST(ports_are_not_touched_where_nobody_speaks_of_qemu)
{
	begin();
	may_be_qemu = false;
	CHECK(!fw_cfg_present());
	CHECK_EQ(fake.bytes_read, 0);
	looked = false;
	may_be_qemu = has_acpi = true;
	acpi_hid = "PNP0303";
	CHECK(!fw_cfg_present());
	CHECK_EQ(fake.bytes_read, 0);
	CHECK_EQ(host_said_count, 0);
}

static void acpi_says(u64 start, u64 size, u64 status)
{
	begin();
	has_acpi = true;
	may_be_qemu = false;
	acpi_hid = FW_CFG_HID;
	acpi_status = status;
	acpi_has = (struct acpi_resource){
		.kind = ACPI_RESOURCE_PORTS,
		.start = start,
		.size = size,
	};
}

TEST(acpi_says_where_it_is)
{
	acpi_says(FW_CFG_PORT, FW_CFG_PORTS, 0xf);
	CHECK(fw_cfg_present());
	CHECK(fw_cfg_has_dma());
	acpi_says(FW_CFG_PORT, FW_CFG_PORT_MIN, UINT64_MAX);
	CHECK(fw_cfg_present());
	CHECK(!fw_cfg_has_dma());
	acpi_says(FW_CFG_PORT, FW_CFG_PORTS, 0);
	CHECK(!fw_cfg_present());
	acpi_says(FW_CFG_PORT, 1, 0xf);
	CHECK(!fw_cfg_present());
	acpi_says(0xfff8, FW_CFG_PORTS, 0xf);
	CHECK(!fw_cfg_present());
	acpi_says(0, FW_CFG_PORTS, 0xf);
	CHECK(!fw_cfg_present());
	/* A device in memory that cannot be mapped. */
	acpi_says(0x9020000, FW_CFG_MMIO_SIZE, 0xf);
	acpi_has.kind = ACPI_RESOURCE_MEMORY;
	CHECK(!fw_cfg_present());
	CHECK_EQ(fake.bytes_read, 0);
}

static bool count_one(const struct fw_cfg_file *file, void *context)
{
	CHECK(strlen(file->name) && strlen(file->name) < FW_CFG_NAME_SIZE);
	++*(unsigned *)context;
	return true;
}

static unsigned list_files(void)
{
	unsigned count = 0;

	CHECK_EQ(fw_cfg_for_each(count_one, &count), 0);
	return count;
}

TEST(a_directory_without_end_is_read_to_a_bound)
{
	struct fw_cfg_file file;

	for (unsigned dma = 0; dma < 2; dma++) {
		begin();
		fake.offers = dma ? FW_CFG_DMA : FW_CFG_TRADITIONAL;
		for (unsigned i = 0; i < FILES_MAX; i++)
			add("etc/many", 1);
		directory.count = cpu_to_be32(UINT32_MAX);
		CHECK_EQ(list_files(), FW_CFG_FILES_MAX);
		CHECK_EQ(host_said_count, 1);
		CHECK_EQ(fw_cfg_find("etc/none", &file), -ENOENT);
		CHECK_EQ(host_said_count, 1);
		CHECK(fake.bytes_read < 3 * sizeof(directory));
	}
}

TEST(a_directory_of_nothing_has_no_files)
{
	struct fw_cfg_file file;

	begin();
	CHECK_EQ(list_files(), 0);
	CHECK_EQ(fw_cfg_find("", &file), -ENOENT);
	/* It ends before its entries: what follows are zeros. */
	begin();
	directory.count = cpu_to_be32(3);
	fake.directory_size = sizeof(be32);
	CHECK_EQ(list_files(), 0);
	CHECK_EQ(host_said_count, 1);
}

TEST(files_without_a_name_or_a_number_are_left_out)
{
	struct fw_cfg_file file;

	begin();
	memset(add("x", 1)->name, 'n', FW_CFG_NAME_SIZE);
	add("", 1);
	add("etc/\x1b[2J", 1);
	add("etc/a b", 1);
	add("etc/\xe9", 1);
	add("etc/signature", 1)->select = cpu_to_be16(FW_CFG_SIGNATURE);
	add("etc/write", 1)->select = cpu_to_be16(0x4020);
	add("etc/good", 1);
	CHECK_EQ(list_files(), 1);
	CHECK_EQ(host_said_count, 1);
	CHECK(strstr(host_said, "7 files"));
	CHECK_EQ(fw_cfg_find("etc/good", &file), 0);
	CHECK_EQ(fw_cfg_find("etc/write", &file), -ENOENT);
	CHECK_EQ(host_said_count, 1);
}

static const char *params_of(const char *text, size_t size)
{
	static char words[PARAM_SOURCES_MAX];
	size_t n;

	begin();
	add("etc/other", 1);
	add("opt/org.zirvium/cmdline", (u32)size);
	fake.data = (const u8 *)text;
	fake.data_size = MIN(size, (size_t)PARAM_SOURCES_MAX);
	memset(words, 'x', sizeof(words));
	n = param_read_sources(words, sizeof(words));
	CHECK_EQ(n, strlen(words));
	return words;
}

#define PARAMS(text) params_of(text, sizeof(text) - 1)

TEST(words_of_the_host_become_parameters)
{
	CHECK_STR(PARAMS("loglevel=7 exit"), "loglevel=7 exit ");
	CHECK_STR(PARAMS("a\nb=\"c d\"\r\n"), "a b=\"c d\"   ");
	CHECK_STR(PARAMS(""), "");
	begin();
	CHECK_EQ(param_read_sources((char[8]){ 0 }, 8), 0);
}

TEST(what_is_no_text_is_no_parameter)
{
	CHECK_STR(PARAMS("panic=1 \"open"), "");
	CHECK_EQ(host_said_count, 1);
	CHECK_STR(PARAMS("panic=1\0"), "");
	CHECK_STR(PARAMS("panic=\x1b[2J"), "");
	CHECK_STR(PARAMS("panic=\xff"), "");
	CHECK_EQ(host_said_count, 1);
}

TEST(more_words_than_there_is_room_for_are_refused)
{
	static char text[PARAM_SOURCES_MAX];

	memset(text, 'a', sizeof(text));
	CHECK_EQ(strlen(params_of(text, sizeof(text) - 2)), sizeof(text) - 1);
	CHECK_STR(params_of(text, sizeof(text) - 1), "");
	CHECK(strstr(host_said, "ignored"));
	CHECK_STR(params_of(text, UINT32_MAX), "");
	CHECK_EQ(host_said_count, 1);
}
