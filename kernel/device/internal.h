/* SPDX-License-Identifier: BSD-2-Clause */
/* What the device core's files share. */
#pragma once

#include <kernel/device.h>
#include <kernel/spinlock.h>

/* Protects the list, and in every device what the core owns. */
extern struct spinlock device_lock;

/** True from level DRIVER on: what is registered is bound at once. */
bool device_binding_started(void);
