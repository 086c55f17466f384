/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device model, with a bus whose devices are memory. The suite takes
 * everything away that it registered.
 */
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

#define REBIND_ROUNDS 1000

/* What the test drivers do with the device they are offered. */
struct test_device {
	struct device dev;
	const char *wanted; /* the driver that matches, "any" or "none" */
	int answer;	    /* of probe() */
	unsigned probed, removed, released;
};

static struct test_device *test_of(const struct device *dev)
{
	return container_of(dev, struct test_device, dev);
}

static bool test_match(const struct device *dev, const struct driver *drv)
{
	const char *wanted = test_of(dev)->wanted;

	return !strcmp(wanted, "any") || !strcmp(wanted, drv->name);
}

static void test_release(struct device *dev)
{
	test_of(dev)->released++;
}

static const struct bus_type test_bus = {
	.name = "test",
	.match = test_match,
	.release = test_release,
};

static int test_probe(struct device *dev)
{
	struct test_device *test = test_of(dev);

	test->probed++;
	device_set_data(dev, test);
	return test->answer;
}

static void test_remove(struct device *dev)
{
	test_of(dev)->removed++;
}

static int refusing_probe(struct device *dev)
{
	test_of(dev)->probed++;
	return -ENODEV;
}

static const struct driver test_refuses = {
	.name = "test-a-refuses",
	.bus = &test_bus,
	.probe = refusing_probe,
	.remove = test_remove,
};
DRIVER(test_a_refuses, test_refuses);

static const struct driver test_accepts = {
	.name = "test-b-accepts",
	.bus = &test_bus,
	.probe = test_probe,
	.remove = test_remove,
};
DRIVER(test_b_accepts, test_accepts);

static int make(struct test_device *test, const char *name,
		struct device *parent, const char *wanted)
{
	memset(test, 0, sizeof(*test));
	strscpy(test->dev.name, name, sizeof(test->dev.name));
	test->dev.bus = &test_bus;
	test->dev.parent = parent;
	test->wanted = wanted;
	return device_register(&test->dev);
}

static void test_binds_who_accepts(struct selftest *t)
{
	struct test_device d = { 0 };

	if (!EXPECT_EQ(t, make(&d, "test0", NULL, "any"), 0))
		return;
	/* In the order of the table: the first one was asked and refused. */
	EXPECT_EQ(t, d.probed, 2);
	EXPECT(t, d.dev.driver == &test_accepts);
	EXPECT(t, device_data(&d.dev) == &d);
	EXPECT_EQ(t, device_bind(&d.dev, NULL), -EBUSY);
	EXPECT_EQ(t, device_unregister(&d.dev), 0);
	EXPECT_EQ(t, d.removed, 1);
	EXPECT_EQ(t, d.released, 1);
}

static void test_binds_again(struct selftest *t)
{
	struct test_device d = { 0 };

	if (!EXPECT_EQ(t, make(&d, "test0", NULL, "none"), 0))
		return;
	EXPECT(t, !d.dev.driver && !d.probed);
	EXPECT_EQ(t, device_bind(&d.dev, NULL), -ENODEV);
	EXPECT_EQ(t, device_bind(&d.dev, &test_accepts), -ENODEV);
	EXPECT_EQ(t, device_unbind(&d.dev), -ENODEV);
	d.wanted = "test-b-accepts";
	for (unsigned i = 0; i < REBIND_ROUNDS; i++) {
		EXPECT_EQ(t, device_bind(&d.dev, &test_accepts), 0);
		EXPECT_EQ(t, device_unbind(&d.dev), 0);
		if (selftest_failed(t))
			break;
	}
	EXPECT_EQ(t, d.probed, REBIND_ROUNDS);
	EXPECT_EQ(t, d.removed, REBIND_ROUNDS);
	EXPECT(t, !d.dev.driver && !device_data(&d.dev));
	EXPECT_EQ(t, device_unregister(&d.dev), 0);
}

static void test_failed_probe_leaves_unbound(struct selftest *t)
{
	struct test_device d = { 0 };

	if (!EXPECT_EQ(t, make(&d, "test0", NULL, "none"), 0))
		return;
	d.wanted = "test-b-accepts";
	d.answer = -ENODEV;
	EXPECT_EQ(t, device_bind(&d.dev, NULL), -ENODEV);
	EXPECT_EQ(t, d.probed, 1);
	EXPECT_EQ(t, d.removed, 0);
	EXPECT(t, !d.dev.driver && !device_data(&d.dev));
	EXPECT_EQ(t, device_unregister(&d.dev), 0);
}

