# SPDX-License-Identifier: BSD-2-Clause
"""A machine for hypervisors (L1): Debian's kernel, this machine's programs.

It is emulated, so it needs nothing of the machine it runs on; its root file
system is this machine's, read-only, so QEMU in it is the QEMU here. Programs
are started in it through remote.py.
"""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import initramfs
import packages
from machine import Config, Machine
from packages import Cache, Unavailable

HERE = Path(__file__).resolve().parent
PARTS = ("l1-init.sh", "agent.py", "initramfs.py", "nested.py")

LINUX = "linux-image-*-{0}-unsigned_*_{0}.deb"
BUSYBOX = "busybox-static_*_{0}.deb"

LINUX_PARAMETERS = "quiet mitigations=off panic=1"

# Each is one program that runs at the same time as the others.
PORTS = 4
MAX_SOCKET_PATH = 100  # characters, of the 107 that Linux takes
SHARE = "security_model=none,multidevs=remap"


@dataclass(frozen=True)
class Architecture:
    """What L1s of one architecture have in common."""

    name: str  # as the tests of a boot call it
    debian: str
    machine: str
    parameters: str  # of Linux
    programs: tuple[str, ...]  # packages of its root; (): it is this machine's
    ready: float  # seconds until it must be


X86 = Architecture(
    name="x86",
    debian="amd64",
    machine="q35",
    parameters="console=ttyS0 tsc=reliable",
    programs=(),
    ready=60.0,
)
ARM64 = Architecture(
    name="arm64",
    debian="arm64",
    machine="virt,virtualization=on,gic-version=3",
    parameters="console=ttyAMA0",
    programs=("qemu-system-arm", "python3-minimal", "libpython3-stdlib"),
    ready=240.0,  # half a minute where nobody else works
)


@dataclass(frozen=True)
class Flavour:
    """What distinguishes one hypervisor's L1 from another's."""

    name: str
    cpu: str
    modules: tuple[str, ...]
    parameters: dict[str, str]  # of modules
    devices: tuple[str, ...] = ()  # QEMU's arguments
    memory: str = "4G"
    smp: int = 2
    arch: Architecture = X86


COMMON_MODULES = ("virtio_pci", "9p", "9pnet_virtio", "virtio_console")


def linux_package(cache: Cache, arch: Architecture) -> Path:
    """Debian's newest kernel for @arch."""
    pattern = LINUX.format(arch.debian)
    return cache.package(pattern, lambda: _linux_name(cache, arch))


def _linux_name(cache: Cache, arch: Architecture) -> str:
    """The package with the kernel that Debian's newest one depends on."""
    name = f"linux-image-{arch.debian}"
    pattern = rf"linux-image-\d.*-{arch.debian}"
    return cache.dependency(name, pattern) + "-unsigned"


@dataclass(frozen=True)
class Image:
    """What an L1 boots."""

    kernel: Path
    initrd: Path
    root: Path  # of its file systems


def prepare(flavour: Flavour, directory: Path) -> Image:
    """Make what @flavour boots, unless it is there; or Unavailable."""
    arch = flavour.arch
    if arch.programs:
        cache = Cache(directory / f"packages-{arch.debian}", arch.debian)
    else:
        cache = Cache(directory / "packages")
    linux = linux_package(cache, arch)
    busybox = cache.package(
        BUSYBOX.format(arch.debian), lambda: "busybox-static"
    )
    programs = cache.with_dependencies(arch.programs) if arch.programs else []
    sources = [HERE / name for name in (*PARTS, f"{flavour.name}.py")]
    key = packages.fingerprint([linux, busybox, *programs], sources)
    made = directory / f"{flavour.name}-{key}"
    with packages.locked(directory / flavour.name):
        if not made.exists():
            for stale in directory.glob(f"{flavour.name}-{'?' * len(key)}"):
                shutil.rmtree(stale)
            _make(flavour, linux, busybox, programs, made)
    root = made / "root" if programs else Path("/")
    return Image(made / "vmlinuz", made / "initramfs.gz", root)


def _make_root(programs: list[Path], root: Path):
    for package in programs:
        packages.unpack(package, root)
    for directory in ("dev", "proc", "sys"):
        (root / directory).mkdir(exist_ok=True)


