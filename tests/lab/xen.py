# SPDX-License-Identifier: BSD-2-Clause
"""Xen on x86: Debian's, in an emulated machine, with Linux as its dom0.

Xen, dom0 and its tools are started once, and the machine's state is kept in a
file. Each Dom0 goes on from there with memory of its own, within a second, and
gives its guests the files of one directory, which it has on a second disk.
"""

import gzip
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import initramfs
import nested
import packages
import xen_elf
from machine import Config, Machine
from packages import Cache, Unavailable

HERE = Path(__file__).resolve().parent
SOURCES = ("xen.py", "xen_elf.py", "xen-dom0.sh", "agent.py", "initramfs.py")

PROGRAMS = (
    "xen-system-amd64",
    "xenstore-utils",
    "qemu-system-xen",
    "seabios",
    "busybox-static",
    "python3-minimal",
    "libpython3-stdlib",
)
USELESS = ("doc", "info", "locale", "man", "iso-codes", "xml", "grub")
MODULES = (
    *("virtio_pci", "virtio_blk", "virtio_console", "crc32c_generic", "ext4"),
    *("overlay", "loop"),
    *("xen-evtchn", "xen-gntdev", "xen-gntalloc", "xen-privcmd", "xenfs"),
    "xen-blkback",
)

# What Xen's SVM code and TCG's do not agree on is left out.
CPU = "EPYC-v3,+svm,+npt,-smap,-smep,-monitor,-rdtscp,check=off"
XEN_WORDS = (
    "console=com1 com1=115200,8n1 loglvl=info guest_loglvl=all noreboot "
    "spec-ctrl=eager-fpu"
)
DOM0_XEN_WORDS = "dom0_mem=512M,max:512M dom0_max_vcpus=1 dom0_vcpus_pin"
DOM0_WORDS = (
    "console=hvc0 quiet mitigations=off panic=1 rodata=off swiotlb=2048 "
    "tsc=unstable nokaslr apparmor=0 audit=0"
)
MACHINE = {
    "machine": "q35",
    "accel": "tcg,thread=multi",
    "cpu": CPU,
    "smp": 2,
    "memory": "2G",
    "vga": "none",
    "debug_exit": False,
}
ROOT_MIB = 320
FILES_BYTES = 64 << 20  # of the disk with the guests' files
READY_SECONDS = 150.0
SAVE_SECONDS = 60.0
TOOL_SECONDS = 60.0
RESTORE_SECONDS = 60.0
COMMAND_SECONDS = 60.0
DOM0_SECONDS = 1800.0  # with all of its guests
GUEST_SECONDS = 600.0  # of one of them

# For dom0 to have nothing to do any more.
SETTLE_SECONDS = 2.0

# A disk of a guest is a block device of dom0's, and of nobody else's.
BLOCK_SCRIPT = """#!/bin/busybox sh
[ "$1" = add ] || exit 0
disk=$(xenstore-read "$XENBUS_PATH/params")
number=$(busybox stat -L -c %t:%T "$disk")
xenstore-write "$XENBUS_PATH/physical-device-path" "$disk" \\
	"$XENBUS_PATH/physical-device" "$number" \\
	"$XENBUS_PATH/hotplug-status" connected
"""

GONE = 'on_poweroff = "destroy"\non_crash = "destroy"\non_reboot = "destroy"\n'
GUEST = {
    "memory": 128,
    "vcpus": 1,
    "tsc_mode": "native",
    **{f"on_{event}": "destroy" for event in ("poweroff", "reboot", "crash")},
}
# What a hypervisor has to do with, for guests that are slow.
SOME_TESTS = (
    "selftest=virt,paravirt,irq,traps,smp,spin,static-call,time,timer-cpus,"
    "xen-events,xen-clock,xen-console,xenstore,grant-table"
)

# Boots from the ISO as from a disk: by AHCI, the quickest that is emulated.
HVM = {
    "vga": "none",
    "vnc": 0,
    "usb": 0,
    "serial": "none",
    "hdtype": "ahci",
    "boot": "c",
    "disk": [
        "format=raw,vdev=hda,access=rw,backendtype=phy,"
        "script=/lab/block-lab,target=/dev/loop0"
    ],
}
WARM = {
    "pvh": 'kernel = "/lab/warm.elf"\n',
    "hvm": 'vga = "none"\nserial = "none"\nvnc = 0\n',
}


