/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What x86's paravirtual services are made of: registers, hypercalls, and the
 * places where the architecture lets a service do its work. Any context,
 * unless it says otherwise.
 */
#pragma once

#include <kernel/arch_smp.h>
#include <kernel/static_call.h>
#include <kernel/virt/msr.h>

/** Write @msr. 0, or -EIO: it does not exist, or refuses the value. */
int virt_wrmsr(u32 msr, u64 value);

/**
 * KVM's hypercall @number, by the instruction of this CPU's maker. What it
 * returns; -KVM_ENOSYS too when the instruction faults. It may never return:
 * see kernel/virt/kvm/hypercall.c.
 */
long kvm_hypercall(unsigned long number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d);

/**
 * The page that a hypervisor with Hyper-V's interface fills with its hypercall
 * instruction. It is part of the kernel's text, so nobody here can write it,
 * and a call is refused as long as nothing was filled in.
 */
phys_addr_t hyperv_call_page(void);

/** What Hyper-V has as the result of a call that it has not seen. */
#define HYPERV_CALL_UNSEEN UINT64_MAX

/**
 * Hyper-V's hypercall with the input value @control and two more registers:
 * the addresses of input and output, or the input of a fast call. Its result
 * value.
 */
u64 hyperv_page_call(u64 control, u64 input, u64 output);

/** True if the local APIC's registers are in memory: xAPIC mode. Level IRQ. */
bool virt_apic_in_memory(void);

/** The time-stamp counter, not before what this CPU loaded earlier. */
u64 virt_counter(void);

/** True if the counter runs at one rate in all states (CPUID). */
bool virt_counter_is_invariant(void);

/** The interrupt command that sends @kind, for hypercalls that take one. */
u32 arch_ipi_command(enum ipi_kind kind);

/* What the static calls of <kernel/arch_smp.h> do without a hypervisor. */
void native_ipi_send(unsigned cpu, enum ipi_kind kind);
void native_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind);
void native_idle_wait(void);

/** flush_tlb_others() of the CPUs in @mask only, without this one. */
void native_flush_tlb_mask(const struct cpumask *mask, uintptr_t start,
			   uintptr_t end);

/** End an interrupt at the local APIC. Interrupts masked. */
DECLARE_STATIC_CALL(void, interrupt_end, (void));
void native_interrupt_end(void);

/**
 * A page fault at @address: true if it was the hypervisor's and not the
 * guest's, and is over. @unmasked: interrupts were. Interrupts masked, in the
 * context of what faulted.
 */
DECLARE_STATIC_CALL(bool, host_page_fault, (uintptr_t address, bool unmasked));

/**
 * A vector by which the hypervisor itself calls the kernel, the same on all
 * CPUs; @fn handles it, in interrupt context. @end: it comes through the local
 * APIC, where it is ended before @fn is called; hypervisors also have ways to
 * interrupt that the APIC knows nothing of. The vector, or -EBUSY: there are
 * no more. On the boot CPU.
 */
int arch_take_callback_vector(void (*fn)(void), bool end);