def _make(
    flavour: Flavour,
    linux: Path,
    busybox: Path,
    programs: list[Path],
    target: Path,
):
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="make-") as name:
        work = Path(name)
        packages.unpack(linux, work / "linux")
        packages.unpack(busybox, work / "busybox")
        made = work / "made"
        made.mkdir()
        (kernel,) = (work / "linux" / "boot").glob("vmlinuz-*")
        kernel.rename(made / "vmlinuz")
        archive = initramfs.Archive()
        for directory in ("bin", "dev", "modules", "proc", "root", "sys"):
            archive.directory(directory)
        program = (work / "busybox" / "bin" / "busybox").read_bytes()
        archive.file("bin/busybox", program, 0o755)
        archive.file("init", (HERE / "l1-init.sh").read_bytes(), 0o755)
        archive.file("agent.py", (HERE / "agent.py").read_bytes())
        _add_modules(archive, flavour, work / "linux" / "lib" / "modules")
        archive.write(made / "initramfs.gz")
        if programs:
            _make_root(programs, made / "root")
        made.rename(target)


def _add_modules(archive, flavour: Flavour, directory: Path):
    modules = initramfs.Modules(directory)
    wanted = [*COMMON_MODULES, *flavour.modules]
    archive.modules(modules, wanted, flavour.parameters)


def port_devices(directory: Path) -> list[str]:
    """QEMU's arguments for the agent's ports, with sockets in @directory."""
    devices = ["-device", "virtio-serial-pci"]
    for number in range(PORTS):
        path = os.path.relpath(directory / f"{number}.port")
        if len(path) > MAX_SOCKET_PATH:
            raise Unavailable(f"{path}: too long a name for a socket")
        name = f"port{number}"
        socket = f"socket,id={name},path={path},server=on,wait=off"
        devices += ["-chardev", socket]
        devices += ["-device", f"virtserialport,chardev={name}"]
    return devices


def remote_words(directory: Path, limit: float) -> tuple[str, ...]:
    """The words before a command that run it through ports in @directory."""
    program = HERE / "remote.py"
    return (sys.executable, str(program), str(directory), str(limit))


class Nested:
    """A running L1. Use it as a context manager: leaving it kills it.

    The directory of its @log is the one that programs in it can write to.
    """

    def __init__(self, flavour: Flavour, image: Image, log: Path, **options):
        shared = log.parent
        shared.mkdir(parents=True, exist_ok=True)
        self._ready = flavour.arch.ready
        base = image.kernel.parent.parent
        self._ports = Path(tempfile.mkdtemp(dir=base, prefix="ports-"))
        try:
            config = self._config(flavour, image, shared, options)
            self.machine = Machine(config, log)
        except BaseException:
            shutil.rmtree(self._ports)
            raise

    def _config(self, flavour, image, shared: Path, options) -> Config:
        words = f"{LINUX_PARAMETERS} {flavour.arch.parameters}"
        return Config(
            arch=flavour.arch.name,
            machine=flavour.arch.machine,
            kernel=image.kernel,
            append=f'{words} SHARED="{shared}"',
            accel="tcg,thread=multi",
            cpu=flavour.cpu,
            smp=flavour.smp,
            memory=flavour.memory,
            vga="none",
            debug_exit=False,
            extra=self._devices(flavour, image, shared),
            **options,
        )

    def _devices(self, flavour, image: Image, shared: Path) -> tuple[str, ...]:
        devices = ["-initrd", str(image.initrd)]
        # Where the shared directory is mounted; a root of ours is written to.
        if image.root != Path("/"):
            inside = image.root / shared.relative_to("/")
            inside.mkdir(parents=True, exist_ok=True)
        root = f"local,path={image.root},mount_tag=root,readonly=on,{SHARE}"
        writable = f"local,path={shared},mount_tag=shared,{SHARE}"
        devices += ["-virtfs", root, "-virtfs", writable]
        devices += flavour.devices
        return (*devices, *port_devices(self._ports))

    def wait_ready(self) -> "Nested":
        self.machine.expect(r"^lab: ready", self._ready)
        return self

    @property
    def running(self) -> bool:
        return self.machine.running

    def remote(self, limit: float) -> tuple[str, ...]:
        """The words before a command that run it in this machine."""
        return remote_words(self._ports, limit)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.machine.close()
        shutil.rmtree(self._ports, ignore_errors=True)


class Host:
    """Where one hypervisor's guests run: an L1, and a new one after its end."""

    def __init__(self, flavour: Flavour, image: Image, log: Path, **options):
        self._start = lambda log: Nested(flavour, image, log, **options)
        self._log = log
        self._started: list[Nested] = []

    def l1(self) -> Nested:
        """An L1 that is ready."""
        if not self._started or not self._started[-1].running:
            number = len(self._started) + 1
            suffix = f".{number}.log" if number > 1 else ".log"
            self._started.append(self._start(self._log.with_suffix(suffix)))
            self._started[-1].wait_ready()
        return self._started[-1]

    def why_ended(self) -> str:
        """The end of L1's log if it has ended; "" if it runs."""
        if not self._started or self._started[-1].running:
            return ""
        return self._started[-1].machine.tail()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for l1 in self._started:
            l1.close()
