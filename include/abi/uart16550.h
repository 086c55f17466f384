/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of the 8250, 16450 and 16550 family of UARTs: PC16550D data
 * sheet (National Semiconductor, June 1995), section 8.
 */
#pragma once

#include <kernel/types.h>

/* Where PCs have their ports; the names are by convention of the BIOS. */
#define UART_COM1_PORT 0x3f8
#define UART_COM2_PORT 0x2f8
#define UART_COM3_PORT 0x3e8
#define UART_COM4_PORT 0x2e8

enum uart_register {
	UART_RBR = 0, /* read: receiver buffer */
	UART_THR = 0, /* write: transmitter holding */
	UART_DLL = 0, /* divisor, low byte, while LCR_DLAB is set */
	UART_IER = 1, /* interrupt enable */
	UART_DLM = 1, /* divisor, high byte, while LCR_DLAB is set */
	UART_IIR = 2, /* read: interrupt identification */
	UART_FCR = 2, /* write: FIFO control */
	UART_LCR = 3, /* line control */
	UART_MCR = 4, /* modem control */
	UART_LSR = 5, /* line status */
	UART_MSR = 6, /* modem status */
	UART_SCR = 7, /* scratch: no function; absent on the first 8250s */
	UART_REGISTERS = 8,
};

/* 8.7 Interrupt enable */
#define UART_IER_RECEIVED    0x01
#define UART_IER_TRANSMITTER 0x02

/* 8.4 FIFO control */
#define UART_FCR_ENABLE	  0x01
#define UART_FCR_CLEAR_RX 0x02
#define UART_FCR_CLEAR_TX 0x04

/* 8.6 Interrupt identification: both bits set when working FIFOs are on */
#define UART_IIR_FIFO 0xc0
#define UART_IIR_NONE 0x01 /* no interrupt is pending */

/* 8.2 Line control */
#define UART_LCR_8N1  0x03
#define UART_LCR_DLAB 0x80

/* 8.8 Modem control */
#define UART_MCR_DTR	  0x01
#define UART_MCR_RTS	  0x02
#define UART_MCR_OUT2	  0x08
#define UART_MCR_LOOPBACK 0x10

/* 8.3 Line status */
#define UART_LSR_DATA_READY 0x01
#define UART_LSR_PARITY	    0x04
#define UART_LSR_FRAMING    0x08
#define UART_LSR_BREAK	    0x10
#define UART_LSR_THRE	    0x20 /* transmitter can take data */

/*
 * 8.9 Modem status. In loopback, RTS comes back as CTS, DTR as DSR, OUT1 as
 * RI and OUT2 as DCD.
 */
#define UART_MSR_CTS   0x10
#define UART_MSR_DSR   0x20
#define UART_MSR_RI    0x40
#define UART_MSR_DCD   0x80
#define UART_MSR_LINES 0xf0

/* Bytes that the transmitter's FIFO takes when it is empty. */
#define UART_FIFO_BYTES 16

/* 8.3 Baud rate generator: divisor 1, with the PC's 1.8432 MHz crystal. */
#define UART_BAUD_MAX 115200
