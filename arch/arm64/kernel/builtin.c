/* SPDX-License-Identifier: BSD-2-Clause */
/* What gcc calls for what this architecture has no instruction for. */
int __popcountdi2(unsigned long x);

int __popcountdi2(unsigned long x)
{
	/* Sums of 1, 2, then 4 bits each; the product adds up the bytes. */
	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (int)(x * 0x0101010101010101 >> 56);
}
