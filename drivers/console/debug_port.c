/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The debug port 0xe9: every byte written there is for the host to log. Bochs
 * has it, QEMU as -device isa-debugcon, Xen for all guests with emulated I/O
 * (Xen, xen/include/public/arch-x86/xen.h: in Xen's log, line by line, with
 * guest_loglvl=all). Nothing tells whether it is there, so it is a console
 * only where earlycon=e9 asks for it.
 */
#include <kernel/console.h>
#include <kernel/earlycon.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/string.h>

#define DEBUG_PORT 0xe9

static bool wanted;

static int set_wanted(const char *value)
{
	if (strcmp(value, "e9"))
		return -EINVAL;
	wanted = true;
	return 0;
}

static const struct earlycon debug_port_earlycon = {
	.name = "e9",
	.set = set_wanted,
};
EARLYCON(debug_port_earlycon);

static void debug_port_write(struct console *con, const char *s, size_t n)
{
	(void)con;
	for (size_t i = 0; i < n; i++)
		outb(DEBUG_PORT, (u8)s[i]);
}

static struct console debug_port_console = {
	.name = "e9",
	.write = debug_port_write,
};

static int debug_port_init(void)
{
	int ret = wanted ? console_register(&debug_port_console) : 0;

	return ret == -EPERM ? 0 : ret;
}
initcall(INIT_EARLYCON, debug_port_init);
