/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <kernel/printk.h>
#include <kernel/vsprintf.h>
#include "host.h"

char host_said[HOST_SAID_MAX];
unsigned host_said_count;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(host_said, sizeof(host_said), fmt, ap);
	va_end(ap);
	host_said_count++;
}
