/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files about xenstore. */
#pragma once

/* As kernel/virt/xen.c lists it. */
#define XENSTORE_FEATURE "xenstore"
