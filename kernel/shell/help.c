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

static void print_params(void)
{
	const struct param *p = NULL;

	while ((p = table_next_by_name(const struct param, param, p)) != NULL)
		console_printf("  %-*s %s\n", PARAM_COLUMNS, p->name, p->help);
}

/* Index 0 is the word that is no command. */
static const char *complete_help(unsigned n)
{
	const struct shell_command *command;

	if (n == 0)
		return "params";
	command = table_entry(const struct shell_command, shell, n - 1);
	return command ? command->name : NULL;
}

static void print_commands(void)
{
	const struct shell_command *c = NULL;

	while ((c = table_next_by_name(const struct shell_command, shell, c)))
		print_command(c);
}

static int command_help(int argc, char **argv)
{
	const struct shell_command *command;

	if (argc > 2)
		return -EINVAL;
	if (argc == 1) {
		print_commands();
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
	shell_put(command);
	return 0;
}
SHELL_COMMAND_COMPLETE(help, "[COMMAND | params]",
		       "List the commands, or the boot parameters",
		       command_help, complete_help);
