/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices of the ACPI namespace, and what they have. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/acpi.h>
#include <kernel/acpi_device.h>
#include <kernel/acpi_event.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "../../drivers/platform/scan.h"

/* AML being written; packages have lengths of two bytes. */
static u8 aml[4096];
static unsigned at, open_at[64], depth;

static void bytes(const void *data, unsigned size)
{
	memcpy(aml + at, data, size);
	at += size;
}

#define TEXT(s) bytes(s, sizeof(s) - 1)

static void package(const char *op, unsigned size)
{
	bytes(op, size);
	open_at[depth++] = at;
	at += 2;
}

#define PACKAGE(op) package(op, sizeof(op) - 1)

static void end(void)
{
	unsigned start = open_at[--depth], length = at - start;

	aml[start] = (u8)(0x40 | (length & 0xf));
	aml[start + 1] = (u8)(length >> 4);
}

static void device(const char *name)
{
	PACKAGE("\x5b\x82");
	bytes(name, 4);
}

/* Name (@name, Buffer (...) { @data }) */
static void buffer(const char *name, const void *data, u8 size)
{
	u8 head[2] = { 0x0a, size };

	TEXT("\x08");
	bytes(name, 4);
	PACKAGE("\x11");
	bytes(head, 2);
	bytes(data, size);
	end();
}

/* Tables in memory of exactly their size. */
static struct acpi_sdt_header *tables[3];
static unsigned table_count;

static void new_table(void)
{
	struct acpi_sdt_header *h = malloc(sizeof(*h) + at);

	memset(h, 0, sizeof(*h));
	h->length = cpu_to_le32((u32)sizeof(*h) + at);
	memcpy(h + 1, aml, at);
	tables[table_count++] = h;
	at = 0;
}

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	index += signature[0] == 'S';
	return index < table_count ? tables[index] : NULL;
}

static struct acpi_device seen[32];
static unsigned seen_count;

static void see(const struct acpi_device *d, void *context)
{
	CHECK(context == &seen_count);
	if (CHECK(seen_count < ARRAY_SIZE(seen)))
		seen[seen_count++] = *d;
}

static void walk(void)
{
	if (!table_count)
		new_table();
	seen_count = 0;
	acpi_for_each_device(see, &seen_count);
}

static void reset(void)
{
	while (table_count)
		free(tables[--table_count]);
	at = depth = 0;
}

/* As microvm has it, and Firecracker nearly. */
static const u8 virtio_template[] = {
	0x86, 9, 0, 1,	  0x00, 0x2e, 0xb0, 0xfe, 0x00, 0x02, 0x00, 0x00,
	0x89, 6, 0, 0x01, 1,	47,   0,    0,	  0,	0x79, 0,
};

TEST(devices_in_scopes_are_found_with_what_they_have)
{
	struct acpi_resource r;

	reset();
	PACKAGE("\x10");
	TEXT("\\_SB_");
	device("VR23");
	TEXT("\x08_HID\x0dLNRO0005\0");
	TEXT("\x08_UID\x0a\x17");
	TEXT("\x08_CCA\x01");
	buffer("_CRS", virtio_template, sizeof(virtio_template));
	end();
	end();
	walk();
	if (!CHECK_EQ(seen_count, 1))
		return;
	CHECK_STR(seen[0].hid, "LNRO0005");
	CHECK_EQ(seen[0].status, UINT64_MAX);
	CHECK(acpi_device_resource(&seen[0], 0, &r));
	CHECK_EQ(r.kind, ACPI_RESOURCE_MEMORY);
	CHECK_EQ(r.start, 0xfeb02e00);
	CHECK_EQ(r.size, 0x200);
	CHECK(acpi_device_resource(&seen[0], 1, &r));
	CHECK_EQ(r.kind, ACPI_RESOURCE_LINE);
	CHECK_EQ(r.line, 47);
	CHECK_EQ(r.trigger, IRQ_TRIGGER_LEVEL_HIGH);
	CHECK(!acpi_device_resource(&seen[0], 2, &r));
	CHECK(acpi_mentions("LNRO0005"));
	CHECK(!acpi_mentions("LNRO0006"));
}

