/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of network devices: registered, opened, closed, gone. */
#define pr_fmt(fmt) "net: " fmt

#include "boot.h"
#include "dhcp.h"
#include "stack.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>

/* Policy: how often net_synchronize() looks at a CPU that is not yet done. */
#define SYNCHRONIZE_POLL_NS (100 * NSEC_PER_USEC)

struct mutex net_config;
u32 net_generation;

static struct net_device *devices;

void net_changed(void)
{
	/* After what changed: pairs with the readers' acquiring loads. */
	atomic_fetch_add(&net_generation, 1U);
}

struct net_device *net_first(void)
{
	/* Pairs with list_add(): a device that is seen is complete. */
	return atomic_load_acquire(&devices);
}

struct net_device *net_find(const char *name)
{
	struct net_device *net = net_first();

	while (net && strcmp(net->name, name))
		net = net->next;
	return net;
}

struct net_device *net_get(const char *name)
{
	struct net_device *net;

	mutex_lock(&net_config);
	net = net_find(name);
	if (net && net->leaving)
		net = NULL;
	if (net)
		net->users++;
	mutex_unlock(&net_config);
	return net;
}

void net_put(struct net_device *net)
{
	mutex_lock(&net_config);
	net->users--;
	mutex_unlock(&net_config);
}

bool net_begin_leaving(struct net_device *net)
{
	bool first = !net->leaving;

	net->leaving = true;
	return first;
}

static void wait_for_users(struct net_device *net)
{
	bool used;

	do {
		mutex_lock(&net_config);
		used = net->users;
		mutex_unlock(&net_config);
		if (used)
			thread_sleep_ns(SYNCHRONIZE_POLL_NS);
	} while (used);
}

static void list_add(struct net_device *net)
{
	struct net_device **link = &devices;

	while (*link)
		link = &(*link)->next;
	net->next = NULL;
	atomic_store_release(link, net);
}

static void list_remove(struct net_device *net)
{
	struct net_device **link = &devices;

	while (*link != net)
		link = &(*link)->next;
	atomic_store_release(link, net->next);
}

/* In an interrupt of a CPU: was what it interrupted a reader? */
static void note_preemptible(void *arg)
{
	bool *preemptible = arg;

	*preemptible = !(current_thread()->preempt_count % PREEMPT_INTERRUPT);
}

/* The caller is no reader; so its CPU, which may change, runs none. */
void net_synchronize(void)
{
	unsigned cpu;

	for_each_online_cpu(cpu) {
		bool done = false;

		while (cpu != smp_processor_id() &&
		       !smp_call(cpu, note_preemptible, &done) && !done)
			thread_sleep_ns(SYNCHRONIZE_POLL_NS);
	}
}

static bool is_sound(const struct net_device *net)
{
	const struct net_device_ops *ops = net->ops;

	return ops && ops->open && ops->stop && ops->transmit && ops->poll &&
	       ops->arm && net->pairs_max && net->pairs_max <= NET_PAIRS_MAX &&
	       net->mtu >= NET_MTU_MIN && net->mtu <= net->mtu_max &&
	       strnlen(net->name, NET_NAME_MAX) < NET_NAME_MAX;
}

/* Give @net a name that no other has. 0 or -EEXIST. */
static int choose_name(struct net_device *net)
{
	if (*net->name)
		return net_find(net->name) ? -EEXIST : 0;
	for (unsigned n = 0;; n++) {
		char name[NET_NAME_MAX];

		snprintf(name, sizeof(name), "eth%u", n);
		if (!net_find(name)) {
			strscpy(net->name, name, sizeof(net->name));
			return 0;
		}
	}
}

/* No more pairs than CPUs: each has its own. */
static int create_pairs(struct net_device *net)
{
	unsigned cpu = cpumask_next(&cpu_online_mask, 0);

	net->pairs = MIN(net->pairs_max, cpumask_count(&cpu_online_mask));
	net->pair = kzalloc(net->pairs_max * sizeof(*net->pair));
	if (!net->pair)
		return -ENOMEM;
	for (unsigned i = 0; i < net->pairs_max; i++) {
		struct net_pair *pair = &net->pair[i];

		pair->device = net;
		pair->index = i;
		pair->cpu = cpu;
		cpu = cpumask_next_cyclic(&cpu_online_mask, cpu);
	}
	return 0;
}

