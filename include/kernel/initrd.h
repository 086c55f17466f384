/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The initial ram disk: an archive that the loader put into memory beside the
 * kernel. What is in it is not trusted.
 */
#pragma once

#include <kernel/types.h>

/* Where a reader of an archive is. */
struct cpio_reader {
	const u8 *bytes; /* the caller's, as long as anything of it is used */
	size_t size;
	size_t at; /* of the next header */
};

struct cpio_entry {
	const char *name; /* without a leading "./" or "/" */
	const u8 *data;	  /* at any address */
	size_t size;	  /* bytes of data */
	bool is_file;	  /* an ordinary one */
};

/** The longest name that is taken, with its terminator. */
#define CPIO_NAME_MAX 256

/**
 * Read the next entry. 1; 0 at the end, also where bytes are left that are no
 * entry; -EBADMSG for one that is malformed, and for all calls after that.
 */
int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry);

/**
 * Find file @name. 0, -ENOENT, or -EBADMSG (malformed before it was found).
 */
int cpio_find(const void *archive, size_t size, const char *name,
	      struct cpio_entry *entry);

/**
 * The initrd's bytes, mapped for good on the first call, from level MEMORY
 * on; NULL when there is none. A thread's, or the boot's.
 */
const void *initrd_map(size_t *size);
