/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatting into memory; the conversions are those of <kernel/printk.h>. */
#pragma once

#include <stdarg.h>
#include <kernel/compiler.h>

/**
 * Write at most @size bytes including the terminating NUL (none if @size is
 * 0). Return the length the whole text would have had, as C99 does. Any
 * context.
 */
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__printf(3, 0);

/** As snprintf, but return the bytes written without NUL: never >= @size. */
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
