/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own symbol table, linked into the image (scripts/symbols.py
 * writes it from a first link), and backtraces through frame pointers.
 */
#pragma once

#include <kernel/compiler.h>

/**
 * Find the function around @addr. Returns its name and sets *@offset and
 * *@size, or returns NULL when @addr is not in the kernel's text. In the text
 * of a module that is all of it, by the module's name. Any context.
 */
const char *symbol_lookup(uintptr_t addr, size_t *offset, size_t *size);

/**
 * Print the return addresses on the stack from frame pointer @frame (0: the
 * caller's own), one a line with symbol names, at most 32. Every frame
 * pointer is checked against the stack it claims to be on. Any context.
 */
void backtrace_print(uintptr_t frame);
