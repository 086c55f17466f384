#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check the rules of the tree that no other tool knows.

Which room may include which (docs/architecture.md), no preprocessor
conditionals in .c files, the longest function and file, licence lines, and
labels that name what they undo. Prints one line for each breach.
"""

import pathlib
import re
import sys

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 600
LICENCE = "SPDX-License-Identifier: BSD-2-Clause"

COMPILER_HEADERS = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h"}
# Room: the rooms it may include with <>, by the first part of the name; the
# longest matching room counts.
ROOMS = {
    "include/abi": {"abi", "kernel/types.h"},
    "include/kernel": {"abi", "kernel", "asm"},
    "include/drivers": {"abi", "kernel", "drivers"},
    "kernel": {"abi", "kernel", "generated"},
    "drivers": {"abi", "kernel", "drivers"},
    "arch": {"abi", "kernel", "drivers", "asm", "generated"},
}
# Rooms in which a private header ("") of the whole room may be used;
# elsewhere only those of the file's own directory.
SHARED_ROOMS = ("kernel", "arch")

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
CONDITIONAL = re.compile(r"\s*#\s*(if|ifdef|ifndef|elif|else)\b")
LABEL = re.compile(r"(out|err|error|fail|failed|done|exit|end|bail)\d*:")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")

problems = []


def problem(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def room_of(path):
    name = path.as_posix()
    matching = [r for r in ROOMS if name.startswith(r + "/")]
    return max(matching, key=len) if matching else None


def check_system_include(path, line, name, room):
    if name in COMPILER_HEADERS:
        return
    if name not in ROOMS[room] and name.split("/")[0] not in ROOMS[room]:
        problem(path, line, f"<{name}> must not be included from {room}/")


def check_private_include(path, line, name, room):
    target = (path.parent / name).resolve()
    allowed = pathlib.Path(room) if room in SHARED_ROOMS else path.parent
    if not target.exists():
        problem(path, line, f'"{name}" is not beside this file')
    elif not target.is_relative_to(allowed.resolve()):
        problem(path, line, f'"{name}" is private to another room')


def check_includes(path, lines):
    room = room_of(path)
    if room is None:
        return
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if match and match[1] == "<":
            check_system_include(path, number, match[2], room)
        elif match:
            check_private_include(path, number, match[2], room)


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            length = number - start - 1
            if length > MAX_FUNCTION_LINES:
                problem(path, start, f"a function of {length} lines; the "
                        f"most is {MAX_FUNCTION_LINES}")
            start = None


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if path.suffix == ".c" and CONDITIONAL.match(line):
            problem(path, number, "preprocessor conditional in a .c file")
        if LABEL.match(line):
            problem(path, number, "a label names what it undoes")
        if UNFINISHED.search(line):
            problem(path, number, "unfinished work has no place in the tree")


def check_file(path):
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    if LICENCE not in "\n".join(lines[:2]):
        problem(path, 1, f"no licence line ({LICENCE})")
    if path.suffix not in (".c", ".h"):
        return
    if len(lines) - 1 > MAX_FILE_LINES:
        problem(path, 1, f"{len(lines) - 1} lines; the most is "
                f"{MAX_FILE_LINES}")
    check_lines(path, lines)
    check_functions(path, lines)
    check_includes(path, lines)


def wanted(path):
    return path.is_file() and "__pycache__" not in path.parts and (
        path.suffix in (".c", ".h", ".S", ".py", ".sh", ".mk", ".awk")
        or path.name in ("Makefile", "Kconfig"))


def main():
    for top in ("arch", "drivers", "include", "kernel", "scripts", "tests"):
        for path in sorted(pathlib.Path(top).rglob("*")):
            if wanted(path):
                check_file(path)
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
