/* SPDX-License-Identifier: BSD-2-Clause */
/* The programmable interval timer (PIT): Intel 8254 data sheet. */
#pragma once

#define I8254_HZ	1193182ULL
#define I8254_CHANNEL0	0x40
#define I8254_COMMAND	0x43
#define I8254_CH0_MODE0 0x30 /* channel 0, low then high byte, mode 0 */
/* Read-back: latch the status of channel 0; and its mode bits. */
#define I8254_STATUS_CH0  0xe2
#define I8254_STATUS_MODE 0x3f
#define I8254_IRQ	  0
