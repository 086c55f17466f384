# SPDX-License-Identifier: BSD-2-Clause
"""A Linux initramfs out of a kernel package, without installed tools."""

import gzip
import lzma
import re
import stat
from pathlib import Path

from packages import Unavailable

TRAILER = "TRAILER!!!"
DEPENDS = re.compile(rb"(?<![^\0])depends=([^\0]*)\0")


class Archive:
    """A cpio archive in the "newc" format, kernel's initramfs/buffer-format."""

    def __init__(self):
        self._data = bytearray()
        self._inode = 0

    def directory(self, name: str):
        self._entry(name, stat.S_IFDIR | 0o755, b"")

    def file(self, name: str, content: bytes, mode: int = 0o644):
        self._entry(name, stat.S_IFREG | mode, content)

    def _entry(self, name: str, mode: int, content: bytes):
        self._inode += 1
        # inode mode uid gid nlink mtime size device(2) rdev(2) name-size crc
        numbers = [self._inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0]
        numbers += [len(name) + 1, 0]
        self._data += b"070701" + b"".join(b"%08X" % n for n in numbers)
        self._data += name.encode() + b"\0"
        self._pad()
        self._data += content
        self._pad()

    def _pad(self):
        self._data += b"\0" * (-len(self._data) % 4)

    def modules(self, modules, wanted: list[str], parameters: dict[str, str]):
        """Modules, and a file "order" that says how they are loaded."""
        lines = ""
        for name in modules.in_order(wanted):
            self.file(f"modules/{name}.ko", modules.content(name))
            lines += f"{name} {parameters.get(name, '')}".strip() + "\n"
        self.file("modules/order", lines.encode())

    def write(self, path: Path, compress: bool = True):
        self._entry(TRAILER, 0, b"")
        data = bytes(self._data)
        if compress:
            data = gzip.compress(data, 1, mtime=0)
        path.write_bytes(data)


class Modules:
    """The modules of one kernel, and what each needs before it."""

    def __init__(self, directory: Path):
        self._paths = {}
        for path in directory.rglob("*.ko*"):
            self._paths[self._name(path.name)] = path

    @staticmethod
    def _name(text: str) -> str:
        return text.split(".ko", maxsplit=1)[0].replace("-", "_")

    def content(self, name: str) -> bytes:
        """The module as an ELF file; Unavailable if there is none."""
        path = self._paths.get(self._name(name))
        if path is None:
            raise Unavailable(f"Debian's kernel has no module {name}")
        data = path.read_bytes()
        return lzma.decompress(data) if path.suffix == ".xz" else data

    def _needs(self, name: str) -> list[str]:
        match = DEPENDS.search(self.content(name))
        return match[1].decode().split(",") if match and match[1] else []

    def in_order(self, wanted: list[str]) -> list[str]:
        """@wanted and all that they need, each after what it needs."""
        order: dict[str, None] = {}

        def visit(name: str):
            name = self._name(name)
            if name not in order:
                for need in self._needs(name):
                    visit(need)
                order[name] = None

        for name in wanted:
            visit(name)
        return list(order)
