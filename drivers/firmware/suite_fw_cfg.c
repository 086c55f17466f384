/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of fw_cfg. */
#include <drivers/fw_cfg.h>
#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/virt/feature.h>

#define RSDP_FILE      "etc/acpi/rsdp"
#define RSDP_SIGNATURE "RSD PTR "
#define PART_BYTES     200

static bool skipped(struct selftest *t)
{
	if (fw_cfg_present())
		return false;
	selftest_skip(t, "no fw_cfg device here");
	return true;
}

struct biggest {
	struct fw_cfg_file file;
	unsigned count;
};

static bool look_at(const struct fw_cfg_file *file, void *context)
{
	struct biggest *biggest = context;

	if (file->size > biggest->file.size)
		biggest->file = *file;
	biggest->count++;
	return true;
}

static void test_directory(struct selftest *t)
{
	struct biggest biggest = { .count = 0 };
	struct fw_cfg_file again;

	if (skipped(t) ||
	    !EXPECT_EQ(t, fw_cfg_for_each(look_at, &biggest), 0) ||
	    !EXPECT(t, biggest.count))
		return;
	EXPECT_EQ(t, fw_cfg_find(biggest.file.name, &again), 0);
	EXPECT_EQ(t, again.select, biggest.file.select);
	EXPECT_EQ(t, again.size, biggest.file.size);
	EXPECT_EQ(t, fw_cfg_find("no/such/file", &again), -ENOENT);
}

/* Forwards and backwards, in parts, as at once. */
static bool parts_agree(struct selftest *t, const struct fw_cfg_file *file)
{
	u8 whole[PART_BYTES], part[PART_BYTES];
	long n = fw_cfg_read(file, 0, whole, sizeof(whole));

	if (!EXPECT_EQ(t, n, MIN(file->size, (u32)PART_BYTES)))
		return false;
	for (long i = n - 1; i >= 0; i--)
		if (!EXPECT_EQ(t, fw_cfg_read(file, (u32)i, part, 1), 1) ||
		    !EXPECT_EQ(t, part[0], whole[i]))
			return false;
	for (long i = 0; i < n; i += 7) {
		long length = MIN(n - i, 7L);

		if (!EXPECT_EQ(t, fw_cfg_read(file, (u32)i, part, (u32)length),
			       length) ||
		    !EXPECT(t, !memcmp(part, whole + i, (size_t)length)))
			return false;
	}
	return EXPECT_EQ(t, fw_cfg_read(file, file->size, part, 1), 0);
}

static void test_parts(struct selftest *t)
{
	struct biggest biggest = { .count = 0 };

	if (!skipped(t) && EXPECT_EQ(t, fw_cfg_for_each(look_at, &biggest), 0))
		parts_agree(t, &biggest.file);
}

/* The file of whose contents this machine knows something by itself. */
static void test_contents(struct selftest *t)
{
	struct fw_cfg_file file;
	char signature[sizeof(RSDP_SIGNATURE) - 1];

	if (skipped(t))
		return;
	if (fw_cfg_find(RSDP_FILE, &file)) {
		selftest_skip(t, "no file " RSDP_FILE);
		return;
	}
	if (!EXPECT_EQ(t, fw_cfg_read(&file, 0, signature, sizeof(signature)),
		       sizeof(signature)) ||
	    !EXPECT(t, !memcmp(signature, RSDP_SIGNATURE, sizeof(signature))))
		return;
	virt_feature_add_state(HYPERV_TYPE_QEMU, "fw-cfg", VIRT_VERIFIED);
	if (fw_cfg_has_dma())
		virt_feature_add_state(HYPERV_TYPE_QEMU, "fw-cfg-dma",
				       VIRT_VERIFIED);
	selftest_note(t, "read %s", fw_cfg_has_dma() ? "by DMA" : "by bytes");
}

static const struct selftest_case fw_cfg_cases[] = {
	{ .name = "directory-leads-to-files", .run = test_directory },
	{ .name = "parts-are-as-the-whole", .run = test_parts },
	{ .name = "reads-what-is-known", .run = test_contents },
	{},
};
SELFTEST_SUITE(fw_cfg, "fw-cfg", fw_cfg_cases, 0);
