/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/*
 * Of a load-acquire-exclusive and store-release-exclusive, which is what
 * compilers make of it, later accesses only wait for the load: they may be
 * done before the store. Earlier ones are done before the store, which the
 * barrier puts before everything after it.
 */
#define arch_fence_after_rmw() __asm__ __volatile__("dmb ish" ::: "memory")

/* Devices are in the outer shareable domain. */
#define arch_device_fence_full()    __asm__ __volatile__("dmb osh" ::: "memory")
#define arch_device_fence_release() arch_device_fence_full()
#define arch_device_fence_acquire() \
 __asm__ __volatile__("dmb oshld" ::: "memory")
