# SPDX-License-Identifier: BSD-2-Clause
"""PCI: what is found is what QEMU was told to build."""

import re

import pytest
from zirvium import SHELL_ONLY

NO_PCI = "microvm,acpi=off,isa-serial=on"

# As lspci -n prints them: address, class, vendor and device.
MACHINE = (
    "-device", "virtio-rng-pci,addr=05.0",
    "-device", "pcie-root-port,id=rp0,chassis=1,addr=06.0,multifunction=on",
    "-device", "pcie-root-port,id=rp1,chassis=2,addr=06.1",
    "-device", "x3130-upstream,id=up,bus=rp0",
    "-device", "xio3130-downstream,id=down,bus=up,chassis=3",
    "-device", "virtio-rng-pci,bus=down",
    "-device", "pcie-pci-bridge,id=pci,bus=rp1",
    "-device", "pci-testdev,bus=pci,addr=07.0",
    "-device", "pci-testdev,addr=08.0",
)
EXPECTED = {
    ("00:00.0", "0600", "8086:29c0"),
    ("00:05.0", "00ff", "1af4:1005"),
    ("00:06.0", "0604", "1b36:000c"),
    ("00:06.1", "0604", "1b36:000c"),
    ("00:08.0", "00ff", "1b36:0005"),
    ("00:1f.0", "0601", "8086:2918"),
    ("00:1f.2", "0106", "8086:2922"),
    ("00:1f.3", "0c05", "8086:2930"),
    ("01:00.0", "0604", "104c:8232"),
    ("02:00.0", "0604", "104c:8233"),
    ("03:00.0", "00ff", "1af4:1044"),
    ("04:00.0", "0604", "1b36:000e"),
    ("05:07.0", "00ff", "1b36:0005"),
}
NUMBERS = r"(\S+) ([0-9a-f]{4}): ([0-9a-f]{4}:[0-9a-f]{4})(?: \(rev \w\w\))?"

PCI_TESTS = "selftest=pci,device exit"
TESTDEV = "0000:00:08.0"


def functions(answer: str) -> set:
    lines = answer.strip().split("\n")
    return {re.fullmatch(NUMBERS, line).groups() for line in lines}


@pytest.fixture(scope="module")
def shell(module_boot):
    """A machine with bridges behind bridges."""
    return module_boot(SHELL_ONLY, vga="none", extra=MACHINE).wait_prompt()


def test_every_function_is_listed_and_no_other(shell):
    assert functions(shell.run("lspci -n")) == EXPECTED


def test_names_are_those_of_pci_ids(shell):
    lines = shell.run("lspci").split("\n")
    assert (
        "00:00.0 Host bridge: Intel Corporation "
        "82G33/G31/P35/P31 Express DRAM Controller"
    ) in lines
    assert "00:08.0 Unclassified device: Red Hat, Inc. QEMU PCI Test Device" \
        in lines


def test_details_have_regions_windows_and_capabilities(shell):
    answer = shell.run("lspci -v")
    parts = {part.split(" ")[0]: part for part in answer.split("\n\n")}
    testdev, port = parts["00:08.0"], parts["00:06.0"]
    assert "\tSubsystem: Red Hat, Inc. QEMU Virtual Machine\n" in testdev
    assert re.search(
        r"\tMemory at \w{8} \(32-bit, non-prefetchable\).* \[size=4K\]", testdev
    )
    assert re.search(r"\tI/O ports at \w{4}.* \[size=256\]", testdev)
    assert "\tBus: primary=00, secondary=01, subordinate=03\n" in port
    assert re.search(r"\tMemory behind bridge: \w{8}-\w{8} \[size=", port)
    assert re.search(r"\tCapabilities: \[\w\w\] Express Root Port\n", port)
    assert re.search(r"\tCapabilities: \[\w\w\] MSI-X: Enable\+ Count=", port)


def test_devices_are_a_tree(shell):
    lines = shell.run("lsdev").split("\n")
    depth = {
        line.split()[0]: len(line) - len(line.lstrip())
        for line in lines if line.strip()
    }
    assert depth["pci0000:00"] == 0
    assert depth["0000:00:06.0"] == 2
    assert depth["0000:03:00.0"] == 8


def driver_of(shell, device: str) -> str:
    for line in shell.run("lsdev").split("\n"):
        words = line.split()
        if words and words[0] == device:
            return words[2]
    raise AssertionError(f"no {device}")


def test_driver_is_unbound_and_bound_at_run_time(shell):
    assert driver_of(shell, TESTDEV) == "pci-testdev"
    assert "has a driver already" in shell.run(f"bind {TESTDEV}")
    assert shell.run(f"unbind {TESTDEV}") == ""
    assert driver_of(shell, TESTDEV) == "-"
    assert "has no driver" in shell.run(f"unbind {TESTDEV}")
    assert shell.run(f"bind {TESTDEV} pci-testdev") == ""
    assert driver_of(shell, TESTDEV) == "pci-testdev"


def test_bind_names_what_it_does_not_know(shell):
    assert "no device nothing" in shell.run("bind nothing")
    assert "no driver nothing" in shell.run(f"bind {TESTDEV} nothing")
    assert "no driver for 0000:00:00.0" in shell.run("bind 0000:00:00.0")


def test_self_tests_pass_behind_bridges(boot):
    report = boot(PCI_TESTS, vga="none", extra=MACHINE).finish()
    assert not report.skipped


def test_self_tests_pass_with_ports_only(boot):
    extra = ("-device", "pci-bridge,id=b,chassis_nr=1",
             "-device", "pci-testdev,bus=b,addr=03.0")
    boot(PCI_TESTS, machine="pc", extra=extra).finish()


def test_ports_find_what_is_behind_a_bridge(boot):
    extra = ("-device", "pci-bridge,id=b,chassis_nr=1,addr=09.0",
             "-device", "pci-testdev,bus=b,addr=03.0")
    guest = boot(SHELL_ONLY, machine="pc", vga="none", extra=extra)
    found = functions(guest.wait_prompt().run("lspci -n"))
    assert ("00:00.0", "0600", "8086:1237") in found
    assert ("00:09.0", "0604", "1b36:0001") in found
    assert ("01:03.0", "00ff", "1b36:0005") in found


def test_machine_without_pci_has_no_devices(boot):
    guest = boot(SHELL_ONLY, machine=NO_PCI, vga="none").wait_prompt()
    assert guest.run("lspci") == ""
    assert guest.run("lsdev") == ""
