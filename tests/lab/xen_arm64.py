# SPDX-License-Identifier: BSD-2-Clause
"""Xen on arm64, which starts a guest that the device tree describes.

There is no Linux and no tool stack ("dom0less"): Xen finds the guest's kernel
and initrd in memory, where QEMU's loader has put them. The guest's console is
a PL011 that Xen emulates; each of its lines is one of Xen's own.
"""

import re
from pathlib import Path

import packages
from machine import Config
from packages import Cache, Unavailable

XEN = "xen-hypervisor-*-arm64_*_arm64.deb"
IMAGE_AT = 0x58000000
INITRD_AT = 0x5E000000
GUEST_KIB = 0x40000
MACHINE = {
    "arch": "arm64",
    "machine": "virt,virtualization=on,gic-version=3",
    "cpu": "cortex-a72",
    "smp": 2,
    "memory": "1G",
    "vga": "none",
    "debug_exit": False,
}
TOOL_SECONDS = 20
PREFIX = re.compile(r"^\(XEN\) (?:DOM1: )?", re.MULTILINE)

CHOSEN = """chosen {{
	#address-cells = <2>;
	#size-cells = <2>;
	stdout-path = "/pl011@9000000";
	xen,xen-bootargs = "dtuart=/pl011@9000000 console=dtuart noreboot";
	domU1 {{
		compatible = "xen,domain";
		#address-cells = <2>;
		#size-cells = <2>;
		cpus = <{cpus}>;
		memory = <0 {memory:#x}>;
		vpl011;
		{interfaces}
		{modules}
	}};
"""

MODULE = """module@{at:x} {{
	compatible = "multiboot,{kind}", "multiboot,module";
	reg = <0 {at:#x} 0 {size:#x}>;
	bootargs = "{words}";
}};
"""


def prepare(directory: Path) -> Path:
    """Xen, as QEMU starts it; or Unavailable."""
    cache = Cache(directory / "packages-arm64", "arm64")
    package = cache.package(
        XEN,
        lambda: cache.dependency(
            "xen-system-arm64", r"xen-hypervisor-\d.*-arm64"
        ),
    )
    made = directory / f"xen_arm64-{packages.fingerprint([package], [])}"
    with packages.locked(directory / "xen_arm64"):
        if not made.exists():
            packages.unpack(package, made)
    for path in (made / "boot").glob("xen-*-arm64"):
        return path
    raise Unavailable(f"{package.name} has no hypervisor")


def _tool(*command):
    packages.run([str(word) for word in command], TOOL_SECONDS)


# Of a guest's own interfaces xenstore is one that a dom0 must have.
ENHANCED = 'xen,enhanced = "no-xenstore";'


def _tree(directory: Path, cpus: int, enhanced: bool, modules: str) -> Path:
    """The machine's own device tree, with a guest in it."""
    blob, source = directory / "machine.dtb", directory / "machine.dts"
    machine = f"{MACHINE['machine']},dumpdtb={blob}"
    qemu = ["qemu-system-aarch64", "-machine", machine, "-display", "none"]
    qemu += ["-cpu", MACHINE["cpu"], "-smp", MACHINE["smp"]]
    _tool(*qemu, "-m", MACHINE["memory"])
    _tool("dtc", "-q", "-I", "dtb", "-O", "dts", "-o", source, blob)
    text = source.read_text()
    begin = text.index("chosen {")
    end = text.index("};", begin)
    chosen = CHOSEN.format(
        cpus=cpus,
        memory=GUEST_KIB,
        interfaces=ENHANCED if enhanced else "",
        modules=modules,
    )
    source.write_text(text[:begin] + chosen + text[end:])
    _tool("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", blob, source)
    return blob


def config(
    xen: Path,
    directory: Path,
    image: Path,
    initrd: Path | None,
    words: str,
    cpus: int,
    enhanced: bool,
    **options,
) -> Config:
    """A machine in which Xen starts @image; files are made in @directory.

    @enhanced: the guest is told of Xen's own interfaces.
    """
    directory.mkdir(parents=True, exist_ok=True)
    files = [("kernel", IMAGE_AT, image, words)]
    files += [("ramdisk", INITRD_AT, initrd, "")] if initrd else []
    modules = ""
    extra = []
    for kind, at, path, words_ in files:
        modules += MODULE.format(
            kind=kind, at=at, size=path.stat().st_size, words=words_
        )
        loader = f"loader,file={path},addr={at:#x},force-raw=on"
        extra += ["-device", loader]
    extra = ["-dtb", str(_tree(directory, cpus, enhanced, modules)), *extra]
    return Config(kernel=xen, extra=tuple(extra), **MACHINE, **options)


def guests_text(text: str) -> str:
    """What the guest said, of what Xen printed."""
    return PREFIX.sub("", text)


def version(text: str) -> str:
    """Xen's, as it says in what it printed; "" if it does not."""
    found = re.search(r"Xen version (\d+\.\d+)", text)
    return found[1] if found else ""
