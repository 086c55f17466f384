/* SPDX-License-Identifier: BSD-2-Clause */
/* The sources: what they give, what it is worth, and asking them. */
#define pr_fmt(fmt) "random: " fmt

#include <kernel/atomic.h>
#include <kernel/mutex.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "internal.h"

static bool trust_cpu = true;
param_bool("random.trust_cpu", trust_cpu,
	   "credit what the CPU's instructions for random numbers give (on)");
static bool trust_bootloader = true;
param_bool("random.trust_bootloader", trust_bootloader,
	   "credit the random seed that the boot loader gives (on)");

static struct mutex lock;
static struct random_source *sources;

struct random_source *sources_lock(void)
{
	mutex_lock(&lock);
	return sources;
}

void sources_unlock(void)
{
	mutex_unlock(&lock);
}

static bool trusted(const struct random_source *source)
{
	switch (source->maker) {
	case RANDOM_BY_CPU: return trust_cpu;
	case RANDOM_BY_LOADER: return trust_bootloader;
	default: return true;
	}
}

void random_add_assessed(struct random_source *source, const void *data,
			 size_t size, unsigned bits)
{
	if (atomic_read(&source->failed) || !trusted(source))
		bits = 0;
	/* Interrupts of several CPUs are one source. */
	atomic_fetch_add_relaxed(&source->bytes, size);
	atomic_fetch_add_relaxed(&source->credited, bits);
	pool_add(data, size, bits);
}

void random_add(struct random_source *source, const void *data, size_t size)
{
	const char *wrong =
		source->quality == 8 ? health_check(source, data, size) : NULL;

	if (wrong && !source->failed) {
		atomic_write(&source->failed, wrong);
		pr_warn("%s is broken (%s): credited no more", source->name,
			wrong);
	}
	random_add_assessed(source, data, size,
			    (unsigned)size * source->quality);
}

static void ask(struct random_source *source)
{
	u8 buffer[RANDOM_SEED_BYTES];
	size_t size;

	if (source->request) {
		source->request(source, sizeof(buffer));
	} else if (source->read) {
		size = source->read(source, buffer, sizeof(buffer));
		random_add(source, buffer, MIN(size, sizeof(buffer)));
		wipe(buffer, sizeof(buffer));
	}
}

static void ask_all(bool costly)
{
	for (struct random_source *it = sources_lock(); it; it = it->next)
		if (it->costly == costly)
			ask(it);
	sources_unlock();
}

static bool any_will_answer(void)
{
	const struct random_source *it = sources_lock();

	while (it && (!it->request || it->costly || it->failed))
		it = it->next;
	sources_unlock();
	return it;
}

void sources_ask(void)
{
	u64 generation = pool_generation();
	bool overdue = pool_want_key();

	ask_all(false);
	/* Who has not answered since the last time may never do. */
	if (pool_generation() == generation && (overdue || !any_will_answer()))
		ask_all(true);
}

void random_source_add(struct random_source *source)
{
	struct random_source **link = &sources;

	mutex_lock(&lock);
	while (*link)
		link = &(*link)->next;
	source->next = NULL;
	source->bytes = 0;
	source->credited = 0;
	source->failed = NULL;
	source->run = 0;
	source->window_seen = 0;
	*link = source;
	if (!source->costly)
		ask(source);
	mutex_unlock(&lock);
}

void random_source_remove(struct random_source *source)
{
	struct random_source **link = &sources;

	mutex_lock(&lock);
	while (*link && *link != source)
		link = &(*link)->next;
	if (*link)
		*link = source->next;
	mutex_unlock(&lock);
}
