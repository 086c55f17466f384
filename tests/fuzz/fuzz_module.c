/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a module: what is accepted is linked as well. */
#include "../../kernel/module/image.h"
#include "fuzz.h"

#define ADDRESS	 0xffffffffa0001000ULL
#define EXPORTED 0xffffffff80100000ULL
/* Memory for each input costs time; the check has no other limit. */
#define LINKED_MAX (1U << 20)

static bool resolve(void *context, const char *name, u64 *value)
{
	(void)context;
	*value = EXPORTED + strlen(name);
	return name[0] != 'x';
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct module_image image = { .name = "x",
				      .bytes = data,
				      .size = size };
	const char *info;
	u8 *memory;

	if (module_image_check(&image))
		return 0;
	for (unsigned n = 0; (info = module_info(&image, "parameter", n)); n++)
		fuzz_sum += strlen(info);
	module_find_section(&image, ".table.module");
	if (image.start[MODULE_PARTS] > LINKED_MAX)
		return 0;
	memory = malloc(image.start[MODULE_PARTS]);
	module_link(&image, memory, ADDRESS, resolve, NULL);
	free(memory);
	return 0;
}
