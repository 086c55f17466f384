/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads: what runs. All of them share the kernel's memory; the registers of
 * the floating-point unit are nobody's, since the kernel does not use them.
 */
#pragma once

#include <kernel/compiler.h>
#include <asm/current.h>

/*
 * From <asm/current.h>:
 *   struct thread *arch_current(void)
 *   void arch_set_current(struct thread *)   on this CPU
 */

/* Bytes of a thread's stack; the page below it is not mapped. */
#define THREAD_STACK_SIZE 0x4000

#define THREAD_NAME_MAX 24

/*
 * A thread runs only while none of a higher priority wants its CPU; those of
 * equal priority take turns of SCHED_SLICE_NS. Eight levels: there are four
 * kinds of work here, and room beside each for what must go just before or
 * after it; and a byte says which levels have somebody waiting.
 */
enum thread_priority {
	THREAD_PRIORITY_IDLE, /* each CPU's idle thread and nobody else */
	THREAD_PRIORITY_LOW = 2,
	THREAD_PRIORITY_NORMAL = 4,
	THREAD_PRIORITY_HIGH = 6,
	THREAD_PRIORITIES = 8,
};

enum thread_state {
	THREAD_RUNNABLE, /* runs, or waits for a CPU */
	THREAD_WAITING,	 /* about to sleep, unless it is woken before */
	THREAD_ASLEEP,
	THREAD_DEAD, /* never runs again */
};

/* Who frees a thread, and when. */
enum thread_life {
	THREAD_JOINABLE, /* thread_join(), after the end */
	THREAD_DETACHED, /* the core, after the end */
	THREAD_GONE,	 /* it ended, and its stack is not used any more */
};

/* Any CPU, and the scheduler may move it from one to another. */
#define THREAD_ANY_CPU UINT32_MAX

#define HELD_LOCKS_MAX (IS_ENABLED(CONFIG_DEBUG_LOCKS) ? 16 : 0)

/* A lock that the thread holds: <kernel/lock_debug.h>'s. */
struct held_lock {
	const void *lock;
	uintptr_t site; /* where it was taken */
	u16 class_number;
	u16 depth; /* how often it was taken again, which is wrong */
};

struct thread {
	/*
	 * How often preemption was disabled, plus PREEMPT_INTERRUPT for each
	 * interrupt being handled. Only the thread itself changes it.
	 */
	unsigned preempt_count;
	/* Another one should run: set under its run queue's lock. */
	bool need_resched;
	const char *name;

	/* The scheduler's from here on. */
	bool on_cpu; /* its stack is in use */
	bool bound;  /* to `cpu` */
	u8 priority; /* enum thread_priority */
	u8 state;    /* enum thread_state, by atomic operations */
	u8 life;     /* enum thread_life */
	unsigned id;
	unsigned cpu; /* where it runs, ran last or waits */
	u64 slice_ns; /* left of its turn */

	struct thread *next; /* in a run queue: a circle */
	struct thread *previous;

	void *stack_pointer;  /* the architecture's, while it does not run */
	uintptr_t stack_low;  /* 0: not one of thread_create()'s */
	uintptr_t stack_high; /* first address above it */
	void (*fn)(void *arg);
	void *arg;

	u64 cpu_ns; /* CPU time until it last stopped running */
	u64 switches_voluntary;
	u64 switches_involuntary;
	u64 migrations;

	struct thread *all_next; /* list of all; see thread_for_each() */
	struct thread *all_previous;
	char name_buffer[THREAD_NAME_MAX];
	unsigned held_count;
	struct held_lock held[HELD_LOCKS_MAX];
};

/** The caller. Valid from the kernel's first C function on. */
static inline struct thread *current_thread(void)
{
	return arch_current();
}

/** What runs kernel_main(). */
extern struct thread boot_thread;

/* Zeroed: joinable, of normal priority, any CPU. */
struct thread_attr {
	u8 priority; /* 1 to THREAD_PRIORITIES - 1; 0: the normal one */
	bool bound;  /* never leaves @cpu */
	bool detached;
	unsigned cpu; /* if bound */
};

/**
 * Start @fn(@arg) as a thread, which ends when that returns. @name is copied
 * and cut to THREAD_NAME_MAX - 1 bytes. @attr may be NULL. The caller must
 * thread_join() it, unless it is detached: then NULL-or-not is all that the
 * result is good for. From level SCHED on; where vmalloc() may be called: in
 * threads, with interrupts unmasked and no spinlock held. NULL: no memory, or
 * attributes that cannot be (CPU not online, priority).
 */
struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg,
			     const struct thread_attr *attr);

/** Wait until @thread has ended, and free it. Sleeps. Once per thread. */
void thread_join(struct thread *thread);

/** End the calling thread, which holds no lock. Not the boot thread. */
__noreturn void thread_exit(void);

/** Let others of the same priority run first. Not with a lock held. */
void thread_yield(void);

/** Sleep until time_ns() has reached @until_ns. */
void thread_sleep_until(u64 until_ns);
void thread_sleep_ns(u64 ns);

/** What `ps` shows of a thread: a copy. */
struct thread_info {
	char name[THREAD_NAME_MAX];
	unsigned id;
	unsigned cpu;
	u8 priority;
	u8 state;
	bool on_cpu;
	bool bound;
	bool idle;
	u64 cpu_ns; /* until now */
	u64 switches_voluntary;
	u64 switches_involuntary;
	u64 migrations;
};

/**
 * The thread with the smallest id that is at least @id; false if there is
 * none. Threads come and go between two calls.
 */
bool thread_get_info(unsigned id, struct thread_info *info);

/** How many exist, with the boot thread and the idle ones. */
unsigned thread_count(void);

/** Free the stacks that are kept for threads to come. Sleeps. */
void thread_trim(void);
