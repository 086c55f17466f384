/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's linker tables in a host program, beside what the host's own
 * linker script does. A test may link too little to fill a required table.
 */
#define REQUIRED_TABLE(name) TABLE(name)

SECTIONS
{
	.tables : {
#include "../../kernel/tables.lds.h"
	}
}
INSERT AFTER .data;
