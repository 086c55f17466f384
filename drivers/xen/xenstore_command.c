/* SPDX-License-Identifier: BSD-2-Clause */
/* The `xenstore` command. */
#include <drivers/xenstore.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/shell.h>
#include <kernel/string.h>

#define VALUE_MAX 4097

static int read_command(const char *path, const char *unused __unused)
{
	char *value = kmalloc(VALUE_MAX);
	long ret = -ENOMEM;

	if (value)
		ret = xenstore_read(path, value, VALUE_MAX);
	if (ret >= 0)
		console_printf("%s\n", value);
	kfree(value);
	return ret < 0 ? (int)ret : 0;
}

static int write_command(const char *path, const char *value)
{
	return xenstore_write(path, value);
}

static int rm_command(const char *path, const char *unused __unused)
{
	return xenstore_remove(path);
}

static void print_name(const char *name, void *context __unused)
{
	console_printf("%s\n", name);
}

static int ls_command(const char *path, const char *unused __unused)
{
	long ret = xenstore_list(path, print_name, NULL);

	return ret < 0 ? (int)ret : 0;
}

static void print_changed(struct xenstore_watch *watch __unused,
			  const char *changed)
{
	console_printf("%s\n", changed);
}

/* Until a key is pressed. */
static int watch_command(const char *path, const char *unused __unused)
{
	struct xenstore_watch watch = { .path = path, .fn = print_changed };
	int err = xenstore_watch_add(&watch);

	if (err)
		return err;
	console_wait_char();
	xenstore_watch_remove(&watch);
	return 0;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(const char *path, const char *value);
} verbs[] = {
	{ "ls", 1, ls_command },       { "read", 1, read_command },
	{ "rm", 1, rm_command },       { "watch", 1, watch_command },
	{ "write", 2, write_command },
};

static const char *complete(unsigned n)
{
	return n < ARRAY_SIZE(verbs) ? verbs[n].name : NULL;
}

static int xenstore_command(int argc, char **argv)
{
	if (argc < 3)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(argv[1], verbs[i].name) &&
		    argc == verbs[i].arguments + 2)
			return verbs[i].run(argv[2], argv[3]);
	return -EINVAL;
}
SHELL_COMMAND_COMPLETE(xenstore, "ls|read|rm|watch PATH, or write PATH VALUE",
		       "Texts that this Xen domain and its host share",
		       xenstore_command, complete);
