/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the command line. */
#include <kernel/boot_info.h>
#include <kernel/param.h>
#include "fuzz.h"

static bool flag;
static unsigned number;
static int offset;
static u64 bytes;
static const char *text;

param_bool("flag", flag, "");
param_uint("num", number, "");
param_int("int", offset, "");
param_size("mem", bytes, "");
param_string("mod.text", text, "");

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	size_t n = MIN(size, (size_t)BOOT_CMDLINE_MAX - 1);
	char *line = malloc(n + 1), shown[8];
	const char *word;

	memcpy(line, data, n);
	line[n] = '\0';
	text = NULL;
	param_parse(line);
	for (unsigned i = 0; (word = param_unknown(i)); i++) {
		if (param_module_length(word) > strlen(word))
			abort();
		if (param_parse_one((char *)word) >= 0)
			abort(); /* then it was not unknown */
	}
	if (text)
		fuzz_sum += strlen(text);
	table_for_each(const struct param, param, it)
		param_format(*it, shown, sizeof(shown));
	free(line);
	return 0;
}
