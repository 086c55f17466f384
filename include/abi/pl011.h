/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm PrimeCell UART (PL011): DDI 0183, chapter 3. */
#pragma once

#define PL011_DR    0x00
#define PL011_FR    0x18
#define PL011_IBRD  0x24
#define PL011_LCR_H 0x2c
#define PL011_CR    0x30
#define PL011_IFLS  0x34
#define PL011_IMSC  0x38
#define PL011_RIS   0x3c
#define PL011_ICR   0x44
#define PL011_SIZE  0x1000

#define PL011_DR_ERRORS 0xf00

#define PL011_FR_TXFF 0x20
#define PL011_FR_RXFE 0x10

#define PL011_LCR_H_FEN	 0x10
#define PL011_LCR_H_8BIT 0x60

#define PL011_CR_UARTEN 0x001
#define PL011_CR_TXE	0x100
#define PL011_CR_RXE	0x200

/* Interrupts: bytes are there; and have been for some time. */
#define PL011_INT_RX  0x10
#define PL011_INT_RT  0x40
#define PL011_INT_TX  0x20
#define PL011_INT_ALL 0x7ff
