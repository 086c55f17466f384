# SPDX-License-Identifier: BSD-2-Clause
"""The same kernel on arm64: ways in, machines, faults, power."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from machine import ARM64, EXIT_POWEROFF, find_firmware
from paths import ARM64_BUILD, HERE, ROOT
from zirvium import SHELL_ONLY, TESTS_ONLY, Guest


@pytest.fixture
def arm64_uefi():
    """Skips the test where there is no UEFI firmware."""
    if find_firmware("arm64") is None:
        pytest.skip("no UEFI firmware (Debian package qemu-efi-aarch64)")


def assert_green(guest):
    report = guest.finish()
    assert report.passed
    assert all(report.skipped.values())  # each with its reason


# Interrupt controller, exception level, CPU model and number: each pair of
# values is somewhere, not each combination. UEFI and ACPI are further down.
MACHINES = {
    "gicv2-a53": ("virt,gic-version=2", "cortex-a53", 1),
    "gicv2-a57-8": ("virt,gic-version=2", "cortex-a57", 8),
    "gicv2-max-4-el2": ("virt,gic-version=2,virtualization=on", "max", 4),
    "gicv3-a72-4": ("virt,gic-version=3,its=off", "cortex-a72", 4),
    "gicv3-a53-el2": (
        "virt,gic-version=3,its=off,virtualization=on",
        "cortex-a53",
        1,
    ),
    "its-max": ("virt,gic-version=3", "max", 1),
    "its-a72-4-el2": ("virt,gic-version=3,virtualization=on", "cortex-a72", 4),
}


@pytest.mark.parametrize(
    ("machine", "cpu", "cpus"), MACHINES.values(), ids=MACHINES.keys()
)
def test_image_boots(boot_arm64, machine, cpu, cpus):
    guest = boot_arm64(TESTS_ONLY, machine=machine, cpu=cpu, smp=cpus)
    assert_green(guest)
    text = guest.machine.text
    assert f"gic: GICv{machine[len('virt,gic-version=')]}," in text
    assert ("gic: ITS" in text) == ("version=3" in machine and "its" not in machine)
    assert cpus == 1 or f"smp: {cpus} CPUs, " in text


# Tests among so many CPUs take seconds on a host that has two.
def test_64_cpus_run(boot_arm64):
    guest = boot_arm64(
        "selftest=edu,irq,smp exit",
        machine="virt,gic-version=3",
        cpu="cortex-a53",
        smp=64,
        memory="512M",
        extra=("-device", "edu"),
    )
    assert_green(guest)
    assert "smp: 64 CPUs, " in guest.machine.text


def test_modules_run(boot_arm64, arm64_initrd):
    if arm64_initrd is None:
        pytest.skip("no modules are built")
    report = boot_arm64("selftest=module exit", smp=2).finish()
    assert report.passed
    assert not report.skipped


def test_module_is_loaded_listed_and_unloaded(boot_arm64, arm64_initrd):
    if arm64_initrd is None:
        pytest.skip("no modules are built")
    guest = boot_arm64(SHELL_ONLY).wait_prompt()
    assert guest.run("modprobe module_test_user") == ""
    assert "module_test_user" in guest.run("lsmod")
    assert "nothing: 1" in guest.run("moduletest")
    assert guest.run("modprobe -r module_test_user module_test") == ""
    assert "command not found" in guest.run("moduletest")


def test_cpus_beyond_maxcpus_are_left_alone(boot_arm64):
    guest = boot_arm64(f"{SHELL_ONLY} maxcpus=2", smp=4).wait_prompt()
    assert "smp: 2 more CPUs are left alone" in guest.machine.text
    assert "smp: 2 CPUs, " in guest.machine.text


def test_entry_from_el2_is_known(boot_arm64):
    guest = boot_arm64(SHELL_ONLY, machine="virt,virtualization=on")
    assert "entered at : EL2" in guest.wait_prompt().run("cpuinfo")


# From 4 GiB on some of QEMU's memory is above 4 GiB of address.
@pytest.mark.parametrize("memory", ["32M", "4G"])
def test_memory_size_boots(boot_arm64, memory):
    assert_green(boot_arm64(TESTS_ONLY, memory=memory))


# Firmware takes 5 to 10 s in an emulator: one boot shows the ISO, the EFI
# entry, ACPI and SMBIOS.
def test_iso_boots_under_uefi_by_acpi(boot_arm64_iso, arm64_uefi):
    devices = ("-device", "edu", "-device", "rocker")
    guest = boot_arm64_iso(
        TESTS_ONLY, machine="virt,gic-version=3", smp=2, extra=devices
    )
    report = assert_messages_arrive(guest, 2)
    # The ISO brings modules.
    assert not [name for name in report.skipped if name.startswith("module.")]
    assert "smp: 2 CPUs, " in guest.machine.text
    assert "Booted by UEFI, command line: " + TESTS_ONLY in guest.machine.text
    assert guest.detection()[1] == "Hypervisor detected! (SMBIOS)"
    assert "gic: GICv3," in guest.machine.text
    assert re.search(r"pci: pci0000:00: \d+ devices, ECAM", guest.machine.text)


def test_iso_boots_under_uefi_by_device_tree(boot_arm64_iso, arm64_uefi):
    guest = boot_arm64_iso(
        "selftest=irq,module,smp initrd=/EFI/BOOT/INITRD.CPIO exit",
        machine="virt,gic-version=2,virtualization=on,acpi=off",
        cpu="cortex-a53",
        smp=4,
    )
    report = guest.finish()
    assert report.passed
    assert not report.skipped
    assert guest.detection()[1] == "Hypervisor detected! (device tree)"
    assert "smp: 4 CPUs, " in guest.machine.text
    assert "Unknown parameter" not in guest.machine.text


# QEMU's kernel and initrd through firmware, which adds "initrd=initrd", a file
# of its own. Where the file is not there, firmware is asked (LoadFile2).
@pytest.mark.parametrize("words", ["", "initrd=nowhere "])
def test_firmware_passes_the_initrd_on(
    boot_arm64, arm64_uefi, arm64_initrd, words
):
    if arm64_initrd is None:
        pytest.skip("no modules are built")
    append = f"{words}selftest=module exit"
    guest = boot_arm64(append, uefi=True, memory="256M")
    report = guest.finish()
    assert report.passed
    assert not report.skipped
    assert "Booted by UEFI" in guest.machine.text


UBOOT = Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")
UBOOT_IMAGE, UBOOT_INITRD = 0x50000000, 0x58000000


# The files are in memory already: how U-Boot gets them is its own business.
def test_uboot_boots_the_image_with_modules(start, arm64_image, arm64_initrd):
    if not UBOOT.exists():
        pytest.skip("no U-Boot (Debian package u-boot-qemu)")
    if arm64_initrd is None:
        pytest.skip("no modules are built")
    extra = ["-bios", str(UBOOT)]
    for at, path in ((UBOOT_IMAGE, arm64_image), (UBOOT_INITRD, arm64_initrd)):
        extra += ["-device", f"loader,file={path},addr={at:#x},force-raw=on"]
    options = {**ARM64, "memory": "512M", "extra": tuple(extra)}
    guest = Guest.start(start, **options)
    guest.machine.expect("Hit any key to stop autoboot")
    guest.type(" ")
    guest.machine.expect("^=> ")
    guest.type("setenv bootargs selftest=module exit\r")
    guest.machine.expect("^=> ")
    initrd = f"{UBOOT_INITRD:#x}:{arm64_initrd.stat().st_size:x}"
    guest.type(f"booti {UBOOT_IMAGE:#x} {initrd} $fdtcontroladdr\r")
    report = guest.finish()
    assert report.passed
    assert not report.skipped


def test_earlycon_shows_what_comes_before_the_console(boot_arm64):
    guest = boot_arm64(f"{SHELL_ONLY} earlycon=pl011,0x9000000 console=ttyAMA0")
    text = guest.wait_prompt().machine.text
    assert "ttyAMA0: PL011 at memory 0x9000000" in text
    assert "Unknown parameter" not in text
    assert "interrupts on line 33" in text


def test_detection_names_the_evidence(boot_arm64):
    guest = boot_arm64(SHELL_ONLY).wait_prompt()
    assert guest.detection()[1:3] == [
        "Hypervisor detected! (device tree)",
        "Hypervisor: QEMU",
    ]
    found = json.loads(guest.run("virt --json"))
    assert found["type"] == "qemu"
    assert found["evidence"]["smccc_uid"] is None
    assert found["evidence"]["device_tree"] == {
        "machine": "linux,dummy-virt",
        "hypervisor": "",
        "fw_cfg": True,
    }


def test_regions_and_lines_are_assigned_without_firmware(boot_arm64):
    extra = ("-device", "pci-testdev,membar=1M")
    extra += ("-device", "virtio-rng-pci")
    guest = boot_arm64("selftest=pci", extra=extra).wait_prompt()
    assert guest.report().ok
    listed = guest.run("lspci -v")
    assert re.search(r"Memory at 10000000 \(32-bit.*size=4K", listed)
    assert re.search(r"Memory at 10100000 \(64-bit.*size=1M", listed)
    assert "IRQ 37" in listed  # of slot 2: SPI 5 by the interrupt-map


def test_devices_interrupt_by_message_and_by_pin(boot_arm64):
    guest = boot_arm64(
        "selftest=edu,irq,pci exit",
        machine="virt,gic-version=2,highmem=off",
        smp=2,
        extra=("-device", "edu"),
    )
    report = guest.finish()
    assert "gic: 64 messages by v2m" in guest.machine.text
    skipped = " ".join(report.skipped)
    assert "message-interrupts" not in skipped
    assert "pin-interrupts" not in skipped
    assert "moving-loses-none" not in skipped


# Behind the bridge the ITS knows the device by the bridge's name.
BRIDGED = ("-device", "pcie-pci-bridge,id=b1", "-device", "edu,bus=b1,addr=3")


@pytest.mark.parametrize(
    ("machine", "smp", "edu"),
    [
        ("virt,gic-version=3", 4, ("-device", "edu")),
        ("virt,gic-version=3,virtualization=on", 1, BRIDGED),
    ],
    ids=["gicv3", "el2-bridged"],
)
def test_messages_arrive_by_the_its(boot_arm64, machine, smp, edu):
    report = boot_arm64(
        "selftest=edu,msix,pci exit",
        machine=machine,
        smp=smp,
        extra=(*edu, "-device", "rocker"),
    )
    assert_messages_arrive(report, smp)


def assert_messages_arrive(guest, cpus):
    report = guest.finish()
    assert "gic: ITS at 0x8080000: " in guest.machine.text
    skipped = " ".join(report.skipped)
    assert "message-interrupts" not in skipped
    assert "each-message-arrives" not in skipped
    assert ("moving-loses-none" in skipped) == (cpus == 1)
    return report


def test_date_is_the_real_time_clocks(boot_arm64):
    guest = boot_arm64(SHELL_ONLY, extra=("-rtc", "base=2028-02-29T23:59:00"))
    guest.wait_prompt()
    assert guest.run("date -u +%F").startswith("2028-02-29")
    assert re.search(r"^9010000\.pl031 .* pl031 ", guest.run("lsdev"), re.M)


# ACPI tells of the clock in AML only.
def test_date_under_uefi_is_what_firmware_says(boot_arm64, arm64_uefi):
    guest = boot_arm64(
        SHELL_ONLY,
        uefi=True,
        memory="256M",
        extra=("-rtc", "base=2028-02-29T23:00:00"),
    )
    assert guest.wait_prompt().run("date -u +%F").startswith("2028-02-29")


def test_devices_of_the_tree_are_listed(boot_arm64):
    listed = boot_arm64(SHELL_ONLY).wait_prompt().run("lsdev")
    line = r"^a000000\.virtio_mmio +platform +- +virtio,mmio, line 48$"
    assert re.search(line, listed, re.M)
    assert listed.count("virtio,mmio") == 32
    assert re.search(r"^9000000\.pl011 +platform ", listed, re.M)


@pytest.fixture(scope="session")
def vmm_dtb():
    """The device tree of vmm.dts, as a file."""
    path = ARM64_BUILD / "test-dtb" / "vmm.dtb"
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path]
    subprocess.run([*command, HERE / "vmm.dts"], check=True, timeout=10)
    return path


def test_guest_of_a_microkernel_monitor_boots(boot_arm64, vmm_dtb):
    guest = boot_arm64(
        "console=ttyAMA0 earlycon=pl011,0x9000000 swiotlb=65536 "
        "selftest=all exit",
        machine="virt,gic-version=2,highmem=off",
        memory="512M",
        extra=("-dtb", str(vmm_dtb), "-device", "pci-testdev"),
    )
    assert_green(guest)
    text = guest.machine.text
    assert "ECAM at 0x3f000000" in text
    # All of it, though QEMU has put the device tree and the initrd there.
    assert re.findall("software IO TLB: .*(?=\n)", text)[0] == (
        "software IO TLB: "
        "mapped [mem 0x0000000048000000-0x000000004c000000] (64MB)"
    )
    free, total = re.search(r"(\d+) KiB free of (\d+) KiB", text).groups()
    assert int(free) < (512 - 64) * 1024


def test_device_copies_through_the_pool_of_its_pci_host(boot_arm64, vmm_dtb):
    guest = boot_arm64(
        "console=ttyAMA0 earlycon=pl011,0x9000000 edu.dma_bits=32 "
        "selftest=edu,dma",
        machine="virt,gic-version=2,highmem=off",
        memory="512M",
        extra=("-dtb", str(vmm_dtb), "-device", "edu,dma_mask=0xffffffff"),
    ).wait_prompt()
    assert guest.report().ok
    assert "copies-before-it-interrupts: through a pool" in guest.machine.text
    # The tree, which was in the pool, is still there.
    assert "arm,pl011" in guest.run("lsdev")
    told = guest.run("swiotlb")
    assert "restricted-dma@48000000: [mem 0x0000000048000000-" in told
    assert "32768 slots of 2048 bytes in 16 areas" in told
    assert "slots used: 0, " in told
    copied = re.search(r"mappings: (\d+), 0 found .* (\d+) bytes copied", told)
    assert int(copied[1]) >= 2 and int(copied[2]) >= 4096


@pytest.mark.parametrize(
    ("kind", "said", "mapping"),
    [
        ("null", "data abort.*\n.*write to 0+: a null pointer", None),
        ("text", "data abort.*\n.*write to .*: a page without", "level 3 "),
        ("const", "data abort.*\n.*write to .*: a page without", "level 3 "),
        ("exec", "instruction abort.*\n.*execution of .*: a page w", "level 3"),
        ("overflow", "overflowed into its guard page", "level 3"),
        ("undefined", "breakpoint instruction", None),
    ],
    ids=["null", "text", "const", "exec", "overflow", "undefined"],
)
def test_fatal_fault_is_reported_completely(boot_arm64, kind, said, mapping):
    guest = boot_arm64(f"{SHELL_ONLY} panic=-1").wait_prompt()
    guest.type(f"crash {kind}\r")
    expect = guest.machine.expect
    expect(said, 10)
    if mapping:
        expect(rf"{mapping}.*\n", 10)
    expect(r"PC  [0-9a-f]{16} ", 10)
    expect(r"\[<[0-9a-f]{16}>\] shell_execute\+0x[0-9a-f]+/0x[0-9a-f]+\n", 10)
    expect("Kernel panic: ", 10)
    # And then it does what panic= says, from whatever state it was in.
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-reset"


@pytest.mark.parametrize(
    ("command", "reason"),
    [("poweroff", "guest-shutdown"), ("reboot", "guest-reset")],
)
def test_machine_is_left_through_psci(boot_arm64, command, reason):
    guest = boot_arm64(SHELL_ONLY, debug_exit=False).wait_prompt()
    guest.type(f"{command}\r")
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == reason


def test_power_button_of_the_device_tree_turns_the_machine_off(boot_arm64):
    guest = boot_arm64(SHELL_ONLY, debug_exit=False).wait_prompt()
    guest.machine.qmp.command("system_powerdown")
    guest.machine.expect(r"the power button asks to turn off this machine")
    assert guest.machine.wait_exit(10) == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-shutdown"


def test_exit_without_semihosting_powers_off(boot_arm64):
    guest = boot_arm64("selftest=none exit", debug_exit=False)
    assert guest.machine.wait_exit() == EXIT_POWEROFF
    assert guest.machine.shutdown_reason == "guest-shutdown"


def test_make_run_boots_it(arm64_image):
    command = ["make", "-s", "ARCH=arm64", "run", "APPEND=selftest=none exit"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"Hypervisor: QEMU" in done.stdout
