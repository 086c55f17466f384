# SPDX-License-Identifier: BSD-2-Clause
"""Addresses, bus numbers and interrupts that the kernel gives to devices."""

import re

import pytest
from zirvium import SHELL_ONLY

DEVICE_TESTS = "selftest=edu,msix,pci exit"

# Alone behind its port, each can be reset.
BEHIND_PORTS = (
    "-device", "pcie-root-port,id=rp0,chassis=1,addr=06.0",
    "-device", "pcie-root-port,id=rp1,chassis=2,addr=07.0",
    "-device", "edu,bus=rp0",
    "-device", "rocker,name=sw,bus=rp1",
)


def tree(shell) -> dict[str, tuple[int, str]]:
    """Depth and driver of every device."""
    found = {}
    for line in shell.run("lsdev").split("\n"):
        words = line.split()
        if words:
            found[words[0]] = (len(line) - len(line.lstrip()), words[2])
    return found


def details(shell, address: str) -> str:
    for part in shell.run("lspci -v").split("\n\n"):
        if part.startswith(address):
            return part
    raise AssertionError(f"no {address}")


def passed(shell, suite: str) -> bool:
    """Run @suite at the prompt."""
    answer = shell.run(f"selftest {suite}")
    return re.search(r"^# Totals: pass:[1-9]\d* fail:0 ", answer, re.M)


@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_interrupts_arrive_by_message_and_by_pin(boot, machine):
    extra = ("-device", "edu", "-device", "rocker,name=sw")
    guest = boot(DEVICE_TESTS, machine=machine, smp=4, vga="none", extra=extra)
    report = guest.finish()
    assert {"edu.message-interrupts", "edu.pin-interrupts",
            "msix.each-message-arrives"} <= set(report.passed)


def test_interrupts_arrive_behind_ports_and_after_resets(boot):
    guest = boot(DEVICE_TESTS, smp=4, vga="none", extra=BEHIND_PORTS)
    report = guest.finish()
    assert {"edu.interrupts-after-reset", "msix.works-after-reset"} <= set(
        report.passed
    )


def test_messages_need_no_acpi_and_no_io_apic(boot):
    extra = ("-device", "edu", "-device", "rocker,name=sw", "-no-acpi")
    guest = boot(DEVICE_TESTS, machine="pc", vga="none", extra=extra)
    report = guest.finish()
    assert {"edu.message-interrupts", "msix.each-message-arrives"} <= set(
        report.passed
    )
    assert "no I/O APIC" in guest.machine.text


@pytest.fixture(scope="module")
def shell(module_boot):
    extra = ("-device", "edu,addr=08.0", "-device", "pci-testdev,addr=09.0")
    guest = module_boot(SHELL_ONLY, machine="pc", vga="none", extra=extra)
    return guest.wait_prompt()


def test_plugged_in_device_gets_addresses_and_works(shell):
    assert "0 PCI devices found, 0 gone" in shell.run("rescan")
    shell.machine.qmp.command("device_add", driver="edu", id="late", addr="0a")
    assert "1 PCI devices found, 0 gone" in shell.run("rescan")
    assert tree(shell)["0000:00:0a.0"] == (2, "edu")
    late, early = details(shell, "00:0a.0"), details(shell, "00:08.0")
    where = re.compile(r"Memory at (\w{8}) \(32-bit, .*\[size=1M\]")
    assert where.search(late)[1] != where.search(early)[1]
    assert "MSI: Enable+ Count=1/1 " in late
    assert "0 PCI devices found, 0 gone" in shell.run("rescan")
    # The suite takes the first one.
    shell.run("unbind 0000:00:08.0")
    assert passed(shell, "edu")
    shell.run("bind 0000:00:08.0")


def test_plugged_in_bridge_gets_buses_and_windows(shell):
    qmp = shell.machine.qmp
    qmp.command("device_add", driver="pci-bridge", id="b", addr="0b",
                chassis_nr=1)
    assert "1 PCI devices found, 0 gone" in shell.run("rescan")
    qmp.command("device_add", driver="edu", id="behind", bus="b", addr="03")
    assert "1 PCI devices found, 0 gone" in shell.run("rescan")
    bridge = details(shell, "00:0b.0")
    bus = re.search(r"secondary=(\w\w), subordinate=(\w\w)", bridge)
    assert bus[1] == bus[2] != "00"
    assert tree(shell)[f"0000:{bus[1]}:03.0"] == (4, "edu")
    assert "<unassigned>" not in bridge
    base, limit = re.search(
        r"\tMemory behind bridge: (\w+)-(\w+)", bridge
    ).groups()
    memory = re.search(r"Memory at (\w{8})", details(shell, f"{bus[1]}:03.0"))
    assert int(base, 16) <= int(memory[1], 16) < int(limit, 16)


