/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatting into memory; the conversions are those of <kernel/printk.h>. */
#pragma once

#include <stdarg.h>
#include <kernel/compiler.h>

/** Takes the next @n bytes of formatted text; @n may be 0. */
typedef void (*format_put)(void *arg, const char *s, size_t n);

/**
 * Format piece by piece into @put, which gets @arg: no buffer, no limit on
 * the length. Any context that @put allows. A field's width and precision
 * are cut to 4095, the most that C99 promises.
 */
void vformat(format_put put, void *arg, const char *fmt, va_list ap)
	__printf(3, 0);

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
