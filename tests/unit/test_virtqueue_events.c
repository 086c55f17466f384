/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues: each side hears of what it wants to hear of, and of nothing else. */
#include "virtqueue_kinds.h"

/* virtio 1.3, drivernormative 2.7.10.1 */
TEST(one_notification_for_a_batch_if_it_is_wanted)
{
	static struct request r[4];

	FOR_EACH_KIND(kind)
	{
		const unsigned *n = &fake.queues[0].notifications;

		if (!begin(kind, 32, PARTS))
			return;
		for (unsigned i = 0; i < 3; i++)
			CHECK_EQ(post(&r[i], i), 0);
		virtqueue_kick(vq);
		CHECK_EQ(*n, 1);
		/* Nothing new. */
		virtqueue_kick(vq);
		CHECK_EQ(*n, 1);
		while (use_one())
			;
		fake_set_notify(&fake, 0, false);
		CHECK_EQ(post(&r[3], 3), 0);
		CHECK(!virtqueue_kick_prepare(vq));
		CHECK(use_one());
		fake_set_notify(&fake, 0, true);
		end(kind);
	}
}

/* With EVENT_IDX: exactly when the entry asked for is among the new ones. */
TEST(the_device_hears_of_the_entry_it_asked_for)
{
	static struct request r;
	u32 length;

	FOR_EACH_KIND(kind)
	{
		unsigned per = kind->packed ? 3 : 1;

		if (!kind->event || kind->indirect)
			continue;
		if (!begin(kind, 15 + !kind->packed, PARTS))
			return;
		for (unsigned round = 0; round < 66000; round++) {
			unsigned ahead = round % 5;

			fake_set_event(&fake, 0, ahead * per);
			for (unsigned i = 0; i < 5; i++) {
				CHECK_EQ(post(&r, i), 0);
				if (!CHECK_EQ(virtqueue_kick_prepare(vq),
					      i == ahead))
					return;
			}
			while (use_one())
				;
			while (virtqueue_get(vq, &length))
				;
		}
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.7.7.1 */
TEST(callbacks_come_when_they_are_wanted)
{
	static struct request r[4];
	u32 length;

	FOR_EACH_KIND(kind)
	{
		if (!begin(kind, 16, PARTS))
			return;
		for (unsigned round = 0; round < 66000; round++) {
			CHECK_EQ(post(&r[0], 0), 0);
			virtqueue_kick(vq);
			use_one();
			driver.dones = 0;
			fake_interrupt(&fake, 0);
			if (!CHECK_EQ(driver.dones, 1))
				return;
			virtqueue_disable_callback(vq);
			CHECK_EQ(post(&r[1], 1), 0);
			virtqueue_kick(vq);
			use_one();
			fake_interrupt(&fake, 0);
			CHECK_EQ(driver.dones, 1);
			/* There are some, for which nobody interrupts. */
			CHECK(!virtqueue_enable_callback(vq));
			CHECK(virtqueue_get(vq, &length));
			CHECK(virtqueue_get(vq, &length));
			CHECK(!virtqueue_get(vq, &length));
			CHECK(virtqueue_enable_callback(vq));
		}
		end(kind);
	}
}

/* After get() has said that there is nothing, the next use interrupts. */
TEST(who_saw_nothing_hears_of_the_next)
{
	static struct request r[4];
	u32 length;

	FOR_EACH_KIND(kind)
	{
		if (!begin(kind, 16, PARTS))
			return;
		for (unsigned round = 0; round < 1000; round++) {
			unsigned n = 1 + round % 4;

			for (unsigned i = 0; i < n; i++)
				CHECK_EQ(post(&r[i], i), 0);
			virtqueue_kick(vq);
			driver.dones = 0;
			use_one();
			fake_interrupt(&fake, 0);
			CHECK_EQ(driver.dones, 1);
			while (use_one())
				fake_interrupt(&fake, 0);
			while (virtqueue_get(vq, &length))
				;
		}
		end(kind);
	}
}

TEST(a_late_callback_comes_in_time)
{
	static struct request r[8];
	u32 length;

	FOR_EACH_KIND(kind)
	{
		unsigned used = 0;

		if (!kind->event)
			continue;
		if (!begin(kind, 32, PARTS))
			return;
		for (unsigned i = 0; i < 8; i++)
			CHECK_EQ(post(&r[i], i), 0);
		virtqueue_kick(vq);
		CHECK(virtqueue_enable_callback_after(vq, 75));
		for (; used < 8 && !driver.dones; used++) {
			CHECK(use_one());
			fake_interrupt(&fake, 0);
		}
		/* Packed rings count descriptors: it may be earlier. */
		if (kind->packed)
			CHECK(used > 1 && used <= 6);
		else
			CHECK_EQ(used, 6);
		CHECK(!virtqueue_enable_callback_after(vq, 10));
		for (; used; used--)
			CHECK(virtqueue_get(vq, &length));
		end(kind);
	}
}

/* A queue without done() is looked at; the device does not interrupt. */
TEST(a_polled_queue_does_not_interrupt)
{
	static struct request r;
	u32 length;

	FOR_EACH_KIND(kind)
	{
		test_device(&fake, 8, 4);
		if (!begin(kind, 8, 4))
			return;
		fake_virtio_remove(&fake);
		/* The same again, without done(). */
		driver.configs[0].done = NULL;
		if (!test_bind(&fake))
			return;
		vq = driver.vq[0];
		for (unsigned i = 0; i < 1000; i++) {
			CHECK_EQ(post(&r, i), 0);
			virtqueue_kick(vq);
			use_one();
			CHECK(!fake_wants_interrupt(&fake, 0));
			CHECK(virtqueue_get(vq, &length) == &r);
		}
		end(kind);
	}
}

/* virtio 1.3, drivernormative 2.8.16 */
TEST(notifications_carry_where_the_ring_is)
{
	static struct request r;
	u32 length;

	for (unsigned packed = 0; packed < 2; packed++) {
		unsigned place = 0, wrap = packed;

		test_device(&fake, 4, PARTS);
		fake_offer(&fake, VIRTIO_F_NOTIFICATION_DATA);
		if (packed)
			fake_offer(&fake, VIRTIO_F_RING_PACKED);
		if (!test_bind(&fake))
			return;
		vq = driver.vq[0];
		for (unsigned i = 0; i < 66000; i++) {
			CHECK_EQ(post(&r, i), 0);
			virtqueue_kick(vq);
			place += packed ? 3 : 1;
			if (packed && place >= 4) {
				place -= 4;
				wrap = !wrap;
			}
			if (!CHECK_EQ(fake.queues[0].notify_data >> 16,
				      (u16)(place | wrap << 15)))
				return;
			use_one();
			CHECK(virtqueue_get(vq, &length));
		}
		end(NULL);
	}
}

TEST(statistics_count)
{
	static struct request r[3];
	struct virtqueue_stats stats;
	u32 length;

	if (!begin(&kinds[0], 16, PARTS))
		return;
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(post(&r[i], i), 0);
	virtqueue_kick(vq);
	virtqueue_kick(vq);
	use_one();
	fake_interrupt(&fake, 0);
	CHECK(virtqueue_get(vq, &length));
	virtqueue_get_stats(vq, &stats);
	CHECK_EQ(stats.added, 3);
	CHECK_EQ(stats.used, 1);
	CHECK_EQ(stats.kicks, 2);
	CHECK_EQ(stats.notifications, 1);
	CHECK_EQ(stats.interrupts, 1);
	end(NULL);
	CHECK_EQ(driver.taken_back, 2);
}
