/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to the host and back, four bytes at a time: <abi/vmware/message.h>.
 * The faster way for long ones is not used, since there are none.
 *
 * The number of commands is bounded by the length of what is sent or of the
 * buffer, times the attempts: the host may say at any time that it stopped the
 * guest meanwhile, after which the message begins again.
 */
#include <abi/vmware/backdoor.h>
#include <abi/vmware/message.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/virt/vmware.h>
#include "internal.h"

#define ATTEMPTS_MAX 3
#define REPLY_MAX    64

#define HIGH_HALF(value) ((u32)(value) << 16)

/*
 * A request with @value. 0; -EAGAIN: begin the message again; -EIO. A host that
 * leaves the registers alone is not taken for one that opens a channel: that
 * type is 0 where its status has to be.
 */
static int request(const struct vmware_channel *channel, u32 type, u32 value,
		   struct vmware_regs *r)
{
	u32 status;

	*r = (struct vmware_regs){
		.ebx = value,
		.edx = channel->id,
		.esi = channel->cookie_high,
		.edi = channel->cookie_low,
	};
	if (vmware_command(VMWARE_CMD_MESSAGE | HIGH_HALF(type), r) ||
	    r->eax == VMWARE_NO_COMMAND)
		return -EIO;
	status = r->ecx >> 16;
	if (status & VMWARE_MSG_SUCCESS)
		return 0;
	return status & VMWARE_MSG_CHECKPOINT ? -EAGAIN : -EIO;
}

int vmware_channel_open(struct vmware_channel *channel, u32 protocol)
{
	static const struct vmware_channel none;
	struct vmware_regs r;

	/* Old hosts know no cookies. */
	if (request(&none, VMWARE_MSG_OPEN, protocol | VMWARE_MSG_COOKIE, &r) &&
	    request(&none, VMWARE_MSG_OPEN, protocol, &r))
		return -EIO;
	*channel = (struct vmware_channel){
		.id = r.edx & HIGH_HALF(UINT16_MAX),
		.cookie_high = r.esi,
		.cookie_low = r.edi,
	};
	return 0;
}

void vmware_channel_close(const struct vmware_channel *channel)
{
	struct vmware_regs r;

	request(channel, VMWARE_MSG_CLOSE, 0, &r);
}

static int send_once(const struct vmware_channel *channel, const u8 *data,
		     size_t size)
{
	struct vmware_regs r;
	int err = request(channel, VMWARE_MSG_SEND_SIZE, (u32)size, &r);

	for (size_t at = 0; !err && at < size; at += sizeof(u32)) {
		u32 word = 0;

		memcpy(&word, data + at, MIN(size - at, sizeof(word)));
		err = request(channel, VMWARE_MSG_SEND_DATA, word, &r);
	}
	return err;
}

int vmware_channel_send(const struct vmware_channel *channel, const void *data,
			size_t size)
{
	int err = -EAGAIN;

	if (size > VMWARE_MSG_SIZE_MAX)
		return -EINVAL;
	for (unsigned i = 0; i < ATTEMPTS_MAX && err == -EAGAIN; i++)
		err = send_once(channel, data, size);
	return err ? -EIO : 0;
}

static int receive_data(const struct vmware_channel *channel, u8 *data,
			size_t size)
{
	struct vmware_regs r;

	for (size_t at = 0; at < size; at += sizeof(r.ebx)) {
		int err = request(channel, VMWARE_MSG_RECEIVE_DATA,
				  VMWARE_MSG_SUCCESS, &r);

		if (err)
			return err;
		if (r.edx >> 16 != VMWARE_MSG_SEND_DATA)
			return -EIO;
		memcpy(data + at, &r.ebx, MIN(size - at, sizeof(r.ebx)));
	}
	return request(channel, VMWARE_MSG_RECEIVE_END, VMWARE_MSG_SUCCESS, &r);
}

/* The host is told that its message is not taken. */
static void refuse(const struct vmware_channel *channel)
{
	struct vmware_regs r;

	request(channel, VMWARE_MSG_RECEIVE_DATA, 0, &r);
}

static int receive_once(const struct vmware_channel *channel, u8 *data,
			size_t size)
{
	struct vmware_regs r;
	int err = request(channel, VMWARE_MSG_RECEIVE_SIZE, 0, &r);
	u32 length = r.ebx;

	if (err)
		return err;
	if (!(r.ecx >> 16 & VMWARE_MSG_WAITING))
		return 0;
	if (r.edx >> 16 != VMWARE_MSG_SEND_SIZE)
		return -EIO;
	if (length > size) {
		refuse(channel);
		return -EMSGSIZE;
	}
	err = receive_data(channel, data, length);
	return err ?: (int)length;
}

int vmware_channel_receive(const struct vmware_channel *channel, void *data,
			   size_t size)
{
	int got = -EAGAIN;

	size = MIN(size, (size_t)VMWARE_MSG_SIZE_MAX);
	for (unsigned i = 0; i < ATTEMPTS_MAX && got == -EAGAIN; i++)
		got = receive_once(channel, data, size);
	return got == -EAGAIN ? -EIO : got;
}

/* Requests and their replies take turns. */
static int ask(const struct vmware_channel *channel, const char *text,
	       size_t size)
{
	size_t done = strlen(VMWARE_RPCI_DONE);
	char reply[REPLY_MAX];
	int got, err = vmware_channel_send(channel, text, size);

	if (err)
		return err;
	got = vmware_channel_receive(channel, reply, sizeof(reply));
	if (got < 0)
		return got;
	return (size_t)got >= done && !memcmp(reply, VMWARE_RPCI_DONE, done)
		       ? 0
		       : -EIO;
}

int vmware_request(const char *text, size_t size)
{
	struct vmware_channel channel;
	int err = vmware_channel_open(&channel, VMWARE_MSG_RPCI);

	if (err)
		return err;
	err = ask(&channel, text, size);
	vmware_channel_close(&channel);
	return err;
}
