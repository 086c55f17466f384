/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console that a domain gets from who started it: two rings in a page and
 * an event channel, both named by parameters of the domain; or hypercalls to
 * Xen's own console, for the domain that owns the machine (dom0), which has no
 * such page.
 *
 * A host that does not read gets some time, once, until it reads again; then
 * output is dropped, and how much is said there when it does.
 */
#define pr_fmt(fmt) "xen-console: " fmt

#include <drivers/hvc.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/earlycon.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include <kernel/vsprintf.h>
#include "console.h"
#include "console_ring.h"

#define PAGE_BYTES  4096
#define CHUNK_BYTES 128 /* of the stack */
/* For the host to make room, once, until it does again. */
#define TX_TIMEOUT_MS 500

static bool no_console;
param_bool("no-xen-pv-console", no_console, "do not use Xen's console");

static struct {
	struct xen_console_ring ring;
	u32 port;	/* 0: there is none */
	bool attached;	/* as what follows says */
	bool by_call;	/* no ring: hypercalls */
	bool stalled;	/* gets no more time until it has room */
	u64 dropped;	/* bytes, since it had room */
	u64 calls_took; /* bytes, by hypercalls */
} hvc;

/* Ring. */

static u64 hvm_param(unsigned index)
{
	u64 value = 0;

	return xen_hvm_param(index, &value) ? 0 : value;
}

static int attach_ring(void)
{
	u64 pfn = hvm_param(HVM_PARAM_CONSOLE_PFN);
	u64 port = hvm_param(HVM_PARAM_CONSOLE_EVTCHN);
	void *page;
	int err;

	if (!pfn || pfn >= UINT64_MAX / PAGE_BYTES)
		return -ENODEV;
	page = memremap(pfn * PAGE_BYTES, PAGE_BYTES, MEMORY_WB);
	if (!page)
		return -ENOMEM;
	err = xen_console_ring_init(&hvc.ring, page);
	if (err)
		memunmap(page);
	hvc.port = port < EVTCHN_FIFO_NR_CHANNELS ? (u32)port : 0;
	return err;
}

/*
 * Others than the first domain may be let write there too, but only for Xen's
 * log, if that.
 */
static int attach_calls(void)
{
	struct xen_feature_info info = { .submap_idx = 0 };

	if (xen_version_op(XENVER_get_features, &info) ||
	    !(info.submap & BIT(XENFEAT_dom0)))
		return -ENODEV;
	hvc.by_call = true;
	return 0;
}

static int attach(void)
{
	int err;

	if (hvc.attached)
		return 0;
	err = attach_ring();
	if (err == -ENODEV)
		err = attach_calls();
	hvc.attached = !err;
	return err;
}

/* Tell who has the other end that something changed. */
static void tell_host(void)
{
	if (hvc.port)
		xen_event_notify(hvc.port);
}

static size_t put_some(const char *s, size_t n)
{
	char chunk[CHUNK_BYTES];

	if (!hvc.by_call) {
		n = xen_console_ring_put(&hvc.ring, s, n);
		tell_host();
		return n;
	}
	/* Constants are not memory that a hypercall must be given. */
	n = MIN(n, sizeof(chunk));
	memcpy(chunk, s, n);
	if (xen_console_io(CONSOLEIO_write, (unsigned)n, chunk))
		return 0;
	hvc.calls_took += n;
	return n;
}

static bool drained(void)
{
	return hvc.by_call || xen_console_ring_drained(&hvc.ring);
}

/* The host's CPU may be ours. */
static void let_host_run(void)
{
	xen_sched_op(SCHEDOP_yield, NULL);
	cpu_relax();
}

/* Output. */

/* Say what is missing, where it is missing; false: there is no room for it. */
static bool report_dropped(void)
{
	char text[64];
	int n;

	if (!hvc.dropped)
		return true;
	n = snprintf(text, sizeof(text), "\r\n[%llu bytes lost]\r\n",
		     (unsigned long long)hvc.dropped);
	if (!hvc.by_call && xen_console_ring_room(&hvc.ring) < (size_t)n)
		return false;
	put_some(text, (size_t)n);
	hvc.dropped = 0;
	return true;
}

/* As many bytes as there is room for, in time. */
static size_t send_in_time(const char *s, size_t n)
{
	u64 limit = time_ns() + TX_TIMEOUT_MS * NSEC_PER_MSEC;
	size_t sent = put_some(s, n);

	while (sent < n && !hvc.stalled && !hvc.ring.broken) {
		if (time_ns() > limit)
			hvc.stalled = true;
		let_host_run();
		sent += put_some(s + sent, n - sent);
	}
	if (sent == n)
		hvc.stalled = false;
	return sent;
}

