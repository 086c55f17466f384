# SPDX-License-Identifier: BSD-2-Clause
"""What the scripts that measure share: the machine, tables, documents."""

import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "boot"))

from machine import QEMU  # noqa: E402


def output_of(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


def machine_lines(guest: str) -> list[str]:
    """On what was measured; @guest says how QEMU made the guest."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
    version = re.search(r"version (\S+)", output_of(QEMU["x86"], "--version"))
    git = ("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    commit = output_of(*git)
    return [
        f"- date: {datetime.date.today().isoformat()}",
        f"- source: {commit.strip()}",
        f"- host: {os.cpu_count()} x {model[1] if model else 'unknown CPU'}",
        f"- QEMU: {version[1]}, {guest}",
    ]


def table(header: tuple[str, ...], rows: list[tuple]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def update(document: Path, name: str, text: str):
    """Replace what stands between the marks of @name in @document."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    old = document.read_text()
    if old.count(begin) != 1 or old.count(end) != 1:
        raise SystemExit(f"{document}: needs one line {begin} and one {end}")
    before, rest = old.split(begin)
    after = rest.split(end)[1]
    document.write_text(f"{before}{begin}\n{text}{end}{after}")
