# SPDX-License-Identifier: BSD-2-Clause
"""VirtualBox itself, without its kernel module: it interprets its guests.

Debian has it in "sid" only. Its programs are unpacked, not installed, and run
in namespaces of their own, which needs no rights where Linux lets users have
such namespaces.
"""

import json
import os
import platform
import re
import shutil
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import packages
from machine import Machine, MachineError
from packages import Cache, Unavailable
from virtualbox_run import NAME

HERE = Path(__file__).resolve().parent
PACKAGE = "virtualbox_*.deb"
# What its programs are linked with; the rest of what its package depends on
# is for screens, and for building a kernel module.
LIBRARIES = (
    r"lib(c6|curl.*|gcc-s1|jpeg.*|lz[fm].*|ogg.*|png.*|ssl.*|stdc\+\+6|tpms.*"
    r"|vorbis.*|vpx.*|xml2.*)|zlib1g"
)
TOOL_SECONDS = 20
ANSWER_SECONDS = 60.0  # for VBoxManage

NAMESPACES = ("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child")


def _namespaces() -> tuple[str, ...]:
    """The words before a command that give it namespaces of its own."""
    words = NAMESPACES
    if os.geteuid():
        words = (*words, "--user", "--map-root-user")
    # What it does first there, and may not be allowed to.
    packages.run([*words, "mount", "-t", "proc", "proc", "/proc"], TOOL_SECONDS)
    return words


def _make(found: list[Path], target: Path):
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="make-") as name:
        root = Path(name) / "root"
        for directory in ("bin", "sbin", "lib", "lib64"):
            (root / "usr" / directory).mkdir(parents=True)
            (root / directory).symlink_to(f"usr/{directory}")
        for directory in ("dev", "proc", "tmp", "root", "run", "lab"):
            (root / directory).mkdir()
        for package in found:
            packages.unpack(package, root)
        program = root / "usr" / "lib" / "virtualbox" / "driverless"
        source = HERE / "virtualbox_main.c"
        words = ["cc", "-O1", "-o", str(program), str(source), "-ldl"]
        packages.run(words, TOOL_SECONDS)
        root.rename(target)


@dataclass(frozen=True)
class VirtualBox:
    """Where it is, and which."""

    root: Path
    version: str
    namespaces: tuple[str, ...]


def prepare(directory: Path) -> VirtualBox:
    """VirtualBox, unpacked into @directory once; or Unavailable."""
    if platform.machine() != "x86_64":
        raise Unavailable(f"VirtualBox is not for {platform.machine()}")
    namespaces = _namespaces()
    cache = Cache(directory / "packages-sid", "amd64", "sid")
    package = cache.package(PACKAGE, lambda: "virtualbox")
    libraries = cache.closure(
        "libraries", lambda: cache.dependencies("virtualbox", LIBRARIES)
    )
    found = [package, *libraries]
    key = packages.fingerprint(found, [HERE / "virtualbox_main.c"])
    made = directory / f"virtualbox-{key}"
    with packages.locked(directory / "virtualbox"):
        if not made.exists():
            for stale in directory.glob(f"virtualbox-{'?' * len(key)}"):
                shutil.rmtree(stale)
            _make(found, made)
    version = re.match(r"virtualbox_([\d.]+)", package.name)
    return VirtualBox(made, version[1].rstrip("."), namespaces)


@dataclass(frozen=True)
class Config:
    """One machine; arch and uefi are there for the tests of a boot."""

    virtualbox: VirtualBox
    cdrom: Path
    provider: str = "default"  # of paravirtualization
    uefi: bool = False
    smp: int = 1
    memory: int = 256  # MiB
    chipset: str = "piix3"
    settings: tuple[str, ...] = ()  # of `VBoxManage modifyvm`
    timeout: float = 120.0
    arch: str = "x86"

    def arguments(self) -> list[str]:
        given = {
            "firmware": "efi" if self.uefi else "bios",
            "paravirt-provider": self.provider,
            "cpus": self.smp,
            "memory": self.memory,
            "chipset": self.chipset,
            "ioapic": "on",
            "audio-enabled": "off",
            "vm-execution-engine": "recompiler",
            "firmware-logo-fade-in": "off",
            "firmware-logo-fade-out": "off",
            "firmware-logo-display-time": 0,
            "firmware-boot-menu": "disabled",
            "boot1": "dvd",
        }
        words = []
        for name, value in given.items():
            words += [f"--{name}", str(value)]
        return [*words, *self.settings]


class Manager:
    """VBoxManage, where the machine is; in QMP's place."""

    events: tuple = ()

    def __init__(self, sock: socket.socket):
        sock.settimeout(ANSWER_SECONDS)
        self._socket = sock
        self._file = sock.makefile("rw", encoding="utf-8", newline="\n")

    def command(self, *words: str) -> str:
        """What VBoxManage said; MachineError if it says no."""
        try:
            self._file.write(json.dumps(words) + "\n")
            self._file.flush()
            status, output = json.loads(self._file.readline())
        except (OSError, ValueError) as error:
            raise MachineError(f"VBoxManage {words}: {error}") from error
        if status:
            raise MachineError(f"VBoxManage {words}: {output}")
        return output

    def close(self):
        self._socket.close()


class VirtualMachine(Machine):
    """A running machine of VirtualBox, with its serial line."""

    def _start(self):
        self._private = []
        self.files = self.log.with_suffix("")
        shutil.rmtree(self.files, ignore_errors=True)
        self.files.mkdir(parents=True)
        self.command_line = self.config.arguments()
        ours, theirs = socket.socketpair()
        box = self.config.virtualbox
        where = (box.root, self.files, self.config.cdrom, theirs.fileno())
        program = (sys.executable, HERE / "virtualbox_run.py", *where)
        command = [*box.namespaces, *map(str, program), *self.command_line]
        self._spawn(command, (theirs.fileno(),))
        self.qmp = Manager(ours)
        theirs.close()

    def manage(self, *words: str) -> str:
        """What VBoxManage says."""
        return self.qmp.command(*words)

    def control(self, *words: str) -> str:
        """`VBoxManage controlvm`, e.g. "acpipowerbutton"."""
        return self.manage("controlvm", NAME, *words)

    def host_log(self) -> str:
        """What VirtualBox says about the machine."""
        path = self.files / NAME / "Logs" / "VBox.log"
        return path.read_text(errors="replace")

    def screendump(self, path: Path, form: str = "png"):
        assert form == "png"
        self.control("screenshotpng", "/lab/screen.png")
        shutil.copy(self.files / "screen.png", path)
