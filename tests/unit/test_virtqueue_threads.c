/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Driver and device, each a thread of the host, which sleep whenever there is
 * nothing to do and nobody promised to wake them. A notification, a look or a
 * barrier that is missing is a wake-up that never comes, or a buffer that is
 * not what was posted: as far as the host's CPU reorders what the source has
 * in order, which on x86 is little.
 */
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <kernel/atomic.h>
#include "unit.h"
#include "virtio_driver.h"

#define BUFFERS	  30000
#define SLOTS	  16
#define LIMIT_SEC 20

static struct fake_virtio fake;
static struct virtqueue *vq;
static sem_t device_wakes, driver_wakes;
static bool driver_is_done;

struct slot {
	u32 question, answer;
	bool out;
};

static struct slot slots[SLOTS];
static unsigned slot_count, buffer_count;

/* False: nobody posted it for so long that nobody ever will. */
static bool wait_for(sem_t *semaphore)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LIMIT_SEC;
	return !sem_timedwait(semaphore, &until);
}

/* In the driver's thread. */
static void notified(struct fake_virtio *f, unsigned queue)
{
	sem_post(&device_wakes);
}

/* In the device's thread. */
static void done(struct virtqueue *queue)
{
	sem_post(&driver_wakes);
}

static unsigned serve(void)
{
	static struct fake_buffer buffer;
	unsigned count = 0;
	u32 question;

	for (; fake_take(&fake, 0, &buffer); count++) {
		CHECK_EQ(fake_read(&buffer, 0, &question, 4), 4);
		question = ~question;
		CHECK_EQ(fake_write(&buffer, 0, &question, 4), 4);
		fake_use(&fake, 0, &buffer, 4);
		fake_interrupt(&fake, 0);
	}
	return count;
}

static void *device(void *arg)
{
	while (!atomic_load_acquire(&driver_is_done)) {
		fake_set_notify(&fake, 0, false);
		while (serve())
			;
		fake_set_notify(&fake, 0, true);
		fence_full();
		/* What came before the driver saw that it is wanted. */
		if (!serve() && !CHECK(wait_for(&device_wakes)))
			return NULL;
	}
	return NULL;
}

static bool post(struct slot *slot, u32 number)
{
	struct virtio_segment segments[] = { { &slot->question, 4 },
					     { &slot->answer, 4 } };

	slot->question = number;
	slot->answer = 0;
	slot->out = true;
	return !virtqueue_add(vq, segments, 1, 1, slot);
}

/* All that came back; nothing: sleep until something does. */
static unsigned collect(void)
{
	unsigned count = 0;
	struct slot *slot;
	u32 length;

	while ((slot = virtqueue_get(vq, &length))) {
		if (!CHECK_EQ(length, 4) ||
		    !CHECK_EQ(slot->answer, ~slot->question))
			return 0;
		slot->out = false;
		count++;
	}
	if (!count && virtqueue_enable_callback(vq))
		CHECK(wait_for(&driver_wakes));
	return count;
}

static void ask(void)
{
	unsigned posted = 0, back = 0;

	while (back < buffer_count && !virtqueue_is_broken(vq)) {
		for (unsigned i = 0; i < slot_count && posted < buffer_count;
		     i++) {
			if (slots[i].out)
				continue;
			if (!CHECK(post(&slots[i], posted++)))
				return;
			virtqueue_kick(vq);
		}
		back += collect();
	}
	CHECK_EQ(virtqueue_outstanding(vq), 0);
}

static void run(bool packed, bool event, unsigned count)
{
	pthread_t thread;

	test_device(&fake, 2 * SLOTS, 2);
	if (packed)
		fake_offer(&fake, VIRTIO_F_RING_PACKED);
	if (event)
		fake_offer(&fake, VIRTIO_F_EVENT_IDX);
	driver.configs[0].done = done;
	fake.serve = notified;
	if (!test_bind(&fake))
		return;
	vq = driver.vq[0];
	slot_count = count;
	buffer_count = count == 1 ? BUFFERS / 6 : BUFFERS;
	memset(slots, 0, sizeof(slots));
	sem_init(&device_wakes, 0, 0);
	sem_init(&driver_wakes, 0, 0);
	atomic_write(&driver_is_done, false);
	CHECK_EQ(pthread_create(&thread, NULL, device, NULL), 0);
	ask();
	atomic_store_release(&driver_is_done, true);
	sem_post(&device_wakes);
	pthread_join(thread, NULL);
	fake_virtio_remove(&fake);
}

/* virtio 1.3, drivernormative 2.7.13.3.1 */
/* virtio 1.3, drivernormative 2.7.13.4.1 */
TEST(a_split_ring_loses_nothing_between_threads)
{
	/* One at a time, both go to sleep most often. */
	for (unsigned count = 1; count <= SLOTS; count += SLOTS - 1) {
		run(false, false, count);
		run(false, true, count);
	}
}

/* virtio 1.3, drivernormative 2.8.21.1.1 */
/* virtio 1.3, drivernormative 2.8.21.3.1 */
TEST(a_packed_ring_loses_nothing_between_threads)
{
	/* One at a time, both go to sleep most often. */
	for (unsigned count = 1; count <= SLOTS; count += SLOTS - 1) {
		run(true, false, count);
		run(true, true, count);
	}
}
