/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading and unloading, with the modules made for it in the initrd. */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/param.h>
#include <kernel/selftest.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/symbols.h>
#include "internal.h"

#define ROUNDS 100

/* What must be as before. */
struct usage {
	u64 pages, areas, bytes, objects, refused;
};

static void get_usage(struct usage *u)
{
	struct kmem_cache_stats cache;
	struct page_stats pages;
	struct kmem_stats kmem;
	struct vm_stats vm;

	kmem_trim();
	page_get_stats(&pages);
	kmem_get_stats(&kmem);
	vm_get_stats(&vm);
	*u = (struct usage){
		.pages = page_free_count(),
		.areas = vm.areas,
		.bytes = vm.bytes,
		.refused = pages.refused + kmem.refused + vm.refused,
	};
	for (unsigned n = 0; kmem_cache_get_stats(n, &cache); n++)
		u->objects += cache.used;
}

static void expect_same(struct selftest *t, const struct usage *before)
{
	struct usage now;

	get_usage(&now);
	EXPECT_EQ(t, now.pages, before->pages);
	EXPECT_EQ(t, now.areas, before->areas);
	EXPECT_EQ(t, now.bytes, before->bytes);
	EXPECT_EQ(t, now.objects, before->objects);
	EXPECT_EQ(t, now.refused, before->refused);
}

/* True if there is nothing to load here; the case is then skipped. */
static bool skip(struct selftest *t)
{
	char name[MODULE_NAME_MAX];

	if (!IS_ENABLED(CONFIG_MODULES)) {
		selftest_skip(t, "this kernel loads no modules");
		return true;
	}
	for (unsigned n = 0; module_in_initrd(n, name); n++)
		if (!strcmp(name, "module_test"))
			return false;
	selftest_skip(t, "no module_test in an initrd");
	return true;
}

static bool device_exists(const char *name)
{
	struct device *dev = device_find(name);

	device_put(dev);
	return dev != NULL;
}

/* What a backtrace says of @addr. */
static bool is_called(uintptr_t addr, const char *name)
{
	size_t offset, size;
	const char *found = symbol_lookup(addr, &offset, &size);

	return found && !strcmp(found, name) && offset < size;
}

static void test_tables(struct selftest *t)
{
	const struct shell_command *command = NULL;
	size_t drivers = table_count(driver);
	size_t params = table_count(param);

	if (skip(t) || !EXPECT_EQ(t, module_load("module_test", NULL), 0))
		return;
	EXPECT_EQ(t, table_count(driver), drivers + 1);
	EXPECT_EQ(t, table_count(param), params + 3);
	command = table_find(const struct shell_command, shell, "moduletest");
	EXPECT(t, command);
	if (command)
		EXPECT(t, is_called((uintptr_t)command->run, "module_test"));
	/* Held: its module cannot go. */
	EXPECT_EQ(t, module_unload("module_test"), -EBUSY);
	table_release(shell, command);
	EXPECT(t, device_exists("module-test0"));
	EXPECT_EQ(t, module_unload("module_test"), 0);
	EXPECT(t, !device_exists("module-test0"));
	EXPECT_EQ(t, table_count(driver), drivers);
	EXPECT_EQ(t, table_count(param), params);
	EXPECT(t, !table_find(const struct shell_command, shell, "moduletest"));
}

static void test_rounds(struct selftest *t)
{
	struct usage before;

	if (skip(t))
		return;
	/* Page tables of the area, once made, stay. */
	EXPECT_EQ(t, module_load("module_test", NULL), 0);
	EXPECT_EQ(t, module_unload("module_test"), 0);
	get_usage(&before);
	for (unsigned i = 0; i < ROUNDS && !selftest_failed(t); i++) {
		EXPECT_EQ(t, module_load("module_test_user", NULL), 0);
		if (i == 0)
			EXPECT_EQ(t, module_unload("module_test"), -EBUSY);
		EXPECT_EQ(t, module_unload("module-test-user"), 0);
		EXPECT_EQ(t, module_unload("module_test"), 0);
	}
	expect_same(t, &before);
}

static void test_params(struct selftest *t)
{
	char *good[] = { "text=\"a b\"", "step=7", NULL };
	char *unknown[] = { "colour=red", NULL }, *bad[] = { "step=x", NULL };
	char *late[] = { "text=late", NULL }, *writable[] = { "step=9", NULL };
	char text[16];
	const struct param *p;
	struct usage before;

	if (skip(t))
		return;
	get_usage(&before);
	EXPECT_EQ(t, module_load("module_test", unknown), -EINVAL);
	EXPECT_EQ(t, module_load("module_test", bad), -EINVAL);
	EXPECT_EQ(t, module_load("module_test", good), 0);
	EXPECT_EQ(t, module_load("module_test", late), -EINVAL);
	EXPECT_EQ(t, module_load("module_test", writable), 0);
	p = table_find(const struct param, param, "module_test.step");
	if (EXPECT(t, p)) {
		param_format(p, text, sizeof(text));
		EXPECT(t, !strcmp(text, "9"));
	}
	table_release(param, p);
	EXPECT_EQ(t, module_unload("module_test"), 0);
	expect_same(t, &before);
}

static void test_failing_init(struct selftest *t)
{
	char *fail[] = { "fail", NULL };
	struct usage before;

	if (skip(t))
		return;
	get_usage(&before);
	EXPECT_EQ(t, module_load("module_test", fail), -EIO);
	EXPECT_EQ(t, module_load("no_such_module", NULL), -ENOENT);
	EXPECT_EQ(t, module_unload("module_test"), -ENOENT);
	expect_same(t, &before);
}

