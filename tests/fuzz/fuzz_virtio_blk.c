/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio block device of which the input is the features, the configuration
 * and, in the end, how it answers each request.
 */
#include "../unit/fake_virtio_disk.h"
#include <kernel/mm/slab.h>

#define REQUESTS     8
#define BUFFER_BYTES 4096U

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const u8 *input;
static size_t input_left;

static u8 next_byte(void)
{
	if (!input_left)
		return 0;
	input_left--;
	return *input++;
}

static u32 next_word(void)
{
	u32 word = next_byte();

	return word | (u32)next_byte() << 8 | (u32)next_byte() << 16;
}

/* Not checked what it is, but answered: honestly, or in other ways. */
static void serve(struct fake_virtio *f, unsigned queue)
{
	static struct fake_buffer buffer;
	u32 length;
	u8 how, status;

	while (fake_take(f, queue, &buffer)) {
		how = next_byte();
		status = how & 1 ? next_byte() : 0;
		length = how & 2 ? next_word() : (u32)buffer.writable;
		if (how & 4)
			continue; /* never */
		if (!(how & 8) && buffer.writable)
			fake_write(&buffer, buffer.writable - 1, &status, 1);
		fake_use(f, queue, &buffer, length);
		if (how & 16)
			fake_config_interrupt(f);
	}
	fake_interrupt(f, queue);
}

static unsigned under_way;

static void one_done(struct block_request *r)
{
	(void)r;
	under_way--;
}

static void submit_all(struct block_device *device, u8 *buffer)
{
	static struct block_request requests[REQUESTS];
	struct block_segment segment = { buffer, BUFFER_BYTES };

	for (unsigned i = 0; i < REQUESTS; i++) {
		requests[i] = (struct block_request){
			.device = device,
			.operation = next_byte() % (BLOCK_OPERATIONS + 2),
			.flags = next_byte(),
			.sector = next_byte(),
			.sectors = BUFFER_BYTES / 512,
			.segments = &segment,
			.segment_count = 1,
			.done = one_done,
		};
		under_way++;
		block_submit(&requests[i]);
	}
	/* Those that are never answered end with the device. */
	host_run_work();
	device_unbind(&fake.vdev.dev);
	if (under_way)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct block_device *device;
	u8 *buffer = kmalloc(BUFFER_BYTES);

	input = data;
	input_left = size;
	disk_init();
	fake.serve = serve;
	fake.offered.word[0] |= next_word();
	/* What the rings can do is fuzz_virtqueue's. */
	virtio_feature_clear(&fake.offered, VIRTIO_F_INDIRECT_DESC);
	fake.queue_count = 2;
	fake.queues[0].size_max = 1U << next_byte() % 8;
	fake.queues[1].size_max = fake.queues[0].size_max;
	fake_cpus = 2;
	for (unsigned i = 0; i < sizeof(*fake_config); i++)
		fake.config[i] = next_byte();
	host_time_step_ns = NSEC_PER_SEC;
	if (!fake_virtio_add(&fake)) {
		device = block_find("vda");
		if (device) {
			submit_all(device, buffer);
			block_put(device);
		}
	}
	fake_virtio_remove(&fake);
	host_run_work();
	kfree(buffer);
	if (block_next(NULL) || host_dma_bytes)
		abort();
	return 0;
}
