/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives of cpio's "newc" format, as initrds are: cpio(5), "New ASCII
 * Format". All numbers are eight hexadecimal digits.
 */
#pragma once

#include <kernel/types.h>

#define CPIO_MAGIC	 "070701"
#define CPIO_MAGIC_BYTES 6
#define CPIO_DIGITS	 8
#define CPIO_ALIGN	 4 /* of names' ends and of data, from the beginning */
#define CPIO_TRAILER	 "TRAILER!!!"

struct cpio_header {
	char magic[CPIO_MAGIC_BYTES];
	char ino[CPIO_DIGITS];
	char mode[CPIO_DIGITS];
	char uid[CPIO_DIGITS];
	char gid[CPIO_DIGITS];
	char nlink[CPIO_DIGITS];
	char mtime[CPIO_DIGITS];
	char filesize[CPIO_DIGITS];
	char devmajor[CPIO_DIGITS];
	char devminor[CPIO_DIGITS];
	char rdevmajor[CPIO_DIGITS];
	char rdevminor[CPIO_DIGITS];
	char namesize[CPIO_DIGITS]; /* with the terminator */
	char check[CPIO_DIGITS];
};
_Static_assert(sizeof(struct cpio_header) == 110, "newc header");

#define CPIO_MODE_TYPE 0170000
#define CPIO_MODE_FILE 0100000
