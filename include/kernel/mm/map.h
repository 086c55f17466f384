/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel virtual mappings of physical memory. Nothing is ever mapped both
 * writable and executable, and the kernel's text and read-only data have no
 * writable alias.
 *
 * From level SMP on, what maps or unmaps may have to wait for all CPUs: in
 * threads only, with interrupts unmasked, and with no lock held for which
 * another CPU may wait with interrupts masked.
 */
#pragma once

#include <kernel/compiler.h>

enum memory_type {
	MEMORY_WB, /* write-back: RAM, firmware tables */
	MEMORY_WC, /* write-combining: framebuffers */
	MEMORY_UC, /* uncached: device registers */
};

/**
 * Map [@phys, @phys + @size) readable and writable, not executable, with an
 * unmapped page before and after. Before level MEMORY this works for
 * MEMORY_WB below 4 GiB only, and is not undone. Returns the address of the
 * byte at @phys, or NULL (range wraps, beyond the CPU's physical address
 * width, or out of memory).
 */
void *memremap(phys_addr_t phys, u64 size, enum memory_type type);

/**
 * Undo memremap(); no CPU reaches the memory through it afterwards. NULL and
 * what was mapped before level MEMORY are ignored, anything else that
 * memremap() did not return is refused with a message.
 */
void memunmap(const void *mapping);

/** Device registers: memremap() of MEMORY_UC, with the pointer type for it. */
void __iomem *ioremap(phys_addr_t phys, u64 size);
void iounmap(const volatile void __iomem *mapping);

/**
 * @size bytes of memory, not cleared, whose pages need not be neighbours in
 * physical memory, with an unmapped page before and after. NULL when there is
 * none.
 */
void *vmalloc(u64 size);

/**
 * The same where code of modules can run: within reach of the kernel's image.
 * Only with CONFIG_MODULES.
 */
void *vmalloc_module(u64 size);

enum memory_rights {
	MEMORY_READ = 0, /* only */
	MEMORY_WRITE = BIT(0),
	MEMORY_EXECUTE = BIT(1), /* never together with MEMORY_WRITE */
};

/**
 * Change what may be done with whole pages that vmalloc() or vmalloc_module()
 * returned, or some of them, in the same way for all CPUs on return. vfree()
 * takes them with any rights. 0; -EINVAL when @start or @size is not a whole
 * number of pages, a page is not mapped, or @rights are both. Their other
 * mapping, in the direct map of RAM, is writable and not executable as before.
 */
int memory_protect(const void *start, u64 size, unsigned rights);

/** Undo vmalloc(); NULL is ignored, wrong pointers as for memunmap(). */
void vfree(const void *memory);

/* What is mapped now by the functions above, after level MEMORY. */
struct vm_stats {
	u64 areas;
	u64 bytes;   /* of these, without the unmapped pages */
	u64 refused; /* wrong calls of memunmap() and vfree() */
};
void vm_get_stats(struct vm_stats *out);

/**
 * First physical address that no RAM can be used at: it is wider than the
 * CPU's addresses or behind the end of the direct map.
 */
phys_addr_t arch_phys_end(void);

/** Address of RAM in the direct map, which covers all RAM. */
void *phys_to_virt(phys_addr_t phys);
/** The other way, also for addresses in the kernel image. */
phys_addr_t virt_to_phys(const void *virt);

/**
 * No CPU uses a translation of [@start, @end) from before the call any more.
 * Every change of the kernel's page tables that removes a mapping or a right
 * ends with this, before the memory or the address is used for anything else.
 * It waits for the other CPUs: see above.
 */
void tlb_flush_kernel_range(uintptr_t start, uintptr_t end);

/*
 * What an architecture provides. Addresses and sizes are multiples of 4 KiB.
 * A range of addresses has one owner, who alone maps and unmaps there;
 * different ranges may be changed at the same time.
 */

/**
 * Replace the boot page tables by the final ones, from bootmem_map(). Called
 * once, at level MEMORY; panics when there is no memory for them.
 */
void arch_paging_init(void);

/** Hand the memory that only the boot needed to the page allocator. */
void arch_free_boot_memory(void);

/**
 * Map [@va, @va + @size), where nothing is mapped, to @phys, as memremap()
 * says. 0 or -ENOMEM, after which a part may be mapped.
 */
int arch_map(uintptr_t va, phys_addr_t phys, u64 size, enum memory_type type);

/** Remove what is mapped in [@va, @va + @size). The caller flushes. */
void arch_unmap(uintptr_t va, u64 size);

/**
 * Give [@va, @va + @size), which the caller owns and which is mapped by pages
 * of 4 KiB, these rights; what was written there is what is executed. The
 * caller flushes. 0 or -EINVAL (not mapped, or not so).
 */
int arch_protect(uintptr_t va, u64 size, unsigned rights);

/** memremap() before there are final page tables. */
void *arch_early_memremap(phys_addr_t phys, u64 size, enum memory_type type);

/** True once there are final page tables. */
bool arch_paging_ready(void);

/** The first physical address that the CPU cannot form. */
phys_addr_t arch_phys_limit(void);
