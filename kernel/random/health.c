/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether what a source of quality 8 gives can be random. */
#include <kernel/string.h>
#include "internal.h"

/*
 * NIST SP 800-90B, 4.4.1: 1 + 40 / 8 equal bytes in a row, for 8 bits of
 * entropy a byte and one false alarm in 2^40.
 */
#define REPETITIONS_MAX 6
/* 4.4.2: the window's first byte, so often in so many. */
#define WINDOW_BYTES 512
#define WINDOW_MAX   21

/* These compare the same 64 bits: one false alarm in 2^64 words. */
static const char *check_words(struct random_source *source, const u8 *data,
			       size_t size)
{
	const char *wrong = NULL;

	for (size_t at = 0; at + sizeof(u64) <= size; at += sizeof(u64)) {
		u64 word;

		memcpy(&word, data + at, sizeof(word));
		if (source->bytes + at && word == source->last_word)
			wrong = "the same 8 bytes twice in a row";
		source->last_word = word;
		if (at)
			continue;
		if (source->bytes && word == source->first_word)
			wrong = "the same answer twice";
		source->first_word = word;
	}
	return wrong;
}

static const char *check_repetition(struct random_source *source, u8 byte)
{
	if (!source->run || byte != source->last_byte)
		source->run = 0;
	source->last_byte = byte;
	if (++source->run < REPETITIONS_MAX)
		return NULL;
	source->run = 0;
	return "one byte many times in a row";
}

static const char *check_proportion(struct random_source *source, u8 byte)
{
	if (!source->window_seen) {
		source->window_byte = byte;
		source->window_count = 0;
	}
	source->window_count += byte == source->window_byte;
	if (++source->window_seen == WINDOW_BYTES)
		source->window_seen = 0;
	return source->window_count == WINDOW_MAX ? "one byte far too often"
						  : NULL;
}

const char *health_check(struct random_source *source, const u8 *data,
			 size_t size)
{
	const char *wrong = check_words(source, data, size);

	for (size_t i = 0; i < size; i++) {
		const char *repeated = check_repetition(source, data[i]);
		const char *uneven = check_proportion(source, data[i]);

		wrong = wrong ?: repeated ?: uneven;
	}
	return wrong;
}
