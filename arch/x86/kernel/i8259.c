/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two 8259s of a PC are not used. They are masked, and what they may still
 * send, a spurious interrupt, is moved away from the exceptions' vectors. A
 * machine without them ignores the writes.
 */
#include <abi/i8259.h>
#include <asm/apic.h>
#include <kernel/io.h>

static void init_one(u16 command, u16 data, u8 vector, u8 cascade)
{
	outb(command, I8259_ICW1_INIT);
	outb(data, vector);
	outb(data, cascade);
	outb(data, I8259_ICW4_8086);
	outb(data, I8259_MASK_ALL);
}

void i8259_disable(void)
{
	init_one(I8259_MASTER_COMMAND, I8259_MASTER_DATA, VECTOR_I8259,
		 I8259_ICW3_MASTER);
	init_one(I8259_SLAVE_COMMAND, I8259_SLAVE_DATA,
		 VECTOR_I8259 + I8259_LINES, I8259_ICW3_SLAVE);
}
