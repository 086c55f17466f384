/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest whose CPUs compete for the host's, made by suite_steal.c. */
#pragma once

#include <kernel/selftest.h>

/** True if the host has less CPUs than the guest wants; else @t is skipped. */
bool kvm_test_competes(struct selftest *t);

/** Keep some CPUs busy, each by a thread of its own, for seconds at most. */
void kvm_busy_start(void);
void kvm_busy_end(void);
