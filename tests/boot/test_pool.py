# SPDX-License-Identifier: BSD-2-Clause
"""Devices of all kinds behind bounce buffers: a pool that is short of room
makes who uses it wait, and breaks nothing."""

import re

import pytest
from test_arm64 import vmm_dtb  # noqa: F401, fixture
from test_virtio_blk import drive
from zirvium import SHELL_ONLY

# The least that there is: 1 MiB.
SMALL = "swiotlb=128,force"
SUITES = "selftest=blk,dma,net,random,virtio_net,virtio-transport,virtqueue"
SUITES += ",virtqueue-pool"
DISK_BYTES = 4 << 20


def nics(bus: str, count: int, options: str = "") -> tuple[str, ...]:
    args: tuple[str, ...] = ()
    for i in range(count):
        args += ("-netdev", f"user,id=n{i}",
                 "-device", f"virtio-net-{bus},netdev=n{i}{options}")
    return args


def devices(tmp_path, bus: str, serial: str, options: str = "", count=1):
    """A disk, networks, a source of random numbers and a console."""
    image = tmp_path / "disk.img"
    image.write_bytes(bytes(DISK_BYTES))
    return (
        *drive(image, "d"),
        "-device", f"virtio-blk-{bus},drive=d{options}",
        *nics(bus, count, options),
        "-device", f"virtio-rng-{bus}{options}",
        "-device", f"virtio-serial-{serial}{options}",
        "-chardev", "null,id=c", "-device", "virtconsole,chardev=c",
    )


def check_all(guest, restricted=False) -> None:
    """Every device does its work, in each other's presence."""
    report = guest.wait_prompt().report()
    assert report.passed, report.summary()
    skipped = " ".join(report.skipped)
    assert "were-shown-the-pool-only" not in skipped
    assert restricted or "show-the-pool-only" not in skipped
    assert "10.0.2.15/24" in guest.run("dhcp eth0")
    assert "3 received" in guest.run("ping -c 3 -i 0.1 10.0.2.2")
    assert "3 received" in guest.run("ping -c 3 -i 0.1 -s 20000 10.0.2.2")
    assert "error" not in guest.run("blkfill vda -n 1M 5")
    assert "error" not in guest.run("blkcheck vda -n 1M 5")
    # Once more, with all that was sent and received since.
    assert "fail:0" in guest.run("selftest virtqueue-pool")
    assert "0 wrong ends" in guest.run("swiotlb")
    assert "not finished in time" not in guest.machine.text
    assert "does not drive it" not in guest.machine.text
    assert "hvc0" in guest.machine.text


def test_small_pool_is_enough_for_all(boot, tmp_path):
    check_all(boot(
        f"{SMALL} {SUITES} blk_test=vda", smp=4, vga="none",
        extra=devices(tmp_path, "pci", "pci"),
    ))


@pytest.mark.parametrize("bus, serial", [("device", "device"), ("pci", "pci")])
def test_small_pool_is_enough_for_all_on_arm64(
    boot_arm64, tmp_path, bus, serial
):
    check_all(boot_arm64(
        f"{SMALL} {SUITES} blk_test=vda", smp=2,
        extra=devices(tmp_path, bus, serial),
    ))


def test_networks_leave_room_for_the_disk_of_a_small_machine(boot, tmp_path):
    guest = boot(
        f"swiotlb=force blk_timeout_ms=2000 {SHELL_ONLY}",
        memory="16M", vga="none",
        extra=devices(tmp_path, "pci", "pci", count=2),
    ).wait_prompt()
    for name in "eth0", "eth1":
        assert f"{name}: 10.0.2.15/24" in guest.run(f"dhcp {name}")
    assert "00000000" in guest.run("hexdump vda -n 16")
    assert " broken: " not in guest.machine.text


def test_devices_of_a_restricted_pool_see_nothing_else(
    boot_arm64, vmm_dtb, tmp_path  # noqa: F811
):
    """All of a machine's PCI devices share the pool of its host bridge."""
    guest = boot_arm64(
        f"console=ttyAMA0 earlycon=pl011,0x9000000 {SUITES} blk_test=vda",
        machine="virt,gic-version=2,highmem=off", memory="512M",
        extra=("-dtb", str(vmm_dtb),
               *devices(tmp_path, "pci", "pci", ",disable-legacy=on")),
    )
    check_all(guest, restricted=True)
    assert not re.search(r"^default: ", guest.run("swiotlb"), re.M)


@pytest.mark.parametrize("words", ["nolapic", f"nolapic {SMALL}"])
def test_all_devices_work_without_any_interrupt(boot, tmp_path, words):
    """No timers interrupt either: what looks is a thread."""
    guest = boot(f"{words} {SUITES} blk_test=vda", vga="none",
                 extra=devices(tmp_path, "pci", "pci"))
    report = guest.wait_prompt().report()
    assert report.passed, report.summary()
    assert "not used" not in guest.machine.text
    assert guest.machine.text.count("no interrupts: polled every") >= 4
    assert "10.0.2.15/24" in guest.run("dhcp eth0")
    assert "3 received" in guest.run("ping -c 3 -i 0.1 -s 20000 10.0.2.2")
    assert "error" not in guest.run("blkfill vda -n 1M 5")
    assert "error" not in guest.run("blkcheck vda -n 1M 5")
    assert "not ready" not in guest.run("random")
