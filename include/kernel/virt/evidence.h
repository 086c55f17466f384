/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this machine says about a hypervisor, collected once, before anyone
 * interprets it. Recognition (kernel/virt) and its tests work on this data
 * alone. All of it comes from outside and may lie.
 */
#pragma once

#include <kernel/smbios.h>

/*
 * The range of CPUID leaves that CPU makers leave to hypervisors, and the
 * distance at which a second interface may begin in it.
 */
#define VIRT_CPUID_FIRST  0x40000000U
#define VIRT_CPUID_LAST	  0x4000ff00U
#define VIRT_CPUID_STRIDE 0x100U

#define VIRT_SIGNATURE_BYTES 12
#define VIRT_BLOCK_LEAVES    0x11 /* base to base + 0x10, the timing leaf */
#define VIRT_MAX_BLOCKS	     8

/* One CPUID answer, for subleaf 0. */
struct virt_leaf {
	u32 eax, ebx, ecx, edx;
};

/* One interface in the hypervisor range. */
struct virt_block {
	u32 base;
	u32 max_claimed; /* EAX of leaf base, whatever it says */
	u32 max_trusted; /* last leaf to believe: base <= it <= base + 0xff */
	/* EBX, ECX, EDX of leaf base: any bytes, not terminated */
	char signature[VIRT_SIGNATURE_BYTES];
	/* Leaves base + n; zero beyond max_trusted. */
	struct virt_leaf leaf[VIRT_BLOCK_LEAVES];
};

#define VIRT_ACPI_OEM_ID_MAX	   7 /* bytes with terminator */
#define VIRT_ACPI_OEM_TABLE_ID_MAX 9
#define VIRT_ACPI_VENDOR_MAX	   9

/* From the ACPI root table and the FADT: printable ASCII, "" if absent. */
struct virt_acpi_ids {
	char oem_id[VIRT_ACPI_OEM_ID_MAX];
	char oem_table_id[VIRT_ACPI_OEM_TABLE_ID_MAX];
	char hypervisor_vendor[VIRT_ACPI_VENDOR_MAX]; /* FADT revision 6 */
};

#define VIRT_SMCCC_UID_WORDS 4

/*
 * Bits of virt_smccc.offers. The first 128 are what KVM says of its own calls
 * (<abi/kvm/smccc.h>), the others the calls of standards that were found.
 */
enum virt_smccc_offer {
	VIRT_SMCCC_KVM,		      /* the first of 128 */
	VIRT_SMCCC_STOLEN_TIME = 128, /* DEN 0057 */
	VIRT_SMCCC_CPU_SUSPEND,	      /* DEN 0022, as all that follow */
	VIRT_SMCCC_SYSTEM_SUSPEND,
	VIRT_SMCCC_SYSTEM_RESET2,
	VIRT_SMCCC_MEM_PROTECT,
	VIRT_SMCCC_OFFERS,
};
#define VIRT_SMCCC_WORDS 5 /* of 32 such bits */
_Static_assert(VIRT_SMCCC_OFFERS <= VIRT_SMCCC_WORDS * 32, "offers[]");

/* Who answers calls by SMC or HVC (DEN 0028 F, 6.2), and which. */
struct virt_smccc {
	bool uid_present;
	u32 uid[VIRT_SMCCC_UID_WORDS]; /* as W0 to W3 held it */
	u32 offers[VIRT_SMCCC_WORDS];  /* bit n: word n / 32, bit n % 32 */
};

#define VIRT_FDT_NAME_MAX 48

/* From the device tree: printable ASCII, "" if absent. */
struct virt_fdt_ids {
	char hypervisor[VIRT_FDT_NAME_MAX]; /* first compatible of /hypervisor
					     */
	char machine[VIRT_FDT_NAME_MAX];    /* the same of the root */
	bool fw_cfg;			    /* QEMU's configuration device */
};

/*
 * Who answers at VMware's backdoor (<abi/vmware/backdoor.h>), where there was
 * a reason to ask: VMware, or QEMU's vmport.
 */
struct virt_backdoor {
	bool asked;
	bool answers;
	u8 way; /* enum vmware_way */
	u32 version;
	u32 product;
	u64 tsc_hz;    /* 0: not stated */
	u32 apic_hz;   /* the same */
	u32 vcpu_info; /* VMWARE_VCPU_ bits; 0: not stated */
	/* Commands that were seen to work */
	bool has_vcpu_info;
	bool has_time;
	bool has_steal_clock;
	bool has_messages;
};

struct virt_evidence {
	/* CPUID.1:ECX[31]. Without it the range was not looked at. */
	bool hypervisor_bit;
	unsigned block_count;
	struct virt_block block[VIRT_MAX_BLOCKS]; /* by rising base */
	unsigned blocks_repeated; /* same signature as a lower block */
	unsigned blocks_dropped;  /* did not fit in block[] */
	struct smbios_info smbios;
	struct virt_acpi_ids acpi;
	struct virt_smccc smccc;
	struct virt_fdt_ids fdt;
	struct virt_backdoor backdoor;
	/* What says that there is none; NULL: CPUID.1:ECX[31]. Constant. */
	const char *looked_at;
};

typedef void (*virt_cpuid_fn)(u32 leaf, u32 subleaf, struct virt_leaf *out);

/**
 * Fill the CPUID part of @ev through @cpuid (x86). Bounded work and no
 * failure, whatever the answers.
 */
void virt_scan_cpuid(struct virt_evidence *ev, virt_cpuid_fn cpuid);

/**
 * True if CPUID alone says that QEMU may have made this machine: it or KVM is
 * the hypervisor. Costs a few leaves. Any time; false where there is no CPUID.
 */
bool virt_may_be_qemu(void);

/**
 * Collect everything this architecture can find out into @ev. Each
 * architecture has its own. At level VIRT, on the boot CPU.
 */
void virt_gather_evidence(struct virt_evidence *ev);
