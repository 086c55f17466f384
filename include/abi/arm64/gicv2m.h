/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2m frame: Arm Server Base System Architecture (DEN 0029), appendix E. */
#pragma once

#define V2M_TYPER	 0x008
#define V2M_SETSPI	 0x040 /* a device writes the line's number here */
#define V2M_SIZE	 0x1000
#define V2M_TYPER_BASE	 16    /* shift */
#define V2M_TYPER_NUMBER 0x3ff /* of both fields */
