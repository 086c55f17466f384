/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HGCM: calls of services in VirtualBox's process on the host, such as shared
 * folders. A client connects to a service by its name, and calls functions by
 * their numbers with up to HGCM_PARMS_MAX parameters: numbers, and buffers
 * that are copied, so that the host never sees the caller's memory, also when
 * it answers too late. All of it waits: in threads and the boot only.
 */
#pragma once

#include <kernel/compiler.h>

#define HGCM_PARMS_MAX 32
/* All buffers of a call together. Policy: a client splits what is longer. */
#define HGCM_DATA_MAX (256 * 1024)
#define HGCM_NAME_MAX 127 /* characters of a service's name */

enum hgcm_kind {
	HGCM_U32, /* both ways */
	HGCM_U64, /* the same */
	HGCM_IN,  /* a buffer that the service reads */
	HGCM_OUT, /* one that it writes */
	HGCM_BOTH,
};

struct hgcm_parm {
	enum hgcm_kind kind;
	u32 size; /* bytes of the buffer, which may be 0 */
	union {
		u32 value32; /* the service's after the call */
		u64 value64;
		void *buffer; /* the caller's; @size bytes */
	};
};

/* A connection. The caller's memory. */
struct hgcm_client {
	u32 id;
	u32 host; /* which connection to the host it was made on */
};

#ifdef CONFIG_VBOX_GUEST_DRIVER

/**
 * Connect @client to @service. 0; -ENODEV (there is no VirtualBox, or its
 * device was taken away), -EOPNOTSUPP (its HGCM is too old), -ENOENT (there is
 * no such service), -EINVAL (@service is empty or too long), -ENOMEM,
 * -ETIMEDOUT, -EBADMSG (the host broke the rules) or -EIO.
 */
int hgcm_connect(const char *service, struct hgcm_client *client);

/** Give the connection up, which cannot fail as far as the caller goes. */
void hgcm_disconnect(const struct hgcm_client *client);

/**
 * Call @function with @count parameters at @parms, which get the service's
 * answers, and wait for it for at most @timeout_ns. *@status, if @status is
 * not NULL, is what the service returned: a status code of VirtualBox's, 0 or
 * above when it succeeded. 0; the -errno that fits *@status, else -EIO, when
 * the service failed; -EINVAL (too many parameters, or a kind that there is
 * not), -E2BIG (more than HGCM_DATA_MAX), and as above. If it is not 0, @parms
 * and their buffers are as they were.
 */
int hgcm_call(const struct hgcm_client *client, u32 function,
	      struct hgcm_parm *parms, unsigned count, u64 timeout_ns,
	      s32 *status);

#endif
