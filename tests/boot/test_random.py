# SPDX-License-Identifier: BSD-2-Clause
"""Random numbers: which sources a machine has, and what they are worth."""

import re
import time

import pytest
from zirvium import SHELL_ONLY

SOURCE = r"^(\S+) +(\d+) +(\d+)(?:  broken: (.*))?$"
KEY = r"ready: key (\d+),"


def sources(guest) -> dict[str, tuple[int, int, str]]:
    """What `random` tells of each source: bytes, credited bits, what broke."""
    rows = re.findall(SOURCE, guest.run("random"), re.MULTILINE)
    return {name: (int(a), int(b), broken) for name, a, b, broken in rows}


def wait_ready(guest, seconds=10.0):
    limit = time.monotonic() + seconds
    while not (shown := re.search(KEY, guest.run("random"))):
        assert time.monotonic() < limit, "no key"
        time.sleep(0.1)
    return int(shown[1])


def wait_source(guest, name, seconds=10.0):
    """What `random` tells of source @name once it has given something."""
    limit = time.monotonic() + seconds
    while not (shown := sources(guest).get(name)) or not shown[0]:
        assert time.monotonic() < limit, f"{name} gives nothing"
        time.sleep(0.05)
    return shown


def test_machine_without_any_source_gets_ready_by_jitter(boot):
    guest = boot(SHELL_ONLY, cpu="qemu64").wait_prompt()
    wait_ready(guest)
    shown = sources(guest)
    assert shown["jitter"][1] >= 250
    assert "rdrand" not in shown and "rdseed" not in shown
    numbers = [guest.run(f"random {n}").strip() for n in (64, 64, 16)]
    assert all(re.fullmatch("[0-9a-f]{128}", n) for n in numbers[:2])
    assert re.fullmatch("[0-9a-f]{32}", numbers[2])
    assert len(set(numbers)) == 3
    for wrong in ("0", "65", "-1", "x", "1 2"):
        assert "usage" in guest.run(f"random {wrong}").lower()


def test_instructions_of_the_cpu_are_credited_by_half(boot):
    guest = boot(SHELL_ONLY, cpu="max").wait_prompt()
    assert wait_ready(guest) == 1
    assert sources(guest)["rdrand"] == (64, 256, "")


def test_instructions_of_the_cpu_need_not_be_trusted(boot):
    append = f"{SHELL_ONLY} random.trust_cpu=off"
    guest = boot(append, cpu="max").wait_prompt()
    wait_ready(guest)
    shown = sources(guest)
    assert shown["rdrand"] == (64, 0, "")
    assert shown["jitter"][1] >= 250


def test_the_device_trees_seed_is_used(boot_arm64):
    guest = boot_arm64(SHELL_ONLY).wait_prompt()
    assert wait_ready(guest) == 1
    assert sources(guest)["rng-seed"] == (32, 256, "")


def test_the_device_trees_seed_need_not_be_trusted(boot_arm64):
    append = f"{SHELL_ONLY} random.trust_bootloader=off"
    guest = boot_arm64(append, cpu="max").wait_prompt()
    wait_ready(guest)
    shown = sources(guest)
    assert shown["rng-seed"] == (32, 0, "")
    assert shown["rndr"] == (64, 512, "")


RNG = {
    "x86-pci-msix": ("x86", {}, ("-device", "virtio-rng-pci,packed=on")),
    "x86-pci-intx": ("x86", {"machine": "pc"},
                     ("-device", "virtio-rng-pci,vectors=0,"
                      "disable-modern=on")),
    "x86-mmio": ("x86", {"machine": "microvm"},
                 ("-device", "virtio-rng-device")),
    "arm64-mmio": ("arm64", {"machine": "virt,dtb-randomness=off"},
                   ("-global", "virtio-mmio.force-legacy=false",
                    "-device", "virtio-rng-device")),
    "arm64-pci": ("arm64", {"machine": "virt,dtb-randomness=off"},
                  ("-device", "virtio-rng-pci")),
}


# A boot each, since the transports are the point.
@pytest.mark.parametrize("name", RNG)
def test_entropy_device_is_asked_once_and_credited(boot, boot_arm64, name):
    arch, config, devices = RNG[name]
    start = boot_arm64 if arch == "arm64" else boot
    guest = start(SHELL_ONLY, vga="none", extra=devices, **config)
    guest.wait_prompt()
    wait_ready(guest)
    assert sources(guest)["virtio0"] == (64, 512, "")
    guest.run("selftest random")
    assert sources(guest)["virtio0"] == (64, 512, "")


def test_entropy_device_comes_and_goes(boot):
    guest = boot(SHELL_ONLY, machine="pc", vga="none").wait_prompt()
    wait_ready(guest)
    guest.machine.qmp.command("device_add", driver="virtio-rng-pci", addr="0a")
    assert "1 PCI devices found" in guest.run("rescan")
    assert wait_source(guest, "virtio0") == (64, 512, "")
    for device in ("virtio0", "virtio0", "0000:00:0a.0"):
        guest.run(f"unbind {device}")
        assert "virtio0" not in sources(guest)
        guest.run(f"bind {device}")
        assert wait_source(guest, "virtio0") == (64, 512, "")


def test_device_that_gives_nothing_does_not_hold_up_anybody(boot, tmp_path):
    """Its backend waits for a program that never writes."""
    chardev = f"socket,id=egd,path={tmp_path / 'egd'},server=on,wait=off"
    extra = ("-chardev", chardev, "-object", "rng-egd,id=rng,chardev=egd",
             "-device", "virtio-rng-pci,rng=rng")
    guest = boot(SHELL_ONLY, vga="none", extra=extra).wait_prompt()
    wait_ready(guest)
    shown = sources(guest)
    assert shown["virtio0"] == (0, 0, "")
    assert shown["jitter"][1] >= 250
    guest.run("unbind virtio0")
    assert "virtio0" not in sources(guest)
