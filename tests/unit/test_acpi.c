/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"
#include "fake_memory.h"

/* Included, not linked: its state must be forgotten between the tests. */
#include "../../kernel/acpi/tables.c"

#define RSDP_AT 0xf6a00U
#define XSDT_AT 0x7fe0000U
#define RSDT_AT 0x7fd0000U
#define FADT_AT 0x7fe1000U
#define DSDT_AT 0x7fe2000U
#define SSDT_AT 0x7fe4000U

static unsigned messages;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	messages++;
}

static void reset(void)
{
	fake_memory_clear();
	memset(&acpi, 0, sizeof(acpi));
	messages = 0;
}

static u8 sum_of(const void *p, size_t n)
{
	const u8 *bytes = p;
	u8 sum = 0;

	while (n--)
		sum = (u8)(sum + *bytes++);
	return sum;
}

static void seal(void *table)
{
	struct acpi_sdt_header *h = table;

	h->checksum = (u8)(h->checksum - sum_of(h, le32_to_cpu(h->length)));
}

static void *table_at(phys_addr_t at, const char *signature, const void *body,
		      u32 size)
{
	struct acpi_sdt_header *h = fake_memory(at, sizeof(*h) + size);

	memcpy(h->signature, signature, 4);
	memcpy(h->oem_id, "BOCHS ", 6);
	memcpy(h->oem_table_id, "BXPC    ", 8);
	h->length = cpu_to_le32((u32)sizeof(*h) + size);
	if (size && body)
		memcpy(h + 1, body, size);
	seal(h);
	return h;
}

static struct acpi_rsdp rsdp_of(u64 rsdt, u64 xsdt)
{
	struct acpi_rsdp r = {
		.signature = "RSD PTR ",
		.revision = xsdt ? 2 : 0,
		.rsdt_address = cpu_to_le32((u32)rsdt),
		.length = cpu_to_le32(sizeof(r)),
		.xsdt_address = cpu_to_le64(xsdt),
	};

	r.checksum = (u8)-sum_of(&r, ACPI_RSDP_V1_LENGTH);
	r.extended_checksum = (u8)-sum_of(&r, sizeof(r));
	return r;
}

static struct acpi_rsdp *rsdp_at(phys_addr_t at, u64 rsdt, u64 xsdt)
{
	struct acpi_rsdp r = rsdp_of(rsdt, xsdt);

	return fake_memory_of(at, &r, sizeof(r));
}

static void fadt_at(phys_addr_t at, u64 dsdt, u32 length)
{
	struct acpi_fadt fadt = {
		.dsdt = cpu_to_le32((u32)dsdt),
		.x_dsdt = cpu_to_le64(dsdt),
	};

	table_at(at, "FACP", &fadt.header + 1,
		 length - (u32)sizeof(fadt.header));
}

/* RSDP, XSDT with FADT and SSDT, and a DSDT with @aml. */
static void machine(const void *aml, u32 size)
{
	const u64 entries[] = { FADT_AT, SSDT_AT };

	reset();
	rsdp_at(RSDP_AT, 0, XSDT_AT);
	table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
	fadt_at(FADT_AT, DSDT_AT, sizeof(struct acpi_fadt));
	table_at(DSDT_AT, "DSDT", aml, size);
	table_at(SSDT_AT, "SSDT", NULL, 0);
}

TEST(finds_tables_through_the_xsdt)
{
	machine("", 0);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_find("FACP", 0) == acpi_table(0));
	CHECK(acpi_find("SSDT", 0) == acpi_table(1));
	CHECK(acpi_table(1) && !acpi_table(2));
	CHECK(!acpi_find("SSDT", 1));
	CHECK(!acpi_find("APIC", 0));
	CHECK(acpi_find("DSDT", 0));
	CHECK(!acpi_find("DSDT", 1));
	CHECK(!acpi_find("FACS", 0));
	CHECK(acpi_root() && !memcmp(acpi_root()->signature, "XSDT", 4));
	CHECK_EQ(messages, 0);
}

