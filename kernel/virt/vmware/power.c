/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's requests to turn off or to reset: "Shut Down Guest" and "Restart
 * Guest". The host cannot interrupt for them, so it is asked in turns: the
 * reply to its last command, or nothing, is sent, and then its next one is
 * fetched, as long as there are any.
 */
#define pr_fmt(fmt) "vmware: " fmt

#include <abi/vmware/message.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/vsprintf.h>
#include <kernel/work.h>
#include "internal.h"

#define TURN_NS NSEC_PER_SEC
/* Commands in a turn: the host queues a few. */
#define COMMANDS_MAX 8
#define COMMAND_MAX  128 /* with terminator; others are refused */
/* Turns that go wrong one after another, until it is given up. */
#define FAILURES_MAX 10

static bool no_soft_power;
param_bool("no-vmware-soft-power", no_soft_power,
	   "do not take the host's requests to turn off or to reset");

static struct {
	struct delayed_work work;
	struct vmware_channel channel;
	bool open;
	unsigned failures;
} asker;

static int request_text(const char *text)
{
	return vmware_request(text, strlen(text));
}

/* What the host may ask of a guest that says that it can. */
static void say_capabilities(void)
{
	static const char *const said[] = { VMWARE_RPCI_TOOLBOX,
					    VMWARE_RPCI_CAN_POWER,
					    VMWARE_RPCI_VERSION };

	for (unsigned i = 0; i < ARRAY_SIZE(said); i++)
		if (request_text(said[i]))
			pr_info("the host refuses \"%s\"", said[i]);
}

/* Commands about power, by their number; false: it is none. */
static bool take_power_command(const char *command)
{
	static const char *const commands[] = {
		[1] = VMWARE_TCLO_HALT,	    [2] = VMWARE_TCLO_REBOOT,
		[3] = VMWARE_TCLO_POWER_ON, [4] = VMWARE_TCLO_RESUME,
		[5] = VMWARE_TCLO_SUSPEND,
	};
	char status[sizeof(VMWARE_RPCI_POWER_STATUS) + 1];

	for (unsigned i = 1; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(command, commands[i]))
			continue;
		snprintf(status, sizeof(status), "%s%u",
			 VMWARE_RPCI_POWER_STATUS, i);
		request_text(status);
		return true;
	}
	return false;
}

static const char *take_command(const char *command)
{
	if (!strcmp(command, VMWARE_TCLO_RESET))
		return VMWARE_TCLO_RESET_DONE;
	if (!strcmp(command, VMWARE_TCLO_CAPABILITIES))
		say_capabilities();
	else if (strcmp(command, VMWARE_TCLO_PING) &&
		 !take_power_command(command))
		return VMWARE_TCLO_UNKNOWN;
	return VMWARE_TCLO_DONE;
}

/* After the reply, which the host waits for. */
static void do_command(const char *command)
{
	if (!strcmp(command, VMWARE_TCLO_HALT))
		power_request(POWER_REQUEST_POWEROFF, "VMware");
	else if (!strcmp(command, VMWARE_TCLO_REBOOT))
		power_request(POWER_REQUEST_REBOOT, "VMware");
}

/* 1: there was a command, and its reply was sent; 0: there was none. */
static int take_next(void)
{
	char command[COMMAND_MAX];
	const char *reply;
	int err, got = vmware_channel_receive(&asker.channel, command,
					      sizeof(command) - 1);

	if (got <= 0)
		return got;
	command[got] = '\0';
	reply = take_command(command);
	err = vmware_channel_send(&asker.channel, reply, strlen(reply));
	if (!err)
		do_command(command);
	return err ?: 1;
}

static int turn(void)
{
	int more;

	if (!asker.open && vmware_channel_open(&asker.channel, VMWARE_MSG_TCLO))
		return -EIO;
	asker.open = true;
	more = vmware_channel_send(&asker.channel, "", 0) ?: 1;
	for (unsigned i = 0; i < COMMANDS_MAX && more > 0; i++)
		more = take_next();
	if (more >= 0)
		return 0;
	/* A channel that is out of step begins anew. */
	vmware_channel_close(&asker.channel);
	asker.open = false;
	return more;
}

static void give_up(const char *why)
{
	virt_service_failed(HYPERV_TYPE_VMWARE, VMWARE_SOFT_POWER, why);
}

static void ask_host(struct work *work)
{
	(void)work;
	asker.failures = turn() ? asker.failures + 1 : 0;
	if (asker.failures == FAILURES_MAX)
		give_up("the host does not answer");
	else if (work_queue_at(&asker.work, time_ns() + TURN_NS))
		give_up("there is no timer for it");
}

static const struct virt_service power_service = {
	.hypervisor = HYPERV_TYPE_VMWARE,
	.feature = VMWARE_SOFT_POWER,
	.off = &no_soft_power,
};
VIRT_SERVICE(8, power_service);

static int start_asking(void)
{
	if (!virt_service_runs(HYPERV_TYPE_VMWARE, VMWARE_SOFT_POWER))
		return 0;
	asker.work.work.fn = ask_host;
	work_queue(&asker.work.work);
	return 0;
}
initcall(INIT_SERVICE, start_asking);
