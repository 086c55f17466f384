/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line. It comes from whoever started the machine, by way of a
 * loader: any bytes, any length up to its terminator.
 */
#define pr_fmt(fmt) "param: " fmt

#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

/* As many as one looks at; what is beyond is counted and said. */
#define PARAM_UNKNOWN_MAX 32

/* How much of a bad value is worth a place in the log, with its NUL. */
#define PARAM_SHOWN_BYTES 64

static const char *unknown[PARAM_UNKNOWN_MAX];
static unsigned unknown_count;

int param_set_bool(const struct param *p, const char *value)
{
	static const char *const words[2][5] = {
		{ "0", "n", "no", "off", "false" },
		{ "1", "y", "yes", "on", "true" },
	};

	if (!value)
		value = "1";
	for (unsigned i = 0; i < ARRAY_SIZE(words[0]); i++) {
		for (unsigned b = 0; b < 2; b++) {
			if (strcmp(value, words[b][i]) == 0) {
				*(bool *)p->data = b;
				return 0;
			}
		}
	}
	return -EINVAL;
}

int param_set_uint(const struct param *p, const char *value)
{
	u64 v;
	int ret;

	if (!value)
		return -EINVAL;
	ret = kstrtou64(value, 0, &v);
	if (ret)
		return ret;
	if (v > UINT32_MAX)
		return -ERANGE;
	*(unsigned *)p->data = (unsigned)v;
	return 0;
}

int param_set_int(const struct param *p, const char *value)
{
	bool negative;
	u64 v;
	int ret;

	if (!value)
		return -EINVAL;
	negative = *value == '-';
	ret = kstrtou64(value + negative, 0, &v);
	if (ret)
		return ret;
	if (v > (u64)INT32_MAX + negative)
		return -ERANGE;
	*(int *)p->data = (int)(negative ? -(s64)v : (s64)v);
	return 0;
}

int param_set_size(const struct param *p, const char *value)
{
	return value ? parse_size(value, p->data) : -EINVAL;
}

int param_set_string(const struct param *p, const char *value)
{
	if (!value)
		return -EINVAL;
	*(const char **)p->data = value;
	return 0;
}

/* As Linux has it, "-" and "_" are one character in a name. */
static bool names_equal(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '-' ? '_' : *a;
		char y = *b == '-' ? '_' : *b;

		if (x != y)
			return false;
	}
	return *a == *b;
}

/* Print what was given without letting it drive somebody's terminal. */
static const char *printable(char *buf, const char *s)
{
	strscpy(buf, s, PARAM_SHOWN_BYTES);
	for (char *p = buf; *p; p++) {
		if (!is_print(*p))
			*p = '?';
	}
	return buf;
}

static void report_bad_value(const char *name, const char *value, int error)
{
	char shown[PARAM_SHOWN_BYTES];

	if (!value)
		pr_warn("%s: needs a value, ignored", name);
	else if (error == -EINVAL)
		pr_warn("%s=%s: not a valid value, ignored", name,
			printable(shown, value));
	else if (error == -ERANGE)
		pr_warn("%s=%s: out of range, ignored", name,
			printable(shown, value));
	else
		pr_warn("%s=%s: error %d, ignored", name,
			printable(shown, value), error);
}

static void remember_unknown(const char *word)
{
	if (unknown_count < PARAM_UNKNOWN_MAX)
		unknown[unknown_count] = word;
	unknown_count++;
}

/*
 * Cut the word at *@pos out of the line, drop its quotes, and step over it. A
 * quote that is never closed reaches to the end of the line. Returns NULL
 * when only white space is left.
 */
static char *next_word(char **pos)
{
	char *in = *pos, *word, *out;
	bool quoted = false;

	while (is_space(*in))
		in++;
	if (!*in)
		return NULL;
	word = out = in;
	for (; *in && (quoted || !is_space(*in)); in++) {
		if (*in == '"')
			quoted = !quoted;
		else
			*out++ = *in;
	}
	*pos = *in ? in + 1 : in;
	*out = '\0';
	return word;
}

bool param_is(const struct param *p, const char *name)
{
	return names_equal(p->name, name);
}

int param_parse_one(char *word)
{
	char *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : NULL;
	bool known = false;
	int bad = 0;

	if (equals)
		*equals = '\0';
	table_for_each(const struct param, param, it) {
		int ret;

		if (!names_equal((*it)->name, word))
			continue;
		known = true;
		ret = (*it)->set(*it, value);
		if (ret) {
			report_bad_value((*it)->name, value, ret);
			bad++;
		}
	}
	if (equals)
		*equals = '=';
	return known ? bad : -ENOENT;
}

size_t param_module_length(const char *word)
{
	size_t n = 0;

	while (word[n] && word[n] != '=' && word[n] != '.')
		n++;
	return word[n] == '.' ? n : 0;
}

unsigned param_parse(char *cmdline)
{
	unsigned bad = 0;
	char *word;

	unknown_count = 0;
	while ((word = next_word(&cmdline)) != NULL) {
		int ret = *word ? param_parse_one(word) : 0;

		if (ret < 0)
			remember_unknown(word);
		else
			bad += (unsigned)ret;
	}
	if (unknown_count > PARAM_UNKNOWN_MAX) {
		pr_warn("%u unknown words, the first %u were kept",
			unknown_count, PARAM_UNKNOWN_MAX);
		unknown_count = PARAM_UNKNOWN_MAX;
	}
	return bad;
}

/* Words, and no quote left open, which would swallow what comes behind. */
static bool is_text(const char *s, size_t n)
{
	unsigned quotes = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_print(s[i]) && !is_space(s[i]))
			return false;
		quotes += s[i] == '"';
	}
	return quotes % 2 == 0;
}

/* One source's words at @to, with a blank behind them; @size has room. */
static size_t read_source(const struct param_source *source, char *to,
			  size_t size)
{
	size_t n = size > 1 ? source->read(to, size - 1) : 0;

	if (!n)
		return 0;
	if (n >= size || !is_text(to, n)) {
		pr_warn("%s has no text that makes sense: ignored",
			source->name);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (is_space(to[i]))
			to[i] = ' ';
	pr_info("from %s: %.*s", source->name, (int)n, to);
	to[n] = ' ';
	return n + 1;
}

size_t param_read_sources(char *to, size_t size)
{
	size_t used = 0;

	table_for_each(const struct param_source, param_source, it)
		used += read_source(*it, to + used, size - 1 - used);
	to[used] = '\0';
	return used;
}

const char *param_unknown(unsigned n)
{
	return n < unknown_count ? unknown[n] : NULL;
}

void param_format(const struct param *p, char *text, size_t size)
{
	const char *string;

	if (p->set == param_set_bool) {
		strscpy(text, *(const bool *)p->data ? "on" : "off", size);
	} else if (p->set == param_set_uint) {
		snprintf(text, size, "%u", *(const unsigned *)p->data);
	} else if (p->set == param_set_int) {
		snprintf(text, size, "%d", *(const int *)p->data);
	} else if (p->set == param_set_size) {
		snprintf(text, size, "%llu",
			 (unsigned long long)*(const u64 *)p->data);
	} else {
		string = p->set == param_set_string
				 ? *(const char *const *)p->data
				 : NULL;
		strscpy(text, string ? string : "", size);
	}
}
