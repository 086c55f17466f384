# SPDX-License-Identifier: BSD-2-Clause
"""Fixtures of the boot tests: the images under test and machines to run."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "scripts")]

from host_memory import HostMemory  # noqa: E402
from machine import (  # noqa: E402
    ARM64,
    QEMU,
    Machine,
    MachineError,
    find_firmware,
)
from paths import ARM64_BUILD, BUILD, LOGS, ROOT  # noqa: E402
from zirvium import Guest  # noqa: E402

_machines = pytest.StashKey[list]()


def _must_exist(path: Path, how: str) -> Path:
    if not path.exists():
        pytest.fail(f"{path} does not exist; run `{how}` first", pytrace=False)
    return path


@pytest.fixture(scope="session")
def kernel() -> Path:
    """The kernel under test."""
    return _must_exist(BUILD / "zirvium.elf", "make")


@pytest.fixture(scope="session")
def debug_kernel() -> Path:
    """The kernel that watches locks and memory: built here, when needed."""
    build = BUILD.parent / "debug"
    build.mkdir(parents=True, exist_ok=True)
    variables = [f"BUILD={build}", f"KCONFIG_CONFIG={build / 'config'}"]
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("MAKE", "MFLAGS", "KCONFIG_"))}
    with (build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # against other test processes
        for goal in ("debug_defconfig", "all"):
            subprocess.run(
                ["make", "-s", f"-j{os.cpu_count()}", goal, *variables],
                cwd=ROOT, env=environment, check=True, timeout=600,
                stdin=subprocess.DEVNULL,
            )
    return build / "zirvium.elf"


@pytest.fixture(scope="session")
def release_iso() -> Path:
    """The image that users get, with its menu and its timeout."""
    return _must_exist(BUILD / "zirvium.iso", "make iso")


@pytest.fixture(scope="session")
def initrd(kernel) -> Path | None:
    """The modules of the kernel under test; None if it has none."""
    path = kernel.with_name("initrd.cpio")
    return path if path.exists() else None


@pytest.fixture(scope="session")
def make_iso(kernel, initrd):
    """make_iso(append): an image that boots at once with that command line."""

    def make(append: str) -> Path:
        name = hashlib.sha256(append.encode()).hexdigest()[:12]
        path = BUILD / "test-iso" / f"{name}.iso"
        path.parent.mkdir(parents=True, exist_ok=True)
        script = ROOT / "scripts" / "mkiso.sh"
        parts = [kernel, script, *([initrd] if initrd else [])]
        newest = max(part.stat().st_mtime for part in parts)
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # against other test processes
            if not path.exists() or path.stat().st_mtime < newest:
                command = [script, kernel, path, "--timeout", "0"]
                command += ["--append", append]
                command += ["--initrd", initrd] if initrd else []
                subprocess.run(command, cwd=ROOT, check=True, timeout=60)
        return path

    return make


def machines_of(node):
    """The machines that @node (a test or a module) started, for its report."""
    return node.stash.setdefault(_machines, [])


def starter(node, **options):
    """A function that starts a Machine whose log is named after @node.

    @options are those of Machine.
    """
    # A parameter makes a test of its own, so it is part of the name.
    name = re.sub(r"[^\w.-]+", "_", node.name.removesuffix(".py")).strip("_")
    machines = machines_of(node)

    def run(config) -> Machine:
        number = f".{len(machines) + 1}" if machines else ""
        machine = Machine(config, LOGS / f"{name}{number}.log", **options)
        machines.append(machine)
        return machine

    return run


@pytest.fixture
def start(request):
    """start(config): a running Machine, killed at the latest after the test."""
    yield starter(request.node)
    for machine in machines_of(request.node):
        machine.close()


@pytest.fixture(scope="module")
def module_start(request):
    """As start, for a machine that the tests of a module share."""
    yield starter(request.node)
    for machine in machines_of(request.node):
        machine.close()


def _booter(start, kernel, initrd):
    def run(append: str = "", **options) -> Guest:
        options.setdefault("initrd", initrd)
        return Guest.start(start, kernel=kernel, append=append, **options)

    return run


@pytest.fixture
def boot(start, kernel, initrd):
    """boot(append, **config): a Guest that is booting through PVH."""
    return _booter(start, kernel, initrd)


@pytest.fixture(scope="module")
def module_boot(module_start, kernel, initrd):
    """As boot, for a Guest that the tests of a module share."""
    return _booter(module_start, kernel, initrd)


@pytest.fixture
def boot_iso(start, make_iso):
    """boot_iso(append, **config): a Guest that is booting from an ISO."""

    def run(append: str = "", **options) -> Guest:
        options.setdefault("cdrom", make_iso(append))
        return Guest.start(start, **options)

    return run


@pytest.fixture(scope="session")
def arm64_image() -> Path:
    """The arm64 kernel under test."""
    if shutil.which(QEMU["arm64"]) is None:
        pytest.skip("no QEMU for arm64 (Debian package qemu-system-arm)")
    return _must_exist(ARM64_BUILD / "Image", "make ARCH=arm64")


@pytest.fixture(scope="session")
def arm64_initrd(arm64_image) -> Path | None:
    """The modules of the arm64 kernel under test; None if it has none."""
    path = arm64_image.with_name("initrd.cpio")
    return path if path.exists() else None


@pytest.fixture
def boot_arm64(start, arm64_image, arm64_initrd):
    """boot_arm64(append, **config): an arm64 Guest that is booting."""

    def run(append: str = "", **options) -> Guest:
        defaults = {**ARM64, "kernel": arm64_image, "initrd": arm64_initrd}
        options = {**defaults, **options}
        return Guest.start(start, append=append, **options)

    return run


@pytest.fixture
def boot_arm64_iso(start, arm64_image, arm64_initrd):
    """As boot_arm64, from an ISO through UEFI firmware."""

    def run(append: str = "", **options) -> Guest:
        name = hashlib.sha256(append.encode()).hexdigest()[:12]
        path = ARM64_BUILD / "test-iso" / f"{name}.iso"
        path.parent.mkdir(parents=True, exist_ok=True)
        command = [ROOT / "scripts" / "mkiso-arm64.sh", arm64_image, path]
        command += ["--append", append]
        command += ["--initrd", arm64_initrd] if arm64_initrd else []
        subprocess.run(command, cwd=ROOT, check=True, timeout=60)
        cd = f"if=none,id=cd0,file={path},format=raw,readonly=on"
        extra = ("-device", "virtio-scsi-pci", "-device", "scsi-cd,drive=cd0")
        extra = ("-drive", cd, *extra, *options.pop("extra", ()))
        options = {**ARM64, "uefi": True, "memory": "256M", **options}
        return Guest.start(start, extra=extra, **options)

    return run


@pytest.fixture
def host_memory(tmp_path) -> HostMemory:
    """128 MiB for a guest: -machine ...,memory-backend=ram."""
    return HostMemory(tmp_path / "memory", 128)


@pytest.fixture
def arm64_dtb(tmp_path, arm64_image):
    """arm64_dtb(nodes, reserved): QEMU's own device tree and more, a path.

    @nodes are properties by path: text, or numbers as cells. @reserved is a
    range, (start, size), that is not the guest's RAM.
    """

    def make(nodes: dict, reserved: tuple[int, int]) -> str:
        path = tmp_path / "machine.dtb"
        machine = f"virt,dumpdtb={path}"
        subprocess.run([QEMU["arm64"], "-machine", machine, "-cpu",
                        ARM64["cpu"], "-nodefaults", "-display", "none"],
                       check=True, timeout=20, stderr=subprocess.DEVNULL)
        start, size = reserved
        parent = {"#address-cells": [2], "#size-cells": [2], "ranges": []}
        child = {"reg": [0, start, 0, size], "no-map": []}
        nodes = {"/reserved-memory": parent,
                 f"/reserved-memory/test@{start:x}": child, **nodes}
        for node, properties in nodes.items():
            subprocess.run(["fdtput", "-c", path, node], check=True)
            for name, value in properties.items():
                put_property(path, node, name, value)
        return str(path)

    return make


def put_property(path, node, name, value):
    kind = "s" if isinstance(value, str) else "x"
    values = [value] if kind == "s" else [f"{cell:x}" for cell in value]
    subprocess.run(["fdtput", "-t", kind, path, node, name, *values],
                   check=True)


@pytest.fixture
def uefi():
    """Skips the test where there is no UEFI firmware."""
    if find_firmware() is None:
        pytest.skip("no UEFI firmware (Debian package ovmf)")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Show the end of every machine's log beside a failure."""
    report = (yield).get_result()
    if call.excinfo is None or call.excinfo.errisinstance(MachineError):
        return  # nothing failed, or the message has the log already
    if report.failed:
        for machine in machines_of(item.parent) + machines_of(item):
            report.sections.append((str(machine.log), machine.tail()))