/* As Firecracker and as QEMU tell of the generation counter. */
TEST(an_address_may_be_a_package_of_two_halves)
{
	u64 base = 0;

	reset();
	TEXT("\x08VGIA\x0c\x00\xf0\xff\x07");
	device("VGEN");
	TEXT("\x08_HID\x0dQEMUVGID\0");
	TEXT("\x08_CID\x0dVM_Gen_Counter\0");
	PACKAGE("\x14");
	TEXT("ADDR\0\x70\x72VGIA\x0a\x28\0\x88\x60\0\0\xa4\x60");
	end();
	end();
	device("GEN2");
	TEXT("\x08_CID\x0c\x41\xd0\x0a\x03");
	TEXT("\x08"
	     "ADDR\x12\x09\2\x0c\x28\xf0\xff\x07\x0a\x01");
	end();
	walk();
	if (!CHECK_EQ(seen_count, 2))
		return;
	CHECK_STR(seen[0].hid, "QEMUVGID");
	CHECK_STR(seen[0].cid, "VM_Gen_Counter");
	CHECK(!seen[0].has_address);
	CHECK_STR(seen[1].hid, "");
	CHECK_STR(seen[1].cid, "PNP0A03");
	CHECK(seen[1].has_address);
	CHECK_EQ(seen[1].address, 0x107fff028);
	CHECK_EQ(acpi_find_integer("VGIA", &base), 0);
	CHECK_EQ(base, 0x7fff000);
	/* A name of something else, or no definition. */
	CHECK_EQ(acpi_find_integer("_CID", &base), 0);
	CHECK_EQ(acpi_find_integer("_HID", &base), -ENOENT);
	CHECK_EQ(acpi_find_integer("GEN2", &base), -ENOENT);
}

TEST(an_address_that_makes_no_sense_is_none)
{
	reset();
	device("GEN1"); /* one element; three; 33 bits; text; cut off */
	TEXT("\x08"
	     "ADDR\x12\x04\1\x0a\1");
	end();
	device("GEN2");
	TEXT("\x08"
	     "ADDR\x12\x05\3\1\1\1");
	end();
	device("GEN3");
	TEXT("\x08"
	     "ADDR\x12\x0c\2\1\x0e\0\0\0\0\1\0\0\0");
	end();
	device("GEN4");
	TEXT("\x08"
	     "ADDR\x12\x06\2\1\x0d\x31\0");
	end();
	device("GEN5");
	TEXT("\x08"
	     "ADDR\x12\x03\2\1");
	end();
	walk();
	CHECK_EQ(seen_count, 5);
	for (unsigned i = 0; i < seen_count; i++)
		CHECK(!seen[i].has_address);
}

static void method(const char *head, const char *body, unsigned size)
{
	PACKAGE("\x14");
	bytes(head, (unsigned)strlen(head));
	bytes(body, size);
	end();
}

#define METHOD(head, body) method(head, body, sizeof(body) - 1)

TEST(an_event_is_that_of_the_method_that_begins_by_notifying)
{
	reset();
	METHOD("_E07", "\0\x86VGEN\x0a\x80");
	METHOD("\\._GPE_E05", "\0\x86\\._SB_VGEN\x0a\x80");
	METHOD("_L1F", "\0\x86^^PWRB\x0a\x80");
	METHOD("_EG0", "\0\x86OTHR\x0a\x80");
	METHOD("_E0a", "\0\x86OTHR\x0a\x80");
	METHOD("_W02", "\0\x86OTHR\x0a\x80");
	METHOD("_E02", "\0\x70\x01OTHR\x86OTHR\x0a\x80");
	METHOD("_E03", "\0\x86");
	TEXT("_E04");
	walk();
	CHECK_EQ(acpi_event_that_notifies("VGEN"), 7);
	CHECK_EQ(acpi_event_that_notifies("PWRB"), 0x1f);
	CHECK_EQ(acpi_event_that_notifies("OTHR"), -ENOENT);
	reset();
	METHOD("\\._GPE_E05", "\0\x86\\._SB_VGEN\x0a\x80");
	walk();
	CHECK_EQ(acpi_event_that_notifies("VGEN"), 5);
}