static void test_names_are_unique(struct selftest *t)
{
	struct test_device a = { 0 }, b = { 0 };

	if (!EXPECT_EQ(t, make(&a, "test0", NULL, "none"), 0))
		return;
	EXPECT_EQ(t, make(&b, "test0", NULL, "none"), -EEXIST);
	EXPECT_EQ(t, device_unregister(&a.dev), 0);
	EXPECT_EQ(t, device_unregister(&a.dev), -ENODEV);
	EXPECT_EQ(t, make(&b, "test0", NULL, "none"), 0);
	EXPECT_EQ(t, device_unregister(&b.dev), 0);
	EXPECT(t, !device_find("test0"));
}

/* A parent stays as long as its children, and is visited before them. */
static void test_tree(struct selftest *t)
{
	struct test_device root = { 0 }, child[2] = { 0 }, grandchild = { 0 },
			   other = { 0 };
	const struct test_device *order[] = { &root, &child[0], &grandchild,
					      &child[1], &other };
	unsigned n = 0;

	make(&root, "test0", NULL, "none");
	make(&other, "test1", NULL, "none");
	make(&child[0], "test0.0", &root.dev, "none");
	make(&child[1], "test0.1", &root.dev, "none");
	make(&grandchild, "test0.0.0", &child[0].dev, "none");
	for (struct device *d = device_next(NULL); d; d = device_next(d))
		if (d->bus == &test_bus && n < ARRAY_SIZE(order))
			EXPECT(t, test_of(d) == order[n++]);
	EXPECT_EQ(t, n, ARRAY_SIZE(order));
	EXPECT_EQ(t, grandchild.dev.depth, 2);
	EXPECT_EQ(t, device_unregister(&root.dev), -EBUSY);
	for (n = ARRAY_SIZE(order); n--;)
		EXPECT_EQ(t, device_unregister((struct device *)&order[n]->dev),
			  0);
	EXPECT_EQ(t, root.released, 1);
}

/* A reference keeps a device, and a visitor's place, until it is put. */
static void test_reference_outlives_registration(struct selftest *t)
{
	struct test_device a = { 0 }, child = { 0 }, late = { 0 };
	struct device *held;

	make(&a, "test0", NULL, "none");
	make(&child, "test0.0", &a.dev, "none");
	held = device_find("test0.0");
	if (!EXPECT(t, held == &child.dev))
		return;
	EXPECT_EQ(t, device_unregister(&child.dev), 0);
	EXPECT_EQ(t, device_unregister(&a.dev), 0);
	EXPECT_EQ(t, a.released + child.released, 0);
	EXPECT(t, !device_find("test0"));
	EXPECT_EQ(t, device_bind(held, NULL), -ENODEV);
	EXPECT_EQ(t, make(&late, "test0.1", &a.dev, "none"), -ENODEV);
	held = device_next(held);
	device_put(held);
	EXPECT_EQ(t, a.released, 1);
	EXPECT_EQ(t, child.released, 1);
}

static void test_depth_is_bounded(struct selftest *t)
{
	static struct test_device d[DEVICE_DEPTH_MAX + 2];
	unsigned n;
	int ret = 0;

	for (n = 0; n < ARRAY_SIZE(d); n++) {
		char name[DEVICE_NAME_MAX];

		snprintf(name, sizeof(name), "test%u", n);
		ret = make(&d[n], name, n ? &d[n - 1].dev : NULL, "none");
		if (ret)
			break;
	}
	EXPECT_EQ(t, ret, -E2BIG);
	EXPECT_EQ(t, n, DEVICE_DEPTH_MAX + 1);
	while (n--)
		EXPECT_EQ(t, device_unregister(&d[n].dev), 0);
}

static void test_driver_names(struct selftest *t)
{
	table_for_each(const struct driver, driver, it) {
		const struct driver *drv = driver_find((*it)->name);

		EXPECT(t, drv == *it);
		driver_put(drv);
		EXPECT(t, (*it)->bus && (*it)->probe && (*it)->remove);
	}
	EXPECT(t, !driver_find("no-such-driver"));
}

static const struct selftest_case device_cases[] = {
	{ .name = "binds-who-accepts", .run = test_binds_who_accepts },
	{ .name = "binds-again", .run = test_binds_again },
	{ .name = "failed-probe-leaves-unbound",
	  .run = test_failed_probe_leaves_unbound },
	{ .name = "names-are-unique", .run = test_names_are_unique },
	{ .name = "tree", .run = test_tree },
	{ .name = "reference-outlives-registration",
	  .run = test_reference_outlives_registration },
	{ .name = "depth-is-bounded", .run = test_depth_is_bounded },
	{ .name = "driver-names", .run = test_driver_names },
	{},
};
SELFTEST_SUITE(device, "device", device_cases, 0);
