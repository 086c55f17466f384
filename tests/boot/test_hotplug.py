# SPDX-License-Identifier: BSD-2-Clause
"""Devices that the hypervisor plugs in and wants back, by slots of PCI Express
ports: no command is typed."""

import re

import pytest
from zirvium import SHELL_ONLY

PORTS = ("-device", "pcie-root-port,id=rp0,chassis=1,addr=05.0",
         "-device", "pcie-root-port,id=rp1,chassis=2,addr=06.0")
# Else QEMU's q35 tells of changes by ACPI, and only by that.
NATIVE = ("-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
          *PORTS)
RNG = "virtio-rng-pci"


def wait_lsdev(guest, pattern: str, there: bool = True, tries: int = 100) -> str:
    """Until a line of lsdev has @pattern, or none has any more."""
    for _ in range(tries):
        tree = guest.run("lsdev")
        if bool(re.search(pattern, tree, re.M)) == there:
            return tree
    raise guest.machine.error(f"{pattern!r} is not as it should be in {tree}")


def plug(guest, **device):
    guest.machine.qmp.command("device_add", **device)


def unplug(guest, name: str):
    """Ask for the device, and see that QEMU gets it."""
    qmp = guest.machine.qmp
    before = deleted(qmp, name)
    qmp.command("device_del", id=name)
    for _ in range(100):
        guest.run("lsdev")
        if deleted(qmp, name) > before:
            return
    raise guest.machine.error(f"{name} was not given back")


def deleted(qmp, name: str) -> int:
    return sum(event["event"] == "DEVICE_DELETED" and
               event["data"].get("device") == name for event in qmp.events)


def come_and_go(guest):
    """Twice, since what is done at a removal matters the second time."""
    for _ in range(2):
        plug(guest, driver=RNG, id="late", bus="rp0")
        wait_lsdev(guest, r"^ *virtio0 ")
        unplug(guest, "late")
        wait_lsdev(guest, r"^ *virtio0 ", there=False)
    assert "broken" not in guest.machine.text


def test_device_comes_and_goes(boot):
    guest = boot(SHELL_ONLY, vga="none", smp=2, extra=NATIVE).wait_prompt()
    assert "pcie-slot" in guest.run("lsdev")
    come_and_go(guest)


def test_device_comes_and_goes_on_arm64(boot_arm64):
    guest = boot_arm64(SHELL_ONLY, smp=2, extra=PORTS).wait_prompt()
    come_and_go(guest)


def test_device_that_was_there_is_given_back(boot):
    extra = (*NATIVE, "-device", f"{RNG},id=first,bus=rp0",
             "-device", f"{RNG},id=second,bus=rp1")
    guest = boot(SHELL_ONLY, vga="none", extra=extra).wait_prompt()
    wait_lsdev(guest, r"^ *virtio1 ")
    unplug(guest, "first")
    tree = wait_lsdev(guest, r"^ *virtio0 ", there=False)
    assert re.search(r"^ *virtio1 ", tree, re.M)
    plug(guest, driver=RNG, id="third", bus="rp0")
    wait_lsdev(guest, r"^ *virtio0 ")


def test_plugged_in_device_moves_bytes(boot):
    guest = boot(SHELL_ONLY, vga="none", smp=2, extra=NATIVE).wait_prompt()
    plug(guest, driver=RNG, id="late", bus="rp1")
    wait_lsdev(guest, r"^ *virtio0 ")
    answer = guest.run("selftest virtio-transport")
    assert "ok 1 bytes-move" in answer and "not ok" not in answer
    unplug(guest, "late")


@pytest.mark.parametrize("bound", [True, False], ids=["bound", "unbound"])
def test_slot_can_be_left_alone(boot, bound):
    guest = boot(SHELL_ONLY, vga="none", extra=NATIVE).wait_prompt()
    if not bound:
        guest.run("unbind 0000:00:05.0")
    plug(guest, driver=RNG, id="late", bus="rp0")
    if bound:
        wait_lsdev(guest, r"^ *virtio0 ")
    else:
        assert "virtio0" not in guest.run("lsdev")
        guest.run("bind 0000:00:05.0")
        wait_lsdev(guest, r"^ *virtio0 ")
