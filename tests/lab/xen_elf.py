# SPDX-License-Identifier: BSD-2-Clause
"""ELF files as Xen starts them: Linux's out of its image, and a least one."""

import lzma
import struct

from packages import Unavailable

# Linux's x86 boot protocol: offsets into the image.
SETUP_SECTORS = 0x1F1
PAYLOAD_OFFSET = 0x248
PAYLOAD_LENGTH = 0x24C
SECTOR = 512
XZ_MAGIC = b"\xfd7zXZ\0"

# xen/include/public/elfnote.h: the entry that PVH takes.
XEN_ELFNOTE_PHYS32_ENTRY = 18
LOAD_AT = 0x100000
HEADERS = 64 + 2 * 56
PT_LOAD, PT_NOTE = 1, 4


def linux(image: bytes) -> bytes:
    """The kernel as an ELF file, out of a compressed @image."""
    offset, length = struct.unpack_from("<II", image, PAYLOAD_OFFSET)
    begin = ((image[SETUP_SECTORS] or 4) + 1) * SECTOR + offset
    payload = image[begin : begin + length]
    if not payload.startswith(XZ_MAGIC):
        raise Unavailable("Debian's kernel is not compressed by xz")
    # The size of the result is behind it.
    return lzma.LZMADecompressor().decompress(payload)


def _segment(kind: int, flags: int, offset: int, size: int) -> bytes:
    address = LOAD_AT + offset
    return struct.pack(
        "<IIQQQQQQ", kind, flags, offset, address, address, size, size, 4
    )


def least() -> bytes:
    """A PVH guest that ends at once, by a fault that nobody handles."""
    code = b"\x0f\x0b\0\0"  # ud2
    note_at = HEADERS + len(code)
    note = struct.pack("<III", 4, 4, XEN_ELFNOTE_PHYS32_ENTRY) + b"Xen\0"
    note += struct.pack("<I", LOAD_AT + HEADERS)
    size = note_at + len(note)
    # 64 bits, little-endian, x86-64, executable; two program headers.
    head = b"\x7fELF\2\1\1" + bytes(9)
    head += struct.pack("<HHIQQQ", 2, 62, 1, LOAD_AT + HEADERS, 64, 0)
    head += struct.pack("<IHHHHHH", 0, 64, 56, 2, 64, 0, 0)
    segments = _segment(PT_LOAD, 7, 0, size)
    segments += _segment(PT_NOTE, 4, note_at, len(note))
    return head + segments + code + note
