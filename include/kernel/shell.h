/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell on the console, and its commands. Without CONFIG_SHELL none of
 * this is left in the kernel, and the functions below do not exist.
 */
#pragma once

#include <kernel/table.h>

struct shell_command {
	const char *name;
	const char *usage; /* arguments only: "[--json]"; "" if none */
	const char *help;  /* one line */
	/*
	 * argv[0] is the name, argv[argc] is NULL. Answers go to
	 * console_printf(). Returns 0, or -errno; -EINVAL makes the shell
	 * print the usage line.
	 */
	int (*run)(int argc, char **argv);
	/* The @n-th argument tab may complete to, or NULL past the last. */
	const char *(*complete)(unsigned n);
};

TABLE_DECLARE_OPEN(const struct shell_command, shell);

#ifdef CONFIG_SHELL
# define __SHELL_REGISTER(n) \
  TABLE_ENTRY(const struct shell_command, shell, n, __concat(shell_, n))
#else
/* Nothing refers to the command: the compiler drops it. */
# define __SHELL_REGISTER(n) _Static_assert(1, "not built in")
#endif

/** Register command @n (sorted by name in `help`). */
#define SHELL_COMMAND(n, u, h, fn) SHELL_COMMAND_COMPLETE(n, u, h, fn, NULL)

/** The same with completion of its arguments. */
#define SHELL_COMMAND_COMPLETE(n, u, h, fn, c)                       \
 static const struct shell_command __unused __concat(shell_, n) = {  \
	 .name = #n, .usage = u, .help = h, .run = fn, .complete = c \
 };                                                                  \
 __SHELL_REGISTER(n)

/**
 * The command of exactly this name, or NULL. It stays until shell_put(), which
 * ignores NULL.
 */
const struct shell_command *shell_find(const char *name);
void shell_put(const struct shell_command *command);

/**
 * Run one line (it is cut up), and say so when that did not work. Returns 0
 * (also for an empty line), the command's -errno, -ENOENT for an unknown
 * command, or -EINVAL or -E2BIG for a line that cannot be cut into words.
 */
int shell_execute(char *line);

/** Read and run lines for ever. */
__noreturn void shell_run(void);
