# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel says about the hypervisor it is in."""

import json

import pytest
from zirvium import DETECTION_BEGIN, SHELL_ONLY

BIT_LINE = "Hypervisor detected! (CPUID.1.ECX[31]=1)"

# What a physical PC's firmware would say, as far as QEMU lets us say it.
PHYSICAL = (
    *("-smbios", "type=0,vendor=American Megatrends,version=F4,uefi=off"),
    *("-smbios", "type=1,manufacturer=Gigabyte,product=B450,version=1"),
    *("-smbios", "type=2,manufacturer=Gigabyte,product=B450,version=1"),
    *("-smbios", "type=3,manufacturer=Gigabyte"),
)
PHYSICAL_ACPI = "q35,x-oem-id=ALASKA,x-oem-table-id=A M I,vmport=off"

# Hypervisor bit set and no signature: the firmware is what is left to ask.
NO_SIGNATURE = "qemu64,tcg-cpuid=off"


def system(manufacturer: str, product: str) -> tuple[str, ...]:
    strings = f"manufacturer={manufacturer},product={product}"
    return ("-smbios", f"type=1,{strings}")


def test_detection_lines_are_exact(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    assert guest.detection() == [
        DETECTION_BEGIN,
        BIT_LINE,
        "Hypervisor: QEMU",
        # QEMU's own CPU emulation offers a guest no interface.
        "Paravirtualization: Not available",
    ]


def test_detection_lines_appear_once(boot):
    guest = boot(SHELL_ONLY).wait_prompt()
    assert guest.lines().count(DETECTION_BEGIN) == 1
    assert sum("Hypervisor: " in line for line in guest.lines()) == 1


def test_missing_hypervisor_bit_leaves_the_firmware_to_tell(boot):
    guest = boot(SHELL_ONLY, cpu="qemu64,-hypervisor").wait_prompt()
    assert guest.detection()[:3] == [
        DETECTION_BEGIN,
        "Hypervisor detected! (SMBIOS)",
        "Hypervisor: QEMU",
    ]


def test_bare_metal_says_so(boot):
    guest = boot(
        SHELL_ONLY, cpu="qemu64,-hypervisor", machine=PHYSICAL_ACPI, extra=PHYSICAL
    ).wait_prompt()
    assert guest.detection() == [
        DETECTION_BEGIN,
        "No hypervisor detected (CPUID.1.ECX[31]=0)",
        "Hypervisor: None (bare metal)",
        "Paravirtualization: Not available",
    ]
    assert virt_json(guest)["virtualized"] is False


def test_vmware_backdoor_port_alone_is_not_vmware(boot):
    guest = boot(SHELL_ONLY, machine="q35,vmport=on").wait_prompt()
    assert "Hypervisor: QEMU" in guest.detection()


@pytest.mark.parametrize(
    ("name", "smbios"),
    [
        ("VMware", system("VMware,, Inc.", "VMware Virtual Platform")),
        ("VirtualBox", system("innotek GmbH", "VirtualBox")),
        ("Hyper-V", system("Microsoft Corporation", "Virtual Machine")),
        ("Xen", system("Xen", "HVM domU")),
        ("Parallels", system("Parallels International GmbH.", "Parallels ARM")),
        ("bhyve", system("FreeBSD", "BHYVE")),
        ("KVM", system("Red Hat", "KVM")),
        ("QEMU", ()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_firmware_names_the_hypervisor_that_has_no_signature(boot, name, smbios):
    guest = boot(SHELL_ONLY, cpu=NO_SIGNATURE, extra=smbios).wait_prompt()
    assert guest.detection()[:3] == [
        DETECTION_BEGIN,
        BIT_LINE,
        f"Hypervisor: {name}",
    ]


def test_signature_beats_what_firmware_claims(boot):
    smbios = system("VMware,, Inc.", "VMware Virtual Platform")
    guest = boot(SHELL_ONLY, extra=smbios).wait_prompt()
    assert "Hypervisor: QEMU" in guest.detection()


def test_vendor_signature_of_the_cpu_is_not_a_hypervisor_signature(boot):
    cpu = "qemu64,vendor=KVMKVMKVM123"
    guest = boot(SHELL_ONLY, cpu=cpu).wait_prompt()
    assert "Hypervisor: QEMU" in guest.detection()


def virt_json(guest) -> dict:
    text = guest.run("virt --json")
    return json.loads(text)
