/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules: parts of the kernel that can be left out, built in (y) or loaded
 * later (m), from the same objects. A driver is one; so is whatever else can
 * be started and stopped.
 *
 *	MODULE(i8042, "PS/2 keyboard", "",
 *	       .init = i8042_init, .exit = i8042_exit);
 *
 * In a Makefile, `obj-$(CONFIG_FOO) += foo.ko` with `foo.ko := a.o b.o` builds
 * it in or makes build/<arch>/modules/foo.ko, which goes into the initrd.
 *
 * What a module registers in the tables driver, param, selftest and shell is
 * there while it is loaded. Its drivers have .module = &module_<name> (declared
 * before by MODULE_DECLARE()); its parameters are named "<module>.<parameter>",
 *on the command line as for modprobe.
 *
 * A built-in module is live from its level of the boot on; `modprobe -r`
 * stops it, which takes its drivers from their devices, and `modprobe` starts
 * it again. A module that was loaded is also unloaded when it is stopped.
 *
 * A module's code may call every function and use every variable of the
 * kernel that a header declares (the build finds out which ones those are),
 * and those of the modules named in .depends.
 *
 * For threads and the boot, not for interrupt handlers.
 */
#pragma once

#include <kernel/init.h>
#include <kernel/modinfo.h>
#include <kernel/table.h>

#define MODULE_NAME_MAX 32 /* with its terminator */

enum module_state {
	MODULE_STOPPED, /* its drivers take no device */
	MODULE_STARTING,
	MODULE_LIVE,
	MODULE_STOPPING,
};

struct module_file; /* one that was loaded; the loader's */

struct module {
	/* Letters, digits and "_"; that of the file without ".ko". */
	const char *name;
	const char *description; /* one line */
	/* Modules that must be live while it is, with spaces between. */
	const char *depends;
	/*
	 * Start it. 0, or -errno with all undone: -ENODEV when what it is for
	 * is not in this machine, which is not reported. NULL: nothing to do
	 * but to let its drivers have devices.
	 */
	int (*init)(void);
	/*
	 * Undo init(), after its drivers have lost their devices. Cannot
	 * fail. NULL although there is init(): the module stays for ever.
	 */
	void (*exit)(void);
	/* When it is started if it is built in: INIT_IRQ or INIT_DRIVER. */
	unsigned level; /* 0: INIT_DRIVER */

	/* The core's. */
	unsigned char /* enum module_state */ state;
	unsigned users;		  /* module_get() */
	struct module_file *file; /* NULL: built in */
};

TABLE_DECLARE_OPEN(struct module, module);

/** Declare the module @id that MODULE() defines further down in the file. */
#define MODULE_DECLARE(id) static struct module module_##id

/**
 * Define module @id: its name, description @text and dependencies @needs
 * (literals; "" for none), and initializers of further members. One for each
 * module.
 */
#define MODULE(id, text, needs, ...)                                     \
 static struct module module_##id = {                                    \
	 .name = #id, .description = text, .depends = needs, __VA_ARGS__ \
 };                                                                      \
 TABLE_ENTRY(struct module, module, 0, module_##id);                     \
 MODINFO(name, #id);                                                     \
 MODINFO(description, text);                                             \
 MODINFO(depends, needs)

/**
 * In an initrd: load this module at level DRIVER without being asked, since
 * its init() finds out whether it is of use.
 */
#define MODULE_AUTOMATIC() MODINFO(automatic, "y")

/**
 * Keep @module from being stopped until module_put(). False when it is not
 * live (nor about to be). NULL is the kernel itself: true, and nothing to do.
 */
bool module_get(struct module *module);
void module_put(struct module *module);

/** True if module_get() would succeed now. */
bool module_is_live(const struct module *module);

/**
 * Make module @name live: load it from the initrd unless it is there, after
 * those that it depends on. @params are words "parameter=value", ended by
 * NULL, or NULL; they are set before init(). On a live module they are set
 * at once, which works for those declared writable. Returns 0; -ENOENT (no
 * such module), -EBUSY (another modprobe runs), -EINVAL (a parameter was not
 * taken), -EBADMSG (the file is refused), -ENOMEM, or what init() returned;
 * after a message, except for -ENODEV of init().
 */
int module_load(const char *name, char *const *params);

/**
 * The name of the loaded module whose text @addr is in, with where that is
 * from its beginning, and its size; or NULL. For reports: any context, and a
 * module that is being unloaded meanwhile may be missed. With CONFIG_MODULES.
 */
const char *module_of_text(uintptr_t addr, size_t *offset, size_t *size);

/**
 * Stop module @name, and unload it unless it is built in. 0; -ENOENT, -EBUSY
 * (in use) or -EOPNOTSUPP (it has no exit()), after a message.
 */
int module_unload(const char *name);
