#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run fuzz targets, each from its seeds: `make fuzz`.

usage: run.py BUILD [--seconds N] NAME=FLOOR...

Without --seconds each makes RUNS inputs, always the same ones. A target fails
when it crashes, leaks, takes too long over an input, or covers fewer places of
the code than FLOOR: then it was not tested. With --seconds what it finds is
kept in BUILD/corpus and used the next time.
"""

import argparse
import pathlib
import re
import subprocess
import sys

import seeds

RUNS = 6000
INPUT_TIMEOUT_S = 5
INPUT_MAX = 16384
GRACE_S = 60
SHOWN_CHARACTERS = 6000
COVERED = re.compile(r"cov: (\d+)")


def arguments(name, build, seconds):
    """libFuzzer's, and the time it may take."""
    corpus = build / "corpus" / name
    seed = build / "seeds" / name
    seeds.write(name, seed)
    args = [f"-artifact_prefix={build}/{name}-", f"-max_len={INPUT_MAX}",
            f"-timeout={INPUT_TIMEOUT_S}", "-rss_limit_mb=1024"]
    if not seconds:
        return args + ["-seed=1", f"-runs={RUNS}", str(seed)], GRACE_S
    corpus.mkdir(parents=True, exist_ok=True)
    return (args + [f"-max_total_time={seconds}", str(corpus), str(seed)],
            seconds + GRACE_S)


def run(name, floor, build, seconds):
    """What went wrong, or None."""
    args, limit = arguments(name, build, seconds)
    try:
        done = subprocess.run([build / f"fuzz_{name}", *args], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, errors="replace",
                              timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f"did not end in {limit} s"
    if done.returncode:
        print(done.stdout[-SHOWN_CHARACTERS:])
        return f"ended with status {done.returncode}"
    covered = max(map(int, COVERED.findall(done.stdout)), default=0)
    if covered < floor:
        return f"covers {covered} places, expected at least {floor}"
    print(f"  {name:10} {covered} places covered")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("targets", nargs="+")
    args = parser.parse_args()
    failed = False
    for target in args.targets:
        name, floor = target.split("=")
        if floor == "none":
            sys.exit(f"error: tests/fuzz/Makefile: no fuzz-floor-{name}")
        problem = run(name, int(floor), args.build, args.seconds)
        if problem:
            print(f"fuzz: {name}: {problem}")
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
