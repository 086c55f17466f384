/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler offers, under the names the field uses. */
#pragma once

#include <kernel/types.h>

#define __packed       __attribute__((packed))
#define __aligned(n)   __attribute__((aligned(n)))
#define __used	       __attribute__((used))
#define __unused       __attribute__((unused))
#define __noreturn     __attribute__((noreturn))
#define __noinline     __attribute__((noinline))
#define __cold	       __attribute__((cold))
#define __section(s)   __attribute__((section(s)))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __must_check   __attribute__((warn_unused_result))
#undef __always_inline /* the host C library has its own */
#define __always_inline inline __attribute__((always_inline))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/** Compiler barrier: no load or store moves across it. Emits no code. */
#define barrier() __asm__ __volatile__("" ::: "memory")

/** One untorn access the compiler neither repeats nor drops. */
#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) \
 ((type *)((char *)(ptr)-offsetof(type, member)))

#define __stringify_1(x) #x
#define __stringify(x)	 __stringify_1(x)
#define __concat_1(a, b) a##b
#define __concat(a, b)	 __concat_1(a, b)

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/** Round @x to a multiple of the power of two @a. */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN_UP(x, a)	 ALIGN_DOWN((x) + (__typeof__(x))(a)-1, a)
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)

#define BIT(n)	 (1U << (n))
#define BIT64(n) (1ULL << (n))

/*
 * IS_ENABLED(CONFIG_X): 1 when the option is y, else 0, in plain C, so that
 * both branches are compiled and the dead one is dropped.
 */
#define __CONFIG_PROBE_1	   0,
#define __config_second(a, b, ...) b
#define __config_is_set_2(junk)	   __config_second(junk 1, 0, 0)
#define __config_is_set_1(value)   __config_is_set_2(__CONFIG_PROBE_##value)
#define IS_ENABLED(option)	   __config_is_set_1(option)
