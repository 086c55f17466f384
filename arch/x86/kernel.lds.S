/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel image: text, read-only data and data, each on pages of its own,
 * because head.S maps each with just the rights it needs.
 */
#include <asm/layout.h>

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(_start)

PHDRS {
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS {
	. = KERNEL_VMA + KERNEL_LOAD_PHYS;

	_image = .;
	.text : AT(ADDR(.text) - KERNEL_VMA) {
		/* Must begin the file: loaders look for the header there. */
		KEEP(*(.head.header))
		KEEP(*(.head.text))
		. = ALIGN(PAGE_SIZE);
		_text = .;
		*(.text .text.*)
		_etext = .;
	} :text

	. = ALIGN(PAGE_SIZE);
	_rodata = .;
	.note : AT(ADDR(.note) - KERNEL_VMA) {
		KEEP(*(.note.Xen))
	} :rodata :note
	.rodata : AT(ADDR(.rodata) - KERNEL_VMA) {
#include "../../kernel/tables.lds.h"
		. = ALIGN(8);
		__extable_start = .;
		KEEP(*(.extable))
		__extable_end = .;
		*(.rodata .rodata.*)
	} :rodata
	. = ALIGN(PAGE_SIZE);
	_erodata = .;

	_data = .;
	.data : AT(ADDR(.data) - KERNEL_VMA) {
		*(.data .data.*)
	} :data
	.bss : AT(ADDR(.bss) - KERNEL_VMA) {
		*(.bss.page_tables)
		*(.bss.stacks)
		. = ALIGN(PAGE_SIZE);
		_percpu_start = .;
		*(.bss.percpu)
		_percpu_end = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(PAGE_SIZE);
	} :data
	_end = .;

	/DISCARD/ : {
		*(.comment .eh_frame .note.GNU-stack .note.gnu.*)
		*(.modinfo)
	}
}

ASSERT(_text - _image == PAGE_SIZE, "head.S maps one page for its switch")
ASSERT(_end - KERNEL_VMA <= KERNEL_MAX_SIZE, "image too large for head.S")
ASSERT(__extable_start < __extable_end, "the exception table is empty")