TEST(finds_tables_through_the_rsdt)
{
	const u32 entries[] = { FADT_AT, 0, SSDT_AT };

	machine("", 0);
	rsdp_at(0xf0000, RSDT_AT, 0);
	table_at(RSDT_AT, "RSDT", entries, sizeof(entries));
	CHECK_EQ(acpi_init(0xf0000), 0);
	CHECK(acpi_find("FACP", 0));
	CHECK(acpi_find("SSDT", 0));
	CHECK(!memcmp(acpi_root()->signature, "RSDT", 4));
}

TEST(a_bad_xsdt_gives_way_to_the_rsdt)
{
	const u32 entries[] = { FADT_AT };
	struct acpi_sdt_header *xsdt;

	reset();
	rsdp_at(RSDP_AT, RSDT_AT, XSDT_AT);
	xsdt = table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
	xsdt->checksum ^= 1;
	table_at(RSDT_AT, "RSDT", entries, sizeof(entries));
	fadt_at(FADT_AT, 0, ACPI_FADT_V1_LENGTH);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_find("FACP", 0));
	CHECK_EQ(messages, 1);
}

TEST(the_first_success_stands)
{
	machine("", 0);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK_EQ(acpi_init(0), 0);
	CHECK_EQ(acpi_init(0x1234), 0);
	CHECK(acpi_find("FACP", 0));
}

TEST(no_acpi_is_no_entry)
{
	reset();
	CHECK_EQ(acpi_init(0), -ENOENT);
	CHECK_EQ(messages, 0);
	CHECK(!acpi_root());
	CHECK(!acpi_find("FACP", 0));
	CHECK(!acpi_find("DSDT", 0));
}

TEST(a_wrong_hint_is_reported)
{
	reset();
	CHECK_EQ(acpi_init(0x1000), -EBADMSG);
	CHECK_EQ(messages, 1);
}

static u8 *bios_area(void)
{
	u8 *area;

	machine("", 0);
	area = fake_memory(0xe0000, 0x20000);
	/* The one of machine() is not in the area's region. */
	fake_regions[0].size = 0;
	return area;
}

TEST(searches_the_bios_area)
{
	struct acpi_rsdp r = rsdp_of(0, XSDT_AT);
	u8 *area = bios_area();

	memcpy(area + 0x14ad0, &r, sizeof(r));
	CHECK_EQ(acpi_init(0), 0);
	CHECK(acpi_find("FACP", 0));
}

TEST(searches_the_extended_bios_data_area)
{
	struct acpi_rsdp r = rsdp_of(0, XSDT_AT);
	u8 *bda, *ebda;

	machine("", 0);
	bda = fake_memory(0x400, 0x100);
	ebda = fake_memory(0x9fc00, 0x400);
	bda[0x0e] = 0xc0;
	bda[0x0f] = 0x9f;
	memcpy(ebda + 0x3f0 - 0x20, &r, sizeof(r));
	CHECK_EQ(acpi_init(0), 0);
}

TEST(an_absurd_extended_bios_data_area_is_not_searched)
{
	struct acpi_rsdp r = rsdp_of(0, XSDT_AT);
	u8 *bda;

	machine("", 0);
	bda = fake_memory(0x400, 0x100);
	memcpy(fake_memory(0x10000, 0x400), &r, sizeof(r));
	bda[0x0f] = 0x10;
	CHECK_EQ(acpi_init(0), -ENOENT);
}

TEST(damaged_pointers_are_passed_over)
{
	struct acpi_rsdp good = rsdp_of(0, XSDT_AT), bad = good;
	u8 *area = bios_area();

	bad.checksum ^= 1;
	memcpy(area + 0x100, &bad, sizeof(bad));
	CHECK_EQ(acpi_init(0), -ENOENT);
	bad = rsdp_of(RSDT_AT, 0);
	bad.checksum ^= 1;
	table_at(RSDT_AT, "RSDT", NULL, 0);
	memcpy(area + 0x180, &bad, sizeof(bad));
	CHECK_EQ(acpi_init(0), -ENOENT);
	/* Not on a boundary of 16 bytes. */
	memcpy(area + 0x208, &good, sizeof(good));
	CHECK_EQ(acpi_init(0), -ENOENT);
	/* Not whole, at the end. */
	memcpy(area + 0x20000 - 16, &good, 16);
	CHECK_EQ(acpi_init(0), -ENOENT);
	memcpy(area + 0x300, &good, sizeof(good));
	CHECK_EQ(acpi_init(0), 0);
}

