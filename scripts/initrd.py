#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make an initrd: a cpio archive in "newc" format.

usage: initrd.py OUT NAME=FILE...

Nothing in it depends on when and where it is made.
"""

import pathlib
import sys

FILE, DIRECTORY = 0o100644, 0o040755
TRAILER = "TRAILER!!!"


def padded(data):
    return data + bytes(-len(data) % 4)


def entry(name, mode, data, number):
    """One entry: header, name, data."""
    links = 1 if mode == FILE else 2
    fields = [number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0,
              len(name) + 1, 0]
    header = "070701" + "".join(f"{field:08x}" for field in fields)
    return padded(header.encode() + name.encode() + b"\0") + padded(data)


def archive(files):
    """@files: {name: bytes}. Directories come before what is in them."""
    names = {str(parent) for name in files
             for parent in pathlib.PurePosixPath(name).parents}
    everything = {name: (DIRECTORY, b"") for name in names - {"."}}
    everything |= {name: (FILE, data) for name, data in files.items()}
    out = b"".join(entry(name, *everything[name], number)
                   for number, name in enumerate(sorted(everything), 1))
    return out + entry(TRAILER, 0, b"", 0)


def main(out, *arguments):
    files = {}
    for argument in arguments:
        name, path = argument.split("=", 1)
        files[name] = pathlib.Path(path).read_bytes()
    pathlib.Path(out).write_bytes(archive(files))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
