/* SPDX-License-Identifier: BSD-2-Clause */
/* One of each thing that a module can have, for the self-tests. */
#include <kernel/console.h>
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/module.h>
#include <kernel/param.h>
#include <kernel/selftest.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include "test_module.h"

MODULE_DECLARE(module_test);

static bool fail;
param_bool("module_test.fail", fail, "let init() fail");
static unsigned step = 1;
param_uint_writable("module_test.step", step, "what `moduletest` adds");
static const char *text = "nothing";
param_string("module_test.text", text, "what `moduletest` says");

static unsigned bound;

unsigned module_test_bound(void)
{
	return bound;
}

static bool test_match(const struct device *dev, const struct driver *drv)
{
	return dev->bus == drv->bus;
}

static const struct bus_type test_bus = {
	.name = "module-test",
	.match = test_match,
};

static struct device test_device;

static int test_probe(struct device *dev)
{
	device_set_data(dev, &bound);
	bound++;
	return 0;
}

static void test_remove(struct device *dev __unused)
{
	bound--;
}

static const struct driver test_driver = {
	.name = "module-test",
	.bus = &test_bus,
	.module = &module_module_test,
	.probe = test_probe,
	.remove = test_remove,
};
DRIVER(module_test, test_driver);

static int command_moduletest(int argc __unused, char **argv __unused)
{
	static unsigned sum;

	sum += step;
	console_printf("%s: %u\n", text, sum);
	return 0;
}
SHELL_COMMAND(moduletest, "", "Say what module_test was told",
	      command_moduletest);

static void test_is_bound(struct selftest *t)
{
	EXPECT_EQ(t, bound, 1);
	EXPECT(t, test_device.driver == &test_driver);
}

/* It is being used just now. */
static void test_stays(struct selftest *t)
{
	EXPECT_EQ(t, module_unload("module_test"),
		  module_module_test.file ? -EBUSY : 0);
	EXPECT_EQ(t, module_load("module_test", NULL), 0);
}

static const struct selftest_case test_cases[] = {
	{ .name = "is-bound", .run = test_is_bound },
	{ .name = "stays-while-it-is-used", .run = test_stays },
	{},
};
SELFTEST_SUITE(module_test, "module-test", test_cases, SELFTEST_MANUAL);

static int test_init(void)
{
	if (fail)
		return -EIO;
	memset(&test_device, 0, sizeof(test_device));
	strscpy(test_device.name, "module-test0", sizeof(test_device.name));
	test_device.bus = &test_bus;
	return device_register(&test_device);
}

static void test_exit(void)
{
	device_unregister(&test_device);
}

MODULE(module_test, "What self-tests load", "", .init = test_init,
       .exit = test_exit);
