/* SPDX-License-Identifier: BSD-2-Clause */
/* Which CPUs there are, as the MADT has it. */
#include <asm/smp.h>
#include <kernel/byteorder.h>
#include <kernel/madt.h>

struct cpu_entry {
	u32 id;
	u32 flags;
};

/* Both kinds of entry, in the order in which they stand in the table. */
struct cpu_walk {
	const struct acpi_sdt_header *madt;
	const struct acpi_madt_entry *xapic, *x2apic; /* the next, or NULL */
};

static const struct acpi_madt_entry *next_xapic(
	const struct cpu_walk *w, const struct acpi_madt_entry *previous)
{
	return madt_next(w->madt, previous, ACPI_MADT_LOCAL_APIC,
			 sizeof(struct acpi_madt_local_apic));
}

static const struct acpi_madt_entry *next_x2apic(
	const struct cpu_walk *w, const struct acpi_madt_entry *previous)
{
	return madt_next(w->madt, previous, ACPI_MADT_LOCAL_X2APIC,
			 sizeof(struct acpi_madt_local_x2apic));
}

static void take_xapic(struct cpu_walk *w, struct cpu_entry *cpu)
{
	const struct acpi_madt_local_apic *e = (const void *)w->xapic;

	*cpu = (struct cpu_entry){ e->apic_id, le32_to_cpu(e->flags) };
	w->xapic = next_xapic(w, w->xapic);
}

static void take_x2apic(struct cpu_walk *w, struct cpu_entry *cpu)
{
	const struct acpi_madt_local_x2apic *e = (const void *)w->x2apic;

	*cpu = (struct cpu_entry){
		le32_to_cpu(e->x2apic_id),
		le32_to_cpu(e->flags),
	};
	w->x2apic = next_x2apic(w, w->x2apic);
}

static bool next_cpu(struct cpu_walk *w, struct cpu_entry *cpu)
{
	if (!w->xapic && !w->x2apic)
		return false;
	if (!w->x2apic || (w->xapic && w->xapic < w->x2apic))
		take_xapic(w, cpu);
	else
		take_x2apic(w, cpu);
	return true;
}

static bool is_known(const struct cpu_layout *layout, u32 id)
{
	for (unsigned i = 1; i < layout->count; i++)
		if (layout->ids[i] == id)
			return true;
	return false;
}

static void add_enabled(struct cpu_layout *layout, u32 id, u32 id_max)
{
	bool is_boot = id == layout->ids[0];

	if (is_boot ? layout->boot_listed : is_known(layout, id))
		layout->repeated++;
	else if (is_boot)
		layout->boot_listed = true;
	else if (id > id_max)
		layout->unreachable++;
	else if (layout->count == layout->max)
		layout->left_alone++;
	else
		layout->ids[layout->count++] = id;
}

void cpu_layout_read(const struct acpi_sdt_header *madt, u32 boot_id,
		     u32 id_max, struct cpu_layout *layout)
{
	struct cpu_walk walk = { .madt = madt };
	struct cpu_entry cpu;

	*layout = (struct cpu_layout){
		.ids = layout->ids,
		.max = layout->max,
		.count = 1,
	};
	layout->ids[0] = boot_id;
	walk.xapic = next_xapic(&walk, NULL);
	walk.x2apic = next_x2apic(&walk, NULL);
	while (next_cpu(&walk, &cpu)) {
		if (cpu.flags & ACPI_MADT_ENABLED)
			add_enabled(layout, cpu.id, id_max);
		else if (cpu.flags & ACPI_MADT_ONLINE_CAPABLE)
			layout->absent++;
	}
}

phys_addr_t cpu_mailbox_address(const struct acpi_sdt_header *madt)
{
	const struct acpi_madt_wakeup *e =
		(const void *)madt_next(madt, NULL, ACPI_MADT_WAKEUP,
					sizeof(*e));

	if (!e || le16_to_cpu(e->mailbox_version) != ACPI_WAKEUP_VERSION)
		return 0;
	return le64_to_cpu(e->mailbox_address);
}
