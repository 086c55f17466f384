# SPDX-License-Identifier: BSD-2-Clause
"""A guest's memory as a file of the host's, which a test reads and writes."""

import time
from pathlib import Path


class HostMemory:
    """Offsets are those in RAM. `options` make it QEMU's object "ram"."""

    def __init__(self, path: Path, megabytes: int):
        self.path = path
        with path.open("wb") as file:
            file.truncate(megabytes << 20)
        backend = f"memory-backend-file,id=ram,size={megabytes}M,share=on"
        self.options = ("-object", f"{backend},mem-path={path}")

    def write(self, offset: int, data: bytes):
        with self.path.open("r+b") as file:
            file.seek(offset)
            file.write(data)

    def read(self, offset: int, size: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def wait(self, offset: int, data: bytes, seconds: float):
        """Until @data is there; AssertionError if it does not come."""
        limit = time.monotonic() + seconds
        while (found := self.read(offset, len(data))) != data:
            assert time.monotonic() < limit, f"{found!r} at {offset:#x}"
            time.sleep(0.02)
