/* SPDX-License-Identifier: BSD-2-Clause */
/* The programmable interval timer (PIT): Intel 8254 data sheet. */
#pragma once

#define I8254_HZ	 1193182ULL
#define I8254_CHANNEL(n) (0x40U + (n))
#define I8254_COMMAND	 0x43
#define I8254_COUNT_MASK 0xffffU

/* Control words. Counts are written and read low byte first. */
#define I8254_LATCH(channel) ((channel) << 6)
#define I8254_MODE0(channel)                                                 \
 ((channel) << 6 | 0x30U)			      /* once, then OUT high \
						       */
#define I8254_MODE2(channel) ((channel) << 6 | 0x34U) /* over and over */
/* Read-back: latch the status of channel 0; and its mode bits. */
#define I8254_STATUS_CH0  0xe2
#define I8254_STATUS_MODE 0x3f
#define I8254_IRQ	  0

/* System control port B of a PC: channel 2 counts while its gate is high. */
#define PORT_B	       0x61
#define PORT_B_GATE2   (1U << 0)
#define PORT_B_SPEAKER (1U << 1)
#define PORT_B_OUT2    (1U << 5)
