/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernel this is. */
#pragma once

/** "0.1.0": digits and points. */
extern const char kernel_version[];
