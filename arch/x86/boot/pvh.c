/* SPDX-License-Identifier: BSD-2-Clause */
/* PVH: QEMU's -kernel and microvm, Xen, cloud-hypervisor, Firecracker. */
#define pr_fmt(fmt) "pvh: " fmt

#include <abi/bios.h>
#include <abi/pvh.h>
#include <asm/boot.h>
#include <kernel/byteorder.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>

#define PVH_MAX_MODULES 16

static void read_memmap(const struct hvm_start_info *si, struct boot_info *bi)
{
	u32 count = le32_to_cpu(si->memmap_entries);
	const struct hvm_memmap_table_entry *e;

	if (count > MEMMAP_MAX) {
		pr_warn("%u memory map entries: only %u used", count,
			MEMMAP_MAX);
		count = MEMMAP_MAX;
	}
	e = memremap(le64_to_cpu(si->memmap_paddr), count * sizeof(*e),
		     MEMORY_WB);
	if (!e) {
		pr_warn("memory map at %#llx cannot be read: ignored",
			(unsigned long long)le64_to_cpu(si->memmap_paddr));
		return;
	}
	for (u32 i = 0; i < count; i++)
		boot_add_e820(bi, le64_to_cpu(e[i].addr),
			      le64_to_cpu(e[i].size), le32_to_cpu(e[i].type));
}

static void read_modules(const struct hvm_start_info *si, struct boot_info *bi)
{
	u32 count = MIN(le32_to_cpu(si->nr_modules), (u32)PVH_MAX_MODULES);
	const struct hvm_modlist_entry *m;

	if (!count)
		return;
	m = memremap(le64_to_cpu(si->modlist_paddr), count * sizeof(*m),
		     MEMORY_WB);
	if (!m) {
		pr_warn("module list cannot be read: ignored");
		return;
	}
	bi->initrd = le64_to_cpu(m[0].paddr);
	bi->initrd_size = le64_to_cpu(m[0].size);
	for (u32 i = 0; i < count; i++)
		memmap_add(&bi->memmap, le64_to_cpu(m[i].paddr),
			   le64_to_cpu(m[i].size), MEMMAP_KERNEL);
}

/*
 * PVH says nothing about a display. Where a BIOS ran before, as in QEMU's PC,
 * its data area tells whether it left the screen in text mode.
 */
static bool bios_text_mode(void)
{
	const struct bios_video *v =
		memremap(BIOS_VIDEO, sizeof(*v), MEMORY_WB);

	return v && v->mode == BIOS_MODE_TEXT_80X25 &&
	       le16_to_cpu(v->columns) == 80;
}

void pvh_read(phys_addr_t info, struct boot_info *bi)
{
	const struct hvm_start_info *si =
		memremap(info, sizeof(*si), MEMORY_WB);
	const char *cmdline;

	bi->protocol = "PVH";
	bi->vga_text = bios_text_mode();
	if (!si || le32_to_cpu(si->magic) != HVM_START_MAGIC) {
		pr_err("no start info at %#llx: ignored",
		       (unsigned long long)info);
		return;
	}
	if (le32_to_cpu(si->version) >= 1 && si->memmap_paddr)
		read_memmap(si, bi);
	else
		pvh_read_xen_memmap(bi);
	read_modules(si, bi);
	bi->rsdp = le64_to_cpu(si->rsdp_paddr);
	if (!si->cmdline_paddr)
		return;
	cmdline = memremap(le64_to_cpu(si->cmdline_paddr), BOOT_CMDLINE_MAX,
			   MEMORY_WB);
	if (cmdline)
		boot_set_cmdline(bi, cmdline, BOOT_CMDLINE_MAX);
}