TEST(a_bad_extension_leaves_the_old_root)
{
	struct acpi_rsdp *r;

	machine("", 0);
	r = rsdp_at(0xf0000, RSDT_AT, XSDT_AT);
	r->extended_checksum ^= 1;
	table_at(RSDT_AT, "RSDT", &(u32){ FADT_AT }, 4);
	CHECK_EQ(acpi_init(0xf0000), 0);
	CHECK(!memcmp(acpi_root()->signature, "RSDT", 4));
}

TEST(roots_that_are_no_roots_are_refused)
{
	reset();
	rsdp_at(RSDP_AT, RSDT_AT, XSDT_AT);
	table_at(XSDT_AT, "RSDT", NULL, 0);
	table_at(RSDT_AT, "XSDT", NULL, 0);
	CHECK_EQ(acpi_init(RSDP_AT), -EBADMSG);
	CHECK_EQ(messages, 2);
}

/* The header is what is at address 0, but for length and checksum. */
TEST(a_root_of_xen_s_dom0_needs_no_signature)
{
	struct acpi_sdt_header *xsdt;

	machine("", 0);
	xsdt = memremap(XSDT_AT, sizeof(*xsdt), MEMORY_WB);
	memcpy(xsdt->signature, "S\xff\0\xf0", 4);
	seal(xsdt);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_find("FACP", 0));
	CHECK(acpi_find("SSDT", 0));
	CHECK_EQ(messages, 2);
}

TEST(tables_with_wrong_checksums_are_left_out)
{
	struct acpi_sdt_header *ssdt;

	machine("", 0);
	ssdt = memremap(SSDT_AT, sizeof(*ssdt), MEMORY_WB);
	ssdt->checksum ^= 0x55;
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_find("FACP", 0));
	CHECK(!acpi_find("SSDT", 0));
	CHECK_EQ(messages, 1);
}

TEST(tables_with_absurd_lengths_are_left_out)
{
	static const u32 lengths[] = { 0, 1, 35, ACPI_MAX_TABLE_BYTES + 1,
				       0xffffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct acpi_sdt_header *ssdt;

		machine("", 0);
		ssdt = memremap(SSDT_AT, sizeof(*ssdt), MEMORY_WB);
		ssdt->length = cpu_to_le32(lengths[i]);
		CHECK_EQ(acpi_init(RSDP_AT), 0);
		CHECK(!acpi_find("SSDT", 0));
		CHECK_EQ(messages, 1);
	}
}

TEST(the_longest_table_is_taken_and_a_longer_one_is_not)
{
	for (u32 more = 0; more < 2; more++) {
		const u64 entries[] = { SSDT_AT };

		reset();
		rsdp_at(RSDP_AT, 0, XSDT_AT);
		table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
		table_at(SSDT_AT, "SSDT", NULL,
			 ACPI_MAX_TABLE_BYTES - 36 + more);
		CHECK_EQ(acpi_init(RSDP_AT), 0);
		CHECK_EQ(!acpi_find("SSDT", 0), more);
		CHECK_EQ(messages, more);
	}
}

TEST(a_root_shorter_than_its_header_is_refused)
{
	struct acpi_sdt_header *xsdt;

	machine("", 0);
	xsdt = memremap(XSDT_AT, sizeof(*xsdt), MEMORY_WB);
	xsdt->length = cpu_to_le32(20);
	CHECK_EQ(acpi_init(RSDP_AT), -EBADMSG);
}

TEST(half_an_entry_is_no_entry)
{
	u64 entries[] = { FADT_AT, SSDT_AT };

	reset();
	rsdp_at(RSDP_AT, 0, XSDT_AT);
	table_at(XSDT_AT, "XSDT", entries, 15);
	fadt_at(FADT_AT, 0, ACPI_FADT_V1_LENGTH);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_table(0) && !acpi_table(1));
}