TEST(compressed_ids_are_text)
{
	reset();
	device("PCI0");
	TEXT("\x08_HID\x0c\x41\xd0\x0a\x08");
	TEXT("\x08_STA\x0a\x0d");
	device("HPET");
	TEXT("\x08_HID\x0c\x41\xd0\x01\x03");
	TEXT("\x08_STA\x00");
	end();
	end();
	walk();
	if (!CHECK_EQ(seen_count, 2))
		return;
	/* Children first. */
	CHECK_STR(seen[0].hid, "PNP0103");
	CHECK_EQ(seen[0].status, 0);
	CHECK_STR(seen[1].hid, "PNP0A08");
	CHECK_EQ(seen[1].status, 0x0d);
}

TEST(what_would_have_to_be_run_is_stepped_over)
{
	reset();
	/* Names that the kernel has no use for, and all kinds of terms. */
	TEXT("\x06_ALI_BLI");
	TEXT("\x15\\\x2e_SB_XYZ_\x06\x00");
	TEXT("\x5b\x01MUT0\x00\x5b\x02"
	     "EVT0");
	TEXT("\x5b\x80REGI\x01\x0b\x00\x0c\x0a\x10");
	TEXT("\x5b\x80REGJ\x00"
	     "BASE\xff");
	PACKAGE("\x5b\x81");
	TEXT("REGI\x01OFFS\x08");
	end();
	TEXT("\x8a"
	     "BUFF\x0a\x04"
	     "DWRD");
	TEXT("\x08INDX\x2f\x03_SB_PCI0LNKA\x08LONG\x0e\1\2\3\4\5\6\7\x08");
	TEXT("\x08REF_^\x2e_SB_PCI0\xa3");
	PACKAGE("\x08PKG_\x12");
	TEXT("\x02\x0dtext\0\x5b\x82");
	end();
	PACKAGE("\x14");
	TEXT("_INI\x00\x5b\x82\x05"
	     "FAKE\x70\x71");
	end();
	PACKAGE("\xa0");
	device("DEV0");
	end();
	end();
	PACKAGE("\xa1");
	TEXT("\xde\xad");
	end();
	device("DEV1");
	PACKAGE("\x14");
	TEXT("_CRS\x00\xa4\x00");
	end();
	TEXT("\x08_HID\x0d"
	     "ACME0001\0");
	end();
	walk();
	if (!CHECK_EQ(seen_count, 1))
		return;
	CHECK_STR(seen[0].hid, "ACME0001");
	CHECK_EQ(seen[0].resources_size, 0);
}

TEST(what_is_not_known_ends_its_list_only)
{
	reset();
	device("DEV0");
	TEXT("\x08_HID\x0d"
	     "ACME0001\0\xfe\x08_HID\x0d"
	     "ACME0002\0");
	end();
	device("DEV1");
	TEXT("\x08_HID\x0d"
	     "ACME0003\0");
	end();
	TEXT("\xfe");
	device("DEV2");
	end();
	new_table();
	/* And not what is in other tables. */
	device("DEV3");
	end();
	new_table();
	walk();
	if (!CHECK_EQ(seen_count, 3))
		return;
	CHECK_STR(seen[0].hid, "ACME0001");
	CHECK_STR(seen[1].hid, "ACME0003");
	CHECK_STR(seen[2].hid, "");
}

TEST(names_of_others_are_not_the_devices)
{
	reset();
	device("DEV0");
	TEXT("\x08\\_HID\x0d"
	     "ACME0001\0");
	TEXT("\x08^_HID\x0d"
	     "ACME0002\0");
	PACKAGE("\x10");
	TEXT("\\_SB_\x08_HID\x0d"
	     "ACME0003\0");
	end();
	/* Longer than any. */
	TEXT("\x08_HID\x0d"
	     "ACME00000000000001\0");
	/* A buffer as _HID, a string as _CRS. */
	TEXT("\x08_CRS\x0dtext\0");
	buffer("_HID", "text", 4);
	end();
	walk();
	CHECK_EQ(seen_count, 1);
	CHECK_STR(seen[0].hid, "");
	CHECK_EQ(seen[0].resources_size, 0);
}

