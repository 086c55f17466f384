/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

extern char _image[];	       /* head.S's page, then text */
extern char _text[], _etext[]; /* C and assembly code */
extern char _rodata[], _erodata[];
extern char _data[], _edata[], _end[]; /* to the end of the image, with bss */
