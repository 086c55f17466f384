/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources of random numbers: the register RNDRRS (Arm ARM, K14.3), whose
 * generator is seeded anew for each read, and the firmware's or hypervisor's
 * TRNG calls (DEN0098), which KVM has for every guest.
 */
#include <asm/smccc.h>
#include <asm/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/random.h>
#include <kernel/string.h>

#define ID_AA64ISAR0_RNDR_SHIFT 60

/* It may be in use by others. */
#define RETRIES_MAX 10

/* S3_3_C2_C4_1; Z is set when there was nothing. */
static bool rndrrs(u64 *value)
{
	u32 ok;

	__asm__ __volatile__("mrs %0, s3_3_c2_c4_1\n\tcset %w1, ne"
			     : "=r"(*value), "=r"(ok)
			     :
			     : "cc", "memory");
	return ok;
}

static size_t read_rndr(struct random_source *source __unused, void *buffer,
			size_t size)
{
	size_t done = 0;
	u64 value;

	for (unsigned tries = 0;
	     tries < RETRIES_MAX && done + sizeof(value) <= size; tries++) {
		if (!rndrrs(&value))
			continue;
		memcpy((u8 *)buffer + done, &value, sizeof(value));
		done += sizeof(value);
		tries = 0;
	}
	return done;
}

static struct random_source rndr_source = {
	.name = "rndr",
	.quality = 8,
	.maker = RANDOM_BY_CPU,
	.read = read_rndr,
};

/* The lowest bits of what was asked for are in x3, the highest in x1. */
static bool trng_call(u8 bytes[SMCCC_TRNG_BYTES_MAX])
{
	struct smccc_result r;

	for (unsigned i = 0; i < RETRIES_MAX; i++) {
		smccc_call(SMCCC_TRNG_RND64, SMCCC_TRNG_BYTES_MAX * 8, 0, 0,
			   &r);
		if ((s64)r.x0 == SMCCC_TRNG_NO_ENTROPY)
			continue;
		memcpy(bytes, &r.x3, 8);
		memcpy(bytes + 8, &r.x2, 8);
		memcpy(bytes + 16, &r.x1, 8);
		return !r.x0;
	}
	return false;
}

static size_t read_trng(struct random_source *source __unused, void *buffer,
			size_t size)
{
	u8 bytes[SMCCC_TRNG_BYTES_MAX];
	size_t done = 0;

	while (done < size && trng_call(bytes)) {
		size_t part = MIN(size - done, sizeof(bytes));

		memcpy((u8 *)buffer + done, bytes, part);
		done += part;
	}
	wipe(bytes, sizeof(bytes));
	return done;
}

static struct random_source trng_source = {
	.name = "smccc-trng",
	.quality = 8,
	.read = read_trng,
};

static bool has_trng(void)
{
	struct smccc_result result;

	if (!smccc_is_1_1())
		return false;
	smccc_call(SMCCC_TRNG_VERSION, 0, 0, 0, &result);
	if ((s32)result.x0 < SMCCC_TRNG_VERSION_1_0)
		return false;
	smccc_call(SMCCC_TRNG_FEATURES, SMCCC_TRNG_RND64, 0, 0, &result);
	return (s32)result.x0 >= 0;
}

static int cpu_random_init(void)
{
	if (sysreg_read(id_aa64isar0_el1) >> ID_AA64ISAR0_RNDR_SHIFT)
		random_source_add(&rndr_source);
	if (has_trng())
		random_source_add(&trng_source);
	return 0;
}
initcall(INIT_TIME, cpu_random_init);