TEST(tables_may_end_anywhere)
{
	u8 whole[256];
	unsigned size;

	reset();
	PACKAGE("\x10");
	TEXT("\\_SB_");
	device("VR23");
	TEXT("\x08_HID\x0dLNRO0005\0");
	buffer("_CRS", virtio_template, sizeof(virtio_template));
	TEXT("\x15\x2f\x02"
	     "ABCDEFGH\x01\x02\x5b\x80REGI\x01\x0e");
	end();
	end();
	size = at;
	memcpy(whole, aml, size);
	for (unsigned n = 0; n < size; n++) {
		reset();
		bytes(whole, n);
		walk();
		CHECK(seen_count <= 1);
	}
	/* Lengths that are longer than what is there, or than themselves. */
	for (unsigned n = 0; n < size; n++)
		for (unsigned bit = 0; bit < 8; bit++) {
			reset();
			bytes(whole, size);
			aml[n] ^= (u8)(1U << bit);
			walk();
			for (unsigned i = 0; i < seen_count; i++) {
				struct acpi_resource r;

				for (unsigned k = 0;
				     acpi_device_resource(&seen[i], k, &r); k++)
					CHECK(k < 64);
			}
		}
}

TEST(depth_is_bounded)
{
	reset();
	for (unsigned i = 0; i < 40; i++)
		device("DEVX");
	for (unsigned i = 0; i < 40; i++)
		end();
	walk();
	CHECK_EQ(seen_count, 17);
}

static bool resource(const void *template, u32 size, unsigned index,
		     struct acpi_resource *r)
{
	u8 *copy = malloc(size);
	struct acpi_device d = { .resources = copy, .resources_size = size };
	bool found;

	memcpy(copy, template, size);
	found = acpi_device_resource(&d, index, r);
	free(copy);
	return found;
}

#define RESOURCE(text, index, r) resource(text, sizeof(text) - 1, index, r)

TEST(memory_comes_in_several_forms)
{
	struct acpi_resource r;

	/* An I/O port and an IRQ before it. */
	CHECK(RESOURCE("\x47\1\x60\0\x60\0\1\1\x22\2\0"
		       "\x86\x09\0\1\0\0\0\xfe\0\x10\0\0\x79\0",
		       1, &r));
	CHECK_EQ(r.start, 0xfe000000);
	CHECK_EQ(r.size, 0x1000);
	CHECK(RESOURCE("\x87\x17\0\0\x0c\1\0\0\0\0\0\0\0\xe0\xff\xff\xff\xe0"
		       "\0\0\0\0\0\0\0\1",
		       0, &r));
	CHECK_EQ(r.start, 0xe0000000);
	CHECK_EQ(r.size, 0x1000000);
	CHECK(RESOURCE("\x8a\x2b\0\0\x0c\1\0\0\0\0\0\0\0\0"
		       "\0\0\0\0\x80\0\0\0\xff\xff\xff\xff\x80\0\0\0"
		       "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0",
		       0, &r));
	CHECK_EQ(r.start, 0x8000000000);
	CHECK_EQ(r.size, 0x100000000);
	/* Bus numbers; size 0; one that wraps. */
	CHECK(!RESOURCE("\x87\x17\0\2\x0c\1\0\0\0\0\0\0\0\xe0\xff\xff\xff\xe0"
			"\0\0\0\0\0\0\0\1",
			0, &r));
	CHECK(!RESOURCE("\x86\x09\0\1\0\0\0\xfe\0\0\0\0", 0, &r));
	CHECK(!RESOURCE("\x8a\x2b\0\0\x0c\1\0\0\0\0\0\0\0\0"
			"\xff\xff\xff\xff\xff\xff\xff\xff"
			"\xff\xff\xff\xff\xff\xff\xff\xff"
			"\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0",
			0, &r));
	/* Behind the end. */
	CHECK(!RESOURCE("\x79\0\x86\x09\0\1\0\0\0\xfe\0\x10\0\0", 0, &r));
	/* Too short, longer than what is there. */
	CHECK(!RESOURCE("\x86\x08\0\1\0\0\0\xfe\0\x10\0", 0, &r));
	CHECK(!RESOURCE("\x86\x09\0\1\0\0\0\xfe\0\x10\0", 0, &r));
	CHECK(!RESOURCE("\x86\x09", 0, &r));
	CHECK(!RESOURCE("\x47\1", 0, &r));
}