LARGE = re.compile(r"Memory at (\w+) \(64-bit, prefetchable\) \[size=8G\]")


def test_large_region_is_placed_above_4_gib(shell):
    shell.machine.qmp.command("device_add", driver="pci-testdev", addr="0c",
                              membar=8 << 30)
    assert "1 PCI devices found" in shell.run("rescan")
    address = int(LARGE.search(details(shell, "00:0c.0"))[1], 16)
    assert address >= 8 << 30 and address % (8 << 30) == 0


def test_large_region_behind_a_port_opens_its_window(boot):
    """The port's firmware-given windows are too small for what is plugged."""
    extra = ("-device", "pcie-root-port,id=rp,chassis=1,addr=05.0",)
    shell = boot(SHELL_ONLY, vga="none", extra=extra).wait_prompt()
    shell.machine.qmp.command("device_add", driver="pci-testdev", bus="rp",
                              membar=8 << 30)
    assert "1 PCI devices found" in shell.run("rescan")
    assert tree(shell)["0000:01:00.0"] == (4, "pci-testdev")
    address = LARGE.search(details(shell, "01:00.0"))[1]
    window = re.search(r"Prefetchable memory behind bridge: (\w+)-(\w+)",
                       details(shell, "00:05.0"))
    assert int(window[1], 16) == int(address, 16) >= 8 << 30
    assert int(window[2], 16) + 1 == int(address, 16) + (8 << 30)


def line_of(shell, device: str) -> str:
    found = re.search(rf"^ *(\d+) .* MSI .* {device}$",
                      shell.run("interrupts"), re.M)
    return found[1]


def test_interrupts_shows_and_moves_lines(shell):
    line = line_of(shell, "0000:00:08.0")
    assert int(line) >= 1024
    assert "any CPU" in shell.run(f"interrupts {line}")
    assert shell.run(f"interrupts {line} 0") == ""
    assert f"line {line} may interrupt CPU 0\n" in shell.run(
        f"interrupts {line}"
    )
    assert "none of these CPUs" in shell.run(f"interrupts {line} 5-7")
    assert "usage:" in shell.run(f"interrupts {line} x")
    assert "no line 9999" in shell.run("interrupts 9999")
    assert re.search(r"^ +4  CPU0:\d+$", shell.run("interrupts -c"), re.M)


@pytest.mark.parametrize(
    "machine, devices, expected",
    [
        ("q35", ("pxb-pcie,bus_nr=0x80,id=px",
                 "pcie-root-port,bus=px,id=rp,chassis=3", "edu,bus=rp"),
         {"pci0000:80": 0, "0000:80:00.0": 2, "0000:81:00.0": 4}),
        ("pc", ("pxb,bus_nr=0x80,id=px", "edu,bus=px,addr=3"),
         {"pci0000:80": 0, "0000:80:00.0": 2, "0000:81:03.0": 4}),
    ],
)
def test_further_root_buses_are_found(boot, machine, devices, expected):
    extra = tuple(word for d in devices for word in ("-device", d))
    shell = boot(SHELL_ONLY, machine=machine, vga="none", extra=extra)
    found = tree(shell.wait_prompt())
    assert {name: found[name][0] for name in expected} == expected
    assert passed(shell, "edu")


def test_many_bridges_are_followed(boot):
    """24 ports on one bus, and a chain of 6 bridges behind one of them."""
    extra = []
    for n in range(24):
        at = f"{3 + n // 8:02x}.{n % 8}"
        extra += ["-device", f"pcie-root-port,id=rp{n},chassis={n + 1},"
                  f"addr={at},multifunction=on"]
    extra += ["-device", "pcie-pci-bridge,id=c0,bus=rp23"]
    for n in range(1, 6):
        extra += ["-device", f"pci-bridge,id=c{n},bus=c{n - 1},"
                  f"chassis_nr={n + 30},addr=1"]
    extra += ["-device", "pci-testdev,bus=c5,addr=2"]
    shell = boot(SHELL_ONLY, vga="none", extra=tuple(extra)).wait_prompt()
    found = tree(shell)
    assert len([n for n in found if n.startswith("0000:00:")]) == 4 + 24
    assert sorted(found.values())[-1] == (16, "pci-testdev")
