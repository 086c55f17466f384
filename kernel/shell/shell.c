/* SPDX-License-Identifier: BSD-2-Clause */
/* The prompt: reads lines from the console and runs them. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include "lineedit.h"
#include "parse.h"

#define SHELL_PROMPT "zirvium> "

/* Words in a line, and the NULL behind them. */
#define SHELL_ARGV_MAX 33

const struct shell_command *shell_find(const char *name)
{
	return table_find(const struct shell_command, shell, name);
}

void shell_put(const struct shell_command *command)
{
	table_release(shell, command);
}

static void report_bad_line(int error)
{
	if (error == -E2BIG)
		console_printf("too many words, at most %d\n",
			       SHELL_ARGV_MAX - 1);
	else
		console_puts("a quote is not closed, or nothing follows "
			     "the last backslash\n");
}

static int run_command(const struct shell_command *command, int argc,
		       char **argv)
{
	int ret = command->run(argc, argv);

	if (ret == -EINVAL)
		console_printf("usage: %s%s%s\n", command->name,
			       *command->usage ? " " : "", command->usage);
	else if (ret < 0)
		console_printf("%s: error %d\n", command->name, ret);
	return ret;
}

int shell_execute(char *line)
{
	const struct shell_command *command;
	char *argv[SHELL_ARGV_MAX];
	int argc, ret;

	argc = shell_parse(line, argv, SHELL_ARGV_MAX);
	if (argc < 0) {
		report_bad_line(argc);
		return argc;
	}
	if (argc == 0)
		return 0;
	command = shell_find(argv[0]);
	if (!command) {
		console_printf("%s: command not found (try help)\n", argv[0]);
		return -ENOENT;
	}
	ret = run_command(command, argc, argv);
	shell_put(command);
	return ret;
}

static void echo(struct lineedit *le __unused, const char *s, size_t n)
{
	console_write(s, n);
}

/* The command a line begins with, of which @length bytes are given. */
static const struct shell_command *command_of(const char *line, size_t length)
{
	char name[LINEEDIT_BYTES];
	size_t start = 0, end;

	while (start < length && line[start] == ' ')
		start++;
	for (end = start; end < length && line[end] != ' ';)
		end++;
	strscpy(name, line + start, end - start + 1);
	return shell_find(name);
}

static bool is_blank(const char *s, size_t n)
{
	while (n && *s == ' ') {
		s++;
		n--;
	}
	return n == 0;
}

/* Names of commands first, then what the command itself offers. */
static const char *candidate(struct lineedit *le, size_t length, unsigned n)
{
	const struct shell_command *command;
	const char *word;

	if (is_blank(le->line, length)) {
		command = table_entry(const struct shell_command, shell, n);
		return command ? command->name : NULL;
	}
	command = command_of(le->line, length);
	word = command && command->complete ? command->complete(n) : NULL;
	shell_put(command);
	return word;
}

void shell_run(void)
{
	static const struct lineedit_ops ops = {
		.echo = echo,
		.candidate = candidate,
	};
	static struct lineedit editor;

	lineedit_init(&editor, &ops, SHELL_PROMPT);
	for (;;) {
		lineedit_begin(&editor);
		while (!lineedit_input(&editor, console_wait_char()))
			;
		shell_execute(editor.line);
	}
}
