/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm PrimeCell General Purpose Input/Output (PL061): DDI 0190, chapter 3. */
#pragma once

#define PL061_PINS 8

/* Registers have a bit for each pin. */
#define PL061_GPIODIR	 0x400 /* 1: an output */
#define PL061_GPIOIS	 0x404 /* 1: interrupts by level, 0: by edge */
#define PL061_GPIOIBE	 0x408 /* 1: both edges */
#define PL061_GPIOIEV	 0x40c /* 1: rising edge, or high */
#define PL061_GPIOIE	 0x410 /* 1: it interrupts */
#define PL061_GPIOMIS	 0x418 /* 1: it does now */
#define PL061_GPIOIC	 0x41c /* written: clears an edge */
#define PL061_PERIPH_ID0 0xfe0
#define PL061_PERIPH_ID1 0xfe4
#define PL061_SIZE	 0x1000

/* The part's number: 8 bits of the first register, 4 of the second. */
#define PL061_PART	0x061
#define PL061_PART_MASK 0xfff
