# SPDX-License-Identifier: BSD-2-Clause
"""Read the text in a picture of a framebuffer console, glyph by glyph."""

import re
from pathlib import Path

import font  # scripts/font.py, which gives the kernel its glyphs

UNKNOWN = "\ufffd"

_PPM = re.compile(rb"P6\s+(\d+)\s+(\d+)\s+255\s")


class Picture:
    """A binary PPM, as QEMU's screendump writes it."""

    def __init__(self, path: Path):
        data = path.read_bytes()
        header = _PPM.match(data)
        if not header:
            raise ValueError(f"{path} is not a binary PPM")
        self.width, self.height = int(header[1]), int(header[2])
        self.pixels = data[header.end() :]
        if len(self.pixels) != self.width * self.height * 3:
            raise ValueError(f"{path} is cut short")

    def cell(self, left: int, top: int, width: int, height: int) -> tuple:
        """The rows of a cell, each as bytes of pixels."""
        begin = (top * self.width + left) * 3
        stride = self.width * 3
        return tuple(
            self.pixels[begin + y * stride : begin + y * stride + width * 3]
            for y in range(height)
        )


def _bits(cell: tuple, background: bytes) -> bytes:
    """A cell as a one-bit glyph, rows padded to whole bytes."""
    rows = []
    for row in cell:
        width = len(row) // 3
        value = 0
        for x in range(width):
            value = value << 1 | (row[x * 3 : x * 3 + 3] != background)
        stride = (width + 7) // 8
        rows.append((value << (stride * 8 - width)).to_bytes(stride, "big"))
    return b"".join(rows)


def text_rows(picture: Picture) -> list[str]:
    """The rows of text in @picture, by exact glyphs of the console font."""
    width, height, glyphs, points = font.read_font(font.DEFAULT_FONT)
    names = {}
    chosen = font.select(glyphs, points, font.box(width, height))
    for code in range(0x20, 0x7F):
        names.setdefault(chosen[code], chr(code))
    known = {}  # most cells are alike
    rows = []
    for top in range(0, picture.height - height + 1, height):
        row = ""
        for left in range(0, picture.width - width + 1, width):
            cell = picture.cell(left, top, width, height)
            if cell not in known:
                glyph = _bits(cell, cell[0][:3])
                known[cell] = names.get(glyph, UNKNOWN)
            row += known[cell]
        rows.append(row.rstrip())
    return rows
