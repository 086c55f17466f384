/* SPDX-License-Identifier: BSD-2-Clause */
/* What the network's commands share. */
#pragma once

#include "stack.h"
#include "text.h"

/** net_get() of the device @name, or NULL after a message. */
struct net_device *command_device(const char *command, const char *name);

/** Say what went wrong, if anything did; @err. */
int command_result(const char *command, int err);

/**
 * The address of @name, which may have to be asked for. 0, or -errno after a
 * message.
 */
int command_resolve(const char *command, const char *name, u32 *address);

/** A number up to @max from @text. 0 or -EINVAL. */
int command_number(const char *text, u64 max, u64 *value);

/** Seconds, perhaps with a fraction ("0.2"), as nanoseconds. 0 or -EINVAL. */
int command_seconds(const char *text, u64 *ns);

/** Ctrl-C was typed, or Ctrl-D. What else was typed meanwhile is lost. */
bool command_interrupted(void);

/* The objects of `ip`: the words behind the object's name. */
int ip_link(int argc, char **argv, bool statistics);
int ip_address(int argc, char **argv);
int ip_route(int argc, char **argv);
int ip_neighbour(int argc, char **argv);
