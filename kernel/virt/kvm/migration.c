/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leave for the host to migrate this guest, which it asks for where a guest's
 * memory is encrypted. This kernel keeps no secret from its host.
 */
#include <abi/kvm/msr.h>
#include <kernel/param.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_migration;
param_bool("no-kvm-migration-control", no_migration,
	   "do not allow an encrypted guest to be migrated");

static int start(void)
{
	return virt_wrmsr(MSR_KVM_MIGRATION_CONTROL, KVM_MIGRATION_READY);
}

static const struct virt_service migration_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_MIGRATION,
	.off = &no_migration,
	.start = start,
};
VIRT_SERVICE(2, migration_service);
