/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/earlycon.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/string.h>

static bool names(const char *value, const char *kind)
{
	size_t n = strlen(kind);

	return !strncmp(value, kind, n) && (!value[n] || value[n] == ',');
}

static int set_earlycon(const struct param *p __unused, const char *value)
{
	/* A bare word asks for whatever firmware describes, as always. */
	if (!value)
		return 0;
	table_for_each(const struct earlycon, earlycon, it)
		if (names(value, (*it)->name))
			return (*it)->set(value);
	return -EINVAL;
}
param_call("earlycon", set_earlycon,
	   "a console: uart8250,io|mmio|mmio16|mmio32,ADDRESS[,OPTIONS], "
	   "pl011,ADDRESS or virtio,ADDRESS");
