/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract between the choice logic and the one file per hypervisor in
 * kernel/virt. See docs/adding-a-hypervisor.md.
 */
#pragma once

#include <kernel/table.h>
#include <kernel/virt/evidence.h>
#include <kernel/virt/feature.h>
#include <kernel/virt/hypervisor.h>

#define VIRT_NO_BLOCK (-1)

/*
 * How strongly a hypervisor is recognised. The strongest match is primary;
 * between equals, the higher hypervisor.priority.
 */
enum virt_strength {
	/* An interface that others imitate: Hyper-V's. */
	VIRT_MATCH_IMITABLE = 1,
	/* Firmware (SMBIOS, a device tree) names it. */
	VIRT_MATCH_SMBIOS,
	/*
	 * Its signature on a block that speaks Hyper-V's interface, where the
	 * signature is a setting (QEMU's hv-vendor-id).
	 */
	VIRT_MATCH_VENDOR,
	/* Its signature on a block of its own. */
	VIRT_MATCH_SIGNATURE,
	/* Firmware names one that offers others' interfaces under their names.
	 */
	VIRT_MATCH_IMPERSONATOR,
};

struct virt_match {
	int block; /* index into virt_evidence.block, or VIRT_NO_BLOCK */
	enum virt_strength strength;
	/*
	 * The block's leaves are somebody else's: it carries this name, but
	 * they do not have the meaning that this hypervisor gives them.
	 */
	bool opaque;
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

/*
 * One thing a hypervisor can offer: advertised when (register of leaf
 * base + leaf) & mask is not 0, or by SMCCC. `name` is unique in its
 * hypervisor.
 */
struct virt_feature {
	const char *name; /* words joined by "-", after the spec's name */
	u8 leaf;	  /* offset from the base, < VIRT_BLOCK_LEAVES */
	u8 reg : 4;	  /* enum virt_register */
	u8 kind : 4;	  /* enum virt_feature_kind */
	u8 state;	  /* enum virt_feature_state bits; the core's */
	u8 smccc;	  /* 1 + enum virt_smccc_offer, or 0 */
	u32 mask;
	/**
	 * Instead of the mask, where one bit does not tell. @block is NULL
	 * where the hypervisor was recognised without one.
	 */
	bool (*offered)(const struct virt_block *block);
	/** Offered as well if other evidence than the block says so. */
	bool (*evident)(const struct virt_evidence *ev);
	/* No evidence tells, but its driver, when it finds the device. */
	bool device;
};

#define __VIRT_FEATURE(n, l, r, m, k)                  \
 {                                                     \
  .name = n, .leaf = l, .reg = r, .mask = m, .kind = k \
 }

/** Entries of a feature list. @r is EAX, EBX, ECX or EDX, @bit a number. */
#define VIRT_FEATURE(n, l, r, bit) \
 __VIRT_FEATURE(n, l, VIRT_##r, BIT(bit), VIRT_FEATURE_PARAVIRT)
#define VIRT_HINT(n, l, r, bit) \
 __VIRT_FEATURE(n, l, VIRT_##r, BIT(bit), VIRT_FEATURE_HINT)
/** Offered when the register @r is not 0. */
#define VIRT_FEATURE_VALUE(n, l, r) \
 __VIRT_FEATURE(n, l, VIRT_##r, ~0U, VIRT_FEATURE_PARAVIRT)
/** Offered when @f(evidence) is true, whatever the CPUID block. */
#define VIRT_FEATURE_EVIDENT(n, f)                       \
 {                                                       \
  .name = n, .kind = VIRT_FEATURE_PARAVIRT, .evident = f \
 }
#define VIRT_HINT_EVIDENT(n, f)                      \
 {                                                   \
  .name = n, .kind = VIRT_FEATURE_HINT, .evident = f \
 }
/** Found as a device, whose driver says so: <kernel/virt/feature.h>. */
#define VIRT_FEATURE_DEVICE(n)                             \
 {                                                         \
  .name = n, .kind = VIRT_FEATURE_PARAVIRT, .device = true \
 }
/** Offered when the call @offer, an enum virt_smccc_offer, is there. */
#define VIRT_FEATURE_SMCCC(n, offer)                             \
 {                                                               \
  .name = n, .kind = VIRT_FEATURE_PARAVIRT, .smccc = 1 + (offer) \
 }
#define VIRT_HINT_SMCCC(n, offer)                            \
 {                                                           \
  .name = n, .kind = VIRT_FEATURE_HINT, .smccc = 1 + (offer) \
 }
/** Ends a feature list. */
#define VIRT_FEATURES_END \
 {                        \
  .name = NULL            \
 }

/*
 * A way to state a frequency, the counter's or another one; a list ends with a
 * NULL khz.
 */
struct virt_tsc_source {
	/**
	 * In kHz, as stated in @block, all zero if there is none, or elsewhere
	 * in virt_evidence(); or 0. It need not be plausible.
	 */
	u64 (*khz)(const struct virt_block *block);
	const char *name;    /* constant text, for virt_tsc_khz() */
	const char *feature; /* the one that stands for it */
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

	/* How it states the counter's frequency, best first; may be NULL. */
	const struct virt_tsc_source *tsc;

	/* The same for what the local APIC's timer divides; may be NULL. */
	const struct virt_tsc_source *apic;
};

TABLE_DECLARE(const struct hypervisor, hypervisor);

/** Register @h (a static const struct hypervisor). */
#define HYPERVISOR(h) TABLE_ENTRY(const struct hypervisor, hypervisor, 0, h)

/** Names of features that several hypervisors have. */
#define VIRT_FEATURE_TSC_FREQUENCY  "tsc-frequency"
#define VIRT_FEATURE_APIC_FREQUENCY "apic-frequency"
#define VIRT_FEATURE_EXTENDED_IDS   "msi-ext-dest-id"
#define VIRT_FEATURE_X2APIC	    "legacy-x2apic"

/* One answer to "which hypervisor?": hv is NULL for a block nobody knows. */
struct virt_found {
	const struct hypervisor *hv;
	struct virt_match match;
};

#define VIRT_MAX_FOUND 24
#define VIRT_NAME_MAX  80 /* 'Unknown ("...")' with its terminator */

struct virt_detection {
	bool virtualized;
	enum hypervisor_type type; /* the primary's */
	char name[VIRT_NAME_MAX];  /* what hypervisor_get_name() returns */
	/* Every answer, strongest first: found[0] is primary. */
	unsigned count;
	struct virt_found found[VIRT_MAX_FOUND];
};

/**
 * Interpret @ev: ask every registered hypervisor and rank the answers in @d.
 * Depends on nothing but @ev and the table, and changes nothing but @d.
 */
void virt_choose(const struct virt_evidence *ev, struct virt_detection *d);

/** Set the state of every feature: offered as @ev and @d say, no more. */
void virt_mark_offered(const struct virt_evidence *ev,
		       const struct virt_detection *d);

/** This machine's evidence and what was made of it; after level VIRT. */
const struct virt_evidence *virt_evidence(void);
const struct virt_detection *virt_detection(void);

/** Name of @found, as VIRT_NAME_MAX bytes of @name. Returns @name. */
const char *virt_found_name(const struct virt_evidence *ev,
			    const struct virt_found *found, char *name);

/**
 * The block of @found whose leaves have the meaning that the hypervisor gives
 * them, or NULL.
 */
const struct virt_block *virt_found_block(const struct virt_evidence *ev,
					  const struct virt_found *found);

/** True if @block (or NULL), or the rest of @ev, advertises @feature. */
bool virt_feature_offered(const struct virt_feature *feature,
			  const struct virt_evidence *ev,
			  const struct virt_block *block);

/** Feature @name of @hv, or NULL. */
struct virt_feature *virt_find_feature(const struct hypervisor *hv,
				       const char *name);

/** True if any answer of @d offers a paravirtual interface. */
bool virt_offers_paravirt(const struct virt_evidence *ev,
			  const struct virt_detection *d);

/* What a hypervisor states about a frequency. */
struct virt_tsc_offer {
	u64 khz; /* plausible; 0: nothing offered */
	const struct hypervisor *hv;
	const struct virt_tsc_source *source;
};

/** The first plausible frequency, the primary hypervisor's before others'. */
void virt_find_tsc_offer(const struct virt_evidence *ev,
			 const struct virt_detection *d,
			 struct virt_tsc_offer *offer);

/** The same of the clock that the local APIC's timer divides. */
void virt_find_apic_offer(const struct virt_evidence *ev,
			  const struct virt_detection *d,
			  struct virt_tsc_offer *offer);

/** Fill @ids from the ACPI tables, which it looks up. */
void virt_read_acpi_ids(struct virt_acpi_ids *ids);

/*
 * For detect(). A signature is VIRT_SIGNATURE_BYTES long, padded with NULs.
 */

/** Index of the block with @signature, or VIRT_NO_BLOCK. */
int virt_find_signature(const struct virt_evidence *ev, const char *signature);

/** True if @block speaks Hyper-V's interface, whatever its signature. */
bool virt_block_is_hyperv(const struct virt_block *block);

/** Match by the first of @count @signatures that is there. */
bool virt_match_signature(const struct virt_evidence *ev,
			  const char *const *signatures, unsigned count,
			  struct virt_match *match);

/** True if @smbios is QEMU's own, which its user left as it is. */
bool virt_smbios_is_qemus(const struct smbios_info *smbios);

/** True if VMware's signature or firmware is there, whoever put it. */
bool virt_vmware_is_named(const struct virt_evidence *ev);

/**
 * True if something answers at VMware's backdoor, and it is VMware: QEMU is
 * not named, or VMware is.
 */
bool virt_backdoor_is_vmwares(const struct virt_evidence *ev);

/** If @named, match by firmware with @strength. Returns @named. */
bool virt_match_smbios(bool named, enum virt_strength strength,
		       struct virt_match *match);

/** Match by the UID of SMCCC's vendor-specific hypervisor service. */
bool virt_match_smccc(const struct virt_evidence *ev,
		      const u32 uid[VIRT_SMCCC_UID_WORDS],
		      struct virt_match *match);

/** Match by the device tree, which says @named. Returns @named. */
bool virt_match_fdt(bool named, struct virt_match *match);

/** virt_tsc_source.khz for those that have the common timing leaf. */
u64 virt_timing_leaf_khz(const struct virt_block *block);
/** The same for the local APIC's timer. */
u64 virt_timing_leaf_apic_khz(const struct virt_block *block);

/**
 * Write @signature as text: printable ASCII as it is, quotes, backslashes and
 * other bytes as \xNN, NULs at the end left out. Returns @text.
 */
const char *virt_signature_text(const char *signature, char *text);

/** Write @uid as a UUID (RFC 9562) in VIRT_UID_TEXT_MAX bytes of @text. */
const char *virt_uid_text(const u32 uid[VIRT_SMCCC_UID_WORDS], char *text);

#define VIRT_UID_TEXT_MAX 37

/** Bytes that virt_signature_text() may write. */
#define VIRT_SIGNATURE_TEXT_MAX (4 * VIRT_SIGNATURE_BYTES + 1)
