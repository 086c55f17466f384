/* SPDX-License-Identifier: BSD-2-Clause */
/* Binding: the steps of virtio 1.3, 3.1.1, and what follows when one fails. */
#include "virtio_driver.h"

static struct fake_virtio fake;

/* virtio 1.3, drivernormative 3.1.1 */
/* virtio 1.3, drivernormative 2.1.1 */
TEST(a_device_is_bound_step_by_step)
{
	static const u8 steps[] = { 0, 1, 3, 11, 15 };

	test_device(&fake, 8, 1);
	if (!test_bind(&fake))
		return;
	CHECK_EQ(fake.status_writes, sizeof(steps));
	CHECK_MEM(fake.status_log, steps, sizeof(steps));
	CHECK_EQ(driver.probes, 1);
	CHECK_EQ(driver.readies, 1);
	fake_virtio_remove(&fake);
	CHECK_EQ(fake.status, 0);
	CHECK_EQ(driver.unreadies, 1);
	CHECK_EQ(driver.removes, 1);
	CHECK_EQ(host_said_count, 0);
	CHECK_EQ(host_dma_bytes, 0);
}
