/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of `lspci`. */
#pragma once

#include "internal.h"

struct lspci_options {
	bool verbose;
	bool numbers; /* -n: instead of names */
	bool both;    /* -nn: names and numbers */
	bool domain;  /* print the segment: there is more than one */
};

/* Under the first line of a device; each ends with a newline. */
void lspci_print_details(const struct pci_device *pdev);
void lspci_print_capabilities(const struct pci_device *pdev);
