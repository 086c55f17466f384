/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: streams of bytes between this machine and programs on its host, each
 * known by a name that the host gave it ("org.qemu.guest_agent.0"). Both sides
 * open and close; what is written while the host has its side closed is an
 * error, not lost. Bytes keep their order and number; their grouping does not
 * matter.
 *
 * A port may go away while it is open: its calls then return -ENODEV, and
 * who sleeps in one of them wakes up. Nobody waits longer than asked for.
 */
#pragma once

#include <kernel/sched.h>

/* Of a name, with its terminator: policy. */
#define PORT_NAME_MAX 64
/* Of what a driver tells about a port, with the terminator. */
#define PORT_TEXT_MAX 48

struct port; /* the class's */

enum port_event {
	PORT_READABLE = BIT(0),
	PORT_WRITABLE = BIT(1),
	PORT_HANGUP = BIT(2), /* the host has its side closed */
	PORT_GONE = BIT(3),   /* there is no such port any more */
};

/**
 * Open port @name, or what the device calls it ("virtio3.1"); one at a time.
 * 0 and *@port; -ENOENT, -EBUSY (open, or a console). In threads.
 */
int port_open(const char *name, struct port **port);
/** Nobody else is in a call with @port, which is not used any more. */
void port_close(struct port *port);

/**
 * Read at least one byte, at most @size (not 0), waiting until @until_ns: how
 * many; -ETIMEDOUT; -EPIPE (the host has its side closed, and all was read);
 * -ENODEV. In threads.
 */
long port_read(struct port *port, void *buffer, size_t size, u64 until_ns);
/**
 * Write all @size bytes, waiting for room until @until_ns: @size, or how many
 * were written before an error came; with none, the error: -ETIMEDOUT, -EPIPE,
 * -ENODEV. Written means that it is on its way. In threads.
 */
long port_write(struct port *port, const void *buffer, size_t size,
		u64 until_ns);
/** What would not wait now: enum port_event. In threads. */
unsigned port_poll(struct port *port);
/**
 * Wait until one of @events holds, or PORT_GONE: those that do, 0 when
 * @until_ns came. In threads.
 */
unsigned port_wait(struct port *port, unsigned events, u64 until_ns);

/* For drivers of ports. */

/*
 * The first four are called under a spinlock and must not wait; one at a time.
 * @driver is what port_add() was given.
 */
struct port_ops {
	/* 0 or -EBUSY. The host is told soon. */
	int (*open)(void *driver);
	void (*close)(void *driver);
	/* As port_read() and port_write(), but what is at once: or -EAGAIN. */
	long (*read)(void *driver, void *buffer, size_t size);
	long (*write)(void *driver, const void *buffer, size_t size);
	/* PORT_READABLE, _WRITABLE and _HANGUP. */
	unsigned (*poll)(void *driver);
	/* What the port is, to @text of PORT_TEXT_MAX bytes, for people. */
	void (*describe)(void *driver, char *text);
};

/**
 * Add a port that its device calls @device (copied): NULL without memory. It
 * is the class's, and the driver's to refer to until port_remove(). In threads.
 */
struct port *port_add(const char *device, const struct port_ops *ops,
		      void *driver);
/**
 * What the host calls it: @name is copied. -EEXIST: another port has that name
 * already, -E2BIG. In threads.
 */
int port_set_name(struct port *port, const char *name);
/** It is gone. No function of its ops runs on return. In threads. */
void port_remove(struct port *port);
/** What poll() returns may have changed. Any context but NMI. */
void port_wake(struct port *port);

/** True if @name, of @length bytes, is UTF-8 without control characters. */
bool port_name_is_text(const char *name, size_t length);

/** What `ports` shows of a port: a copy. */
struct port_info {
	char name[PORT_NAME_MAX]; /* "" if it has none */
	char device[PORT_NAME_MAX];
	char text[PORT_TEXT_MAX];
	bool open;
	bool host_open;
	u64 read_bytes;
	u64 written_bytes;
};
/** The @n-th port; false past the last. In threads. */
bool port_get_info(unsigned n, struct port_info *info);
