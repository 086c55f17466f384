/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the block layer share. */
#pragma once

#include <kernel/block_driver.h>
#include <kernel/mutex.h>
#include <kernel/cpumask.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>
#include <kernel/work.h>

#define CACHE_LINE 64

/* Flags that a command has from its requests, which have them all. */
#define BLOCK_COMMAND_FLAGS (BLOCK_FUA | BLOCK_NO_UNMAP)

/* What requests still have to be done for: block_request.steps. */
enum block_steps {
	STEP_WRITE = BIT(0),
	STEP_FLUSH = BIT(1),
};

enum block_command_state {
	COMMAND_FREE,
	COMMAND_REFUSED, /* there was no room in the device */
	COMMAND_SENT,
};

/* What is to be done with a queue by who has its lock, or gets it next. */
enum block_todo {
	TODO_COLLECT = BIT(0), /* from the CPUs in `pending` */
	TODO_REAP = BIT(1),
	TODO_ARM = BIT(2),     /* let it interrupt */
	TODO_WATCH = BIT(3),   /* look for commands that take too long */
	TODO_RETRY = BIT(4),   /* the state changed: look at all again */
	TODO_ABANDON = BIT(5), /* end what the device has */
};

/* Requests by ->next, in order. */
struct block_fifo {
	struct block_request *first, *last;
};

enum {
	FIFO_READ,
	FIFO_OTHER,
	FIFOS
};

/* Requests that wait for a free command. */
struct block_waiting {
	struct block_fifo fifo[FIFOS];
	/* Those that go next, by sector: the deadline scheduler's. */
	struct block_request *batch;
	unsigned starved; /* batches of reads while others waited */
};

/* One per queue and scheduler: under the queue's lock. */
struct block_scheduler {
	const char *name;
	/* Take @request, or merge it into one that waits. True: merged. */
	bool (*insert)(struct block_queue *queue,
		       struct block_request *request);
	/* The next to be sent, or NULL. */
	struct block_request *(*next)(struct block_queue *queue);
};

extern const struct block_scheduler block_scheduler_none;
extern const struct block_scheduler block_scheduler_deadline;

/* What a CPU leaves to who has the queue's lock. */
struct block_software {
	struct spinlock lock;
	struct block_fifo fifo;
} __aligned(CACHE_LINE);

struct block_queue {
	struct spinlock lock;
	u32 todo; /* enum block_todo; atomic */
	bool armed;
	bool watching; /* the timer is set */
	bool commit;   /* something was posted since the last notification */
	unsigned busy; /* commands that are not free */
	struct block_disk *disk;
	void *data;
	u64 now_ns; /* when the lock was taken */
	struct block_command *free;
	struct block_command *refused; /* goes first */
	const struct block_scheduler *scheduler;
	struct block_waiting waiting;
	struct block_stats stats;

	struct cpumask pending; /* CPUs that left requests; atomic */
	char *commands;		/* all of them */
	unsigned index;
	struct timer timer;
	struct work work;
} __aligned(CACHE_LINE);

struct block_disk {
	struct block_device whole;
	const struct block_ops *ops;
	void *data;
	struct device *parent;
	struct block_limits limits;
	unsigned features;
	bool write_cache; /* flushes are needed now */
	bool polled;	  /* it does not interrupt */
	bool closed;	  /* no new requests */
	bool dead;	  /* none of ops is called any more */
	bool overdue;	  /* ops->timed_out() was called; atomic */
	bool listed;
	bool leaked;	      /* the commands' memory is lost */
	struct mutex setting; /* held where ops->set_write_cache() is called */
	unsigned queue_count, depth;
	size_t command_bytes; /* from one to the next */
	u64 timeout_ns;
	struct block_queue *queues;
	void *queues_memory;
	struct block_software *software; /* by CPU */
	void *software_memory;
	struct block_device *partitions; /* in the order of their numbers */
	unsigned partition_count;
	unsigned references; /* of all its devices, and its own */
	char serial[BLOCK_SERIAL_MAX];
	const char *prefix;
	bool numbered; /* "ram0" and not "vda" */
};

/** Requests that belong to commands at @at of @queue's pool. */
static inline struct block_command *block_command_at(struct block_queue *queue,
						     unsigned at)
{
	return (struct block_command *)(queue->commands +
					at * queue->disk->command_bytes);
}

/**
 * Do @todo and whatever else is to be done with @queue, unless another CPU is
 * at it: then that one will. Any context but NMI.
 */
void block_queue_run(struct block_queue *queue, u32 todo);

/** The queue that requests of this CPU go to. */
struct block_queue *block_queue_here(struct block_disk *disk);

/** Check @request and set what is the layer's. 0 or -errno. */
int block_request_check(struct block_request *request);
/** Make it ready for its first step. False: there is nothing to be done. */
bool block_request_begin(struct block_request *request);
/** After a step: true if there is another one, for which it is ready. */
bool block_request_next_step(struct block_request *request);

static inline void block_fifo_add(struct block_fifo *fifo,
				  struct block_request *request)
{
	request->next = NULL;
	if (fifo->last)
		fifo->last->next = request;
	else
		fifo->first = request;
	fifo->last = request;
}

static inline struct block_request *block_fifo_take(struct block_fifo *fifo)
{
	struct block_request *request = fifo->first;

	if (!request)
		return NULL;
	fifo->first = request->next;
	if (!fifo->first)
		fifo->last = NULL;
	return request;
}

/** True if @b can follow @a in one command: its sectors are the next ones. */
bool block_can_merge(const struct block_disk *disk,
		     const struct block_request *a,
		     const struct block_request *b);
/** Make @b the end of @a. */
void block_merge(struct block_request *a, struct block_request *b);

/** The scheduler @name, or NULL. */
const struct block_scheduler *block_scheduler_find(const char *name);
/** The one that elevator= asks for. */
const struct block_scheduler *block_scheduler_default(const char *disk);
/** Change it; what waits goes to the new one. */
void block_set_scheduler(struct block_disk *disk,
			 const struct block_scheduler *scheduler);
/** 0 or -errno: -EOPNOTSUPP. */
int block_set_write_cache(struct block_disk *disk, bool on);
void block_set_polled(struct block_disk *disk, bool polled);

/** Free it: nobody refers to it. */
void block_disk_free(struct block_disk *disk);

/** Make @disk's partitions anew. 0, -EBUSY while one is in use, or -errno. */
int block_rescan(struct block_disk *disk);
