/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module's sections, one for each kind: see kernel/module/image.h. Whatever
 * is not here keeps its name, and the loader refuses it if it matters.
 */
#define TABLE(name)                                     \
	.table.name 0 : { KEEP(*(SORT_BY_NAME(.table.name.*))) }
#define REQUIRED_TABLE(name) TABLE(name)

SECTIONS {
	.text 0 : { *(.text .text.*) }
	.rodata 0 : { *(.rodata .rodata.*) }
#include "../tables.lds.h"
	.data 0 : { *(.data .data.*) }
	.bss 0 : { *(.bss .bss.* COMMON) }
	.modinfo 0 : { KEEP(*(.modinfo)) }

	/DISCARD/ : {
		*(.comment .eh_frame .note.GNU-stack .note.gnu.*)
		*(.llvm_addrsig)
	}
}
