/* SPDX-License-Identifier: BSD-2-Clause */
/* RDSEED and RDRAND as sources of random numbers: Intel SDM volume 1, 7.3.17 */
#include <asm/cpuid.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/random.h>
#include <kernel/string.h>

#define CPUID_1_ECX_RDRAND BIT(30)
#define CPUID_7_EBX_RDSEED BIT(18)

/* RDRAND that fails so often is broken (SDM); RDSEED may be in use. */
#define RETRIES_MAX 10

#define DEFINE_INSTRUCTION(name)                                           \
 static bool name(u64 *value)                                              \
 {                                                                         \
  u64 got;                                                                 \
  bool ok;                                                                 \
  __asm__ __volatile__(#name " %0" : "=r"(got), "=@ccc"(ok) : : "memory"); \
  *value = got;                                                            \
  return ok;                                                               \
 }
DEFINE_INSTRUCTION(rdseed)
DEFINE_INSTRUCTION(rdrand)

static bool retried(bool (*instruction)(u64 *value), u64 *value)
{
	for (unsigned i = 0; i < RETRIES_MAX; i++) {
		if (instruction(value))
			return true;
		cpu_relax();
	}
	return false;
}

static size_t fill(u8 *buffer, size_t size, bool (*instruction)(u64 *value))
{
	size_t done = 0;
	u64 value;

	while (done + sizeof(value) <= size && retried(instruction, &value)) {
		memcpy(buffer + done, &value, sizeof(value));
		done += sizeof(value);
	}
	return done;
}

static size_t read_rdseed(struct random_source *source __unused, void *buffer,
			  size_t size)
{
	return fill(buffer, size, rdseed);
}

static size_t read_rdrand(struct random_source *source __unused, void *buffer,
			  size_t size)
{
	return fill(buffer, size, rdrand);
}

static struct random_source rdseed_source = {
	.name = "rdseed",
	.quality = 8,
	.maker = RANDOM_BY_CPU,
	.read = read_rdseed,
};

/*
 * What it gives is made of a seed of 256 bits, with the strength of 128
 * against who attacks the generator: half of its bits are credited.
 */
static struct random_source rdrand_source = {
	.name = "rdrand",
	.quality = 4,
	.maker = RANDOM_BY_CPU,
	.read = read_rdrand,
};

static int cpu_random_init(void)
{
	struct cpuid_regs basic, features = { 0 }, extended = { 0 };

	cpuid(0, 0, &basic);
	if (basic.eax >= 1)
		cpuid(1, 0, &features);
	if (basic.eax >= 7)
		cpuid(7, 0, &extended);
	if (extended.ebx & CPUID_7_EBX_RDSEED)
		random_source_add(&rdseed_source);
	else if (features.ecx & CPUID_1_ECX_RDRAND)
		random_source_add(&rdrand_source);
	return 0;
}
initcall(INIT_TIME, cpu_random_init);
