/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading archives that anybody may have written. */
#include <abi/cpio.h>
#include <kernel/errno.h>
#include <kernel/initrd.h>
#include <kernel/string.h>

/* The value of a hexadecimal digit, or 16. */
static u32 digit(char c)
{
	if (c >= '0' && c <= '9')
		return (u32)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (u32)(c - 'a') + 10 : 16;
}

static bool read_number(const char *digits, u32 *value)
{
	*value = 0;
	for (unsigned i = 0; i < CPIO_DIGITS; i++) {
		u32 d = digit(digits[i]);

		if (d > 15)
			return false;
		*value = *value << 4 | d;
	}
	return true;
}

/* What the header at the reader's place says about sizes. */
static bool read_header(const struct cpio_header *h, u32 *mode, u32 *name_size,
			u32 *data_size)
{
	return !memcmp(h->magic, CPIO_MAGIC, CPIO_MAGIC_BYTES) &&
	       read_number(h->mode, mode) &&
	       read_number(h->namesize, name_size) &&
	       read_number(h->filesize, data_size);
}

static const char *without_root(const char *name)
{
	if (name[0] == '.' && name[1] == '/')
		name += 2;
	while (*name == '/')
		name++;
	return name;
}

static int malformed(struct cpio_reader *r)
{
	r->at = SIZE_MAX;
	return -EBADMSG;
}

int cpio_next(struct cpio_reader *r, struct cpio_entry *entry)
{
	const struct cpio_header *h = (const void *)(r->bytes + r->at);
	u32 mode, name_size, data_size;
	size_t left, data_at;

	if (r->at > r->size)
		return r->at == SIZE_MAX ? -EBADMSG : 0;
	left = r->size - r->at;
	/* Padding to a block, which may be of any size. */
	if (left == 0 || !r->bytes[r->at])
		return 0;
	if (left < sizeof(*h) || !read_header(h, &mode, &name_size, &data_size))
		return malformed(r);
	if (!name_size || name_size > CPIO_NAME_MAX ||
	    name_size > left - sizeof(*h) ||
	    strnlen((const char *)(h + 1), name_size) != name_size - 1)
		return malformed(r);
	data_at = ALIGN_UP(r->at + sizeof(*h) + name_size, CPIO_ALIGN);
	if (data_at > r->size || data_size > r->size - data_at)
		return malformed(r);
	if (!strcmp((const char *)(h + 1), CPIO_TRAILER))
		return 0;
	*entry = (struct cpio_entry){
		.name = without_root((const char *)(h + 1)),
		.data = r->bytes + data_at,
		.size = data_size,
		.is_file = (mode & CPIO_MODE_TYPE) == CPIO_MODE_FILE,
	};
	r->at = ALIGN_UP(data_at + data_size, CPIO_ALIGN);
	return 1;
}

int cpio_find(const void *archive, size_t size, const char *name,
	      struct cpio_entry *entry)
{
	struct cpio_reader reader = { .bytes = archive, .size = size };
	int ret;

	while ((ret = cpio_next(&reader, entry)) > 0)
		if (entry->is_file && !strcmp(entry->name, name))
			return 0;
	return ret ? ret : -ENOENT;
}
