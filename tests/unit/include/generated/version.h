/* SPDX-License-Identifier: BSD-2-Clause */
/* For host tests: the version of what is built nowhere. */
#pragma once

#define ZIRVIUM_VERSION "9.8.7"
