/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of ACPI tables: ACPI 6.5, 5.2.6 to 5.2.9. */
#define pr_fmt(fmt) "acpi: " fmt

#include "internal.h"
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#define ACPI_FACS_LENGTH_MIN 64

static struct {
	const struct acpi_sdt_header *root; /* NULL until one is found */
	unsigned count;
	const struct acpi_sdt_header *table[ACPI_MAX_TABLES];
	phys_addr_t address[ACPI_MAX_TABLES];
	const struct acpi_sdt_header *dsdt, *facs;
	bool complete; /* everything the root lists was looked at */
} acpi;

static bool has_signature(const struct acpi_sdt_header *h, const char *sig)
{
	return !memcmp(h->signature, sig, sizeof(h->signature));
}

/* Four characters for a message, whatever they are. */
static const char *signature_text(const struct acpi_sdt_header *h, char *text)
{
	for (unsigned i = 0; i < 4; i++) {
		char c = h->signature[i];

		text[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	text[4] = '\0';
	return text;
}

static const struct acpi_sdt_header *map_or_warn(phys_addr_t address, u32 size)
{
	const struct acpi_sdt_header *h = memremap(address, size, MEMORY_WB);

	if (!h) {
		pr_warn("table at %#llx cannot be mapped: ignored",
			(unsigned long long)address);
		acpi.complete = false;
	}
	return h;
}

/*
 * Map the table at @address, whole. NULL, after a message, when it cannot be
 * mapped or its length is absurd.
 */
static const struct acpi_sdt_header *map_table(phys_addr_t address,
					       u32 length_min)
{
	const struct acpi_sdt_header *h = map_or_warn(address, sizeof(*h));
	char text[5];
	u32 length;

	if (!h)
		return NULL;
	length = le32_to_cpu(h->length);
	if (length >= length_min && length <= ACPI_MAX_TABLE_BYTES)
		return map_or_warn(address, length);
	pr_warn("%s at %#llx: length %u, expected %u to %u: ignored",
		signature_text(h, text), (unsigned long long)address, length,
		length_min, ACPI_MAX_TABLE_BYTES);
	return NULL;
}

static const struct acpi_sdt_header *map_checked(phys_addr_t address)
{
	const struct acpi_sdt_header *h = map_table(address, sizeof(*h));
	char text[5];

	if (!h || acpi_checksum_ok(h, le32_to_cpu(h->length)))
		return h;
	pr_warn("%s at %#llx: wrong checksum: ignored", signature_text(h, text),
		(unsigned long long)address);
	return NULL;
}

static bool is_listed(phys_addr_t address)
{
	for (unsigned i = 0; i < acpi.count; i++)
		if (acpi.address[i] == address)
			return true;
	return false;
}

/* A root table among its own entries would be a cycle: it is no table. */
static void add_table(phys_addr_t address)
{
	const struct acpi_sdt_header *h;

	if (!address || is_listed(address))
		return;
	h = map_checked(address);
	if (!h || has_signature(h, "RSDT") || has_signature(h, "XSDT"))
		return;
	acpi.address[acpi.count] = address;
	acpi.table[acpi.count++] = h;
}

static unsigned root_entries(const struct acpi_sdt_header *root, size_t width)
{
	return (unsigned)((le32_to_cpu(root->length) - sizeof(*root)) / width);
}

static bool is_extended(const struct acpi_sdt_header *root)
{
	return !has_signature(root, "RSDT");
}

static phys_addr_t root_entry(const struct acpi_sdt_header *root, unsigned n)
{
	/* Entries are not aligned in an XSDT: read through packed structs. */
	if (is_extended(root))
		return le64_to_cpu(((const struct acpi_xsdt *)root)->entry[n]);
	return le32_to_cpu(((const struct acpi_rsdt *)root)->entry[n]);
}

static void list_tables(const struct acpi_sdt_header *root)
{
	bool extended = is_extended(root);
	unsigned n = root_entries(root, extended ? sizeof(le64) : sizeof(le32));

	if (n > ACPI_MAX_TABLES) {
		pr_warn("%u tables listed: all but %u ignored", n,
			ACPI_MAX_TABLES);
		n = ACPI_MAX_TABLES;
	}
	for (unsigned i = 0; i < n && acpi.count < ACPI_MAX_TABLES; i++)
		add_table(root_entry(root, i));
}

static const struct acpi_sdt_header *map_root(phys_addr_t address,
					      const char *signature)
{
	const struct acpi_sdt_header *h = address ? map_checked(address) : NULL;

	if (h && !has_signature(h, signature)) {
		pr_warn("no %s at %#llx: ignored", signature,
			(unsigned long long)address);
		return NULL;
	}
	return h;
}

/*
 * Xen (4.17) makes an XSDT for a PVH dom0 with the header of the machine's own.
 * Where there is only an RSDT it takes what is at address 0, and then sets the
 * length and a right checksum.
 */
static const struct acpi_sdt_header *map_nameless_xsdt(phys_addr_t address)
{
	const struct acpi_sdt_header *h = address ? map_checked(address) : NULL;

	if (!h || !is_extended(h))
		return NULL;
	pr_notice("%#llx is used as XSDT, for its checksum is right",
		  (unsigned long long)address);
	return h;
}

static const struct acpi_fadt *fadt_with(size_t end)
{
	const struct acpi_sdt_header *h = acpi_find(ACPI_FADT_SIGNATURE, 0);

	return h && le32_to_cpu(h->length) >= end ? (const void *)h : NULL;
}

#define FADT_END_OF(field) \
 (offsetof(struct acpi_fadt, field) + sizeof(((struct acpi_fadt *)0)->field))

static const struct acpi_sdt_header *find_dsdt(void)
{
	const struct acpi_fadt *fadt = fadt_with(FADT_END_OF(x_dsdt));
	phys_addr_t at = fadt ? le64_to_cpu(fadt->x_dsdt) : 0;

	fadt = fadt_with(FADT_END_OF(dsdt));
	if (!at && fadt)
		at = le32_to_cpu(fadt->dsdt);
	return map_root(at, "DSDT");
}

static const struct acpi_sdt_header *find_facs(void)
{
	const struct acpi_fadt *fadt = fadt_with(FADT_END_OF(x_firmware_ctrl));
	phys_addr_t at = fadt ? le64_to_cpu(fadt->x_firmware_ctrl) : 0;
	const struct acpi_sdt_header *h;

	fadt = fadt_with(FADT_END_OF(firmware_ctrl));
	if (!at && fadt)
		at = le32_to_cpu(fadt->firmware_ctrl);
	/* It has no checksum: firmware and system write to it. */
	h = at ? map_table(at, ACPI_FACS_LENGTH_MIN) : NULL;
	return h && has_signature(h, "FACS") ? h : NULL;
}

int acpi_init(phys_addr_t rsdp)
{
	struct acpi_roots roots;
	int ret;

	if (acpi.root && acpi.complete)
		return 0;
	ret = acpi_find_rsdp(rsdp, &roots);
	if (ret)
		return ret;

	acpi.complete = true;
	acpi.root = map_root(roots.xsdt, "XSDT");
	if (!acpi.root)
		acpi.root = map_root(roots.rsdt, "RSDT");
	if (!acpi.root)
		acpi.root = map_nameless_xsdt(roots.xsdt);
	if (!acpi.root)
		return -EBADMSG;
	list_tables(acpi.root);
	if (!acpi.dsdt)
		acpi.dsdt = find_dsdt();
	if (!acpi.facs)
		acpi.facs = find_facs();
	return 0;
}

const struct acpi_sdt_header *acpi_root(void)
{
	return acpi.root;
}

const struct acpi_sdt_header *acpi_table(unsigned n)
{
	return n < acpi.count ? acpi.table[n] : NULL;
}

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	if (!memcmp(signature, "DSDT", 4))
		return index ? NULL : acpi.dsdt;
	if (!memcmp(signature, "FACS", 4))
		return index ? NULL : acpi.facs;
	for (unsigned i = 0; i < acpi.count; i++)
		if (has_signature(acpi.table[i], signature) && !index--)
			return acpi.table[i];
	return NULL;
}
