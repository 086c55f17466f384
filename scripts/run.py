#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the ISO in QEMU, the serial console in this terminal: `make run`."""

import argparse
import os
import pathlib
import platform
import shlex
import shutil
import signal
import subprocess
import sys

import qemu_accel

# Code, variables, and the Debian package.
FIRMWARE = {
    "x86": ("/usr/share/OVMF/OVMF_CODE_4M.fd",
            "/usr/share/OVMF/OVMF_VARS_4M.fd", "ovmf"),
    "arm64": ("/usr/share/AAVMF/AAVMF_CODE.fd",
              "/usr/share/AAVMF/AAVMF_VARS.fd", "qemu-efi-aarch64"),
}


def firmware(arch, build):
    """QEMU's arguments for UEFI: code, and our own copy of its variables."""
    code, original, package = FIRMWARE[arch]
    variables = pathlib.Path(build, os.path.basename(original))
    if not os.path.exists(code):
        sys.exit(f"error: {code} is missing: `make deps` installs Debian's "
                 f"package {package}")
    if not variables.exists():
        shutil.copyfile(original, variables)
    return ["-drive", f"if=pflash,format=raw,readonly=on,file={code}",
            "-drive", f"if=pflash,format=raw,file={variables}"]


def qemu_command(args, accel):
    command = [qemu_accel.QEMU, "-name", "Zirvium", "-machine", "q35",
               "-accel", accel, "-cpu", qemu_accel.cpu_model(accel),
               "-smp", args.smp, "-m", args.mem, "-cdrom", args.iso,
               "-display", "none", "-serial", "mon:stdio", "-nic", "none"]
    command += qemu_accel.DEBUG_EXIT
    if args.uefi:
        command += firmware("x86", os.path.dirname(args.iso))
    return command + shlex.split(args.qemu_extra)


def arm64_accel(wanted):
    """QEMU's arguments: KVM only on its own architecture, or if asked for."""
    if wanted == "auto" and platform.machine() == "aarch64":
        return ["-accel", "kvm", "-accel", "tcg"]
    return ["-accel", "kvm" if wanted == "kvm" else "tcg"]


def arm64_command(args):
    """The Image directly, or the ISO through firmware."""
    command = ["qemu-system-aarch64", "-name", "Zirvium",
               "-machine", "virt,gic-version=max", *arm64_accel(args.accel),
               "-cpu", "max", "-smp", args.smp, "-m", args.mem,
               "-display", "none", "-serial", "mon:stdio", "-nic", "none",
               "-semihosting-config", "enable=on,target=native"]
    if args.uefi:
        command += firmware("arm64", os.path.dirname(args.iso))
        command += ["-device", "virtio-scsi-pci", "-device",
                    "scsi-cd,drive=cd0", "-drive",
                    f"if=none,id=cd0,file={args.iso},format=raw,readonly=on"]
    else:
        command += ["-kernel", args.kernel, "-append", args.append]
        if os.path.exists(args.initrd):  # not every kernel has modules
            command += ["-initrd", args.initrd]
    return command + shlex.split(args.qemu_extra)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--iso", required=True)
    parser.add_argument("--arch", default="x86", choices=FIRMWARE)
    parser.add_argument("--initrd", default="",
                        help="beside a kernel without an ISO")
    parser.add_argument("--append", default="")
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
    if args.arch == "arm64":
        command = arm64_command(args)
    else:
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
