#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check that what virtio demands of drivers has tests.

usage: check-virtio-spec.py [--list]

Each section of the specification that has requirements for drivers is in the
table below. A test is for a section if a comment right above it says

	virtio 1.3, drivernormative 2.7.13.3.1

(several may; one comment may name several). Prints a line for each section of
the owners in ENFORCED that no test is for, and for each mark that names no
section of the table or stands above no test. With --list: all sections, and
their tests.
"""

import pathlib
import re
import sys

# Owners of whose sections each must have a test.
ENFORCED = {"blk", "console", "core", "mmio", "net", "pci", "rng"}

# Sections of virtio 1.3 (csd01), with the title that "Driver Requirements: "
# stands before. An owner in parentheses is why there is nothing to test.
SECTIONS = [
    ("2.1.1", "Device Status Field", "core"),
    ("2.2.1", "Feature Bits", "core"),
    ("2.4.2", "Device Reset", "core"),
    ("2.5.1", "Device Configuration Space", "core"),
    ("2.6.1.1.2", "Virtqueue Reset", "core"),
    ("2.6.1.2.2", "Virtqueue Re-enable", "core"),
    ("2.7.1", "Virtqueues", "core"),
    ("2.7.4.2", "Message Framing", "core"),
    ("2.7.5.2", "The Virtqueue Descriptor Table", "core"),
    ("2.7.5.3.1", "Indirect Descriptors", "core"),
    ("2.7.6.1", "The Virtqueue Available Ring", "core"),
    ("2.7.7.1", "Used Buffer Notification Suppression", "core"),
    ("2.7.8.3", "The Virtqueue Used Ring", "core"),
    ("2.7.10.1", "Available Buffer Notification Suppression", "core"),
    ("2.7.13.3.1", "Updating idx", "core"),
    ("2.7.13.4.1", "Notifying The Device", "core"),
    ("2.8.11", "Virtqueues", "core"),
    ("2.8.16", "The Virtqueue Descriptor Table", "core"),
    ("2.8.17", "Scatter-Gather Support", "core"),
    ("2.8.19", "Indirect Descriptors", "core"),
    ("2.8.21.1.1", "Updating flags", "core"),
    ("2.8.21.3.1", "Sending Available Buffer Notifications", "core"),
    ("2.12.1.1.7", "Legacy Interface",
     "(VIRTIO_F_ADMIN_VQ is never accepted)"),
    ("2.12.1.3", "Group administration commands",
     "(VIRTIO_F_ADMIN_VQ is never accepted)"),
    ("2.13.2", "Group administration commands",
     "(VIRTIO_F_ADMIN_VQ is never accepted)"),
    ("3.1.1", "Device Initialization", "core"),
    ("3.3.1", "Device Cleanup", "core"),
    ("4.1.2.2", "PCI Device Discovery", "pci"),
    ("4.1.3.1", "PCI Device Layout", "pci"),
    ("4.1.4.1", "Virtio Structure PCI Capabilities", "pci"),
    ("4.1.4.3.2", "Common configuration structure layout", "pci"),
    ("4.1.4.5.2", "ISR status capability", "pci"),
    ("4.1.4.8.2", "Vendor data capability", "pci"),
    ("4.1.4.9.2", "PCI configuration access capability", "pci"),
    ("4.1.5.1.2.2", "MSI-X Vector Configuration", "pci"),
    ("4.1.5.2.1", "Available Buffer Notifications", "pci"),
    ("4.1.5.4.2", "Notification of Device Configuration Changes", "pci"),
    ("4.2.2.2", "MMIO Device Register Layout", "mmio"),
    ("4.2.3.1.1", "Device Initialization", "mmio"),
    ("4.2.3.4.1", "Notifications From The Device", "mmio"),
    ("5.1.4.2", "Device configuration layout", "net"),
    ("5.1.6.2.1", "Packet Transmission", "net"),
    ("5.1.6.3.1", "Setting Up Receive Buffers", "net"),
    ("5.1.6.4.2", "Processing of Incoming Packets", "net"),
    ("5.1.6.4.4.5", "Inner Header Hash",
     "(VIRTIO_NET_F_HASH_TUNNEL is never accepted)"),
    ("5.1.6.5.1.2", "Packet Receive Filtering", "net"),
    ("5.1.6.5.2.2", "Setting MAC Address Filtering", "net"),
    ("5.1.6.5.4.1", "Gratuitous Packet Sending", "net"),
    ("5.1.6.5.6.1", "Automatic receive steering in multiqueue mode", "net"),
    ("5.1.6.5.7.2", "Setting RSS parameters", "net"),
    ("5.1.6.5.8.2", "Setting Offloads State", "net"),
    ("5.1.6.5.9.5", "Notifications Coalescing", "net"),
    ("5.2.5.1", "Device Initialization", "blk"),
    ("5.2.6.1", "Device Operation", "blk"),
    ("5.3.6.1", "Device Operation", "console"),
    ("5.3.6.2.2", "Multiport Device Operation", "console"),
    ("5.4.6.1", "Device Operation", "rng"),
    ("6.1", "Reserved Feature Bits", "core"),
]

MARK = re.compile(r"virtio 1\.3, drivernormative\s+([0-9.]*[0-9])")
ANY_MARK = re.compile(r"drivernormative")
TEST = re.compile(r"TEST\((\w+)\)|def (test_\w+)|^static void (\w+)\(",
                  re.MULTILINE)
# What may stand between the comment and its test.
BETWEEN = re.compile(r"\s*|\s*\*.*|\s*/\*.*|\s*#.*|\s*@.*")
# How far below the comment a test may begin.
NEAR_LINES = 12

# Tests, and the kernel's own: suites of self-tests.
PLACES = ["tests/**/*.[ch]", "tests/**/*.py", "drivers/**/suite_*.c",
          "kernel/**/suite_*.c"]

problems = []


def test_below(lines, number):
    """The test whose comment line @number, from 0, is part of, or None."""
    for line in lines[number + 1:number + 1 + NEAR_LINES]:
        match = TEST.search(line)
        if match:
            return match[1] or match[2] or match[3]
        if not BETWEEN.fullmatch(line):
            return None
    return None


def find_tests():
    """Tests by the number of the section that they are for."""
    known = {number for number, _, _ in SECTIONS}
    tests = {}
    for place in PLACES:
        for path in sorted(pathlib.Path().glob(place)):
            lines = path.read_text(encoding="utf-8").split("\n")
            for number, line in enumerate(lines):
                if not ANY_MARK.search(line):
                    continue
                found = MARK.findall(line)
                test = test_below(lines, number)
                where = f"{path}:{number + 1}"
                if not found:
                    problems.append(f"{where}: not a mark that is understood")
                elif not test:
                    problems.append(f"{where}: no test below this mark")
                for section in found:
                    if section not in known:
                        problems.append(f"{where}: no requirements for "
                                        f"drivers in {section}")
                    tests.setdefault(section, []).append(f"{path}: {test}")
    return tests


def check(tests):
    for number, title, owner in SECTIONS:
        if owner.startswith("("):
            if number in tests:
                problems.append(f"{number} ({title}) has a test, and the "
                                f"table says: {owner[1:-1]}")
        elif owner in ENFORCED and number not in tests:
            problems.append(f"virtio 1.3, {number} ({title}), {owner}: "
                            "no test is for it")


def show(tests):
    for number, title, owner in SECTIONS:
        found = tests.get(number, [])
        state = "" if found or owner.startswith("(") else ": NO TEST"
        print(f"{number} {title}, {owner}{state}")
        for test in found:
            print(f"    {test}")


def main():
    tests = find_tests()
    if "--list" in sys.argv[1:]:
        show(tests)
    check(tests)
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
