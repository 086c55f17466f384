/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the self-tests of KVM's services. */
#pragma once

#include <kernel/selftest.h>

/** True if there is a service for @feature to test; else @t is skipped. */
bool kvm_test_runs(struct selftest *t, const char *feature);
