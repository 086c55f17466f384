#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Photograph a boot of the ISO for the README: a PNG of QEMU's display."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "boot"))

from machine import Machine  # noqa: E402
from zirvium import Guest  # noqa: E402

# They fit on the screen together with the boot's own lines.
COMMANDS = ["virt", "selftest virt"]
SETTLE_SECONDS = 1.0  # the display is drawn after the serial line


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--iso", type=Path,
                        default=ROOT / "build" / "x86" / "zirvium.iso")
    parser.add_argument("--uefi", action="store_true",
                        help="boot with UEFI firmware instead of a BIOS")
    parser.add_argument("--entry", default=".*shell only", metavar="REGEX",
                        help="menu entry to boot")
    parser.add_argument("--type", action="append", metavar="LINE",
                        help="command to run at the prompt first "
                        "(default: virt, then selftest virt)")
    parser.add_argument("output", type=Path, nargs="?",
                        default=ROOT / "docs" / "images" / "boot.png")
    args = parser.parse_args()
    output = args.output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        def start(config):
            return Machine(config, Path(folder) / "screenshot.log")

        guest = Guest.start(start, cdrom=args.iso, uefi=args.uefi, timeout=120)
        with guest.machine:
            guest.choose(args.entry)
            guest.wait_prompt()
            for line in args.type or COMMANDS:
                guest.run(line)
            time.sleep(SETTLE_SECONDS)
            guest.machine.screendump(output, "png")
    print(output)


if __name__ == "__main__":
    main()
