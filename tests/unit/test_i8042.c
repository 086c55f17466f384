/* SPDX-License-Identifier: BSD-2-Clause */
/* The keyboard: its codes, and its controller in all its absences. */
#include "unit.h"
#include <abi/i8042.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/module.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../drivers/input/scancode.h"

static u64 now_ns;

u64 time_ns(void)
{
	return now_ns += NSEC_PER_USEC;
}

/* Tests that want interrupts give the line; the others poll. */
static int fake_line = -ENODEV;
static struct irq_action *requested;

int irq_from_isa(unsigned line)
{
	CHECK_EQ(line, I8042_IRQ);
	return fake_line;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	CHECK_EQ(irq, fake_line);
	CHECK_EQ(trigger, IRQ_TRIGGER_DEFAULT);
	requested = action;
	return 0;
}

void irq_free(struct irq_action *action)
{
	CHECK(action == requested);
	requested = NULL;
}

/* What @n codes send, each code after the other. */
static const char *typed(struct scancode_state *state, const char *codes,
			 size_t n)
{
	static char text[256];
	size_t length = 0;

	for (size_t i = 0; i < n; i++)
		length += scancode_decode(state, (u8)codes[i], text + length);
	text[length] = '\0';
	return text;
}

#define TYPED(codes)                  \
 ({                                   \
struct scancode_state __state = {};        \
typed(&__state, codes, sizeof(codes) - 1); \
 })

TEST(letters_and_digits)
{
	CHECK_STR(TYPED("\x1e\x9e\x30\xb0\x2e\xae\x02\x82\x0b"), "abc10");
	CHECK_STR(TYPED("\x39\x1c\x0f\x0e\x01"), " \r\t\x7f\033");
}

TEST(shift_works_while_it_is_held)
{
	CHECK_STR(TYPED("\x2a\x1e\x9e\x02\xaa\x1e\x02"), "A!a1");
	CHECK_STR(TYPED("\x36\x28\xb6\x28"), "\"'");
	/* Two are held, one is let go. */
	CHECK_STR(TYPED("\x2a\x36\xaa\x1e\xb6\x1e"), "Aa");
}

TEST(caps_lock_turns_letters_only)
{
	CHECK_STR(TYPED("\x3a\xba\x1e\x02\x2a\x1e\xaa\x3a\xba\x1e"), "A1aa");
}

TEST(ctrl_makes_control_characters)
{
	CHECK_STR(TYPED("\x1d\x2e\x9d\x2e"), "\003c");
	CHECK_STR(TYPED("\xe0\x1d\x20\xe0\x9d\x20"), "\004d");
	CHECK_STR(TYPED("\x1d\x1a"), "\033");
	/* With what has no control character, the key is just itself. */
	CHECK_STR(TYPED("\x1d\x0a"), "9");
}

TEST(ctrl_space_is_one_byte_0)
{
	struct scancode_state state = { .ctrl_left = true };
	char out[SCANCODE_BYTES_MAX];

	CHECK_EQ(scancode_decode(&state, 0x39, out), 1);
	CHECK_EQ(out[0], 0);
}

TEST(cursor_keys_send_vt100_sequences)
{
	CHECK_STR(TYPED("\xe0\x48\xe0\xc8\xe0\x50\xe0\x4d\xe0\x4b"),
		  "\033[A\033[B\033[C\033[D");
	CHECK_STR(TYPED("\xe0\x47\xe0\x4f\xe0\x53"), "\033[H\033[F\033[3~");
	CHECK_STR(TYPED("\xe0\x49\xe0\x51\xe0\x52"), "\033[5~\033[6~\033[2~");
	CHECK_STR(TYPED("\xe0\x1c\xe0\x35"), "\r/");
}

TEST(invented_shifts_around_cursor_keys_are_no_shifts)
{
	CHECK_STR(TYPED("\xe0\x2a\xe0\x4b\xe0\xcb\xe0\xaa\x1e"), "\033[Da");
	CHECK_STR(TYPED("\x2a\xe0\xaa\xe0\x4b\xe0\xcb\xe0\x2a\x1e"), "\033[DA");
}

TEST(the_pause_key_is_passed_over)
{
	CHECK_STR(TYPED("\xe1\x1d\x45\xe1\x9d\xc5\x2e"), "c");
}

TEST(keys_without_meaning_send_nothing)
{
	CHECK_STR(TYPED("\x3b\xbb\x57\x58\x7f\xff\x54\x45\x46\xe0\x5b"), "");
}

