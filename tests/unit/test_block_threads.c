/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several CPUs, which are threads of the host, and one queue: nobody waits for
 * its lock, and no request stays behind.
 */
#include <pthread.h>
#include <time.h>
#include "../../kernel/block/internal.h"
#include "../../kernel/block/ram.h"
#include "fake_block.h"
#include "fake_cpus.h"

#define THREADS	 4
#define TOGETHER 8
#define ROUNDS	 2000
#define LIMIT_S	 20

static struct block_disk *disk;
static unsigned done_count; /* atomic */

struct job {
	pthread_t thread;
	unsigned cpu;
	struct block_request request[TOGETHER];
	struct block_segment segment;
	unsigned busy; /* atomic */
};

static struct job jobs[THREADS];
static char buffer[THREADS][512];

static void done(struct block_request *request)
{
	struct job *job = &jobs[request->sector / 1000];

	CHECK_EQ(request->status, 0);
	atomic_fetch_add_relaxed(&done_count, 1U);
	atomic_fetch_add(&job->busy, -1U);
}

static void submit_some(struct job *job, unsigned round)
{
	struct block_plug plug = { 0 };

	for (unsigned i = 0; i < TOGETHER; i++) {
		job->request[i] = (struct block_request){
			.device = &disk->whole,
			.operation = BLOCK_READ,
			.sector = (job - jobs) * 1000ULL + i * 2,
			.sectors = 1,
			.segments = &job->segment,
			.segment_count = 1,
			.done = done,
		};
		if (round % 2)
			block_plug_add(&plug, &job->request[i]);
		else
			block_submit(&job->request[i]);
	}
	block_plug_flush(&plug);
}

/* False: it takes so long that some were lost. */
static bool wait_for(struct job *job)
{
	struct block_queue *queue = &disk->queues[0];
	time_t limit = time(NULL) + LIMIT_S;

	while (atomic_fetch_add(&job->busy, 0U)) {
		/* As the thread for it would. */
		if (atomic_xchg(&queue->work.pending, false))
			block_queue_run(queue, 0);
		if (time(NULL) > limit)
			return false;
		cpu_relax();
	}
	return true;
}

static void *submit_all(void *arg)
{
	struct job *job = arg;

	fake_cpu_enter(job->cpu);
	for (unsigned round = 0; round < ROUNDS; round++) {
		atomic_write(&job->busy, TOGETHER);
		submit_some(job, round);
		if (!CHECK(wait_for(job)))
			break;
	}
	return NULL;
}

static void run_threads(unsigned depth)
{
	done_count = 0;
	disk = ram_disk_create(&(struct ram_disk_config){
		.prefix = "ram",
		.sectors = 8192,
		.null = true,
		.queues = 1,
		.depth = depth,
	});
	/* A CPU that was entered stands for all: see fake_cpus.h. */
	free(disk->software_memory);
	fake_allocations--;
	disk->software_memory =
		aligned_alloc(64, (THREADS + 1) * sizeof(*disk->software));
	fake_allocations++;
	disk->software = disk->software_memory;
	memset(disk->software, 0, (THREADS + 1) * sizeof(*disk->software));
	for (unsigned i = 0; i < THREADS; i++) {
		jobs[i].cpu = i + 1;
		jobs[i].segment = (struct block_segment){ buffer[i], 512 };
		CHECK_EQ(pthread_create(&jobs[i].thread, NULL, submit_all,
					&jobs[i]),
			 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(jobs[i].thread, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		fake_cpu_end(jobs[i].cpu);
	CHECK_EQ(done_count, THREADS * ROUNDS * TOGETHER);
	CHECK_EQ(disk->queues[0].busy, 0);
	ram_disk_destroy(disk);
}

TEST(no_request_stays_behind)
{
	run_threads(64);
}

TEST(no_request_stays_behind_for_want_of_commands)
{
	run_threads(2);
}
