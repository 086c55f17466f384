/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS's messages, written and read. Names are text, without a dot at the end.
 */
#pragma once

#include <abi/net/dns.h>
#include <kernel/types.h>

/* A name as text, with its terminator. */
#define DNS_TEXT_MAX 254

/**
 * Write a question for the address of @name to @message of DNS_MESSAGE_MAX
 * bytes. Its length, or -EINVAL: no name that there can be.
 */
int dns_write_query(u16 id, const char *name, u8 *message);

/**
 * Read @bytes as the answer to the question @id for @name. 0 and *@address;
 * -ENOENT (there is no such name, or it has no address), -EIO (the server could
 * not tell), -EBADMSG (it is no such answer, or nonsense).
 */
int dns_read_answer(const u8 *bytes, size_t length, u16 id, const char *name,
		    u32 *address);
