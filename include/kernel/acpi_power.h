/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power through ACPI's fixed hardware: ACPI 6.5, 4.8.3.2 "PM1 Control", 4.8.3.6
 * "Reset Register" and 4.8.3.7 "Sleep Control and Status Registers". Any
 * context after level MEMORY. Each returns only when it did not work.
 */
#pragma once

/** Enter S5. */
void acpi_poweroff(void);

/** Write the FADT's reset register, if it has one. */
void acpi_reset(void);
