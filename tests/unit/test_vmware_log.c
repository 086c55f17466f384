/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages through VMware's backdoor, to a host that need not be honest. */
#include "unit.h"
#include "../../kernel/virt/vmware/internal.h"
#include "fake_vmware.h"
#include <kernel/power_hook.h>
#include <kernel/virt/service.h>

/* Commands for one line, whatever the host does. */
#define CALLS_MAX 600

static bool service_runs;

int vmware_command(u32 command, struct vmware_regs *regs)
{
	regs->ecx = command;
	return vmware_call(VMWARE_BY_PORT, regs);
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	CHECK_EQ(type, HYPERV_TYPE_VMWARE);
	CHECK_STR(feature, VMWARE_GUEST_LOG);
	return service_runs;
}

TEST(a_line_arrives_whole)
{
	static const char *const lines[] = { "",    "1",    "12",
					     "123", "1234", "a longer line" };

	for (unsigned i = 0; i < ARRAY_SIZE(lines); i++) {
		fake_vmware_reset();
		CHECK_EQ(vmware_log(lines[i]), 0);
		CHECK_EQ(fake_vmware.messages, 1);
		CHECK_STR(fake_vmware.received + 4, lines[i]);
		CHECK_MEM(fake_vmware.received, "log ", 4);
		CHECK(!fake_vmware.open);
	}
}

TEST(a_line_ends_at_its_break_or_where_it_is_too_long)
{
	char text[2 * VMWARE_LOG_LINE_MAX];

	fake_vmware_reset();
	CHECK_EQ(vmware_log("one\ntwo"), 0);
	CHECK_STR(fake_vmware.received, "log one");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK_EQ(vmware_log(text), 0);
	CHECK_EQ(fake_vmware.size, 4 + VMWARE_LOG_LINE_MAX);
}

TEST(an_old_host_gets_no_cookie)
{
	fake_vmware_reset();
	fake_vmware.no_cookies = true;
	CHECK_EQ(vmware_log("text"), 0);
	CHECK_EQ(fake_vmware.messages, 1);
}

TEST(a_host_without_messages_is_an_error)
{
	fake_vmware_reset();
	fake_vmware.no_messages = true;
	CHECK_EQ(vmware_log("text"), -EIO);
	fake_vmware_reset();
	fake_vmware.absent = true;
	CHECK_EQ(vmware_log("text"), -EIO);
}

TEST(a_message_begins_again_after_a_checkpoint)
{
	fake_vmware_reset();
	fake_vmware.checkpoints = 2;
	CHECK_EQ(vmware_log("text"), 0);
	CHECK_STR(fake_vmware.received, "log text");
}

TEST(a_host_that_always_stops_is_given_up)
{
	fake_vmware_reset();
	fake_vmware.checkpoints = UINT32_MAX;
	CHECK_EQ(vmware_log("text"), -EIO);
	CHECK(fake_vmware.calls < CALLS_MAX);
	CHECK(!fake_vmware.open);
}

TEST(a_reply_that_says_no_is_an_error)
{
	static const char *const replies[] = { "0 Unknown command", "1", "",
					       "10" };

	for (unsigned i = 0; i < ARRAY_SIZE(replies); i++) {
		fake_vmware_reset();
		fake_vmware.reply = replies[i];
		CHECK_EQ(vmware_log("text"), -EIO);
		CHECK(!fake_vmware.open);
	}
}

TEST(a_reply_longer_than_the_buffer_is_refused)
{
	static char reply[300];

	memset(reply, '1', sizeof(reply) - 1);
	fake_vmware_reset();
	fake_vmware.reply = reply;
	CHECK_EQ(vmware_log("text"), -EMSGSIZE);
	CHECK_EQ(fake_vmware.refused, 1);
	CHECK(!fake_vmware.open);
}

static void huge_reply(u32 command, struct vmware_regs *r)
{
	if (command == VMWARE_CMD_MESSAGE &&
	    r->edx >> 16 == VMWARE_MSG_SEND_SIZE)
		r->ebx = UINT32_MAX;
}

TEST(a_reply_of_four_gigabytes_is_refused)
{
	u8 buffer[8];
	struct vmware_channel channel;

	fake_vmware_reset();
	fake_vmware.lie = huge_reply;
	CHECK_EQ(vmware_log("text"), -EMSGSIZE);
	CHECK_EQ(vmware_channel_open(&channel, VMWARE_MSG_RPCI), 0);
	CHECK_EQ(vmware_channel_send(&channel, "x", 1), 0);
	/* However large the buffer is said to be. */
	CHECK_EQ(vmware_channel_receive(&channel, buffer, SIZE_MAX), -EMSGSIZE);
	vmware_channel_close(&channel);
}

TEST(a_message_longer_than_hosts_take_is_not_begun)
{
	static const struct vmware_channel channel;

	fake_vmware_reset();
	CHECK_EQ(vmware_channel_send(&channel, "", 1ULL << 32), -EINVAL);
	CHECK_EQ(vmware_channel_send(&channel, "", VMWARE_MSG_SIZE_MAX + 1),
		 -EINVAL);
	CHECK_EQ(fake_vmware.calls, 0);
}

static void wrong_type(u32 command, struct vmware_regs *r)
{
	if (command == VMWARE_CMD_MESSAGE &&
	    r->edx >> 16 == VMWARE_MSG_SEND_DATA)
		r->edx = (u32)VMWARE_MSG_SEND_SIZE << 16;
}

TEST(a_reply_out_of_turn_is_an_error)
{
	fake_vmware_reset();
	fake_vmware.lie = wrong_type;
	CHECK_EQ(vmware_log("text"), -EIO);
	CHECK(!fake_vmware.open);
}

/* Every answer at its worst, at every place: no crash, no end that is late. */
static u32 noise;

static void random_answer(u32 command, struct vmware_regs *r)
{
	(void)command;
	noise = noise * 1664525U + 1013904223U;
	switch (noise >> 28) {
	case 0: r->ecx = noise; break;
	case 1: r->edx = noise; break;
	case 2: r->ebx = noise; break;
	case 3: memset(r, 0xff, sizeof(*r)); break;
	default: break;
	}
}

TEST(random_answers_end_soon)
{
	for (noise = 1; noise < 5000; noise++) {
		u32 seed = noise;

		fake_vmware_reset();
		fake_vmware.lie = random_answer;
		vmware_log("some text for a host that answers at random");
		CHECK(fake_vmware.calls < CALLS_MAX);
		noise = seed;
	}
}

TEST(a_panic_and_a_poweroff_are_logged_where_the_service_runs)
{
	table_for_each(const struct power_hook, power_hook, it) {
		fake_vmware_reset();
		service_runs = false;
		(*it)->panicked("lost");
		(*it)->closing();
		CHECK_EQ(fake_vmware.calls, 0);
		service_runs = true;
		(*it)->panicked("lost");
		CHECK_STR(fake_vmware.received, "log lost");
		(*it)->closing();
		CHECK_EQ(fake_vmware.messages, 3);
	}
}
