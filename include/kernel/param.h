/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot parameters: words of the command line, "name" or "name=value", split at
 * white space; double quotes keep white space in a value. Names are Linux's
 * where Linux has them; "module.name" is a module's. A parameter is registered
 * beside the variable it sets; all are parsed before the first init level, and
 * those of a module that is loaded later, when it is loaded.
 */
#pragma once

#include <kernel/modinfo.h>
#include <kernel/table.h>

struct param {
	const char *name;
	const char *help; /* one line, shown by `help params` */
	/*
	 * Take @value: NULL for a bare word, else a string that lives as long
	 * as the kernel. Return 0, or -errno (-EINVAL: malformed, -ERANGE: out
	 * of range), which is reported with name and value and then ignored.
	 */
	int (*set)(const struct param *p, const char *value);
	void *data;
	bool writable; /* also at run time: the code looks at it anew */
};

TABLE_DECLARE_OPEN(const struct param, param);

/** bool: bare, "1 y yes on true" set it; "0 n no off false" clear it. */
int param_set_bool(const struct param *p, const char *value);
/** unsigned: decimal, 0x hexadecimal or leading-0 octal. */
int param_set_uint(const struct param *p, const char *value);
/** int: as unsigned, with an optional minus sign. */
int param_set_int(const struct param *p, const char *value);
/** u64 of bytes, with an optional suffix K M G T (powers of 1024). */
int param_set_size(const struct param *p, const char *value);
/** const char *: the value itself; a bare word is -EINVAL. */
int param_set_string(const struct param *p, const char *value);

#define __param(id, n, h, setter, d, w)                           \
 static const struct param __concat(param_, id) = {               \
	 .name = n,                                               \
	 .help = h,                                               \
	 .set = setter,                                           \
	 .data = d,                                               \
	 .writable = w,                                           \
 };                                                               \
 TABLE_ENTRY(const struct param, param, 0, __concat(param_, id)); \
 MODINFO(parameter, n ":" h)

#define param_bool(name, var, help) \
 __param(var, name, help, param_set_bool, &(var), false)
#define param_uint(name, var, help) \
 __param(var, name, help, param_set_uint, &(var), false)
#define param_int(name, var, help) \
 __param(var, name, help, param_set_int, &(var), false)
#define param_size(name, var, help) \
 __param(var, name, help, param_set_size, &(var), false)
#define param_string(name, var, help) \
 __param(var, name, help, param_set_string, &(var), false)
/** Writable: `modprobe` can change it while its module is live. */
#define param_bool_writable(name, var, help) \
 __param(var, name, help, param_set_bool, &(var), true)
#define param_uint_writable(name, var, help) \
 __param(var, name, help, param_set_uint, &(var), true)
/** A parameter with a setter of its own. */
#define param_call(name, fn, help) __param(fn, name, help, fn, NULL, false)

/*
 * Where parameters come from beside the loader's command line, before which
 * they stand: what the loader says of one wins.
 */
struct param_source {
	const char *name; /* constant text */
	/*
	 * Put at most @size bytes of words into @to: how many bytes there are.
	 * Before the first init level, on the boot CPU; bounded.
	 */
	size_t (*read)(char *to, size_t size);
};

TABLE_DECLARE(const struct param_source, param_source);

/** Register @object, a `const struct param_source`. */
#define PARAM_SOURCE(object) \
 TABLE_ENTRY(const struct param_source, param_source, 0, object)

/* Bytes that all sources together may give. */
#define PARAM_SOURCES_MAX 1024

/**
 * Ask all sources: their words, each followed by a blank, as a string in @to
 * of @size bytes, whose length is returned. What is no text is refused with
 * one line.
 */
size_t param_read_sources(char *to, size_t size);

/**
 * Parse @cmdline in place (it is cut into words and must stay alive).
 * Unknown words are collected for param_unknown(). A repeated parameter is set
 * again: the last one wins. Returns the number of bad values.
 */
unsigned param_parse(char *cmdline);

/**
 * How many bytes of @word, "module.name" or "module.name=value", are the
 * module's name; 0 if there is none.
 */
size_t param_module_length(const char *word);

/** The n-th unknown word ("name" or "name=value"), or NULL past the end. */
const char *param_unknown(unsigned n);

/**
 * Give @word, "name" or "name=value", to all parameters of its name. The value
 * must live as long as what it sets may be used. Returns the number of bad
 * values, reported like param_parse()'s, or -ENOENT when there is no such
 * parameter. @word is as before afterwards.
 */
int param_parse_one(char *word);

/** True if @name is parameter @p's, "-" and "_" being the same. */
bool param_is(const struct param *p, const char *name);

/** The value of @p as text, "" if it is none of the types above. */
void param_format(const struct param *p, char *text, size_t size);
