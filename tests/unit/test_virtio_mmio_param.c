/* SPDX-License-Identifier: BSD-2-Clause */
/* What virtio_mmio.device= may say. */
#include "unit.h"
#include <drivers/platform.h>
#include <kernel/errno.h>
#include "../../drivers/virtio/registers.h"
#include "../../drivers/virtio/virtio_mmio.h"

/* Nothing is added here. */
int platform_add(const struct platform_device *found)
{
	(void)found;
	return -ENOSYS;
}

int irq_from_isa(unsigned line)
{
	return (int)line;
}

TEST(the_command_line_tells_of_devices)
{
	static const struct {
		const char *value;
		int answer;
		u64 size, start;
		unsigned line;
	} cases[] = {
		{ "512@0xfeb00e00:12", 0, 512, 0xfeb00e00, 12 },
		{ "4K@0xd0000000:5", 0, 4096, 0xd0000000, 5 },
		{ "0x200@0x1e000:42:7", 0, 512, 0x1e000, 42 },
		{ NULL, -EINVAL, 0, 0, 0 },
		{ "", -EINVAL, 0, 0, 0 },
		{ "512", -EINVAL, 0, 0, 0 },
		{ "512@0x1000", -EINVAL, 0, 0, 0 },
		{ "512@0x1000:", -EINVAL, 0, 0, 0 },
		{ "@0x1000:5", -EINVAL, 0, 0, 0 },
		{ "512@:5", -EINVAL, 0, 0, 0 },
		{ "512@0x1000:5:", -EINVAL, 0, 0, 0 },
		{ "512@0x1000:5:6:7", -EINVAL, 0, 0, 0 },
		{ "512@0x1000:x", -EINVAL, 0, 0, 0 },
		{ "512 @0x1000:5", -EINVAL, 0, 0, 0 },
		{ "0@0x1000:5", -ERANGE, 0, 0, 0 },
		{ "512@0x1000:1024", -ERANGE, 0, 0, 0 },
		{ "512@0xffffffffffffffff:5", -ERANGE, 0, 0, 0 },
		{ "512@0x10000000000000000:5", -ERANGE, 0, 0, 0 },
		{ "512@0x1000:0000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000005",
		  -EINVAL, 0, 0, 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct virtio_mmio_place p = { 0 };

		if (!CHECK_EQ(virtio_mmio_parse(cases[i].value, &p),
			      cases[i].answer) ||
		    cases[i].answer)
			continue;
		CHECK_EQ(p.start, cases[i].start);
		CHECK_EQ(p.size, cases[i].size);
		CHECK_EQ(p.line, cases[i].line);
	}
}
