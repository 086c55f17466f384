/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Included before everything else in the kernel's sources and the tests when
 * they are built for the host. The kernel's own functions must not replace the
 * C library's in a program that the sanitizers' runtimes live in too, so they
 * get names of their own.
 */
#pragma once

/* A test may use the C library, whose headers must come first. */
#if __STDC_HOSTED__
# include <stdio.h>
# include <stdlib.h>
# include <string.h>
# undef __always_inline
#endif

#define memcpy	  kernel_memcpy
#define memmove	  kernel_memmove
#define memset	  kernel_memset
#define memcmp	  kernel_memcmp
#define memchr	  kernel_memchr
#define strlen	  kernel_strlen
#define strnlen	  kernel_strnlen
#define strcmp	  kernel_strcmp
#define strncmp	  kernel_strncmp
#define strchr	  kernel_strchr
#define strrchr	  kernel_strrchr
#define strstr	  kernel_strstr
#define snprintf  kernel_snprintf
#define vsnprintf kernel_vsnprintf
