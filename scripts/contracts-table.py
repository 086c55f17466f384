#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which hypervisor keeps which contract: tables in docs/hypervisors/README.md.

usage: contracts-table.py          write the tables
       contracts-table.py --check  say if they are not what the code has

What is registered is found by the macro that registers it, in the style that
this tree is written in: a static const struct with one member on a line.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs/hypervisors/README.md")
ROOMS = ("kernel", "drivers", "arch")
BEGIN = "<!-- from the code, by scripts/contracts-table.py -->\n"
END = "<!-- end -->\n"

ENTRY = r"^{macro}\((?:(\d), )?(\w+)\);"
OBJECT = r"^static (?:const )?struct \w+ {name} = {{\n(.*?)^}};"
MEMBER = r"^\t\.(\w+) = (.+?),$"
DEFINE = r"^#\s*define {name}\s+(.+?)\s*(?:/\*.*)?$"
REQUEST = r"power_request\(\s*[^,;]+,\s*\"([^\"]+)\"\s*\)"
NAMES = {
    "KVM": "KVM",
    "VMWARE": "VMware",
    "HYPERV": "Hyper-V",
    "XEN": "Xen",
    "VIRTUALBOX": "VirtualBox",
    "QEMU": "QEMU",
    "PARALLELS": "Parallels",
    "BHYVE": "bhyve",
    "ACRN": "ACRN",
}
HOOKS = ("panicked", "closing", "poweroff", "reboot")


@dataclass
class Entry:
    """What one file has registered."""

    path: Path  # from the root
    order: str
    members: dict[str, str]

    def text(self, member: str) -> str:
        return value(self.path, self.members.get(member, ""))


def sources() -> list[Path]:
    paths = (p for room in ROOMS for p in (ROOT / room).rglob("*.c"))
    return sorted(p for p in paths if not p.name.startswith("suite_"))


def value(path: Path, text: str) -> str:
    """@text, or what it stands for if a header beside @path defines it."""
    if text.startswith('"'):
        return text.strip('"')
    if not re.fullmatch(r"[A-Z]\w+", text):
        return text
    near = [path, *sorted((ROOT / path).parent.glob("*.h"))]
    near += sorted((ROOT / "include" / "kernel" / "virt").glob("*.h"))
    for header in near:
        pattern = DEFINE.format(name=text)
        found = re.search(pattern, (ROOT / header).read_text(), re.MULTILINE)
        if found:
            return value(path, found[1])
    return text


def entries(macro: str) -> list[Entry]:
    """All that is registered with @macro, by order and path."""
    found = []
    flags = re.MULTILINE | re.DOTALL
    for source in sources():
        text = source.read_text()
        for entry in re.finditer(ENTRY.format(macro=macro), text, re.MULTILINE):
            body = re.search(OBJECT.format(name=entry[2]), text, flags)
            path = source.relative_to(ROOT)
            if not body:
                sys.exit(f"{path}: {entry[2]} is not found")
            members = dict(re.findall(MEMBER, body[1], re.MULTILINE))
            found.append(Entry(path, entry[1] or "", members))
    return sorted(found, key=lambda e: (e.order, str(e.path)))


def lines(head: tuple[str, ...], rows) -> str:
    text = f"| {' | '.join(head)} |\n|{'---|' * len(head)}\n"
    return text + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def hypervisor(service: Entry) -> str:
    return NAMES[service.members["hypervisor"].removeprefix("HYPERV_TYPE_")]


def add(found: dict[str, list[str]], key: str, words: str):
    """Once: an architecture each may have its own service for a feature."""
    if words not in found.setdefault(key, []):
        found[key].append(words)


def roles() -> str:
    """Who does what is done once, first things first."""
    found: dict[str, list[str]] = {}
    for service in entries("VIRT_SERVICE"):
        role = service.members.get("role", "").removeprefix("VIRT_ROLE_")
        if role:
            words = f"{hypervisor(service)} `{service.text('feature')}`"
            add(found, role.lower().replace("_", " "), words)
    rows = ((role, ", then ".join(found[role])) for role in sorted(found))
    return lines(("role", "taken by the first of these that starts"), rows)


def services() -> str:
    found: dict[str, list[str]] = {}
    for service in entries("VIRT_SERVICE"):
        add(found, hypervisor(service), f"`{service.text('feature')}`")
    rows = ((name, ", ".join(found[name])) for name in sorted(found))
    return lines(("hypervisor", "services"), rows)


def wall_clocks() -> str:
    found = entries("WALLCLOCK")
    found.sort(key=lambda e: -int(e.text("rating")))
    rows = ((e.text("name"), e.text("rating"), f"`{e.path}`") for e in found)
    return lines(("source", "rating", "file"), rows)


def hooks() -> str:
    rows = (
        (
            e.text("name"),
            e.order,
            *("yes" if hook in e.members else "" for hook in HOOKS),
        )
        for e in entries("POWER_HOOK")
    )
    return lines(("who", "order", *HOOKS), rows)


def requests() -> str:
    found = set()
    for source in sources():
        for who in re.findall(REQUEST, source.read_text()):
            found.add((who, f"`{source.relative_to(ROOT)}`"))
    return lines(("who asks", "file"), sorted(found))


TABLES = (services, roles, wall_clocks, hooks, requests)


def with_tables(text: str) -> str:
    """@text with the n-th table between its n-th marks."""
    at = 0
    for table in TABLES:
        begin = text.index(BEGIN, at) + len(BEGIN)
        end = text.index(END, begin)
        text = text[:begin] + table() + text[end:]
        at = text.index(END, begin)
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    words = parser.parse_args()
    page = ROOT / PAGE
    text = page.read_text()
    wanted = with_tables(text)
    if not words.check:
        page.write_text(wanted)
    elif text != wanted:
        sys.exit(f"{PAGE}: not what the code has: run scripts/{Path(__file__).name}")


if __name__ == "__main__":
    main()
