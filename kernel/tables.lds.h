/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every linker table, once. Included by the kernel's linker script, inside the
 * output section that holds the tables, and by the one the host unit tests
 * link with. REQUIRED_TABLE() fails the link when the table is empty; a script
 * that links only parts of the kernel defines it as TABLE first, and one that
 * makes something else of tables defines both.
 */
#ifndef TABLE
# define TABLE(name)                                    \
	. = ALIGN(8);                                   \
	__table_##name##_start = .;                     \
	KEEP(*(SORT_BY_NAME(.table.name.*)))            \
	__table_##name##_end = .;
#endif

#define TABLES_STRING(text) #text

#ifndef REQUIRED_TABLE
# define REQUIRED_TABLE(name)                                   \
	TABLE(name)                                             \
	ASSERT(__table_##name##_start < __table_##name##_end,   \
	       TABLES_STRING(linker table name is empty));
#endif

TABLE(bench)
REQUIRED_TABLE(init)
TABLE(init_cpu)
TABLE(clockevent)
REQUIRED_TABLE(clocksource)
TABLE(driver)
TABLE(earlycon)
TABLE(hypervisor)
TABLE(module)
TABLE(param)
TABLE(param_source)
TABLE(power_hook)
TABLE(selftest)
TABLE(shell)
TABLE(virt_service)
TABLE(wallclock)
