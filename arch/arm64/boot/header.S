/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's first bytes: the header of Linux's arm64 boot protocol
 * (Documentation/arch/arm64/booting.rst), and the PE/COFF header that makes
 * the same file an EFI application (Microsoft's PE format; UEFI 2.10, 2.1.1).
 */
#include <asm/layout.h>

#define FLAG_PAGE_4K	(1 << 1)
#define FLAG_ANYWHERE	(1 << 3)
#define PE_MACHINE_ARM64 0xaa64
#define PE_EXECUTABLE	0x0002
#define PE_NO_LINE_NUMBERS 0x0004
#define PE_NO_DEBUG	0x0200
#define PE32_PLUS	0x20b
#define PE_EFI_APPLICATION 10
#define PE_NX_COMPAT	0x0100
#define SECTION_CODE	0x60000020 /* code, execute, read */
#define SECTION_DATA	0xc0000040 /* initialized, read, write */

	.section .head.header, "a"
image_header:
	/* "MZ" for PE, and an instruction that changes nothing but flags. */
	ccmp	x18, #0, #0xd, pl
	b	image_entry
	.quad	0			/* from a 2 MiB boundary */
	.quad	image_size
	.quad	FLAG_PAGE_4K | FLAG_ANYWHERE /* little-endian */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	pe_header - image_header

pe_header:
	.ascii	"PE\0\0"
	.short	PE_MACHINE_ARM64
	.short	2			/* sections */
	.long	0, 0, 0			/* date, symbols */
	.short	section_table - optional_header
	.short	PE_EXECUTABLE | PE_NO_LINE_NUMBERS | PE_NO_DEBUG
optional_header:
	.short	PE32_PLUS
	.byte	0, 0			/* linker version */
	.long	image_text_size - PAGE_SIZE
	.long	image_data_size
	.long	0
	.long	efi_entry_offset
	.long	PAGE_SIZE		/* base of code */
	.quad	0			/* image base */
	.long	PAGE_SIZE		/* section alignment */
	.long	PAGE_SIZE		/* file alignment */
	.short	0, 0, 0, 0, 0, 0	/* versions */
	.long	0
	.long	image_size
	.long	PAGE_SIZE		/* size of headers */
	.long	0			/* checksum */
	.short	PE_EFI_APPLICATION
	.short	PE_NX_COMPAT
	.quad	0, 0, 0, 0		/* stack and heap */
	.long	0
	.long	6			/* directories, none in use */
	.quad	0, 0, 0, 0, 0, 0
section_table:
	/*
	 * The first page holds code as well, but it runs after firmware: the
	 * headers' page need not be executable.
	 */
	.ascii	".text\0\0\0"
	.long	image_text_size - PAGE_SIZE, PAGE_SIZE
	.long	image_text_size - PAGE_SIZE, PAGE_SIZE
	.long	0, 0
	.short	0, 0
	.long	SECTION_CODE
	.ascii	".data\0\0\0"
	.long	image_data_size, image_text_size
	.long	image_data_file_size, image_text_size
	.long	0, 0
	.short	0, 0
	.long	SECTION_DATA