TEST(a_device_of_the_platform_may_have_ports_alone)
{
	static const u8 template[] = { 0x47, 1, 5, 5, 5, 5, 1, 1, 0x79, 0 };
	struct platform_device pdev = { 0 };
	struct acpi_device d = {
		.hid = "QEMU0001",
		.status = 0xf,
		.resources = template,
		.resources_size = sizeof(template),
	};

	CHECK(platform_read_acpi(&d, &pdev));
	CHECK_STR(pdev.dev.name, "505.QEMU0001");
	CHECK_EQ(pdev.port, 0x505);
	CHECK_EQ(pdev.ports, 1);
	CHECK_EQ(pdev.memories, 0);
}

TEST(ports_come_in_two_forms)
{
	struct acpi_resource r;

	CHECK(RESOURCE("\x47\1\x10\5\x10\5\1\x0c\x79\0", 0, &r));
	CHECK_EQ(r.kind, ACPI_RESOURCE_PORTS);
	CHECK_EQ(r.start, 0x510);
	CHECK_EQ(r.size, 12);
	CHECK(RESOURCE("\x4b\5\5\1\x79\0", 0, &r));
	CHECK_EQ(r.start, 0x505);
	CHECK_EQ(r.size, 1);
	CHECK(RESOURCE("\x4b\xff\xff\1", 0, &r));
	/* To be moved; none; beyond the last; too short. */
	CHECK(!RESOURCE("\x47\1\x10\5\x20\5\1\x0c", 0, &r));
	CHECK(!RESOURCE("\x47\1\x10\5\x10\5\1\0", 0, &r));
	CHECK(!RESOURCE("\x47\1\xff\xff\xff\xff\1\2", 0, &r));
	CHECK(!RESOURCE("\x4b\xff\xff\2", 0, &r));
	CHECK(!RESOURCE("\x46\1\x10\5\x10\5\1", 0, &r));
	CHECK(!RESOURCE("\x4a\5\5", 0, &r));
}

TEST(lines_come_with_their_trigger)
{
	static const enum irq_trigger triggers[] = {
		[0] = IRQ_TRIGGER_LEVEL_HIGH,
		[2] = IRQ_TRIGGER_EDGE_RISING,
		[4] = IRQ_TRIGGER_LEVEL_LOW,
		[6] = IRQ_TRIGGER_EDGE_FALLING,
	};
	u8 template[] = "\x89\x0a\0\1\2\x21\0\0\0\x22\0\0\x80";
	struct acpi_resource r;

	for (unsigned flags = 0; flags < 8; flags += 2) {
		template[3] = (u8)(flags | 1);
		CHECK(resource(template, sizeof(template) - 1, 1, &r));
		CHECK_EQ(r.line, 0x80000022);
		CHECK_EQ(r.trigger, triggers[flags]);
	}
	/* It counts more than there are. */
	template[4] = 255;
	CHECK(!resource(template, sizeof(template) - 1, 2, &r));
	template[1] = 2;
	CHECK(!resource(template, 5, 0, &r));
}

TEST(a_device_of_the_platform_has_memory_and_is_present)
{
	struct platform_device pdev = { 0 };
	struct acpi_device d = {
		.hid = "LNRO0005",
		.status = UINT64_MAX,
		.resources = virtio_template,
		.resources_size = sizeof(virtio_template),
	};

	CHECK(platform_read_acpi(&d, &pdev));
	CHECK_STR(pdev.dev.name, "feb02e00.LNRO0005");
	CHECK_EQ(pdev.line, 47);
	CHECK_EQ(pdev.trigger, IRQ_TRIGGER_LEVEL_HIGH);
	CHECK_EQ(pdev.memories, 1);
	CHECK_EQ(pdev.memory[0].start, 0xfeb02e00);
	d.status = ~(u64)ACPI_STA_PRESENT;
	CHECK(!platform_read_acpi(&d, &pdev));
	d.status = UINT64_MAX;
	d.resources_size = 12;
	memset(&pdev, 0, sizeof(pdev));
	CHECK(platform_read_acpi(&d, &pdev));
	CHECK_EQ(pdev.line, -ENOENT);
	d.resources_size = 0;
	memset(&pdev, 0, sizeof(pdev));
	CHECK(!platform_read_acpi(&d, &pdev));
}

/* What the rest of drivers/platform/acpi.c refers to. */
struct boot_info boot_info;
const struct bus_type platform_bus = { .name = "platform" };

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return 0;
}

int platform_add(const struct platform_device *found)
{
	(void)found;
	return 0;
}

const struct fdt *fdt_machine(void)
{
	return NULL;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
}
