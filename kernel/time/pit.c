/* SPDX-License-Identifier: BSD-2-Clause */
/* Who uses which channel of the PIT. */
#include <abi/i8254.h>
#include <kernel/atomic.h>
#include <kernel/io.h>
#include <kernel/pit.h>

static bool claimed[PIT_CHANNELS];

bool pit_claim(unsigned channel)
{
	return !atomic_xchg(&claimed[channel], true);
}

void pit_release(unsigned channel)
{
	atomic_store_release(&claimed[channel], false);
}

bool pit_present(void)
{
	outb(I8254_COMMAND, I8254_MODE0(0));
	outb(I8254_COMMAND, I8254_STATUS_CH0);
	return (inb(I8254_CHANNEL(0)) & I8254_STATUS_MODE) == I8254_MODE0(0);
}
