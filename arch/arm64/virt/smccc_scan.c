/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who takes calls by SMC or HVC, and which calls there are. The answers are
 * whatever the other side likes: bits are looked at only where they are
 * defined, and an error is an answer with no bits.
 */
#include <abi/arm64/pv_time.h>
#include <abi/arm64/smccc.h>
#include <abi/kvm/smccc.h>
#include <kernel/string.h>
#include <kernel/virt/arm64.h>

/* Of a call of 32 bits: what W0 holds. */
static s32 call(u32 function, u32 argument)
{
	struct smccc_result r;

	smccc_call(function, argument, 0, 0, &r);
	return (s32)r.x0;
}

static bool read_uid(struct virt_smccc *smccc)
{
	struct smccc_result r;

	smccc_call(SMCCC_VENDOR_HYP_UID, 0, 0, 0, &r);
	if ((s32)r.x0 == SMCCC_NOT_SUPPORTED)
		smccc_call(SMCCC_STANDARD_HYP_UID, 0, 0, 0, &r);
	if ((s32)r.x0 == SMCCC_NOT_SUPPORTED)
		return false;
	smccc->uid_present = true;
	smccc->uid[0] = (u32)r.x0;
	smccc->uid[1] = (u32)r.x1;
	smccc->uid[2] = (u32)r.x2;
	smccc->uid[3] = (u32)r.x3;
	return true;
}

/* The number of the call means something else to other hypervisors. */
static void read_kvm(struct virt_smccc *smccc)
{
	static const u32 uid[] = KVM_SMCCC_UID;
	struct smccc_result r;

	if (!smccc->uid_present || memcmp(smccc->uid, uid, sizeof(uid)))
		return;
	smccc_call(KVM_SMCCC_FEATURES, 0, 0, 0, &r);
	if ((s32)r.x0 == SMCCC_NOT_SUPPORTED)
		return;
	smccc->offers[0] = (u32)r.x0;
	smccc->offers[1] = (u32)r.x1;
	smccc->offers[2] = (u32)r.x2;
	smccc->offers[3] = (u32)r.x3;
}

static void add_offer(struct virt_smccc *smccc, enum virt_smccc_offer bit)
{
	smccc->offers[bit / 32] |= BIT(bit % 32);
}

static void find_stolen_time(struct virt_smccc *smccc)
{
	if (call(SMCCC_ARCH_FEATURES, PV_TIME_FEATURES) >= 0 &&
	    call(PV_TIME_FEATURES, PV_TIME_ST) == 0)
		add_offer(smccc, VIRT_SMCCC_STOLEN_TIME);
}

static void find_psci(struct virt_smccc *smccc)
{
	static const struct {
		u32 function;
		enum virt_smccc_offer bit;
	} calls[] = {
		{ PSCI_CPU_SUSPEND, VIRT_SMCCC_CPU_SUSPEND },
		{ PSCI_SYSTEM_SUSPEND, VIRT_SMCCC_SYSTEM_SUSPEND },
		{ PSCI_SYSTEM_RESET2, VIRT_SMCCC_SYSTEM_RESET2 },
		{ PSCI_MEM_PROTECT, VIRT_SMCCC_MEM_PROTECT },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(calls); i++)
		if (call(PSCI_FEATURES, calls[i].function) >= 0)
			add_offer(smccc, calls[i].bit);
}

void virt_scan_smccc(struct virt_smccc *smccc)
{
	memset(smccc, 0, sizeof(*smccc));
	if (!smccc_is_1_1())
		return;
	/* Without a hypervisor it is firmware that answers: nobody asks. */
	if (!read_uid(smccc))
		return;
	read_kvm(smccc);
	find_stolen_time(smccc);
	find_psci(smccc);
}