TEST(cycles_and_repetitions_are_no_tables)
{
	const u64 entries[] = { XSDT_AT, FADT_AT, FADT_AT, XSDT_AT, RSDT_AT };

	reset();
	rsdp_at(RSDP_AT, 0, XSDT_AT);
	table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
	table_at(RSDT_AT, "RSDT", NULL, 0);
	fadt_at(FADT_AT, XSDT_AT, sizeof(struct acpi_fadt));
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_table(0) && !acpi_table(1));
	/* A DSDT that is an XSDT is none. */
	CHECK(!acpi_find("DSDT", 0));
}

TEST(too_many_tables_are_cut)
{
	u64 entries[ACPI_MAX_TABLES + 20];

	reset();
	rsdp_at(RSDP_AT, 0, XSDT_AT);
	for (unsigned i = 0; i < ARRAY_SIZE(entries); i++) {
		entries[i] = 0x1000000 + 0x1000 * i;
		table_at(entries[i], "SSDT", NULL, 0);
	}
	table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_table(ACPI_MAX_TABLES - 1));
	CHECK(!acpi_table(ACPI_MAX_TABLES));
	CHECK_EQ(messages, 1);
}

TEST(what_could_not_be_mapped_is_taken_up_later)
{
	const struct acpi_sdt_header *fadt;

	machine("", 0);
	fake_regions[fake_region_count - 1].start += 0x100000;
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(!acpi_find("SSDT", 0));
	fadt = acpi_find("FACP", 0);
	fake_regions[fake_region_count - 1].start -= 0x100000;
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_find("SSDT", 0));
	CHECK(acpi_find("FACP", 0) == fadt);
	CHECK(!acpi_table(2));
}

TEST(an_old_fadt_has_only_the_old_dsdt)
{
	const u64 entries[] = { FADT_AT };

	reset();
	rsdp_at(RSDP_AT, 0, XSDT_AT);
	table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
	fadt_at(FADT_AT, DSDT_AT, ACPI_FADT_V1_LENGTH);
	table_at(DSDT_AT, "DSDT", NULL, 0);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_find("DSDT", 0));
}

TEST(a_facs_needs_no_checksum)
{
	const u64 entries[] = { FADT_AT };
	struct acpi_fadt *fadt;
	u8 *facs;

	reset();
	rsdp_at(RSDP_AT, 0, XSDT_AT);
	table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
	fadt_at(FADT_AT, 0, ACPI_FADT_V1_LENGTH);
	fadt = memremap(FADT_AT, ACPI_FADT_V1_LENGTH, MEMORY_WB);
	fadt->firmware_ctrl = cpu_to_le32(DSDT_AT);
	seal(fadt);
	facs = fake_memory(DSDT_AT, 64);
	memcpy(facs, "FACS\x40\0\0\0\x77", 9);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK(acpi_find("FACS", 0) == (const void *)facs);
}

/* \_S5. Each case is AML as in a DSDT. */

struct s5_case {
	const char *aml;
	u32 size;
	int ret;
	u8 a, b;
};

#define AML(text) text, sizeof(text) - 1