static int register_locked(struct net_device *net)
{
	int err = choose_name(net);

	if (!err)
		err = create_pairs(net);
	if (err)
		return err;
	err = interface_create(net);
	if (err) {
		kfree(net->pair);
		return err;
	}
	list_add(net);
	net_changed();
	return 0;
}

int net_register(struct net_device *net)
{
	int err;

	if (!is_sound(net))
		return -EINVAL;
	mutex_lock(&net_config);
	err = register_locked(net);
	mutex_unlock(&net_config);
	return err;
}

int net_device_register(struct net_device *net)
{
	int err = net_register(net);

	if (!err)
		net_boot_configure(net);
	return err;
}

static struct net_device *first_vlan(const struct net_device *net)
{
	struct net_device *it = net_first();

	while (it && it->interface->parent != net)
		it = it->next;
	return it;
}

/* Those that @net carries; others may be removing some at this moment. */
static void unregister_vlans(const struct net_device *net)
{
	struct net_device *it;
	bool ours;

	do {
		mutex_lock(&net_config);
		it = first_vlan(net);
		ours = it && net_begin_leaving(it);
		mutex_unlock(&net_config);
		if (ours)
			vlan_destroy(it);
		else if (it)
			thread_sleep_ns(SYNCHRONIZE_POLL_NS);
	} while (it);
}

void net_unregister(struct net_device *net)
{
	wait_for_users(net);
	unregister_vlans(net);
	work_cancel(&net->interface->boot);
	dhcp_stop(net);
	mutex_lock(&net_config);
	net_close(net);
	interface_leave(net);
	list_remove(net);
	net_changed();
	mutex_unlock(&net_config);
	/* Senders may have looked it up before it was gone; then once more. */
	net_synchronize();
	neighbour_forget(net);
	reassembly_forget(net);
	udp_forget(net);
	net_synchronize();
	interface_destroy(net);
	kfree(net->pair);
	net->pair = NULL;
}

void net_device_unregister(struct net_device *net)
{
	mutex_lock(&net_config);
	net_begin_leaving(net);
	mutex_unlock(&net_config);
	net_unregister(net);
}

static void set_open(struct net_device *net, bool open)
{
	for (unsigned i = 0; i < net->pairs; i++) {
		spin_lock(&net->pair[i].transmit_lock);
		net->pair[i].open = open;
		spin_unlock(&net->pair[i].transmit_lock);
	}
	net_changed();
}

static void stop_pollers(struct net_device *net)
{
	for (unsigned i = 0; i < net->pairs; i++)
		net_poller_stop(&net->pair[i]);
}

static int start_pollers(struct net_device *net)
{
	int err = 0;

	for (unsigned i = 0; i < net->pairs && !err; i++)
		err = net_poller_start(&net->pair[i]);
	return err;
}

void net_close(struct net_device *net)
{
	if (!net_is_open(net))
		return;
	set_open(net, false);
	stop_pollers(net);
	net->ops->stop(net);
	for (unsigned i = 0; i < net->pairs; i++)
		net_transmit_drop_queued(&net->pair[i]);
}

int net_open(struct net_device *net)
{
	int err;

	if (net_is_open(net))
		return 0;
	err = net->ops->open(net);
	if (err) {
		pr_err("%s does not start: error %d\n", net->name, err);
		return err;
	}
	set_open(net, true);
	err = start_pollers(net);
	if (err)
		net_close(net);
	return err;
}

void net_set_link(struct net_device *net, bool up, bool announce)
{
	bool came = up && !atomic_xchg(&net->link, up);

	atomic_write(&net->link, up);
	net_changed();
	/* Whoever is at the other end now may not know where we are. */
	if (up && (announce || came) && net->interface)
		work_queue(&net->interface->announce);
}
