#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Select names from pci.ids for <drivers/pci_names.h>'s tables.

usage: pciids.py OUTPUT.c [PCI.IDS]

The list comes from Debian's package pci.ids and is not part of Zirvium's
sources. Its licence is the user's choice of the 3-clause BSD licence and the
GPL, version 2 or later.

Only what virtual machines are made of is taken: all devices of vendors who
make nothing else, and the models that hypervisors emulate or pass through.
"""

import collections
import re
import sys

DEFAULT_LIST = "/usr/share/misc/pci.ids"

# Red Hat (virtio, QEMU), VMware, VirtualBox, Microsoft's Hyper-V, Xen,
# Amazon, Google, Parallels.
WHOLE_VENDORS = ("1af4", "1b36", "15ad", "80ee", "5853", "1d0f", "1ae0",
                 "1ab8")

# Vendor: the devices that some hypervisor shows a guest.
MODELS = {
    "1000": "0012 0030 0054 005b 0060 0411",  # LSI SCSI, SAS, MegaRAID
    "1002": "5046 5159",
    "1013": "00b8",  # Cirrus
    "1022": "2000 2020",  # PCnet, AMD SCSI
    "1033": "0194",
    "106b": "003f",
    "10ec": "8029 8139",
    "1106": "3038 3104",
    "1274": "1371 5000",
    "1414": "00a9 00ba 5353",
    "144d": "a808",
    "14e4": "16dc",
    "15b3": "1004 1014 1016 1018 101a 101e",  # virtual functions
    "1d1d": "1f1f",
    "8086": "0d4d 0d58 10c9 10ca 10d3 10ed 100e 100f 1209 1229 1237 1520 "
            "154c 1572 1889 1e31 2415 2425 244e 2448 2668 2918 2922 2930 "
            "2934 2935 2936 2937 2938 2939 293a 293c 293e 29c0 25ab 27b9 "
            "3420 5845 7000 7010 7020 7110 7111 7112 7113 7190 7191 7192 "
            "2001",
}

# Named although none of their devices is.
MORE_VENDORS = ("10de", "108e", "1234", "1275", "1b73", "1c5c", "1d6a")

INTERFACES = ("0101", "0106", "0108", "0300", "0604", "0700", "0c03", "0805")
INTERFACE_NAME_MAX = 60  # characters

# A subsystem's name that stands under so many devices is the machine's.
SUBSYSTEM_USES = 2

LINE = re.compile(r"(\t*)(C )?([0-9a-f]{2,4})(?: ([0-9a-f]{4}))?  (.*)")


class Names:
    def __init__(self):
        self.vendors, self.devices = {}, {}
        self.classes, self.interfaces = {}, {}
        self.subsystems = collections.defaultdict(collections.Counter)

    def read(self, path):
        try:
            with open(path, encoding="utf-8") as lines:
                self.take(lines)
        except FileNotFoundError:
            sys.exit(f"error: {path} is missing: `make deps` installs "
                     "Debian's package pci.ids")
        return self

    def take(self, lines):
        above = ["", ""]
        in_classes = False
        for line in lines:
            match = LINE.fullmatch(line.rstrip("\n"))
            if not match:
                continue
            depth = len(match[1])
            if depth == 0:
                in_classes = bool(match[2])
            if depth < 2:
                above[depth:] = [match[3], ""][:2 - depth]
            add = self.add_class if in_classes else self.add_device
            add(depth, above, match)

    def add_class(self, depth, above, match):
        if depth == 0:
            self.classes[above[0] + "ff"] = match[5]
        elif depth == 1:
            self.classes[above[0] + above[1]] = match[5]
        elif above[0] + above[1] in INTERFACES \
                and len(match[5]) <= INTERFACE_NAME_MAX:
            self.interfaces["".join(above) + match[3]] = match[5]

    def add_device(self, depth, above, match):
        if depth == 0:
            self.vendors[above[0]] = match[5]
        elif depth == 1:
            self.devices[above[0] + above[1]] = match[5]
        elif above[0] in WHOLE_VENDORS or above[0] in MODELS:
            if match[3] in WHOLE_VENDORS and match[4]:
                self.subsystems[match[3] + match[4]][match[5]] += 1


def is_wanted(device):
    vendor, model = device[:4], device[4:]
    return vendor in WHOLE_VENDORS or model in MODELS.get(vendor, "").split()


def select(names):
    """Name of the table: key to name."""
    vendors = {*WHOLE_VENDORS, *MODELS, *MORE_VENDORS}
    return {
        "vendor": {k: v for k, v in names.vendors.items() if k in vendors},
        "device": {k: v for k, v in names.devices.items() if is_wanted(k)},
        "subsystem": {k: c.most_common(1)[0][0]
                      for k, c in names.subsystems.items()
                      if c.total() >= SUBSYSTEM_USES},
        "class": names.classes,
        "interface": names.interfaces,
    }


class Text:
    """Terminated strings, each once."""

    def __init__(self):
        self.strings, self.offsets, self.size = [], {}, 0

    def offset(self, string):
        # Consoles show ASCII.
        string = string.encode("ascii", "replace").decode()
        if string not in self.offsets:
            self.offsets[string] = self.size
            self.strings.append(string)
            self.size += len(string) + 1
        return self.offsets[string]


def quote(string):
    escaped = string.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}\\0"'


def write(path, tables):
    text = Text()
    with open(path, "w", encoding="ascii") as out:
        out.write('/* Generated by scripts/pciids.py. */\n'
                  '#include <drivers/pci_names.h>\n')
        for name, entries in tables.items():
            if not entries:
                sys.exit(f"error: pci.ids has no {name} names")
            out.write(f"\nstatic const struct pci_name {name}s[] = {{\n")
            for key in sorted(entries):
                out.write(f"\t{{ 0x{key}, {text.offset(entries[key])} }},\n")
            out.write(f"}};\nconst struct pci_name_table pci_{name}_names = "
                      f"{{\n\t{name}s, sizeof({name}s) / "
                      f"sizeof({name}s[0]),\n}};\n")
        if text.size > 0xffff:
            sys.exit("error: names of more than 64 KiB")
        out.write("\nconst char pci_name_text[] =\n")
        out.write("".join(f"\t{quote(s)}\n" for s in text.strings) + "\t;\n")


def main(args):
    if len(args) not in (1, 2):
        sys.exit(__doc__)
    write(args[0], select(Names().read((args[1:] or [DEFAULT_LIST])[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
