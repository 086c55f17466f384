#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the ISO in QEMU, the serial console in this terminal: `make run`."""

import argparse
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import sys

import qemu_accel

OVMF = pathlib.Path("/usr/share/OVMF")


def firmware(build):
    """QEMU's arguments for UEFI: code, and our own copy of its variables."""
    code = OVMF / "OVMF_CODE_4M.fd"
    variables = pathlib.Path(build, "OVMF_VARS.fd")
    if not code.exists():
        sys.exit(f"error: {code} is missing: `make deps` installs Debian's "
                 "package ovmf")
    if not variables.exists():
        shutil.copyfile(OVMF / "OVMF_VARS_4M.fd", variables)
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,file={variables}"]


def qemu_command(args, accel):
    command = [qemu_accel.QEMU, "-name", "Zirvium", "-machine", "q35",
               "-accel", accel, "-cpu", qemu_accel.cpu_model(accel),
               "-smp", args.smp, "-m", args.mem, "-cdrom", args.iso,
               "-display", "none", "-serial", "mon:stdio", "-nic", "none"]
    command += qemu_accel.DEBUG_EXIT
    if args.uefi:
        command += firmware(os.path.dirname(args.iso))
    return command + shlex.split(args.qemu_extra)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--iso", required=True)
    parser.add_argument("--accel", default="auto",
                        choices=["auto", "kvm", "tcg"])
    parser.add_argument("--smp", default="2")
    parser.add_argument("--mem", default="256M")
    parser.add_argument("--uefi", action="store_true")
    parser.add_argument("--qemu-extra", default="")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def stop(signum, _frame):
    sys.exit(128 + signum)


def run(command):
    """QEMU's exit status; it does not outlive this program."""
    # Ctrl-C is the guest's: QEMU takes it from the terminal as a byte.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    try:
        qemu = subprocess.Popen(command)
    except OSError as e:
        sys.exit(f"error: {command[0]} does not run: {e.strerror}")
    try:
        return qemu.wait()
    finally:
        qemu.terminate()


def main():
    args = parse_arguments()
    accel, reason = qemu_accel.choose_accel(args.kernel, args.accel)
    if reason:
        print(f"KVM cannot be used, falling back to TCG: {reason}")
    command = qemu_command(args, accel)
    if args.verbose:
        print(shlex.join(command))
    print("Booting in QEMU. To quit, press Ctrl-A, then X.", flush=True)
    status = run(command)
    # With `exit` on the kernel's command line, its result is ours.
    results = {qemu_accel.EXIT_SUCCESS: 0, qemu_accel.EXIT_FAILURE: 1}
    sys.exit(results.get(status, status))


if __name__ == "__main__":
    main()
