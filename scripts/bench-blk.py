#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure requests to a virtio disk with several numbers of queues.

`make bench-blk` runs it. It boots the kernel once for each number of CPUs,
with as many queues and a disk that QEMU does not store (null-co), types
`bench --json blk` and prints one Markdown table. With --update the text
between two marker lines of a document is replaced by it.
"""

import argparse
import json
import tempfile
from pathlib import Path

from bench_common import ROOT, machine_lines, table, update
from machine import Machine
from zirvium import Guest

CPUS = (1, 2, 4)
BOOT_SECONDS = 120.0  # for a whole run
BENCH_SECONDS = 60.0
DISK_BYTES = 1 << 30
NS_PER_US = 1000


def run(args, cpus: int, folder: Path) -> dict:
    """What the suite says on a machine with so many CPUs and queues."""

    def start(config):
        return Machine(config, folder / f"bench-{cpus}.log")

    extra = ("-blockdev", f"driver=null-co,node-name=null,size={DISK_BYTES},"
             "read-zeroes=on", "-device",
             f"virtio-blk-pci,drive=null,num-queues={cpus},{args.device}")
    # A message in the middle of the document would spoil it.
    guest = Guest.start(start, kernel=args.kernel,
                        append="selftest=none blk_test=vda loglevel=3", smp=cpus,
                        accel=args.accel, cpu=args.cpu, memory="256M",
                        extra=extra, timeout=BOOT_SECONDS)
    with guest.machine:
        guest.wait_prompt(BOOT_SECONDS)
        text = guest.run("bench --json blk", BENCH_SECONDS)
    return json.loads(next(x for x in text.split("\n") if x[:1] == "{"))


def cell(case: dict) -> str:
    values = case.get("values")
    if not values:
        return "–"
    p50, p99 = (values[f"{p}_ns"] / NS_PER_US for p in ("p50", "p99"))
    told = values["notifications_per_1000"] / 1000
    interrupts = values["interrupts_per_1000"] / 1000
    return (f"{values['requests_per_s']:,} ({p50:,.0f} / {p99:,.0f}, "
            f"{told:.2f}, {interrupts:.2f})")


def report(args, results: list[dict]) -> str:
    by_name = [{c["name"]: c for c in r["cases"]} for r in results]
    rows = [(f"`{name}`", *(cell(cases[name]) for cases in by_name))
            for name in by_name[0]]
    header = ("requests per second (µs: median / 99 %, notifications each, "
              "interrupts each)",
              *(f"{r['cpus']} queue" + "s" * (r["cpus"] > 1)
                for r in results))
    return "\n".join([
        *machine_lines(f"{args.accel}, `-machine q35`, null-co, "
                       f"virtio-blk-pci with {args.device}"),
        "",
        *table(header, rows),
    ]) + "\n"


def main():
    kernel = ROOT / "build" / "x86" / "zirvium.elf"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kernel", type=Path, default=kernel)
    parser.add_argument("--accel", default="tcg", metavar="NAME")
    parser.add_argument("--cpu", default="qemu64", metavar="MODEL")
    parser.add_argument("--device", default="packed=off", metavar="OPTIONS",
                        help="more properties of virtio-blk-pci")
    parser.add_argument("--cpus", type=int, nargs="+", default=CPUS,
                        metavar="N", help="numbers of CPUs and queues")
    parser.add_argument("--update", type=Path, metavar="FILE",
                        help="replace the results in this document")
    args = parser.parse_args()
    if not args.kernel.exists():
        parser.error(f"{args.kernel} does not exist; run `make` first")
    with tempfile.TemporaryDirectory() as folder:
        results = [run(args, n, Path(folder)) for n in args.cpus]
    text = report(args, results)
    print(text, end="")
    if args.update:
        update(args.update, "bench-blk", text)


if __name__ == "__main__":
    main()
