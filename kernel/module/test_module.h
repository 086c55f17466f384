/* SPDX-License-Identifier: BSD-2-Clause */
/* What module_test has for module_test_user. */
#pragma once

/** How many devices its driver has now. */
unsigned module_test_bound(void);
