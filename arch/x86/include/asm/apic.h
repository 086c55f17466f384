/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt controllers of a PC, and their vectors. */
#pragma once

#include <kernel/clockevent.h>
#include <kernel/compiler.h>

/*
 * Vectors: exceptions; what the 8259s would send, though they are masked; one
 * for each line in use; the CPU's own. The higher, the more urgent.
 */
#define VECTOR_I8259	     0x20
#define VECTOR_LINE_FIRST    0x30
#define VECTOR_LINE_LAST     0xef
#define VECTOR_TIMER	     0xf0
#define VECTOR_SELFTEST	     0xf1
#define VECTOR_CALLBACK	     0xf3 /* hypervisors', to _LAST */
#define VECTOR_CALLBACK_LAST 0xf7
#define VECTOR_RESCHEDULE    0xf8
#define VECTOR_CALL	     0xf9
#define VECTOR_STOP	     0xfa
#define VECTOR_IPI_FIRST     VECTOR_RESCHEDULE
#define VECTOR_IPI_LAST	     VECTOR_STOP
#define VECTOR_ERROR	     0xfe
#define VECTOR_SPURIOUS	     0xff

/* The local APIC (apic.c). */

/** Find and enable this CPU's local APIC. 0 or -ENODEV. After level MEMORY. */
int apic_init(void);
/** Put a CPU that starts into the mode that the boot CPU is in. */
void apic_set_mode_secondary(void);
/** Enable this CPU's; part of apic_init(). */
void apic_init_cpu(void);
bool apic_is_x2(void);
u32 apic_id(void);
u32 apic_read(u32 reg);
void apic_write(u32 reg, u32 value);
void apic_eoi(void);
/** True if @vector is being serviced: it needs an EOI. */
bool apic_in_service(unsigned vector);
/** Interrupt this CPU. */
void apic_send_self(unsigned vector);
/** In xAPIC mode: wait, with a bound, until the last command was sent. */
void apic_wait_sent(void);
/** Send the interrupt command @command to the CPU with APIC ID @id. */
void apic_send(u32 id, u32 command);
/** Handle an interrupt from another CPU, VECTOR_IPI_FIRST to _LAST. */
void ipi_dispatch(unsigned vector);
/** No interrupt comes from the local APIC any more. Any context. */
void apic_shutdown(void);

/* Its timer (apic_timer.c): by the time-stamp counter, or by its own. */
extern struct clockevent tsc_deadline_event;

/* The time-stamp counter as a clock (time.c). */
extern struct clocksource tsc_clock;

/** It is a clock with a known frequency. */
bool tsc_is_usable(void);

/* I/O APICs (ioapic.c). */

/** Take over those in the MADT. 0, or -ENODEV: there is none. */
int ioapic_init(void);
/** Mask all lines. Any context. */
void ioapic_shutdown(void);

/* The 8259s (i8259.c): only kept from disturbing. */
void i8259_disable(void);

/* Interrupt entry (interrupt.c). */

/** Handle @vector; false: nobody knows of it. */
bool interrupt_dispatch(unsigned vector);

/**
 * True if @vector is a hypervisor's callback past the local APIC, which comes
 * as long as the hypervisor's mark says that there is something to do.
 */
bool interrupt_comes_again(unsigned vector);