@dataclass(frozen=True)
class Image:
    """What the machine boots, and its state after that."""

    directory: Path

    @property
    def xen(self) -> Path:
        return self.directory / "xen"

    @property
    def version(self) -> str:
        return (self.directory / "version").read_text()

    @property
    def root(self) -> Path:
        return self.directory / "root.img"

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def initrd(self) -> str:
        """Dom0's kernel with its words, and its initramfs, for QEMU."""
        kernel = self.directory / "vmlinux"
        return f"{kernel} {DOM0_WORDS},{self.directory / 'initramfs'}"


def prepare(directory: Path) -> Image:
    """What Dom0 starts from, made unless it is there; or Unavailable."""
    cache = Cache(directory / "packages-xen", "amd64")
    programs = cache.with_dependencies(PROGRAMS)
    linux = nested.linux_package(Cache(directory / "packages"), nested.X86)
    # A machine's state is read by the QEMU that wrote it.
    qemu = packages.run(["qemu-system-x86_64", "--version"], TOOL_SECONDS)
    sources = [HERE / name for name in SOURCES]
    key = packages.fingerprint([linux, *programs], sources, qemu)
    made = directory / f"xen-{key}"
    with packages.locked(directory / "xen"):
        if not made.exists():
            for stale in directory.glob(f"xen-{'?' * len(key)}"):
                shutil.rmtree(stale)
            _make(linux, programs, made)
    return Image(made)


def _make(linux: Path, programs: list[Path], target: Path):
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="make-") as name:
        work = Path(name)
        image = Image(work / "made")
        image.directory.mkdir()
        for package in programs:
            packages.unpack(package, work / "root")
        packages.unpack(linux, work / "linux")
        _make_hypervisor(work / "root" / "boot", image)
        _make_root(work / "root", image.root)
        _make_dom0(work, image)
        _save_state(image, work)
        image.directory.rename(target)


def _make_hypervisor(boot: Path, image: Image):
    for path in boot.glob("xen-*-amd64.gz"):
        image.xen.write_bytes(gzip.decompress(path.read_bytes()))
        (image.directory / "version").write_text(path.name.split("-")[1])
        return
    raise Unavailable("Debian's package has no Xen for x86")


def _make_root(root: Path, disk: Path):
    """A file system with the programs, made without a mount."""
    for name in USELESS:
        shutil.rmtree(root / "usr" / "share" / name, ignore_errors=True)
    shutil.rmtree(root / "boot")
    for name in ("dev", "lab", "proc", "sys", "tmp"):
        (root / name).mkdir(exist_ok=True)
    with disk.open("wb") as file:
        file.truncate(ROOT_MIB << 20)
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    tool = shutil.which("mke2fs", path=path) or "mke2fs"
    options = ["-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0"]
    packages.run([tool, *options, "-d", str(root), str(disk)], TOOL_SECONDS)


def _make_dom0(work: Path, image: Image):
    """Linux and its initramfs, which is not compressed: so it is quicker."""
    (kernel,) = (work / "linux" / "boot").glob("vmlinuz-*")
    elf = xen_elf.linux(kernel.read_bytes())
    (image.directory / "vmlinux").write_bytes(elf)
    archive = initramfs.Archive()
    for name in ("bin", "dev", "files", "modules", "proc", "root", "sys"):
        archive.directory(name)
    busybox = (work / "root" / "bin" / "busybox").read_bytes()
    archive.file("bin/busybox", busybox, 0o755)
    archive.file("init", (HERE / "xen-dom0.sh").read_bytes(), 0o755)
    archive.file("agent.py", (HERE / "agent.py").read_bytes())
    archive.file("files/warm.elf", xen_elf.least())
    archive.file("files/block-lab", BLOCK_SCRIPT.encode(), 0o755)
    for kind, words in WARM.items():
        text = f'name = "warm"\ntype = "{kind}"\nmemory = 32\n{GONE}{words}'
        archive.file(f"files/warm-{kind}.cfg", text.encode())
    modules = initramfs.Modules(work / "linux" / "lib" / "modules")
    archive.modules(modules, list(MODULES), {})
    archive.write(image.directory / "initramfs", compress=False)


