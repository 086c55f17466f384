/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract between the choice logic and the one file per hypervisor in
 * kernel/virt. See docs/adding-a-hypervisor.md.
 */
#pragma once

#include <kernel/table.h>
#include <kernel/virt/evidence.h>
#include <kernel/virt/hypervisor.h>

#define VIRT_NO_BLOCK (-1)

/*
 * How strongly a hypervisor is recognised. The strongest match is primary;
 * between equals, the higher hypervisor.priority.
 */
enum virt_strength {
	/* An interface that others imitate: Hyper-V's. */
	VIRT_MATCH_IMITABLE = 1,
	/* Firmware (SMBIOS) names it. */
	VIRT_MATCH_SMBIOS,
	/*
	 * Its signature on a block that speaks Hyper-V's interface, where the
	 * signature is a setting (QEMU's hv-vendor-id).
	 */
	VIRT_MATCH_VENDOR,
	/* Its signature on a block of its own. */
	VIRT_MATCH_SIGNATURE,
	/* Firmware names one that offers others' interfaces under their names. */
	VIRT_MATCH_IMPERSONATOR,
};

struct virt_match {
	int block; /* index into virt_evidence.block, or VIRT_NO_BLOCK */
	enum virt_strength strength;
	const char *reason; /* constant, "CPUID signature" */
};

enum virt_register {
	VIRT_EAX,
	VIRT_EBX,
	VIRT_ECX,
	VIRT_EDX,
};

enum virt_feature_kind {
	VIRT_FEATURE_PARAVIRT, /* an interface a guest can use */
	VIRT_FEATURE_HINT,     /* advice or a property of the host */
};

/* Three separate facts; a feature is not supported because a bit is set. */
enum virt_feature_state {
	VIRT_OFFERED = BIT(0),	/* the hypervisor advertises it */
	VIRT_ENABLED = BIT(1),	/* this kernel switched it on or uses it */
	VIRT_VERIFIED = BIT(2), /* a self-test saw it do its job */
};

/*
 * One thing a hypervisor can offer: advertised when (register of leaf
 * base + leaf) & mask is not 0. `name` is unique in its hypervisor.
 */
struct virt_feature {
	const char *name; /* words joined by "-", after the spec's name */
	u8 leaf;	  /* offset from the block's base */
	u8 reg;		  /* enum virt_register */
	u8 kind;	  /* enum virt_feature_kind */
	u8 state;	  /* enum virt_feature_state bits; the core's */
	u32 mask;
};

struct hypervisor {
	const char *name; /* "KVM" */
	enum hypervisor_type type;
	unsigned priority; /* between equally strong matches: higher wins */

	/** Look for this hypervisor in @ev; fill *@match and return true. */
	bool (*detect)(const struct virt_evidence *ev,
		       struct virt_match *match);

	/* What it can offer, ended by a NULL name. NULL: nothing known. */
	struct virt_feature *features;

	/**
	 * The counter's frequency in kHz as stated by this hypervisor in
	 * @block, or 0. It need not be plausible. NULL: it states none.
	 */
	u64 (*tsc_khz)(const struct virt_block *block);
	const char *tsc_source; /* constant text for virt_tsc_khz() */
};

TABLE_DECLARE(const struct hypervisor, hypervisor);

/** Register @h (a static const struct hypervisor). */
#define HYPERVISOR(h) TABLE_ENTRY(const struct hypervisor, hypervisor, 0, h)

/** Name of the feature that stands for hypervisor.tsc_khz. */
#define VIRT_FEATURE_TSC_FREQUENCY "tsc-frequency"

/** Ends a feature list. */
#define VIRT_FEATURES_END \
	{                 \
		.name = NULL \
	}
