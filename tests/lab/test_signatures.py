# SPDX-License-Identifier: BSD-2-Clause
"""A real KVM under the names of others: no service believes a name alone.

QEMU puts any signature on KVM's imitation of Hyper-V's interface, and any
maker in SMBIOS; KVM's own leaves are hidden. What each name makes this kernel
try has to survive that the interface behind it is not there.
"""

from dataclasses import dataclass

import pytest
from test_kvm import assert_green, assert_says

# Of Hyper-V's interface, what works without KVM's clock.
ENLIGHTENMENTS = (
    "hv-relaxed,hv-vapic,hv-time,hv-vpindex,hv-runtime,hv-synic,hv-stimer,"
    "hv-frequencies,hv-tlbflush,hv-ipi"
)
SUITES = "selftest=cpuid,hyperv,irq,paravirt,smp,virt,vmware"


@dataclass(frozen=True)
class Name:
    """A hypervisor's name, as CPUID and firmware say it."""

    name: str  # what this kernel says
    signature: str
    manufacturer: str = ""
    product: str = ""
    source: str = "Hyper-V TSC frequency register"  # whose interface it is

    def options(self) -> dict:
        cpu = f"host,kvm=off,{ENLIGHTENMENTS},hv-vendor-id={self.signature}"
        if not self.manufacturer:
            return {"cpu": cpu}
        strings = f"manufacturer={self.manufacturer},product={self.product}"
        return {"cpu": cpu, "extra": ("-smbios", f"type=1,{strings}")}

    def param(self):
        hypervisor = f"KVM (AMD, nested) as {self.name}"
        note = "by signature on a real KVM"
        mark = pytest.mark.leg(hypervisor=hypervisor, path="PVH", note=note)
        return pytest.param(self, marks=mark, id=self.name)


MICROSOFT = Name(
    "Hyper-V", "Microsoft Hv", "Microsoft Corporation", "Virtual Machine"
)
VMWARE = Name(
    "VMware",
    "VMwareVMware",
    "VMware,, Inc.",
    "VMware Virtual Platform",
    source="VMware backdoor",
)
PARALLELS = Name(
    "Parallels", " lrpepyh  vr", "Parallels", "Parallels Virtual Platform"
)
NAMES = [
    Name("KVM", "KVMKVMKVM", "Red Hat", "KVM"),
    MICROSOFT,
    VMWARE,
    Name("Xen", "XenVMMXenVMM", "Xen", "HVM domU"),
    Name("VirtualBox", "VBoxVBoxVBox", "innotek GmbH", "VirtualBox"),
    Name("QEMU", "TCGTCGTCGTCG", source="QEMU vmport"),
    PARALLELS,
    Name("bhyve", "bhyve bhyve ", "FreeBSD", "BHYVE"),
    Name("ACRN", "ACRNACRNACRN", "Somebody", "Something"),
]


@pytest.mark.parametrize("name", [name.param() for name in NAMES])
def test_name_is_said_and_not_built_on(boot, leg, name):
    guest = boot(f"{SUITES} exit", smp=2, **name.options())
    assert_green(guest)
    assert_says(guest, rf"^Hypervisor: {name.name}$")
    if name is not MICROSOFT:
        assert_says(guest, r"^Hypervisor interface: Hyper-V at 0x40000000$")
    # What its block offers is used under its own meaning, which is Hyper-V's.
    assert_says(guest, rf"time-stamp counter at .* \({name.source}\)$")
    assert "cannot be used" not in guest.machine.text
    leg.had(cpus=2)


# VMware with its leaves masked: QEMU's vmport answers for it.


def test_masked_vmware_states_its_frequency_through_the_backdoor(boot):
    strings = "type=1,manufacturer=VMware,, Inc.,product=VMware7,,1"
    guest = boot(
        "selftest=paravirt,vmware exit",
        cpu="host,kvm=off",
        extra=("-smbios", strings),
    )
    report = assert_green(guest)
    assert_says(guest, r"^Hypervisor: VMware$")
    assert_says(guest, r"time-stamp counter at .* \(VMware backdoor\)$")
    assert "paravirt.tsc-frequency" in report.passed
    assert "vmware.backdoor-answers-again" in report.passed


def test_qemus_backdoor_states_the_frequency_where_kvm_is_hidden(boot):
    guest = boot("selftest=paravirt exit", cpu="host,kvm=off")
    assert "paravirt.tsc-frequency" in assert_green(guest).passed
    assert_says(guest, r"^Hypervisor: QEMU$")
    assert_says(guest, r"time-stamp counter at .* \(QEMU vmport\)$")
