/* SPDX-License-Identifier: BSD-2-Clause */
/* VMware's requests to leave, from a made-up host's side of the channel. */
#include "unit.h"
#include "../../kernel/virt/vmware/internal.h"
#include "host.h"
#include <abi/vmware/message.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/power.h>
#include <kernel/string.h>
#include <kernel/virt/service.h>
#include <kernel/work.h>

#define CHANNEL 7U

static struct {
	const char *commands[16]; /* the host's, until NULL */
	unsigned next, repeat;	  /* the first again, so often */
	int receive;		  /* instead, unless it is 0 */
	bool no_channel, no_send;
	unsigned opened, closed, replies;
	char last_reply[64];
	char requests[512]; /* one after another */
	int asked;	    /* enum power_request, or -1 */
	bool failed, runs;
} host;

static struct delayed_work *later;

int vmware_channel_open(struct vmware_channel *channel, u32 protocol)
{
	CHECK_EQ(protocol, VMWARE_MSG_TCLO);
	if (host.no_channel)
		return -EIO;
	channel->id = CHANNEL;
	host.opened++;
	return 0;
}

void vmware_channel_close(const struct vmware_channel *channel)
{
	CHECK_EQ(channel->id, CHANNEL);
	host.closed++;
}

int vmware_channel_send(const struct vmware_channel *channel, const void *data,
			size_t size)
{
	CHECK_EQ(channel->id, CHANNEL);
	if (host.no_send)
		return -EIO;
	if (!size)
		return 0;
	CHECK(size < sizeof(host.last_reply));
	memcpy(host.last_reply, data, size);
	host.last_reply[size] = '\0';
	host.replies++;
	return 0;
}

int vmware_channel_receive(const struct vmware_channel *channel, void *data,
			   size_t size)
{
	const char *command = host.commands[host.next];

	CHECK_EQ(channel->id, CHANNEL);
	if (host.receive)
		return host.receive;
	if (!command)
		return 0;
	if (host.repeat)
		host.repeat--;
	else
		host.next++;
	if (strlen(command) > size)
		return -EMSGSIZE;
	memcpy(data, command, strlen(command));
	return (int)strlen(command);
}

int vmware_request(const char *text, size_t size)
{
	size_t used = strlen(host.requests);

	if (!CHECK(used + size + 2 < sizeof(host.requests)))
		return -EIO;
	memcpy(host.requests + used, text, size);
	host.requests[used + size] = ';';
	host.requests[used + size + 1] = '\0';
	return 0;
}

int power_request(enum power_request what, const char *from)
{
	CHECK_STR(from, "VMware");
	/* The host has its reply by then. */
	CHECK_STR(host.last_reply, "OK ");
	host.asked = (int)what;
	return 0;
}

int work_queue_at(struct delayed_work *work, u64 due_ns)
{
	CHECK(due_ns > host_time_now_ns);
	later = work;
	return 0;
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	CHECK_EQ(type, HYPERV_TYPE_VMWARE);
	CHECK_STR(feature, VMWARE_SOFT_POWER);
	return host.runs;
}

void virt_service_failed(enum hypervisor_type type, const char *feature,
			 const char *why)
{
	(void)type;
	(void)why;
	CHECK_STR(feature, VMWARE_SOFT_POWER);
	host.failed = true;
}

static void begin(void)
{
	memset(&host, 0, sizeof(host));
	host.asked = -1;
	host.runs = true;
}

static void turn(void)
{
	if (!later) {
		table_for_each(const struct initcall, init, it)
			CHECK_EQ((*it)->fn(), 0);
		host_run_work();
		return;
	}
	work_queue(&later->work);
	later = NULL;
	host_run_work();
}

TEST(nothing_is_asked_where_the_service_does_not_run)
{
	begin();
	host.runs = false;
	turn();
	CHECK_EQ(host.opened, 0);
	CHECK(!later);
}

TEST(the_host_is_told_what_this_guest_can)
{
	begin();
	host.commands[0] = "reset";
	turn();
	CHECK_EQ(host.opened, 1);
	CHECK_STR(host.last_reply, "OK ATR toolbox");
	host.commands[1] = "Capabilities_Register";
	turn();
	CHECK_STR(host.last_reply, "OK ");
	CHECK_STR(host.requests, "vmx.capability.unified_loop toolbox;"
				 "tools.capability.statechange ;"
				 "tools.set.version 2147483647;");
	CHECK_EQ(host.opened, 1);
	CHECK(later);
}

TEST(requests_to_leave_are_passed_on)
{
	begin();
	host.commands[0] = "OS_Halt";
	turn();
	CHECK_EQ(host.asked, POWER_REQUEST_POWEROFF);
	CHECK_STR(host.requests, "tools.os.statechange.status 1 1;");
	begin();
	host.commands[0] = "OS_Reboot";
	turn();
	CHECK_EQ(host.asked, POWER_REQUEST_REBOOT);
	CHECK_STR(host.requests, "tools.os.statechange.status 1 2;");
}

TEST(other_commands_change_nothing)
{
	begin();
	host.commands[0] = "OS_Suspend";
	host.commands[1] = "ping";
	turn();
	CHECK_STR(host.last_reply, "OK ");
	CHECK_EQ(host.replies, 2);
	host.commands[2] = "OS_Haltx";
	turn();
	CHECK_STR(host.last_reply, "ERROR Unknown command");
	CHECK_EQ(host.asked, -1);
}

TEST(a_host_that_never_ends_gets_a_turn_and_no_more)
{
	begin();
	host.commands[0] = "ping";
	host.repeat = UINT32_MAX;
	turn();
	CHECK(host.replies > 0 && host.replies <= 8);
	CHECK(later);
}

TEST(a_channel_out_of_step_begins_anew)
{
	begin();
	host.receive = -EIO;
	turn();
	CHECK_EQ(host.closed, 1);
	host.receive = 0;
	host.commands[0] = "OS_Halt";
	turn();
	CHECK_EQ(host.opened, 1);
	CHECK_EQ(host.asked, POWER_REQUEST_POWEROFF);
}

TEST(a_command_that_does_not_fit_is_an_error)
{
	static char command[4096];

	begin();
	memset(command, 'x', sizeof(command) - 1);
	host.commands[0] = command;
	turn();
	CHECK_EQ(host.closed, 1);
	CHECK_EQ(host.replies, 0);
	CHECK(later);
}

TEST(a_host_that_does_not_answer_is_given_up)
{
	unsigned turns = 0;

	begin();
	host.no_channel = true;
	do
		turn();
	while (later && ++turns < 100);
	CHECK(host.failed);
	CHECK(turns < 100);
}
