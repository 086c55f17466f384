/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot in named levels. A function that must run at boot is registered beside
 * its definition with initcall(level, fn); levels run in the order below, and
 * within a level calls run in link order.
 *
 * What works once a level is complete:
 *   EARLYCON  a byte can reach the host
 *   CPU       CPU features known, traps caught, faults recoverable
 *   VIRT      hypervisor known, its paravirtual interface chosen
 *   MEMORY    final page tables (W^X everywhere), all of <kernel/mm/>
 *   PARAVIRT  the hypervisor's services are in use on the boot CPU
 *   IRQ       interrupts can be delivered
 *   TIME      clock calibrated: time_ns() and udelay() are right
 *   SMP       every CPU is up
 *   SCHED     threads, waiting
 *   BUS       ACPI and buses enumerated
 *   DRIVER    devices bound
 *   SERVICE   guest services
 * After SERVICE the kernel runs the self-tests and the shell.
 *
 * Nothing may use what a later level provides.
 */
#pragma once

#include <kernel/table.h>

#define INIT_EARLYCON 10
#define INIT_CPU      20
#define INIT_VIRT     30
#define INIT_MEMORY   40
#define INIT_PARAVIRT 45
#define INIT_IRQ      50
#define INIT_TIME     60
#define INIT_SMP      70
#define INIT_SCHED    80
#define INIT_BUS      90
#define INIT_DRIVER   91
#define INIT_SERVICE  92

struct initcall {
	const char *name;
	/* 0, or -errno: reported on the log, and the boot goes on. */
	int (*fn)(void);
};

TABLE_DECLARE(const struct initcall, init);
TABLE_DECLARE(const struct initcall, init_cpu);

/** Run @call (int (*)(void), boot CPU) when boot reaches @level. */
#define initcall(level, call)                               \
 static const struct initcall __concat(initcall_, call) = { \
	 .name = #call,                                     \
	 .fn = call,                                        \
 };                                                         \
 TABLE_ENTRY(const struct initcall, init, level, __concat(initcall_, call))

/**
 * Run @call (int (*)(void)) on every CPU but the boot CPU as it comes up, in
 * the order of levels, interrupts masked. An error is reported, and the CPU
 * goes on. What the boot CPU does instead is an initcall().
 */
#define initcall_cpu(level, call)                               \
 static const struct initcall __concat(initcall_cpu_, call) = { \
	 .name = #call,                                         \
	 .fn = call,                                            \
 };                                                             \
 TABLE_ENTRY(const struct initcall, init_cpu, level,            \
	     __concat(initcall_cpu_, call))
