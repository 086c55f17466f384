/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel image: text, read-only data and data, each on pages of its own,
 * because head.S maps each with just the rights it needs.
 */
#include <asm/layout.h>

OUTPUT_FORMAT("elf64-littleaarch64")
ENTRY(_image)
EXTERN(efi_entry)

PHDRS {
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

SECTIONS {
	. = KERNEL_VMA;

	_image = .;
	.text : {
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
	.rodata : {
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
	.data : {
		*(.data .data.*)
		. = ALIGN(PAGE_SIZE);
		_edata = .;
	} :data
	.bss (NOLOAD) : {
		*(.bss.page_tables)
		_bss = .;
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
	}

	/* For the headers, which hold no addresses but distances. */
	image_size = _end - _image;
	image_text_size = _rodata - _image;
	image_data_size = _end - _rodata;
	image_data_file_size = _edata - _rodata;
	efi_entry_offset = efi_entry - _image;
}

ASSERT(_text - _image == PAGE_SIZE, "head.S maps one page for its switch")
ASSERT(_end - KERNEL_VMA <= KERNEL_MAX_SIZE, "image too large for head.S")
ASSERT(__extable_start < __extable_end, "the exception table is empty")
