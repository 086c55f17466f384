/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keyboard controller of PCs: IBM PS/2 Hardware Interface Technical
 * Reference (May 1988), "Keyboard and Auxiliary Device Controller"; scan codes
 * as IBM's set 1 in "Keyboards (101- and 102-Key)".
 */
#pragma once

#include <kernel/types.h>

#define I8042_IRQ	   1
#define I8042_DATA_PORT	   0x60
#define I8042_STATUS_PORT  0x64 /* read */
#define I8042_COMMAND_PORT 0x64 /* write */

/* Status */
#define I8042_STATUS_OUTPUT_FULL 0x01 /* a byte is there for us */
#define I8042_STATUS_INPUT_FULL	 0x02 /* our last byte was not taken yet */
#define I8042_STATUS_AUXILIARY	 0x20 /* it is the mouse's */

#define I8042_COMMAND_READ_CONFIG  0x20
#define I8042_COMMAND_WRITE_CONFIG 0x60
/* The byte that follows comes back as if it were a key. */
#define I8042_COMMAND_ECHO 0xd2

/* Configuration, also called the command byte */
#define I8042_CONFIG_KEYBOARD_IRQ      0x01
#define I8042_CONFIG_AUXILIARY_IRQ     0x02
#define I8042_CONFIG_KEYBOARD_DISABLED 0x10
#define I8042_CONFIG_TRANSLATE	       0x40 /* codes of set 2 to set 1 */

/* Scan codes, set 1 */
#define SCANCODE_RELEASED  0x80 /* added to a key's code */
#define SCANCODE_KEY	   0x7f /* the code without that */
#define SCANCODE_EXTENDED  0xe0 /* before the codes of the newer keys */
#define SCANCODE_PAUSE	   0xe1 /* before two codes: the pause key */
#define SCANCODE_CTRL	   0x1d /* extended: the right one */
#define SCANCODE_SHIFT	   0x2a
#define SCANCODE_SHIFT_R   0x36
#define SCANCODE_CAPS_LOCK 0x3a
