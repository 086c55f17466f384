/* SPDX-License-Identifier: BSD-2-Clause */
/* The entropy device's driver, with devices that answer well, badly or never.
 */
#include "unit.h"
#include <abi/virtio/rng.h>
#include <kernel/errno.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include "fake_virtio.h"
#include "host.h"

static struct fake_virtio fake;
static struct random_source *source;
static size_t given;
static u8 last_byte;

/* As the core does: it is asked when it is added. */
void random_source_add(struct random_source *added)
{
	CHECK(!source);
	source = added;
	source->request(source, RANDOM_SEED_BYTES);
}

void random_source_remove(struct random_source *removed)
{
	if (source == removed)
		source = NULL;
}

void random_add(struct random_source *from, const void *data, size_t size)
{
	CHECK(from == source);
	given += size;
	last_byte = ((const u8 *)data)[size - 1];
}

/* How the device answers. */
static u32 answer_bytes;
static bool silent, lies;
static unsigned answers;

/* Nothing is for the device to read (5.4.6.1). */
static void serve(struct fake_virtio *device, unsigned queue)
{
	struct fake_buffer buffer;
	u8 bytes[2 * RANDOM_SEED_BYTES];

	memset(bytes, 0x5a, sizeof(bytes));
	while (!silent && fake_take(device, queue, &buffer)) {
		u32 bytes_said = MIN(answer_bytes, (u32)buffer.writable);

		CHECK_EQ(buffer.out, 0);
		CHECK(buffer.writable <= RANDOM_SEED_BYTES);
		answers++;
		fake_write(&buffer, 0, bytes, bytes_said);
		fake_use(device, queue, &buffer,
			 lies ? answer_bytes : bytes_said);
		fake_interrupt(device, queue);
	}
}

static void make(u32 bytes)
{
	fake_virtio_init(&fake, VIRTIO_ID_RNG);
	fake.queue_count = 1;
	fake.queues[VIRTIO_RNG_REQUESTQ].size_max = 8;
	fake.serve = serve;
	answer_bytes = bytes;
	silent = false;
	lies = false;
	answers = 0;
	given = 0;
	host_said_count = 0;
}

static void end(void)
{
	fake_virtio_remove(&fake);
	CHECK(!source);
	CHECK_EQ(host_dma_bytes, 0);
}

/* virtio 1.3, drivernormative 5.4.6.1 */
TEST(a_device_is_asked_for_what_is_wanted_and_no_more)
{
	make(RANDOM_SEED_BYTES);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_STR(source->name, "virtio0");
	CHECK_EQ(source->quality, 8);
	CHECK_EQ(given, RANDOM_SEED_BYTES);
	CHECK_EQ(last_byte, 0x5a);
	CHECK_EQ(answers, 1);
	source->request(source, RANDOM_SEED_BYTES);
	CHECK_EQ(answers, 2);
	source->request(source, 7);
	CHECK_EQ(given, 2 * RANDOM_SEED_BYTES + 7);
	end();
	CHECK_EQ(host_said_count, 0);
}

/* What counts is the length: virtio 1.3, drivernormative 5.4.6.1 */
TEST(short_answers_are_followed_by_requests_for_the_rest)
{
	make(20);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	/* Bytes in all: 20, 20, 20, and of the last answer no more than 4. */
	CHECK_EQ(answers, 4);
	CHECK_EQ(given, RANDOM_SEED_BYTES);
	end();
}

TEST(a_byte_at_a_time_is_not_asked_for_for_ever)
{
	make(1);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_EQ(answers, 8);
	CHECK_EQ(given, 8);
	source->request(source, RANDOM_SEED_BYTES);
	CHECK_EQ(answers, 16);
	end();
	CHECK_EQ(host_said_count, 0);
}

TEST(empty_answers_are_said_once_and_asked_again_later)
{
	make(0);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_EQ(answers, 8);
	CHECK_EQ(given, 0);
	CHECK_EQ(host_said_count, 1);
	source->request(source, RANDOM_SEED_BYTES);
	CHECK_EQ(answers, 16);
	CHECK_EQ(host_said_count, 1);
	answer_bytes = RANDOM_SEED_BYTES;
	source->request(source, RANDOM_SEED_BYTES);
	CHECK_EQ(given, RANDOM_SEED_BYTES);
	end();
}

TEST(a_device_that_says_it_wrote_more_than_it_could_is_broken)
{
	make(RANDOM_SEED_BYTES + 1);
	lies = true;
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK(virtio_is_broken(&fake.vdev));
	CHECK_EQ(given, 0);
	host_run_work();
	/* failed() took the source away. */
	CHECK(!source);
	end();
}

TEST(a_device_that_does_not_answer_has_one_request_and_one_message)
{
	make(RANDOM_SEED_BYTES);
	silent = true;
	CHECK_EQ(fake_virtio_add(&fake), 0);
	for (unsigned i = 0; i < 5; i++)
		source->request(source, RANDOM_SEED_BYTES);
	CHECK_EQ(host_said_count, 1);
	CHECK(strstr(host_said, "has not answered"));
	/* What comes late is good. */
	silent = false;
	serve(&fake, VIRTIO_RNG_REQUESTQ);
	CHECK_EQ(answers, 1);
	CHECK_EQ(given, RANDOM_SEED_BYTES);
	end();
}

TEST(a_device_goes_with_a_request_unanswered)
{
	make(RANDOM_SEED_BYTES);
	silent = true;
	CHECK_EQ(fake_virtio_add(&fake), 0);
	end();
	CHECK_EQ(given, 0);
}

TEST(a_device_comes_again)
{
	make(RANDOM_SEED_BYTES);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	for (unsigned i = 1; i < 4; i++) {
		CHECK_EQ(device_unbind(&fake.vdev.dev), 0);
		CHECK(!source);
		CHECK_EQ(device_bind(&fake.vdev.dev, NULL), 0);
		CHECK_EQ(given, (i + 1) * RANDOM_SEED_BYTES);
	}
	end();
}

TEST(a_device_without_its_queue_or_memory_is_not_driven)
{
	make(RANDOM_SEED_BYTES);
	fake.queues[VIRTIO_RNG_REQUESTQ].size_max = 0;
	CHECK(fake_virtio_add(&fake));
	CHECK(!source);
	end();
	for (unsigned i = 0; i < 5; i++) {
		make(RANDOM_SEED_BYTES);
		host_heap_fail_after(i);
		CHECK_EQ(fake_virtio_add(&fake), -ENOMEM);
		host_heap_fail_after(HOST_HEAP_NEVER);
		CHECK(!source);
		end();
	}
}
