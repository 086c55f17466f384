/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot parameters that the host gives beside the loader's command line, in the
 * file opt/org.zirvium/cmdline.
 */
#define pr_fmt(fmt) "fw_cfg: " fmt

#include <drivers/fw_cfg.h>
#include <kernel/param.h>
#include <kernel/printk.h>

#define CMDLINE_FILE "opt/org.zirvium/cmdline"

static size_t read_params(char *to, size_t size)
{
	struct fw_cfg_file file;
	long n;

	if (!fw_cfg_present() || fw_cfg_find(CMDLINE_FILE, &file))
		return 0;
	if (file.size > size) {
		pr_warn(CMDLINE_FILE " has %u bytes, more than %zu: ignored",
			file.size, size);
		return 0;
	}
	n = fw_cfg_read(&file, 0, to, (u32)size);
	return n > 0 ? (size_t)n : 0;
}

static const struct param_source fw_cfg_source = {
	.name = CMDLINE_FILE,
	.read = read_params,
};
PARAM_SOURCE(fw_cfg_source);
