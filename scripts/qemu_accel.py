# SPDX-License-Identifier: BSD-2-Clause
"""Which accelerator QEMU can really run this kernel with here."""

import os
import platform
import subprocess

QEMU = "qemu-system-x86_64"
TRY_TIMEOUT_S = 8
# What QEMU exits with after machine_exit(true), see <kernel/power.h>.
EXIT_SUCCESS = 33
EXIT_FAILURE = 35
DEBUG_EXIT = ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]


def cpu_model(accel):
    """The most of a CPU that the accelerator can give."""
    return "host" if accel == "kvm" else "max"


def kvm_obstacle(kernel_elf):
    """Why KVM cannot run the kernel, found by running it; None: it can."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return f"this machine is {platform.machine()}"
    if not os.path.exists("/dev/kvm"):
        return "there is no /dev/kvm"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "no permission to use /dev/kvm"
    command = [QEMU, "-accel", "kvm", "-cpu", cpu_model("kvm"), "-m", "128M",
               "-kernel", str(kernel_elf), "-append", "selftest=none exit",
               "-display", "none", "-serial", "null", "-monitor", "none",
               "-nic", "none", "-no-reboot"] + DEBUG_EXIT
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=TRY_TIMEOUT_S,
                              check=False)
    except subprocess.TimeoutExpired:
        return f"the kernel did not start within {TRY_TIMEOUT_S} s under KVM"
    except OSError as e:
        return f"{QEMU} does not run: {e.strerror}"
    if done.returncode == EXIT_SUCCESS:
        return None
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return said[-1] if said else \
        f"the kernel failed under KVM (QEMU's exit status {done.returncode})"


def choose_accel(kernel_elf, requested="auto"):
    """(accelerator, reason): reason is "" unless "auto" fell back to TCG."""
    if requested in ("kvm", "tcg"):
        return requested, ""
    if requested != "auto":
        raise ValueError(f"ACCEL={requested}: it is auto, kvm or tcg")
    obstacle = kvm_obstacle(kernel_elf)
    return ("tcg", obstacle) if obstacle else ("kvm", "")
