/* SPDX-License-Identifier: BSD-2-Clause */
/* A module that needs another one. */
#include <kernel/errno.h>
#include <kernel/module.h>
#include "test_module.h"

static int user_init(void)
{
	return module_test_bound() == 1 ? 0 : -EIO;
}

static void user_exit(void)
{
}

MODULE(module_test_user, "What uses module_test", "module_test",
       .init = user_init, .exit = user_exit);