TEST(any_codes_give_bounded_text)
{
	struct scancode_state state = {};
	char out[SCANCODE_BYTES_MAX];
	u32 random = 12345;

	for (unsigned i = 0; i < 1000000; i++) {
		unsigned n;

		random = random * 1664525 + 1013904223;
		n = scancode_decode(&state, (u8)(random >> 24), out);
		if (!CHECK(n < SCANCODE_BYTES_MAX) || !CHECK(!out[n]))
			return;
	}
}

/* The controller. */

static struct {
	bool absent, deaf, endless;
	u8 status, config;
	bool expect_config;
	u8 output[16];
	unsigned first, end; /* of output */
	unsigned reads;
} fake;

static u8 fake_status(void)
{
	if (fake.absent)
		return 0xff;
	if (fake.deaf)
		return I8042_STATUS_INPUT_FULL;
	if (fake.endless || fake.first < fake.end)
		return fake.status | I8042_STATUS_OUTPUT_FULL;
	return 0;
}

u8 inb(u16 port)
{
	fake.reads++;
	if (port == I8042_STATUS_PORT)
		return fake_status();
	CHECK_EQ(port, I8042_DATA_PORT);
	if (fake.first < fake.end)
		return fake.output[fake.first++];
	return 0;
}

void outb(u16 port, u8 v)
{
	if (port == I8042_COMMAND_PORT && v == I8042_COMMAND_READ_CONFIG) {
		fake.first = 0;
		fake.end = 1;
		fake.output[0] = fake.config;
	} else if (port == I8042_COMMAND_PORT) {
		CHECK_EQ(v, I8042_COMMAND_WRITE_CONFIG);
		fake.expect_config = true;
	} else if (CHECK(fake.expect_config)) {
		fake.config = v;
		fake.expect_config = false;
	}
}

static void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.config =
		I8042_CONFIG_KEYBOARD_IRQ | I8042_CONFIG_KEYBOARD_DISABLED;
}

static int run_init(void)
{
	table_for_each(struct module, module, it) {
		if (strcmp((*it)->name, "i8042") == 0)
			return (*it)->init();
	}
	CHECK(false);
	return -ENOENT;
}

TEST(an_absent_controller_costs_one_read)
{
	fake_reset();
	fake.absent = true;
	CHECK_EQ(run_init(), -ENODEV);
	CHECK_EQ(fake.reads, 1);
	CHECK(console_first() == NULL);
}

TEST(a_controller_that_never_takes_a_command_is_given_up)
{
	u64 start = now_ns;

	fake_reset();
	fake.deaf = true;
	CHECK_EQ(run_init(), -ENODEV);
	CHECK(now_ns - start < 100 * NSEC_PER_MSEC);
	CHECK(console_first() == NULL);
}

TEST(a_controller_that_never_stops_talking_is_given_up)
{
	fake_reset();
	fake.endless = true;
	CHECK_EQ(run_init(), -ENODEV);
	CHECK(fake.reads < 1000);
	CHECK(console_first() == NULL);
}

TEST(a_controller_is_set_up_for_polling)
{
	fake_reset();
	fake.output[0] = 0x1e;
	fake.end = 1; /* left over, from before us */
	CHECK_EQ(run_init(), 0);
	CHECK_EQ(fake.config, I8042_CONFIG_TRANSLATE);
	CHECK(console_first() != NULL);
	CHECK_STR(console_first()->name, "kbd0");
	CHECK_EQ(console_getc(), -1);
}

static void press(const char *codes)
{
	fake.first = 0;
	fake.end = (unsigned)strlen(codes);
	memcpy(fake.output, codes, fake.end);
}

TEST(a_keyboard_that_was_stopped_starts_again)
{
	table_for_each(struct module, module, it)
		(*it)->exit();
	CHECK(console_first() == NULL);
	CHECK_EQ(console_getc(), -1);
	fake_reset();
	CHECK_EQ(run_init(), 0);
	CHECK_STR(console_first()->name, "kbd0");
}

TEST(keys_come_out_byte_by_byte)
{
	fake_reset();
	press("\xe0\x48\x1e");
	CHECK_EQ(console_getc(), '\033');
	CHECK_EQ(console_getc(), '[');
	CHECK_EQ(console_getc(), 'A');
	CHECK_EQ(console_getc(), 'a');
	CHECK_EQ(console_getc(), -1);
}

TEST(the_mouse_is_not_taken_for_a_keyboard)
{
	fake_reset();
	fake.status = I8042_STATUS_AUXILIARY;
	press("\x1e\x1e");
	CHECK_EQ(console_getc(), -1);
}

TEST(a_controller_gone_mad_does_not_keep_getc)
{
	fake_reset();
	fake.endless = true;
	CHECK_EQ(console_getc(), -1);
	CHECK(fake.reads < 100);
	fake.absent = true;
	CHECK_EQ(console_getc(), -1);
}
