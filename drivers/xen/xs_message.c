/* SPDX-License-Identifier: BSD-2-Clause */
/* What xenstore says, taken apart: see xs_message.h. */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "xs_message.h"

void *xs_message_room(struct xs_message *m, size_t *n)
{
	size_t in_body;

	if (m->have < sizeof(m->head)) {
		*n = sizeof(m->head) - m->have;
		return (u8 *)&m->head + m->have;
	}
	in_body = m->have - sizeof(m->head);
	*n = m->head.len - in_body;
	return m->body + in_body;
}

int xs_message_came(struct xs_message *m, size_t n)
{
	m->have += n;
	if (m->have < sizeof(m->head))
		return 0;
	if (m->head.len > XENSTORE_PAYLOAD_MAX)
		return -EIO;
	m->body[m->head.len] = '\0';
	return 0;
}

int xs_message_error(const struct xs_message *m)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {
		{ "EINVAL", -EINVAL }, { "EACCES", -EACCES },
		{ "EEXIST", -EEXIST }, { "ENOENT", -ENOENT },
		{ "ENOMEM", -ENOMEM }, { "ENOSPC", -ENOSPC },
		{ "ENOSYS", -ENOSYS }, { "EBUSY", -EBUSY },
		{ "EAGAIN", -EAGAIN }, { "E2BIG", -E2BIG },
		{ "EPERM", -EPERM },
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (!strcmp(m->body, errors[i].name))
			return errors[i].number;
	return -EIO;
}

const char *xs_message_next(const struct xs_message *m, const char *text)
{
	const char *end = m->body + m->head.len;
	const char *next = text ? text + strlen(text) + 1 : m->body;

	if (next >= end || !memchr(next, '\0', (size_t)(end - next)))
		return NULL;
	return next;
}

int xs_message_event(const struct xs_message *m, const char **path,
		     const char **token)
{
	*path = xs_message_next(m, NULL);
	*token = *path ? xs_message_next(m, *path) : NULL;
	return *token ? 0 : -EIO;
}