/* Each allocation on the way fails once. */
static void test_no_memory(struct selftest *t)
{
	struct usage before;
	unsigned n = 1;

	if (skip(t))
		return;
	if (!IS_ENABLED(CONFIG_FAULT_INJECTION)) {
		selftest_skip(t, "built without CONFIG_FAULT_INJECTION");
		return;
	}
	get_usage(&before);
	for (int ret = -ENOMEM; ret; n++) {
		fault_inject_set(n);
		ret = module_load("module_test", NULL);
		fault_inject_set(0);
		if (ret && !EXPECT_EQ(t, ret, -ENOMEM))
			break;
	}
	selftest_note(t, "%u allocations", n - 2);
	EXPECT(t, n > 4);
	EXPECT_EQ(t, module_unload("module_test"), 0);
	expect_same(t, &before);
}

/* The same calls stop and start what is built in. */
static struct module module_builtin_test;
static unsigned starts, stops;
static bool refuse_start;

static int builtin_init(void)
{
	starts++;
	return refuse_start ? -ENODEV : 0;
}

static void builtin_exit(void)
{
	stops++;
}

static bool builtin_match(const struct device *dev, const struct driver *drv)
{
	return dev->bus == drv->bus;
}

static const struct bus_type builtin_bus = {
	.name = "builtin-test",
	.match = builtin_match,
};

static int builtin_probe(struct device *dev __unused)
{
	return 0;
}

static void builtin_remove(struct device *dev __unused)
{
}

static const struct driver builtin_driver = {
	.name = "builtin-test",
	.bus = &builtin_bus,
	.module = &module_builtin_test,
	.probe = builtin_probe,
	.remove = builtin_remove,
};
DRIVER(builtin_test, builtin_driver);

/* Its devices are free while it is stopped, and its own again afterwards. */
static void test_builtin_driver(struct selftest *t)
{
	static struct device devices[2];

	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
		devices[i] = (struct device){ .bus = &builtin_bus };
		strscpy(devices[i].name, i ? "builtin1" : "builtin0",
			DEVICE_NAME_MAX);
		EXPECT_EQ(t, device_register(&devices[i]), 0);
		EXPECT(t, devices[i].driver == &builtin_driver);
	}
	EXPECT_EQ(t, module_unload("builtin_test"), 0);
	EXPECT(t, !devices[0].driver && !devices[1].driver);
	EXPECT_EQ(t, device_bind(&devices[0], NULL), -ENODEV);
	EXPECT_EQ(t, device_bind(&devices[0], &builtin_driver), -ENODEV);
	EXPECT_EQ(t, module_load("builtin_test", NULL), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
		EXPECT(t, devices[i].driver == &builtin_driver);
		EXPECT_EQ(t, device_unregister(&devices[i]), 0);
	}
}

static void test_builtin(struct selftest *t)
{
	unsigned begun = starts, ended = stops;

	EXPECT(t, module_is_live(&module_builtin_test));
	EXPECT(t, module_get(&module_builtin_test));
	EXPECT_EQ(t, module_unload("builtin_test"), -EBUSY);
	module_put(&module_builtin_test);
	EXPECT_EQ(t, module_unload("builtin-test"), 0);
	EXPECT(t, !module_get(&module_builtin_test));
	EXPECT_EQ(t, module_unload("builtin_test"), -EBUSY);
	refuse_start = true;
	EXPECT_EQ(t, module_load("builtin_test", NULL), -ENODEV);
	EXPECT(t, !module_is_live(&module_builtin_test));
	refuse_start = false;
	EXPECT_EQ(t, module_load("builtin_test", NULL), 0);
	EXPECT_EQ(t, starts, begun + 2);
	EXPECT_EQ(t, stops, ended + 1);
}

MODULE(builtin_test, "Part of the self-tests", "", .init = builtin_init,
       .exit = builtin_exit);

static void test_rights(struct selftest *t)
{
	unsigned both = MEMORY_WRITE | MEMORY_EXECUTE;
	char *memory;

	if (!IS_ENABLED(CONFIG_MODULES)) {
		selftest_skip(t, "this kernel loads no modules");
		return;
	}
	memory = vmalloc_module(2 * PAGE_SIZE);
	if (!EXPECT(t, memory))
		return;
	EXPECT_EQ(t, memory_protect(memory, 2 * PAGE_SIZE, both), -EINVAL);
	EXPECT_EQ(t, memory_protect(memory + 1, PAGE_SIZE, 0), -EINVAL);
	EXPECT_EQ(t, memory_protect(memory, 3 * PAGE_SIZE, MEMORY_WRITE),
		  -EINVAL);
	memory[0] = 1;
	EXPECT_EQ(t, memory_protect(memory, PAGE_SIZE, MEMORY_READ), 0);
	EXPECT_EQ(t, memory[0], 1);
	EXPECT_EQ(t, memory_protect(memory, PAGE_SIZE, MEMORY_WRITE), 0);
	memory[0] = 2;
	vfree(memory);
}

static const struct selftest_case module_cases[] = {
	{ .name = "tables-grow-and-shrink", .run = test_tables },
	{ .name = "hundred-rounds-leave-nothing", .run = test_rounds },
	{ .name = "parameters", .run = test_params },
	{ .name = "failed-start-leaves-nothing", .run = test_failing_init },
	{ .name = "lack-of-memory-leaves-nothing", .run = test_no_memory },
	{ .name = "built-in-stops-and-starts", .run = test_builtin },
	{ .name = "built-in-driver-lets-go", .run = test_builtin_driver },
	{ .name = "rights-of-memory-change", .run = test_rights },
	{},
};
SELFTEST_SUITE(module, "module", module_cases, 0);
