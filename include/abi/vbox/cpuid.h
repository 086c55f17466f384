/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VirtualBox's CPUID leaves depend on its paravirtualization provider (user
 * manual, "Paravirtualization Providers"; shapes seen with VirtualBox 7.2):
 * none and legacy have no hypervisor bit; minimal has an empty signature and
 * the timing leaf; hyperv has the signature below with Hyper-V's interface;
 * kvm has KVM's signature and nothing that says VirtualBox.
 */
#pragma once

#define VBOX_SIGNATURE "VBoxVBoxVBox"

_Static_assert(sizeof(VBOX_SIGNATURE) == 12 + 1, "EBX, ECX, EDX");
