/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controllers of the first PCs: Intel 8259A data sheet. */
#pragma once

#define I8259_MASTER_COMMAND 0x20
#define I8259_MASTER_DATA    0x21
#define I8259_SLAVE_COMMAND  0xa0
#define I8259_SLAVE_DATA     0xa1

#define I8259_ICW1_INIT	  0x11 /* ICW4 follows, cascaded, edges */
#define I8259_ICW3_MASTER 0x04 /* the slave is on line 2 */
#define I8259_ICW3_SLAVE  0x02
#define I8259_ICW4_8086	  0x01
#define I8259_MASK_ALL	  0xff
#define I8259_LINES	  8
