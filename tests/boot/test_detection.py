# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel says about the hypervisor it is in."""

import json
import struct

import pytest
from paths import ROOT
from zirvium import DETECTION_BEGIN, SHELL_ONLY

BIT_LINE = "Hypervisor detected! (CPUID.1.ECX[31]=1)"

# What a physical PC's firmware would say, as far as QEMU lets us say it.
PHYSICAL_STRINGS = "manufacturer=Gigabyte,product=B450,version=1"
PHYSICAL_ACPI = "q35,x-oem-id=ALASKA,x-oem-table-id=A M I,vmport=off"
# Type 0: QEMU's own would say "virtual machine" in its second extension byte.
PHYSICAL_BIOS = struct.pack(
    "<BBHBBHBBQBBBBBB",
    *(0, 24, 0),  # type, length, handle
    *(1, 2, 0xE800, 3, 0),  # vendor, version, segment, date, size
    *(0x08, 0x00, 0x04),  # characteristics: none; targeted distribution
    *(0xFF, 0xFF, 0xFF, 0xFF),  # releases of BIOS and controller: none
)
PHYSICAL_BIOS += b"American Megatrends Inc.\0F4\x0001/02/2020\0\0"


def physical_firmware(folder) -> tuple[str, ...]:
    """QEMU's options for what a PC's firmware says of itself."""
    bios = folder / "type0.bin"
    bios.write_bytes(PHYSICAL_BIOS)
    return (
        *("-smbios", f"file={bios}"),
        *("-smbios", f"type=1,{PHYSICAL_STRINGS}"),
        *("-smbios", f"type=2,{PHYSICAL_STRINGS}"),
        *("-smbios", "type=3,manufacturer=Gigabyte"),
    )


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


def test_bare_metal_says_so(boot, tmp_path):
    guest = boot(
        SHELL_ONLY,
        cpu="qemu64,-hypervisor",
        machine=PHYSICAL_ACPI,
        extra=physical_firmware(tmp_path),
    ).wait_prompt()
    assert guest.detection() == [
        DETECTION_BEGIN,
        "No hypervisor detected (CPUID.1.ECX[31]=0)",
        "Hypervisor: None (bare metal)",
        "Paravirtualization: Not available",
    ]
    assert virt_json(guest)["virtualized"] is False


def test_virtual_machine_bit_of_the_firmware_is_believed(boot):
    smbios = ("-smbios", "type=0,vendor=Somebody")
    guest = boot(
        SHELL_ONLY,
        cpu="qemu64,-hypervisor",
        machine=PHYSICAL_ACPI,
        extra=smbios + system("Gigabyte", "B450"),
    ).wait_prompt()
    assert guest.detection()[1:3] == [
        "Hypervisor detected! (SMBIOS)",
        'Hypervisor: Unknown ("Gigabyte")',
    ]


def backdoor(guest) -> tuple[bool, bool]:
    """Whether VMware's backdoor was asked for, and whether it answered."""
    found = virt_json(guest)["evidence"]["backdoor"]
    return found["asked"], found["answers"]


def offered(guest, hypervisor: str) -> set[str]:
    """Names of the features that @hypervisor was found to offer."""
    document = virt_json(guest)
    (found,) = (h for h in document["hypervisors"] if h["type"] == hypervisor)
    return {f["name"] for f in found["features"] if f["offered"]}


@pytest.mark.parametrize("vmport", ["on", "off"])
def test_vmware_backdoor_port_alone_is_not_vmware(boot, vmport):
    guest = boot("selftest=vmware", machine=f"q35,vmport={vmport}")
    guest.wait_prompt()
    assert "Hypervisor: QEMU" in guest.detection()
    assert backdoor(guest) == (True, vmport == "on")
    assert ("vmport" in offered(guest, "qemu")) == (vmport == "on")
    report = guest.report()
    assert not report.failed
    answered = "vmware.backdoor-answers-again" in report.passed
    assert answered == (vmport == "on")


def test_vmware_named_by_firmware_is_asked_through_its_backdoor(boot):
    smbios = system("VMware,, Inc.", "VMware Virtual Platform")
    guest = boot("selftest=vmware", cpu=NO_SIGNATURE, extra=smbios)
    guest.wait_prompt()
    assert guest.detection()[2] == "Hypervisor: VMware"
    # QEMU, which answers here, has no more than these.
    assert offered(guest, "vmware") == {"backdoor"}
    assert not guest.report().failed


def unknown_machine(tmp_path) -> dict:
    """A machine that says nothing of itself, and has the backdoor."""
    machine = PHYSICAL_ACPI.replace("vmport=off", "vmport=on")
    extra = physical_firmware(tmp_path)
    return {"cpu": "qemu64,-hypervisor", "machine": machine, "extra": extra}


def test_unknown_machine_is_not_asked_through_vmwares_backdoor(boot, tmp_path):
    guest = boot(SHELL_ONLY, **unknown_machine(tmp_path)).wait_prompt()
    assert guest.detection()[2] == "Hypervisor: None (bare metal)"
    assert backdoor(guest) == (False, False)


def test_unknown_machine_is_asked_on_request(boot, tmp_path):
    options = unknown_machine(tmp_path)
    guest = boot(f"{SHELL_ONLY} vmware-backdoor", **options).wait_prompt()
    assert guest.detection()[1:3] == [
        "Hypervisor detected! (backdoor)",
        "Hypervisor: VMware",
    ]