static const struct s5_case s5_cases[] = {
	/* Name (_S5, Package (4) { 5, 5, Zero, Zero }) */
	{ AML("\x08_S5_\x12\x08\x04\x0a\x05\x0a\x05\x00\x00"), 0, 5, 5 },
	/* As QEMU writes it: Name (\_S5, Package (4) { Zero, ... }) */
	{ AML("\x08\\_S5_\x12\x06\x04\x00\x00\x00\x00"), 0, 0, 0 },
	{ AML("\x10junk\x08\\_S5_\x12\x05\x02\x01\x0a\x07"), 0, 1, 7 },
	{ AML("\x08_S5_\x12\x08\x02\x0b\x06\x00\x0b\x03\x00"), 0, 6, 3 },
	/* Two bytes of length. */
	{ AML("\x08_S5_\x12\x47\x00\x02\x0a\x04\x0a\x04"), 0, 4, 4 },
	/* One element with both values. */
	{ AML("\x08_S5_\x12\x05\x01\x0b\x05\x06"), 0, 5, 6 },
	{ AML("\x08_S5_\x12\x04\x01\x0a\x05"), 0, 5, 0 },
	/* A mention is passed over, a definition behind it is found. */
	{ AML("\x5b_S5_\x12\x08_S5_\x12\x06\x02\x0a\x02\x0a\x02"), 0, 2, 2 },
	/* A malformed one before a good one. */
	{ AML("\x08_S5_\x11\x08_S5_\x12\x06\x02\x0a\x03\x0a\x03"), 0, 3, 3 },
	{ AML(""), -ENOENT, 0, 0 },
	{ AML("_S5_"), -ENOENT, 0, 0 },
	{ AML("\x08_S4_\x12\x06\x02\x0a\x03\x0a\x03"), -ENOENT, 0, 0 },
	{ AML("_S5_\x12\x06\x02\x0a\x03\x0a\x03"), -ENOENT, 0, 0 },
	{ AML("\x08_S5_"), -ENOENT, 0, 0 },
	{ AML("\x08_S5_\x12"), -EBADMSG, 0, 0 },
	{ AML("\x08_S5_\x12\x06\x02\x0a\x05"), -EBADMSG, 0, 0 },
	/* The package is shorter than what it should hold. */
	{ AML("\x08_S5_\x12\x04\x02\x0a\x03\x0a\x03"), -EBADMSG, 0, 0 },
	{ AML("\x08_S5_\x12\x00\x02\x0a\x03\x0a\x03"), -EBADMSG, 0, 0 },
	/* Longer than the table. */
	{ AML("\x08_S5_\x12\x3f\x02\x0a\x03\x0a\x03"), -EBADMSG, 0, 0 },
	{ AML("\x08_S5_\x12\xcf\xff\xff\xff\x02\x01\x01"), -EBADMSG, 0, 0 },
	/* No elements, not integers, out of range. */
	{ AML("\x08_S5_\x12\x06\x00\x0a\x03\x0a\x03"), -EBADMSG, 0, 0 },
	{ AML("\x08_S5_\x12\x06\x02\x0d\x03\x0d\x03"), -EBADMSG, 0, 0 },
	{ AML("\x08_S5_\x12\x06\x02\x0a\x08\x0a\x03"), -EBADMSG, 0, 0 },
	{ AML("\x08_S5_\x12\x06\x02\x0a\x03\x0a\xff"), -EBADMSG, 0, 0 },
	{ AML("\x08_S5_\x12\x08\x02\x0b\x03\x01\x0b\x03\x00"), -EBADMSG, 0, 0 },
};

TEST(reads_every_encoding_of_s5)
{
	for (unsigned i = 0; i < ARRAY_SIZE(s5_cases); i++) {
		const struct s5_case *c = &s5_cases[i];
		u8 a = 0xee, b = 0xee;

		machine(c->aml, c->size);
		CHECK_EQ(acpi_init(RSDP_AT), 0);
		if (!CHECK_EQ(acpi_sleep_type_s5(&a, &b), c->ret))
			printf("  in case %u\n", i);
		CHECK_EQ(a, c->ret ? 0xee : c->a);
		CHECK_EQ(b, c->ret ? 0xee : c->b);
	}
}

TEST(finds_s5_in_an_ssdt)
{
	static const char aml[] = "\x08_S5_\x12\x06\x02\x0a\x06\x0a\x05";
	const u64 entries[] = { SSDT_AT, SSDT_AT + 0x1000 };
	u8 a, b;

	reset();
	rsdp_at(RSDP_AT, 0, XSDT_AT);
	table_at(XSDT_AT, "XSDT", entries, sizeof(entries));
	table_at(SSDT_AT, "SSDT", "\x08_S5_\x13", 6);
	table_at(SSDT_AT + 0x1000, "SSDT", aml, sizeof(aml) - 1);
	CHECK_EQ(acpi_init(RSDP_AT), 0);
	CHECK_EQ(acpi_sleep_type_s5(&a, &b), 0);
	CHECK_EQ(a, 6);
	CHECK_EQ(b, 5);
}
