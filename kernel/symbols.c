/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/arch_stack.h>
#include <kernel/module.h>
#include <kernel/printk.h>
#include <kernel/symbols.h>

#define BACKTRACE_MAX 32

/* From scripts/symbols.py; offsets from _text, ascending. */
extern const u32 symbol_count;
extern const u32 symbol_offsets[], symbol_name_offsets[];
extern const char symbol_names[];
extern const char _text[], _etext[];

const char *symbol_lookup(uintptr_t addr, size_t *offset, size_t *size)
{
	u32 low = 0, high = symbol_count;
	u32 at, end;

	if (addr < (uintptr_t)_text || addr >= (uintptr_t)_etext || !high)
		return IS_ENABLED(CONFIG_MODULES)
			       ? module_of_text(addr, offset, size)
			       : NULL;
	at = (u32)(addr - (uintptr_t)_text);
	/* The last symbol that begins at or before `at` is in [low, high). */
	while (high - low > 1) {
		u32 mid = low + (high - low) / 2;

		if (symbol_offsets[mid] <= at)
			low = mid;
		else
			high = mid;
	}
	if (symbol_offsets[low] > at)
		return NULL;
	end = low + 1 < symbol_count ? symbol_offsets[low + 1]
				     : (u32)(_etext - _text);
	*offset = at - symbol_offsets[low];
	*size = end - symbol_offsets[low];
	return symbol_names + symbol_name_offsets[low];
}

/* The start of a function's frame, as -fno-omit-frame-pointer makes it. */
struct frame_record {
	uintptr_t caller; /* its frame record */
	uintptr_t return_address;
};

/* True if a whole record at @frame lies on a stack of ours. */
static bool frame_is_sound(uintptr_t frame)
{
	uintptr_t low, high;

	return frame % sizeof(uintptr_t) == 0 &&
	       arch_stack_bounds(frame, &low, &high) &&
	       high - frame >= sizeof(struct frame_record);
}

void backtrace_print(uintptr_t frame)
{
	if (!frame)
		frame = (uintptr_t)__builtin_frame_address(0);
	for (unsigned i = 0; i < BACKTRACE_MAX && frame_is_sound(frame); i++) {
		const struct frame_record *r = (const void *)frame;

		if (!r->return_address)
			return;
		pr_emerg("  [<%016lx>] %pS", r->return_address,
			 (const void *)r->return_address);
		/* Stacks grow down: a caller's record is always above. */
		if (r->caller <= frame)
			return;
		frame = r->caller;
	}
}