def test_vmwares_backdoor_is_left_alone_on_request(boot):
    guest = boot(f"{SHELL_ONLY} no-vmware-backdoor").wait_prompt()
    assert backdoor(guest) == (False, False)


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
def test_firmware_names_what_has_no_signature(boot, name, smbios):
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


# What docs/virt-json.md promises: names and types of members, no others.
ANSWER = (bool, type(None))
FEATURE = {
    **{"name": str, "kind": str},
    **{"offered": bool, "enabled": ANSWER, "verified": ANSWER},
}
FOUND = {
    **{"name": str, "type": str, "primary": bool, "reason": str},
    **{"strength": str, "base": (int, type(None)), "opaque": bool},
    "features": [FEATURE],
}
LEAF = dict.fromkeys(("leaf", "eax", "ebx", "ecx", "edx"), int)
BLOCK = {
    **{"base": int, "signature": str, "max_claimed": int, "max_trusted": int},
    "leaves": [LEAF],
}
SMBIOS = {
    **dict.fromkeys(("bios_vendor", "bios_version"), str),
    **dict.fromkeys(("system_manufacturer", "system_product"), str),
    **dict.fromkeys(("system_version", "board_manufacturer"), str),
    **{"board_product": str, "virtual_machine": bool},
}
DOCUMENT = {
    **{"schema": str, "virtualized": bool, "name": str, "type": str},
    "paravirt": dict.fromkeys(("built_in", "allowed", "available"), bool),
    "hypervisors": [FOUND],
    "evidence": {
        "hypervisor_bit": bool,
        "cpuid_blocks": [BLOCK],
        "cpuid_blocks_repeated": int,
        "cpuid_blocks_dropped": int,
        "smbios": SMBIOS,
        "acpi": {
            **{"oem_id": str, "oem_table_id": str, "hypervisor_vendor": str},
        },
        "smccc_uid": (str, type(None)),
        "smccc_offers": [int],
        "device_tree": {"machine": str, "hypervisor": str, "fw_cfg": bool},
        "backdoor": {
            **dict.fromkeys(("asked", "answers"), bool),
            **dict.fromkeys(("version", "product", "tsc_hz"), int),
        },
    },
}


def virt_json(guest) -> dict:
    """The one document that `virt --json` prints, of the promised shape."""
    document = json.loads(guest.run("virt --json"))
    check_shape(document, DOCUMENT, "$")
    return document


def check_shape(value, shape, where: str):
    if isinstance(shape, dict):
        assert isinstance(value, dict), where
        assert set(value) == set(shape), where
        for key, inner in shape.items():
            check_shape(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), where
        for i, item in enumerate(value):
            check_shape(item, shape[0], f"{where}[{i}]")
    else:
        assert isinstance(value, shape), where
        # A truth value is a number to Python, but not to JSON.
        assert shape is not int or not isinstance(value, bool), where


def members_of(shape) -> set[str]:
    if isinstance(shape, list):
        return members_of(shape[0])
    if not isinstance(shape, dict):
        return set()
    return set(shape).union(*map(members_of, shape.values()))


def test_virt_json_tells_what_the_boot_log_told(boot):
    document = virt_json(boot(SHELL_ONLY).wait_prompt())
    assert document["schema"] == "zirvium.virt/1"
    assert document["virtualized"] is True
    assert (document["name"], document["type"]) == ("QEMU", "qemu")
    primary = [h for h in document["hypervisors"] if h["primary"]]
    assert [h["name"] for h in primary] == ["QEMU"]
    evidence = document["evidence"]
    assert evidence["hypervisor_bit"] is True
    signatures = [block["signature"] for block in evidence["cpuid_blocks"]]
    assert signatures == ["TCGTCGTCGTCG"]
    assert evidence["smbios"]["system_manufacturer"] == "QEMU"
    assert evidence["acpi"]["oem_id"].startswith("BOCHS")


def test_virt_json_without_firmware_tables_is_still_whole(boot):
    machine = "microvm,acpi=off,isa-serial=on"
    guest = boot(SHELL_ONLY, machine=machine, vga="none").wait_prompt()
    assert virt_json(guest)["evidence"]["acpi"]["oem_id"] == ""


def test_virt_json_escapes_what_firmware_says(boot):
    smbios = system('a"b\\c', "<&>\t")
    guest = boot(SHELL_ONLY, cpu=NO_SIGNATURE, extra=smbios).wait_prompt()
    said = virt_json(guest)["evidence"]["smbios"]["system_manufacturer"]
    assert said == 'a"b\\c'


def test_virt_json_is_documented_member_by_member():
    text = (ROOT / "docs" / "virt-json.md").read_text()
    missing = {name for name in members_of(DOCUMENT) if f"`{name}`" not in text}
    assert not missing


def test_virt_table_names_hypervisor_and_evidence(boot):
    answer = boot(SHELL_ONLY).wait_prompt().run("virt")
    assert answer.startswith("Hypervisor: QEMU\n")
    assert "TCGTCGTCGTCG" in answer


def test_nopv_is_seen_in_the_report(boot):
    document = virt_json(boot(f"{SHELL_ONLY} nopv").wait_prompt())
    assert document["paravirt"]["allowed"] is False
