/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody waits for what a console's interrupt announces. */
#include <kernel/console.h>

void console_input_ready(void)
{
}
