/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every linker table, once. Included by the kernel's linker script and by the
 * one the host unit tests link with. REQUIRED_TABLE() fails the link when the
 * table is empty.
 */
#define TABLE(name)                                     \
	. = ALIGN(8);                                   \
	__table_##name##_start = .;                     \
	KEEP(*(SORT_BY_NAME(.table.name.*)))            \
	__table_##name##_end = .;

TABLE(hypervisor)