def _config(image: Image, ports: Path, files: Path, **options) -> Config:
    """The machine; its state fits no other."""
    disk = "file={},format=raw,if=none,readonly=on,id={}"
    extra = ["-initrd", image.initrd, *nested.port_devices(ports)]
    for name, path in (("root", image.root), ("files", files)):
        extra += ["-drive", disk.format(path, name)]
        extra += ["-device", f"virtio-blk-pci,drive={name}"]
    extra += options.pop("extra", [])
    words = f"{XEN_WORDS} {DOM0_XEN_WORDS}"
    return Config(
        kernel=image.xen,
        append=words,
        extra=tuple(extra),
        **MACHINE,
        **options,
    )


def _save_state(image: Image, work: Path):
    """Start it all, and keep the machine's state when that is done."""
    files = work / "files"
    with files.open("wb") as file:
        file.truncate(FILES_BYTES)
    limit = READY_SECONDS + SAVE_SECONDS
    config = _config(image, work, files, timeout=limit)
    with Machine(config, work / "boot.log") as machine:
        machine.expect(r"^lab: ready", READY_SECONDS)
        time.sleep(SETTLE_SECONDS)
        machine.qmp.command("stop")
        machine.qmp.command(
            "migrate-set-parameters", **{"max-bandwidth": 1 << 40}
        )
        machine.qmp.command("migrate", uri=f"exec:cat >{image.state}")
        deadline = time.monotonic() + SAVE_SECONDS
        while (status := _saved(machine)) != "completed":
            if status == "failed" or time.monotonic() > deadline:
                raise Unavailable("the state of Xen's machine is not saved")
            time.sleep(0.1)


def _saved(machine: Machine) -> str:
    return machine.qmp.command("query-migrate").get("status", "")


class NoQmp:
    """Of a terminal that is not QEMU's: nothing to control."""

    events: list[dict] = []

    def close(self):
        pass


class Terminal(Machine):
    """A program in dom0, spoken to as to a machine's serial line."""

    def __init__(self, command: list[str], log: Path, via, timeout: float):
        self.command_line = command
        super().__init__(Config(timeout=timeout), log, via)

    def _start(self):
        self._private = []
        self.qmp = NoQmp()
        self._spawn(self.command_line)


