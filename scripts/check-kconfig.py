#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check the options against the sources, both ways.

Every CONFIG_ name in the sources is an option, and every option that people
see is used and has a help text.
"""

import pathlib
import re
import sys

import kconfiglib

import kconfig

# Not right behind a quote: then it is somebody else's name.
NAME = re.compile(r"(?<![A-Za-z0-9_\"])CONFIG_([A-Z0-9_]+)")
C_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
MAKE_COMMENT = re.compile(r"#[^\n]*")


def blank(match):
    return "\n" * match[0].count("\n")


def names_in(path):
    """(line, option) for each CONFIG_ name outside of comments."""
    comment = C_COMMENT if path.suffix in (".c", ".h", ".S") else MAKE_COMMENT
    text = comment.sub(blank, path.read_text(encoding="utf-8"))
    for match in NAME.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1]


def sources():
    yield pathlib.Path("Makefile")
    for top in ("arch", "drivers", "include", "kernel", "scripts/make"):
        for path in sorted(pathlib.Path(top).rglob("*")):
            if path.suffix in (".c", ".h", ".S", ".mk") \
                    or path.name == "Makefile":
                yield path


def mentioned_in_kconfig(kconf):
    """Options that another option depends on or takes its value from."""
    names = set()
    for node in kconf.node_iter():
        own = {node.item} if isinstance(node.item, kconfiglib.Symbol) else {}
        names |= {s.name for s in node.referenced - set(own)}
    return names


def main():
    kconf = kconfig.load_kconfig()
    defined = {sym.name for sym in kconf.unique_defined_syms}
    problems, used = [], mentioned_in_kconfig(kconf)
    for path in sources():
        for line, name in names_in(path):
            used.add(name)
            if name not in defined:
                problems.append(f"{path}:{line}: no option CONFIG_{name}")
    for node in kconf.node_iter():
        sym = node.item
        if not isinstance(sym, kconfiglib.Symbol):
            continue
        where = f"{node.filename}:{node.linenr}"
        if node.prompt and not (node.help or "").strip():
            problems.append(f"{where}: CONFIG_{sym.name} has no help text")
        if node.prompt and sym.name not in used:
            problems.append(f"{where}: nothing uses CONFIG_{sym.name}")
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
