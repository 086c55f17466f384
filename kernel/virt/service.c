/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting, reporting and stopping paravirtual services. */
#define pr_fmt(fmt) "virt: " fmt

#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/paravirt.h>
#include <kernel/virt/service.h>

/* The feature of the hypervisor that was found, or NULL. */
static struct virt_feature *feature_of(enum hypervisor_type type,
				       const char *name)
{
	const struct virt_detection *d = virt_detection();

	for (unsigned i = 0; name && i < d->count; i++) {
		const struct hypervisor *hv = d->found[i].hv;

		if (hv && hv->type == type)
			return virt_find_feature(hv, name);
	}
	return NULL;
}

static bool has_state(enum hypervisor_type type, const char *name, u8 bits)
{
	struct virt_feature *feature = feature_of(type, name);

	return feature && (atomic_read(&feature->state) & bits) == bits;
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	return has_state(type, feature, VIRT_ENABLED);
}

bool virt_service_offered(enum hypervisor_type type, const char *feature)
{
	return has_state(type, feature, VIRT_OFFERED);
}

static void set_state(const struct virt_service *s, u8 bits)
{
	struct virt_feature *feature = feature_of(s->hypervisor, s->feature);
	struct virt_feature *also = feature_of(s->hypervisor, s->also);

	atomic_fetch_or(&feature->state, bits);
	if (also && also->state & VIRT_OFFERED)
		atomic_fetch_or(&also->state, bits);
}

static const struct virt_service *service_of(enum hypervisor_type type,
					     const char *feature)
{
	table_for_each(const struct virt_service, virt_service, it)
		if ((*it)->hypervisor == type &&
		    !strcmp((*it)->feature, feature))
			return *it;
	return NULL;
}

void virt_service_verified(enum hypervisor_type type, const char *feature)
{
	const struct virt_service *s = service_of(type, feature);

	if (s && virt_service_runs(type, feature))
		set_state(s, VIRT_VERIFIED);
}

void virt_service_failed(enum hypervisor_type type, const char *feature,
			 const char *why)
{
	struct virt_feature *f = feature_of(type, feature);
	u8 keep = VIRT_OFFERED;

	if (f && atomic_fetch_and(&f->state, keep) & VIRT_ENABLED)
		pr_warn("%s: %s: not used", feature, why);
}

/* A role is taken by who was started first. */
static bool role_is_taken(const struct virt_service *s)
{
	table_for_each(const struct virt_service, virt_service, it) {
		if (*it == s)
			break;
		if (s->role && (*it)->role == s->role &&
		    virt_service_runs((*it)->hypervisor, (*it)->feature))
			return true;
	}
	return false;
}

static bool is_wanted(const struct virt_service *s)
{
	return has_state(s->hypervisor, s->feature, VIRT_OFFERED) &&
	       (!s->off || !*s->off) && !role_is_taken(s) &&
	       (!s->requires || virt_service_runs(s->hypervisor, s->requires));
}

static int start_here(const struct virt_service *s)
{
	return s->start_cpu ? s->start_cpu() : 0;
}

static int start_service(const struct virt_service *s)
{
	int err = s->start ? s->start() : 0;
	unsigned long irq;

	if (err)
		return err;
	irq = local_irq_save();
	err = start_here(s);
	if (err && s->stop_cpu)
		s->stop_cpu();
	local_irq_restore(irq);
	return err;
}

static int services_start(void)
{
	table_for_each(const struct virt_service, virt_service, it) {
		const struct virt_service *s = *it;
		int err;

		if (!virt_paravirt_allowed() || !is_wanted(s))
			continue;
		err = start_service(s);
		if (!err)
			set_state(s, VIRT_ENABLED);
		else if (err != -ENODEV)
			pr_warn("%s cannot be used: error %d", s->feature,
				-err);
	}
	return 0;
}
initcall(INIT_PARAVIRT, services_start);

static int services_start_cpu(void)
{
	table_for_each(const struct virt_service, virt_service, it) {
		const struct virt_service *s = *it;
		int err;

		if (!virt_service_runs(s->hypervisor, s->feature))
			continue;
		err = start_here(s);
		if (err)
			pr_warn("%s cannot be used on CPU %u: error %d",
				s->feature, smp_processor_id(), -err);
	}
	return 0;
}
initcall_cpu(INIT_PARAVIRT, services_start_cpu);

/* From the end of the table: what is built on comes last. */
static void stop_backwards(void (*stop)(const struct virt_service *))
{
	size_t count = table_count(virt_service);

	while (count--) {
		size_t n = 0;

		table_for_each(const struct virt_service, virt_service, it)
			if (n++ == count)
				stop(*it);
	}
}

static void stop_here(const struct virt_service *s)
{
	if (s->stop_cpu && virt_service_runs(s->hypervisor, s->feature))
		s->stop_cpu();
}

static void stop_shared(const struct virt_service *s)
{
	if (s->stop && virt_service_runs(s->hypervisor, s->feature))
		s->stop();
}

void virt_services_stop_cpu(void)
{
	stop_backwards(stop_here);
}

void virt_services_stop(void)
{
	stop_backwards(stop_here);
	stop_backwards(stop_shared);
}
