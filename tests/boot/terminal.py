# SPDX-License-Identifier: BSD-2-Clause
"""What a serial log means: as text to search, and as a screen to look at."""

import re

_ESCAPE = re.compile(
    r"\x1b\[(?P<args>[0-9;?=>]*)(?P<final>[@-~])"  # CSI: cursor, colour, erase
    r"|\x1b[()][0-9A-Za-z]"  # character sets
    r"|\x1b[^\[()]"  # everything else is two bytes
)
# The beginning of a sequence whose rest has not arrived yet.
_PARTIAL = re.compile(r"\x1b(?:\[[0-9;?=>]*|[()])?\Z|\r+\Z")


def plain(text: str) -> str:
    """Drop escape sequences; one newline wherever output moves elsewhere."""

    def replace(match: re.Match) -> str:
        return "\n" if match["final"] in ("H", "f") else ""

    text = _ESCAPE.sub(replace, text)
    text = re.sub(r"\r*\n", "\n", text).replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t\b" or c >= " ")


# Rows and columns that the cursor keys' sequences move by.
ARROWS = {"A": (-1, 0), "B": (1, 0), "C": (0, 1), "D": (0, -1)}


class PlainStream:
    """plain() for output that arrives in pieces."""

    def __init__(self):
        self._rest = ""

    def feed(self, data: bytes) -> str:
        text = self._rest + data.decode("latin-1")
        partial = _PARTIAL.search(text)
        cut = partial.start() if partial else len(text)
        self._rest = text[cut:]
        return plain(text[:cut])


class Screen:
    """An ANSI terminal without an end: rows are added as they are needed.

    Understands what a line editor and a boot menu use. Lines do not wrap, and
    "row 1" of an absolute move is the top of what was written since the last
    time the screen was cleared.
    """

    def __init__(self):
        self.rows: list[list[str]] = [[]]
        self.row = self.column = 0

    def feed(self, data: bytes):
        text = data.decode("latin-1")
        at = 0
        while at < len(text):
            escape = _ESCAPE.match(text, at)
            if escape:
                if escape["final"]:
                    self._csi(escape["args"], escape["final"])
                at = escape.end()
                continue
            self._character(text[at])
            at += 1
        return self

    def lines(self) -> list[str]:
        return ["".join(row).rstrip() for row in self.rows]

    @property
    def cursor_line(self) -> str:
        return self.lines()[self.row]

    def _character(self, c: str):
        if c == "\r":
            self.column = 0
        elif c == "\n":
            self._move(self.row + 1, self.column)
        elif c == "\b":
            self.column = max(0, self.column - 1)
        elif c >= " ":
            row = self.rows[self.row]
            row += " " * (self.column + 1 - len(row))
            row[self.column] = c
            self.column += 1

    def _move(self, row: int, column: int):
        self.row, self.column = max(0, row), max(0, column)
        while self.row >= len(self.rows):
            self.rows.append([])

    def _csi(self, args: str, final: str):
        numbers = [int(n) for n in re.findall(r"\d+", args)]
        first = numbers[0] if numbers else 0
        step = max(first, 1)
        if final in ARROWS:
            row, column = ARROWS[final]
            self._move(self.row + row * step, self.column + column * step)
        elif final == "G":
            self.column = step - 1
        elif final in "Hf":
            column = numbers[1] if len(numbers) > 1 else 1
            self._move(step - 1, max(column, 1) - 1)
        elif final == "K":
            self._erase_line(first)
        elif final == "J" and first == 2:
            self.rows = [[]]
            self._move(self.row, self.column)
        elif final == "J" and first == 0:
            self._erase_line(0)
            del self.rows[self.row + 1 :]
        elif final == "P":
            del self.rows[self.row][self.column : self.column + step]
        elif final == "@":
            self.rows[self.row][self.column : self.column] = " " * step

    def _erase_line(self, part: int):
        row = self.rows[self.row]
        if part == 0:
            del row[self.column :]
        elif part == 1:
            row[: self.column + 1] = " " * (self.column + 1)
        else:
            row.clear()
