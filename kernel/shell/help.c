/* SPDX-License-Identifier: BSD-2-Clause */
/* `help`: the commands and the boot parameters. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

/* Columns for a command and its arguments, or for a parameter. */
#define COMMAND_COLUMNS 36
#define PARAM_COLUMNS	16

/* Bytes for a command and its usage in one line. */
#define SYNOPSIS_BYTES 128

static void print_command(const struct shell_command *c)
{
	char synopsis[SYNOPSIS_BYTES];

	snprintf(synopsis, sizeof(synopsis), "%s%s%s", c->name,
		 *c->usage ? " " : "", c->usage);
	console_printf("  %-*s %s\n", COMMAND_COLUMNS, synopsis, c->help);
}

/* The parameter after @last in order of name, then of place. */
static const struct param *const *next_param(const struct param *const *last)
{
	const struct param *const *best = NULL;

	table_for_each(const struct param, param, it) {
		int order = last ? strcmp((*it)->name, (*last)->name) : 1;

		if (order < 0 || (order == 0 && it <= last))
			continue;
		if (!best || strcmp((*it)->name, (*best)->name) < 0)
			best = it;
	}
	return best;
}

static void print_params(void)
{
	const struct param *const *it = NULL;

	while ((it = next_param(it)) != NULL)
		console_printf("  %-*s %s\n", PARAM_COLUMNS, (*it)->name,
			       (*it)->help);
}

/* Index 0 is the word that is no command. */
static const char *complete_help(unsigned n)
{
	if (n == 0)
		return "params";
	return n <= table_count(shell) ? __table_shell_start[n - 1]->name
				       : NULL;
}

static int command_help(int argc, char **argv)
{
	const struct shell_command *command;

	if (argc > 2)
		return -EINVAL;
	if (argc == 1) {
		table_for_each(const struct shell_command, shell, it)
			print_command(*it);
		return 0;
	}
	if (strcmp(argv[1], "params") == 0) {
		print_params();
		return 0;
	}
	command = shell_find(argv[1]);
	if (command)
		print_command(command);
	else
		console_printf("help: there is no command %s\n", argv[1]);
	return 0;
}
SHELL_COMMAND_COMPLETE(help, "[COMMAND | params]",
		       "List the commands, or the boot parameters",
		       command_help, complete_help);
