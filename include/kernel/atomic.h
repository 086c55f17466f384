/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Atomic operations on naturally aligned integers and pointers of up to
 * 8 bytes. Any context, NMI included: each is one instruction or a loop that
 * only repeats when another CPU made progress.
 *
 * Choose the weakest one that is right, and write down at the call which
 * store and which load it orders. Read-modify-write operations without a
 * suffix are sequentially consistent: they are full barriers, and all CPUs
 * agree on their order.
 */
#pragma once

#include <asm/atomic.h>
#include <kernel/compiler.h>

/*
 * From <asm/atomic.h>:
 *   arch_fence_after_rmw()   makes what the compiler's sequentially consistent
 *                            read-modify-write before it is a full barrier
 *   arch_device_fence_full(), _release(), _acquire()
 */
#define __full_barrier(rmw) \
 ({                         \
__auto_type __result = (rmw);    \
arch_fence_after_rmw();          \
__result;                        \
 })

/** Load or store untorn, ordered with nothing. */
#define atomic_read(p)	   __atomic_load_n(p, __ATOMIC_RELAXED)
#define atomic_write(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)

/** Load; no access after it in the program is done before it. */
#define atomic_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
/** Store; every access before it in the program is done before it. */
#define atomic_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

/** Add @v and return the value from before. */
#define atomic_fetch_add(p, v) \
 __full_barrier(__atomic_fetch_add(p, v, __ATOMIC_SEQ_CST))
/** The same, ordered with nothing: counters and tickets. */
#define atomic_fetch_add_relaxed(p, v) \
 __atomic_fetch_add(p, v, __ATOMIC_RELAXED)

/** Store @v and return the value from before. */
#define atomic_xchg(p, v) \
 __full_barrier(__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST))

/** Set or clear bits and return the value from before. */
#define atomic_fetch_or(p, v) \
 __full_barrier(__atomic_fetch_or(p, v, __ATOMIC_SEQ_CST))
#define atomic_fetch_and(p, v) \
 __full_barrier(__atomic_fetch_and(p, v, __ATOMIC_SEQ_CST))

/**
 * If *@p equals *@expected, store @v and return true; otherwise set *@expected
 * to what *@p holds and return false. Never fails spuriously.
 */
#define atomic_cmpxchg(p, expected, v)                             \
 __full_barrier(__atomic_compare_exchange_n(p, expected, v, false, \
					    __ATOMIC_SEQ_CST,      \
					    __ATOMIC_RELAXED))
/** The same, a store-release when it succeeds. */
#define atomic_cmpxchg_release(p, expected, v)                        \
 __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_RELEASE, \
			     __ATOMIC_RELAXED)
/** The same, a load-acquire when it succeeds. */
#define atomic_cmpxchg_acquire(p, expected, v)                        \
 __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_ACQUIRE, \
			     __ATOMIC_RELAXED)

/** Loads before it are done before any access after it. */
#define fence_acquire() __atomic_thread_fence(__ATOMIC_ACQUIRE)
/** Accesses before it are done before any store after it. */
#define fence_release() __atomic_thread_fence(__ATOMIC_RELEASE)
/** Every access before it is done before every access after it. */
#define fence_full() __atomic_thread_fence(__ATOMIC_SEQ_CST)

/*
 * The same three where the other side is a device in hardware, not a CPU of
 * the host that plays one. About memory; registers have <kernel/io.h>.
 */
#define device_fence_full()    arch_device_fence_full()
#define device_fence_release() arch_device_fence_release()
#define device_fence_acquire() arch_device_fence_acquire()
