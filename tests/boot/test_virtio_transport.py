# SPDX-License-Identifier: BSD-2-Clause
"""virtio over PCI and MMIO: every interface and every kind of interrupt moves
bytes, by the entropy device, which needs nothing but one queue."""

import re

import pytest
from machine import find_firmware
from zirvium import SHELL_ONLY

TESTS = "selftest=virtio-transport exit"
ROUNDS = 50  # of the self-test, each with an interrupt
OWN = "interrupt-goes-to-the-cpu"  # the queue has a vector for itself

RNG = "virtio-rng-pci"
MODERN = f"{RNG},disable-legacy=on,disable-modern=off"
TRANSITIONAL = f"{RNG},disable-legacy=off,disable-modern=off"
LEGACY = f"{RNG},disable-legacy=off,disable-modern=on"

PCI = {
    "modern": (MODERN, "pci"),
    "modern-packed": (f"{MODERN},packed=on", "pci"),
    "transitional": (TRANSITIONAL, "pci"),
    "legacy": (LEGACY, "pci-legacy"),
}
INTERRUPTS = {
    "each-queue": ("vectors=2", "MSI-X", True),
    "shared": ("vectors=1", "MSI-X", True),  # with one queue it is its own
    "pin": ("vectors=0", "INTx", False),
}

MOVED = r"# bytes-move: virtio\d: {}, {}, (\d+) interrupts"


def assert_moved(guest, transport, interrupts, own):
    report = guest.finish()
    text = guest.machine.text
    moved = re.search(MOVED.format(transport, interrupts), text)
    assert moved, text
    assert int(moved[1]) >= ROUNDS
    skipped = {name.split(".")[-1] for name in report.skipped}
    assert skipped == (set() if own else {OWN})
    assert "broken" not in text


@pytest.mark.parametrize("kind", INTERRUPTS)
@pytest.mark.parametrize("interface", PCI)
def test_pci_moves_bytes(boot, interface, kind):
    device, transport = PCI[interface]
    vectors, interrupts, own = INTERRUPTS[kind]
    guest = boot(TESTS, smp=2, extra=("-device", f"{device},{vectors}"))
    assert_moved(guest, transport, interrupts, own)


# Legacy ports are reached through the host bridge's window in memory.
@pytest.mark.parametrize("kind", INTERRUPTS)
@pytest.mark.parametrize("interface", ["modern", "modern-packed", "legacy"])
def test_pci_moves_bytes_on_arm64(boot_arm64, interface, kind):
    device, transport = PCI[interface]
    vectors, interrupts, own = INTERRUPTS[kind]
    guest = boot_arm64(TESTS, smp=2, extra=("-device", f"{device},{vectors}"))
    assert_moved(guest, transport, interrupts, own)


def test_transitional_device_is_used_as_legacy_on_request(boot):
    guest = boot(f"{TESTS} virtio_pci.force_legacy", smp=2,
                 extra=("-device", TRANSITIONAL))
    assert_moved(guest, "pci-legacy", "MSI-X", True)


def test_device_with_a_notification_register_for_each_queue(boot):
    guest = boot(TESTS, smp=2,
                 extra=("-device", f"{MODERN},page-per-vq=on"))
    assert_moved(guest, "pci", "MSI-X", True)


def test_device_behind_a_bridge(boot):
    extra = ("-device", "pcie-root-port,id=rp0,chassis=1",
             "-device", f"{RNG},bus=rp0")
    assert_moved(boot(TESTS, smp=2, extra=extra), "pci", "MSI-X", True)


# Firmware does not say where the pins behind further root buses lead.
def test_device_whose_pin_leads_nowhere_is_polled(boot):
    extra = ("-device", "pxb-pcie,id=pxb,bus_nr=64",
             "-device", "pcie-root-port,id=rp0,bus=pxb,chassis=1",
             "-device", f"{RNG},bus=rp0,vectors=0")
    guest = boot(TESTS, smp=2, extra=extra)
    assert_moved(guest, "pci", "INTx", False)
    assert "virtio0: its line does not interrupt: polled every" in \
        guest.machine.text


@pytest.mark.parametrize("legacy", ["true", "false"])
def test_mmio_that_a_device_tree_tells_of(boot_arm64, legacy):
    extra = ("-global", f"virtio-mmio.force-legacy={legacy}",
             "-device", "virtio-rng-device")
    assert_moved(boot_arm64(TESTS, smp=2, extra=extra), "mmio", "a line", False)


@pytest.mark.parametrize("legacy", ["true", "false"])
def test_mmio_that_acpi_tells_of(boot, legacy):
    extra = ("-global", f"virtio-mmio.force-legacy={legacy}",
             "-device", "virtio-rng-device")
    guest = boot(TESTS, machine="microvm,acpi=on,isa-serial=on", vga="none",
                 extra=extra)
    assert_moved(guest, "mmio", "a line", False)


# There is no table that tells of the interrupt controller either.
@pytest.mark.parametrize("legacy", ["true", "false"])
def test_mmio_that_the_command_line_tells_of(boot, legacy):
    extra = ("-global", f"virtio-mmio.force-legacy={legacy}",
             "-device", "virtio-rng-device")
    guest = boot(TESTS, machine="microvm,acpi=off,isa-serial=on", vga="none",
                 extra=extra)
    assert_moved(guest, "mmio", "a line", False)
    assert "virtio0: no interrupts: polled every" in guest.machine.text


# A boot through UEFI takes several seconds.
def test_mmio_that_acpi_tells_of_on_arm64(boot_arm64_iso):
    if find_firmware("arm64") is None:
        pytest.skip("no UEFI firmware (Debian package qemu-efi-aarch64)")
    guest = boot_arm64_iso(TESTS, extra=("-device", "virtio-rng-device"))
    assert_moved(guest, "mmio", "a line", False)


def test_malformed_place_is_reported(boot):
    guest = boot(f"{SHELL_ONLY} virtio_mmio.device=4K@0xd0000000", vga="none")
    guest.wait_prompt()
    assert "virtio_mmio.device=4K@0xd0000000: not a valid value" in \
        guest.machine.text


def test_place_without_a_device_is_reported(boot):
    guest = boot(f"{SHELL_ONLY} virtio_mmio.device=4K@0xd0000000:5",
                 vga="none").wait_prompt()
    assert "d0000000.virtio_mmio: begins with 0, not 0x74726976: no virtio " \
        "device" in guest.machine.text
    assert "d0000000.virtio_mmio" in guest.run("lsdev")
