/* SPDX-License-Identifier: BSD-2-Clause */
/* How Xen interrupts a CPU for its events: the architecture's. */
#pragma once

/** Have @fn called, interrupts masked, for upcalls. Boot CPU. 0 or -errno. */
int xen_upcall_start(void (*fn)(void));
/** The same on each CPU. */
int xen_upcall_start_cpu(void);
void xen_upcall_stop_cpu(void);
/** How it is done, for the log. */
const char *xen_upcall_name(void);
