/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "psci: " fmt

#include <asm/extable.h>
#include <asm/smccc.h>
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>

static enum {
	CONDUIT_NONE,
	CONDUIT_HVC,
	CONDUIT_SMC,
} conduit;

static u32 version;

/*
 * The callee may change x0 to x17 (before version 1.1, those it does not
 * return). Where nobody takes the call the instruction is undefined.
 */
#define SMCCC_INSTRUCTION(name, mnemonic)                                     \
 static void name(u32 function, u64 a, u64 b, u64 c,                          \
		  struct smccc_result *result)                                \
 {                                                                            \
  register u64 x0 __asm__("x0") = function;                                   \
  register u64 x1 __asm__("x1") = a;                                          \
  register u64 x2 __asm__("x2") = b;                                          \
  register u64 x3 __asm__("x3") = c;                                          \
  __asm__ __volatile__("1: " mnemonic " #0\n"                                 \
		       "   b 3f\n"                                            \
		       "2: mov x0, #-1\n"                                     \
		       "3:\n" EXTABLE(1b, 2b)                                 \
		       : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)               \
		       :                                                      \
		       : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",    \
			 "x12", "x13", "x14", "x15", "x16", "x17", "memory"); \
  *result = (struct smccc_result){ x0, x1, x2, x3 };                          \
 }
SMCCC_INSTRUCTION(call_hvc, "hvc")
SMCCC_INSTRUCTION(call_smc, "smc")

void smccc_call(u32 function, u64 a, u64 b, u64 c, struct smccc_result *result)
{
	switch (conduit) {
	case CONDUIT_HVC: call_hvc(function, a, b, c, result); break;
	case CONDUIT_SMC: call_smc(function, a, b, c, result); break;
	default:
		*result =
			(struct smccc_result){ .x0 = (u64)SMCCC_NOT_SUPPORTED };
	}
}

const char *smccc_conduit(void)
{
	static const char *const names[] = { NULL, "HVC", "SMC" };

	return names[conduit];
}

u32 psci_version(void)
{
	return version;
}

static void find_in_fdt(const struct fdt *fdt)
{
	int node = fdt_find_compatible(fdt, FDT_NONE, "arm,psci-0.2");
	const char *method;

	if (node == FDT_NONE)
		node = fdt_find_compatible(fdt, FDT_NONE, "arm,psci-1.0");
	method = fdt_string(fdt, node, "method");
	if (!method)
		return;
	if (!strcmp(method, "hvc"))
		conduit = CONDUIT_HVC;
	else if (!strcmp(method, "smc"))
		conduit = CONDUIT_SMC;
	else
		pr_warn("method of the device tree unknown: ignored");
}

static void find_in_acpi(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	u16 flags = fadt ? le16_to_cpu(fadt->arm_boot_arch) : 0;

	if (flags & ACPI_FADT_PSCI)
		conduit =
			flags & ACPI_FADT_PSCI_HVC ? CONDUIT_HVC : CONDUIT_SMC;
}

bool smccc_is_1_1(void)
{
	struct smccc_result r;

	if (version < PSCI_VERSION_1_0)
		return false;
	smccc_call(PSCI_FEATURES, SMCCC_VERSION, 0, 0, &r);
	if ((s32)r.x0 < 0)
		return false;
	smccc_call(SMCCC_VERSION, 0, 0, 0, &r);
	return (s32)r.x0 >= SMCCC_VERSION_1_1;
}

static int smccc_init(void)
{
	struct smccc_result r;

	if (fdt_machine())
		find_in_fdt(fdt_machine());
	else
		find_in_acpi();
	if (conduit == CONDUIT_NONE) {
		pr_notice("there is none: no poweroff, no other CPUs");
		return 0;
	}
	smccc_call(PSCI_VERSION, 0, 0, 0, &r);
	if ((s32)r.x0 < PSCI_VERSION_0_2) {
		pr_warn("no answer by %s", smccc_conduit());
		conduit = CONDUIT_NONE;
		return 0;
	}
	version = (u32)r.x0;
	pr_info("version %u.%u by %s", version >> 16, version & UINT16_MAX,
		smccc_conduit());
	return 0;
}
initcall(INIT_CPU, smccc_init);
