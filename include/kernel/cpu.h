/* SPDX-License-Identifier: BSD-2-Clause */
/* What the arch-neutral kernel asks of a CPU. */
#pragma once

#include <kernel/compiler.h>
#include <asm/cpu.h>

/*
 * From <asm/cpu.h>:
 *   void cpu_relax(void)                 in a spin loop
 *   unsigned long local_irq_save(void)   mask interrupts, return the state
 *   void local_irq_restore(unsigned long state)
 *   bool local_irq_enabled(void)         false while they are masked
 *   void local_irq_disable(void)  void local_irq_enable(void)
 *   void cpu_sleep(void)                 unmask them and wait for one
 *   u64 cpu_counter(void)                the free-running counter
 *   CPU_RETURN_CODE                      initializer: code that returns
 */

/** Print what this CPU is, with console_printf(): the `cpuinfo` command. */
void cpu_print_info(void);

/**
 * Read one byte at a kernel address that may not be mapped. 0 or -EFAULT.
 * Any context after level CPU.
 */
int probe_read8(const void *addr, u8 *value);
