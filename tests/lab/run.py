#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run a program in a lab's machine, its streams in this terminal.

usage: run.py HYPERVISOR PROGRAM [ARGUMENT...]

    run.py kvm qemu-system-x86_64 -accel kvm -cpu host -nographic ...
    run.py kvm sh
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "boot")]

import nested  # noqa: E402
from kvm import KVM  # noqa: E402
from kvm_arm64 import KVM_ARM64  # noqa: E402
from packages import Unavailable  # noqa: E402
from paths import LAB, LOGS  # noqa: E402

FLAVOURS = {"kvm": KVM, "kvm_arm64": KVM_ARM64}
SECONDS = 3600.0


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in FLAVOURS:
        sys.exit(__doc__)
    flavour = FLAVOURS[sys.argv[1]]
    log = LOGS / f"run-{flavour.name}.log"
    try:
        image = nested.prepare(flavour, LAB)
        l1 = nested.Nested(flavour, image, log, timeout=SECONDS)
    except Unavailable as error:
        sys.exit(f"error: {error}")
    with l1:
        l1.wait_ready()
        command = [*l1.remote(SECONDS), *sys.argv[2:]]
        sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
