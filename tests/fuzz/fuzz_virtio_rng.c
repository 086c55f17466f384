/* SPDX-License-Identifier: BSD-2-Clause */
/* An entropy device that answers what, when and as long as the input says. */
#include <abi/virtio/rng.h>
#include <kernel/errno.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include "../../kernel/random/internal.h"
#include "../unit/fake_virtio.h"
#include "../unit/host.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct fake_virtio fake;
static struct random_source *source;
static bool failed;

void random_source_add(struct random_source *added)
{
	source = added;
	source->request(source, RANDOM_SEED_BYTES);
}

void random_source_remove(struct random_source *removed)
{
	if (source == removed)
		source = NULL;
}

/* The health tests see what a device gives. */
void random_add(struct random_source *from, const void *data, size_t size)
{
	if (from != source || !size || size > RANDOM_SEED_BYTES)
		abort();
	failed |= health_check(from, data, size) != NULL;
}

static void answer(const u8 **data, size_t *size)
{
	struct fake_buffer buffer;
	u8 said;

	/* One that was found out was reset. */
	if (!*size || !fake.queues[VIRTIO_RNG_REQUESTQ].enabled ||
	    !fake_take(&fake, VIRTIO_RNG_REQUESTQ, &buffer))
		return;
	said = *(*data)++;
	--*size;
	fake_write(&buffer, 0, *data, MIN(*size, said));
	*data += MIN(*size, said);
	*size -= MIN(*size, said);
	fake_use(&fake, VIRTIO_RNG_REQUESTQ, &buffer, said);
	fake_interrupt(&fake, VIRTIO_RNG_REQUESTQ);
}

static void step(u8 what, const u8 **data, size_t *size)
{
	switch (what % 6) {
	case 0:
		if (source)
			source->request(source, what);
		break;
	case 1:
		if (!device_unbind(&fake.vdev.dev))
			device_bind(&fake.vdev.dev, NULL);
		break;
	case 2: host_run_work(); break;
	case 3:
		if (fake.queues[VIRTIO_RNG_REQUESTQ].enabled)
			fake_interrupt(&fake, VIRTIO_RNG_REQUESTQ);
		break;
	default: answer(data, size);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	fake_virtio_init(&fake, VIRTIO_ID_RNG);
	fake.queue_count = 1;
	fake.queues[VIRTIO_RNG_REQUESTQ].size_max = 8;
	if (size % 2)
		fake_offer(&fake, VIRTIO_F_RING_PACKED);
	if (fake_virtio_add(&fake))
		abort();
	while (size && fake.vdev.dev.state == DEVICE_BOUND) {
		u8 what = *data++;

		size--;
		step(what, &data, &size);
	}
	fake_virtio_remove(&fake);
	if (source || host_dma_bytes || host_run_work())
		abort();
	return 0;
}