static void send(struct console *con, const char *s, size_t n)
{
	size_t sent = report_dropped() ? send_in_time(s, n) : 0;

	if (sent < n) {
		hvc.dropped += n - sent;
		con->flags |= CONSOLE_STALLED;
	}
}

static void hvc_write(struct console *con, const char *s, size_t n)
{
	char chunk[CHUNK_BYTES];
	size_t used = 0;

	for (; n; s++, n--) {
		if (used + 2 > sizeof(chunk)) {
			send(con, chunk, used);
			used = 0;
		}
		if (*s == '\n')
			chunk[used++] = '\r';
		chunk[used++] = *s;
	}
	send(con, chunk, used);
}

static void hvc_drain(struct console *con)
{
	u64 limit = time_ns() + TX_TIMEOUT_MS * NSEC_PER_MSEC;

	(void)con;
	while (!drained() && !hvc.stalled) {
		if (time_ns() > limit)
			hvc.stalled = true;
		let_host_run();
	}
}

/* What comes after a panic may be the end of the domain. */
static void hvc_sync(struct console *con)
{
	if (console_panicking())
		hvc_drain(con);
}

/* Input. */

static int getc_by_call(void)
{
	char byte[1];

	return xen_console_io(CONSOLEIO_read, 1, byte) == 1 ? (u8)byte[0] : -1;
}

static int hvc_getc(struct console *con)
{
	int byte;

	(void)con;
	if (hvc.by_call)
		return getc_by_call();
	byte = xen_console_ring_get(&hvc.ring);
	/* Who had no room for more input has now. */
	if (byte >= 0 && xen_console_ring_empty(&hvc.ring))
		tell_host();
	return byte;
}

static void on_event(unsigned port, void *context)
{
	(void)port;
	(void)context;
	console_input_ready();
}

static char name[HVC_NAME_MAX];
static struct console con = {
	.name = name,
	.write = hvc_write,
	.sync = hvc_sync,
	.getc = hvc_getc,
	.drain = hvc_drain,
	.flags = CONSOLE_ANSI,
};

/* Without events the console's core asks for input now and then. */
static void listen(void)
{
	int port = hvc.by_call ? xen_event_bind_virq(VIRQ_CONSOLE, 0)
			       : (int)hvc.port;

	if (port > 0 && !xen_event_handle((unsigned)port, on_event, NULL))
		con.flags |= CONSOLE_ANNOUNCES;
}

/* earlycon=xen: the same console, from when hypercalls can be made. */

static bool early_wanted;
static char early_name[HVC_NAME_MAX] = "hvc0";
static struct console early = {
	.name = early_name,
	.write = hvc_write,
	.sync = hvc_sync,
	.drain = hvc_drain,
	.flags = CONSOLE_ANSI,
};

static int set_early(const char *value)
{
	if (strcmp(value, "xen"))
		return -EINVAL;
	early_wanted = true;
	return 0;
}

static const struct earlycon xen_earlycon = {
	.name = "xen",
	.set = set_early,
};
EARLYCON(xen_earlycon);

static int start_early(void)
{
	int err;

	if (!early_wanted)
		return 0;
	err = xen_hypercall_enable() ?: attach();
	if (err) {
		pr_warn("earlycon=xen: no console of Xen: error %d", -err);
		return 0;
	}
	err = console_register(&early);
	return err == -EPERM ? 0 : err;
}
initcall(INIT_EARLYCON, start_early);

/* The service. */

static int register_console(void)
{
	int err = early.flags & CONSOLE_ACTIVE ? console_replace(&early, &con)
					       : console_register(&con);

	/* Input works also where console= does not want the output. */
	return err == -EPERM ? 0 : err;
}

static int start(void)
{
	int number, err = attach();

	if (err)
		return err;
	number = hvc_take_number(name);
	if (number < 0)
		return number;
	listen();
	err = register_console();
	if (err) {
		hvc_give_number((unsigned)number);
		return err;
	}
	pr_info("%s: %s, port %u", name, hvc.by_call ? "Xen's own" : "ring",
		hvc.port);
	return 0;
}

static const struct virt_service console_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_CONSOLE_FEATURE,
	.requires = "hypercalls",
	.off = &no_console,
	.start = start,
};
VIRT_SERVICE(2, console_service);

/* For its self-test. */

const struct console *xen_console(void)
{
	return &con;
}

u64 xen_console_taken(void)
{
	return hvc.by_call ? hvc.calls_took : xen_console_ring_taken(&hvc.ring);
}

bool xen_console_wait_taken(u64 limit)
{
	while (!drained() && time_ns() < limit)
		let_host_run();
	return drained() && !hvc.ring.broken;
}
