#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure the kernel's services with several numbers of CPUs.

`make bench-core` runs it. It boots the kernel once for each number of CPUs,
types `bench --json core` and prints one Markdown table: the median of each
operation and how wide the middle half of the samples is. With --update the
text between two marker lines of a document is replaced by it.
"""

import argparse
import json
import tempfile
from pathlib import Path

from bench_common import ROOT, machine_lines, table, update
from machine import Machine
from zirvium import SHELL_ONLY, Guest

CPUS = (1, 2, 4, 8)
BOOT_SECONDS = 300.0  # for a whole run: many CPUs on few are slow
BENCH_SECONDS = 240.0

PS_PER_NS = 1000
# A middle half wider than this says that something else was running.
SPREAD_MAX_PERCENT = 20


def run(args, cpus: int, folder: Path) -> dict:
    """What the suite says on a machine with so many CPUs."""

    def start(config):
        return Machine(config, folder / f"bench-{cpus}.log")

    guest = Guest.start(start, kernel=args.kernel, append=SHELL_ONLY,
                        smp=cpus, accel=args.accel, cpu=args.cpu,
                        memory="256M", timeout=BOOT_SECONDS)
    with guest.machine:
        guest.wait_prompt(BOOT_SECONDS)
        text = guest.run("bench --json core", BENCH_SECONDS)
    result = json.loads(next(x for x in text.split("\n") if x[:1] == "{"))
    if result["cpus"] != cpus:
        raise SystemExit(f"{result['cpus']} CPUs came up instead of {cpus}")
    return result


def cell(case: dict | None) -> str:
    if case is None or "median_ps" not in case:
        return "–"
    median = case["median_ps"]
    width = case["quartile3_ps"] - case["quartile1_ps"]
    spread = round(100 * width / median) if median else 0
    mark = " (disturbed)" if spread > SPREAD_MAX_PERCENT else ""
    return f"{median / PS_PER_NS:,.1f} ± {spread} %{mark}"


def report(args, results: list[dict]) -> str:
    by_name = [{c["name"]: c for c in r["cases"]} for r in results]
    rows = [(f"`{name}`", *(cell(cases.get(name)) for cases in by_name))
            for name in by_name[-1]]
    header = ("operation, median in ns ± width of the middle half",
              *(f"{r['cpus']} CPU" + "s" * (r["cpus"] > 1) for r in results))
    last = results[-1]
    return "\n".join([
        *machine_lines(f"{args.accel}, `-machine q35 -cpu {args.cpu}`"),
        f"- clock: {last['clock']}, timer: {last['timer']}",
        "",
        *table(header, rows),
    ]) + "\n"


def main():
    kernel = ROOT / "build" / "x86" / "zirvium.elf"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kernel", type=Path, default=kernel)
    parser.add_argument("--accel", default="tcg", metavar="NAME")
    parser.add_argument("--cpu", default="qemu64", metavar="MODEL")
    parser.add_argument("--cpus", type=int, nargs="+", default=CPUS,
                        metavar="N", help="numbers of CPUs to boot with")
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
        update(args.update, "bench-core", text)


if __name__ == "__main__":
    main()
