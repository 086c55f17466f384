#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure what a boot costs: bytes, memory, time. `make bench-boot` runs it.

Prints Markdown. With --update the text between two marker lines of a document
is replaced by it. Every number comes from a run on this machine, under QEMU's
TCG; a number that could not be measured is an error, not a blank.
"""

import argparse
import datetime
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "boot"))

from machine import QEMU, Machine, MachineError  # noqa: E402
from zirvium import SHELL_ONLY, Guest  # noqa: E402

BEGIN = "<!-- bench-boot: begin -->"
END = "<!-- bench-boot: end -->"

MIN_RUNS = 20
MEMORY_LIMIT_MIB = 64  # more than this is a failure, not a measurement
PVH_SECONDS = 15.0  # until a boot counts as failed
ISO_SECONDS = 40.0

KIB = 1024


def output_of(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout


class Bench:
    def __init__(self, kernel: Path, iso: Path, folder: Path):
        self.kernel = kernel
        self.iso = iso
        self.folder = folder

    def boot(self, **options) -> Guest:
        """Boot to the prompt and end the machine; the guest has the log."""

        def start(config):
            return Machine(config, self.folder / "bench.log")

        guest = Guest.start(start, **options)
        with guest.machine:
            guest.wait_prompt()
        return guest

    def boots(self, memory_mib: int, **options) -> bool:
        try:
            self.boot(memory=f"{memory_mib}M", **options)
        except MachineError:
            return False
        return True

    def smallest_memory(self, **options) -> int:
        """The least MiB that reaches the prompt, by bisection."""
        too_small, enough = 0, MEMORY_LIMIT_MIB
        if not self.boots(enough, **options):
            raise SystemExit(f"does not boot in {enough} MiB")
        while enough - too_small > 1:
            middle = (too_small + enough) // 2
            if self.boots(middle, **options):
                enough = middle
            else:
                too_small = middle
        return enough

    def pvh(self) -> dict:
        return {
            "kernel": self.kernel,
            "append": SHELL_ONLY,
            "timeout": PVH_SECONDS,
        }

    def small_iso(self) -> Path:
        """The ISO as released, but with the bare prompt and without a wait."""
        path = self.folder / "bench.iso"
        script = ROOT / "scripts" / "mkiso.sh"
        command = [script, self.kernel, path, "--timeout", "0"]
        command += ["--append", SHELL_ONLY]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return path

    def boot_times(self, runs: int) -> list[int]:
        options = self.pvh()
        return [self.boot(**options).boot_microseconds() for _ in range(runs)]

    def sizes(self) -> list[tuple[str, int]]:
        stripped = self.folder / "stripped.elf"
        output_of("strip", "-o", str(stripped), str(self.kernel))
        rows = [("kernel, stripped ELF", stripped.stat().st_size)]
        for line in output_of("size", "-A", str(stripped)).splitlines():
            section = re.match(r"(\.\S+)\s+(\d+)\s+\d+$", line)
            if section and int(section[2]):
                rows.append((f"section `{section[1]}`", int(section[2])))
        return [*rows, ("ISO image", self.iso.stat().st_size)]


def machine_lines() -> list[str]:
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
    version = re.search(r"version (\S+)", output_of(QEMU["x86"], "--version"))
    git = ("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    commit = output_of(*git)
    return [
        f"- date: {datetime.date.today().isoformat()}",
        f"- source: {commit.strip()}",
        f"- host: {os.cpu_count()} x {model[1] if model else 'unknown CPU'}",
        f"- QEMU: {version[1]}, TCG, `-machine q35 -cpu qemu64`",
    ]


def table(header: tuple[str, ...], rows: list[tuple]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def measure(bench: Bench, runs: int) -> str:
    sizes = [(n, f"{b:,}", f"{b / KIB:,.1f}") for n, b in bench.sizes()]
    times = sorted(bench.boot_times(runs))
    memory_pvh = bench.smallest_memory(**bench.pvh())
    iso = bench.small_iso()
    memory_iso = bench.smallest_memory(cdrom=iso, timeout=ISO_SECONDS)
    milliseconds = [f"{value / 1000:.2f}" for value in (
        statistics.median(times), times[0], times[-1], times[-1] - times[0]
    )]
    return "\n".join([
        *machine_lines(),
        "",
        *table(("size", "bytes", "KiB"), sizes),
        "",
        *table(
            ("smallest memory that reaches the prompt", "MiB"),
            [
                ("PVH: `-kernel build/x86/zirvium.elf`", memory_pvh),
                ("ISO, BIOS and GRUB: `-cdrom`", memory_iso),
            ],
        ),
        "",
        *table(
            ("kernel entry to prompt, no self-tests", "runs",
             "median ms", "min ms", "max ms", "spread ms"),
            [("PVH, 128 MiB, serial and VGA text", len(times), *milliseconds)],
        ),
    ]) + "\n"


def update(document: Path, text: str):
    old = document.read_text()
    if old.count(BEGIN) != 1 or old.count(END) != 1:
        raise SystemExit(f"{document}: needs one line {BEGIN} and one {END}")
    before, rest = old.split(BEGIN)
    after = rest.split(END)[1]
    document.write_text(f"{before}{BEGIN}\n{text}{END}{after}")


def main():
    build = ROOT / "build" / "x86"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kernel", type=Path, default=build / "zirvium.elf")
    parser.add_argument("--iso", type=Path, default=build / "zirvium.iso")
    parser.add_argument("--runs", type=int, default=MIN_RUNS, metavar="N",
                        help=f"boots to time, at least {MIN_RUNS}")
    parser.add_argument("--update", type=Path, metavar="FILE",
                        help="replace the results in this document")
    args = parser.parse_args()
    if args.runs < MIN_RUNS:
        parser.error(f"--runs must be at least {MIN_RUNS}")
    for path in (args.kernel, args.iso):
        if not path.exists():
            parser.error(f"{path} does not exist; run `make iso` first")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args.kernel, args.iso, Path(folder))
        text = measure(bench, args.runs)
    print(text, end="")
    if args.update:
        update(args.update, text)


if __name__ == "__main__":
    main()
