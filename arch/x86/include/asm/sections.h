/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounds of the image's parts, from kernel.lds.S; all but _end on pages. */
#pragma once

extern char _image[];	       /* head.S's page, then text */
extern char _text[], _etext[]; /* C and assembly code */
extern char _rodata[], _erodata[];
extern char _data[], _end[]; /* to the end of the image, bss included */
