/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's educational device: docs/specs/edu.txt of QEMU 7.2. */
#pragma once

#include <kernel/types.h>

#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8
#define EDU_SIZE   0x100000 /* of region 0, by 4-byte accesses below 0x80 */

enum edu_register {
	EDU_ID = 0x00,	     /* 0xMMmm00ed: major and minor version */
	EDU_LIVENESS = 0x04, /* reads as the inverse of what was written */
	EDU_FACTORIAL = 0x08,
	EDU_STATUS = 0x20,
	EDU_IRQ_STATUS = 0x24, /* why it interrupts */
	EDU_IRQ_RAISE = 0x60,  /* these bits are or'ed to the status ... */
	EDU_IRQ_ACK = 0x64,    /* ... and cleared */
	EDU_DMA_SOURCE = 0x80,
	EDU_DMA_DESTINATION = 0x88,
	EDU_DMA_COUNT = 0x90,
	EDU_DMA_COMMAND = 0x98,
};

#define EDU_ID_MASK  0x0000ffffU
#define EDU_ID_VALUE 0x000000edU

/* EDU_STATUS */
#define EDU_STATUS_COMPUTING	 0x01
#define EDU_STATUS_IRQ_FACTORIAL 0x80 /* interrupt when it is computed */

/* EDU_DMA_COMMAND */
#define EDU_DMA_START	  0x01
#define EDU_DMA_TO_RAM	  0x02
#define EDU_DMA_IRQ	  0x04 /* interrupt, with status EDU_IRQ_DMA, when done */
#define EDU_IRQ_DMA	  0x100
#define EDU_IRQ_FACTORIAL 0x001

/* The device's own memory, and the bits its DMA has for addresses of RAM. */
#define EDU_BUFFER	0x40000
#define EDU_BUFFER_SIZE 4096
#define EDU_DMA_BITS	28