class Dom0:
    """Xen with its dom0, just restored. As a context manager it is killed."""

    def __init__(self, image: Image, log: Path, files: dict[str, Path]):
        """@files: what guests need, by their names in dom0's /lab."""
        self.image = image
        self.log = log
        self._terminals: list[Terminal] = []
        log.parent.mkdir(parents=True, exist_ok=True)
        self._directory = Path(tempfile.mkdtemp(dir=log.parent, prefix="xen-"))
        try:
            disk, size = self._archive(files)
            state = ("-incoming", f"exec:cat {image.state}")
            config = _config(
                image,
                self._directory,
                disk,
                extra=state,
                timeout=DOM0_SECONDS,
            )
            self.machine = Machine(config, log)
        except BaseException:
            shutil.rmtree(self._directory)
            raise
        try:
            self._wait_restored()
            self._unpack(size)
            self._attach(files)
        except BaseException:
            self.close()
            raise

    def _wait_restored(self):
        """Until then nobody sees who connects to a port."""
        deadline = time.monotonic() + RESTORE_SECONDS
        query = self.machine.qmp.command
        while query("query-status")["status"] == "inmigrate":
            if time.monotonic() > deadline:
                raise self.machine.error("its state cannot be restored")
            time.sleep(0.02)
        query("cont")  # it was stopped when its state was saved

    def _unpack(self, size: int):
        """Files from the disk, whose first @size MiB are an archive."""
        unpack = f"dd if=/dev/vdb bs=1M count={size} iflag=direct 2>/dev/null"
        self.run("sh", "-c", f"{unpack} | tar -xC /lab")

    def _attach(self, files: dict[str, Path]):
        """Make disks of images."""
        disks = [name for name in files if name.endswith(".iso")]
        for number, name in enumerate(disks):
            self.run("losetup", f"/dev/loop{number}", f"/lab/{name}")

    def _archive(self, files: dict[str, Path]) -> tuple[Path, int]:
        """A disk with @files, and how many MiB of it are used."""
        path = self._directory / "files"
        with tarfile.open(path, "w") as archive:
            for name, file in files.items():
                archive.add(file.resolve(), name)
        size = path.stat().st_size
        if size > FILES_BYTES:
            raise Unavailable(f"files for guests: {size} bytes are too many")
        os.truncate(path, FILES_BYTES)
        return path, -(-size >> 20) or 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for terminal in self._terminals:
            terminal.close()
        self.machine.close()
        shutil.rmtree(self._directory, ignore_errors=True)

    def via(self, limit: float = DOM0_SECONDS) -> tuple[str, ...]:
        """The words before a command that run it in dom0."""
        return nested.remote_words(self._directory, limit)

    def run(self, *command: str, given: str = "", check: bool = True) -> str:
        """What @command in dom0 says to @given."""
        done = subprocess.run(
            [*self.via(COMMAND_SECONDS), *command],
            input=given,
            capture_output=True,
            text=True,
            timeout=2 * COMMAND_SECONDS,
            check=False,
        )
        if check and done.returncode:
            said = f"{done.stdout}{done.stderr}".strip()
            raise self.machine.error(f"{command}: {done.returncode}: {said}")
        return done.stdout

    def create(self, name: str, **values) -> None:
        """Create guest @name, as xl.cfg(5) calls @values, and leave it stopped."""
        lines = {**GUEST, "name": name, **values}
        text = "".join(f"{k} = {json.dumps(v)}\n" for k, v in lines.items())
        self.run("sh", "-c", f"cat >/lab/{name}.cfg", given=text)
        # A part of xl goes on until the guest ends, with its streams.
        command = f"xl create -q -p /lab/{name}.cfg >/lab/xl.log 2>&1"
        self.run("sh", "-c", f"{command} || {{ cat /lab/xl.log; false; }}")

    def console(self, name: str) -> Terminal:
        """The console of guest @name, which runs from here on."""
        number = len(self._terminals) + 1
        log = self.log.with_suffix(f".{number}.log")
        # What `xl console` runs, which types only what comes from a terminal.
        show = f"exec xenconsole --interactive $(xl domid {name})"
        command = ["sh", "-c", f"xl unpause {name} && {show}"]
        terminal = Terminal(command, log, self.via(), GUEST_SECONDS)
        self._terminals.append(terminal)
        return terminal

    def domid(self, name: str) -> int | None:
        """The number of guest @name; None if there is no such guest."""
        said = self.run("xl", "domid", name, check=False).strip()
        return int(said) if said else None

    def wait_for(self, condition, limit: float = COMMAND_SECONDS):
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise self.machine.error("what was waited for did not come")
            time.sleep(0.2)

    def wait_gone(self, name: str, limit: float):
        """Wait until guest @name has ended and is no more."""
        self.wait_for(lambda: self.domid(name) is None, limit)

    def destroy(self, name: str):
        """End guest @name, if there is one, and its consoles."""
        self.run("xl", "destroy", name, check=False)
        for terminal in self._terminals:
            terminal.close()


def first_domain(
    image: Image, kernel: Path, initrd: Path | None, words: str, cpus: int
) -> Config:
    """A machine in which Xen starts @kernel as its first domain."""
    # A comma begins the next module.
    words = words.replace(",", ",,")
    modules = f"{kernel} {words}" + (f",{initrd}" if initrd else "")
    limits = f"dom0=pvh dom0_mem=256M dom0_max_vcpus={cpus}"
    # A PVH dom0 needs an IOMMU.
    extra = ("-device", "amd-iommu", "-initrd", modules)
    return Config(
        kernel=image.xen,
        append=f"{XEN_WORDS} {limits}",
        extra=extra,
        timeout=GUEST_SECONDS,
        **MACHINE,
    )
