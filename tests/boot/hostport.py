# SPDX-License-Identifier: BSD-2-Clause
"""The host's side of a virtio port: a program behind a socket of QEMU's."""

import socket
import threading
import time

CONNECT_SECONDS = 10.0
CHUNK = 65536


class HostPort:
    """Connected to @path, where QEMU listens."""

    def __init__(self, path):
        limit = time.monotonic() + CONNECT_SECONDS
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                self.socket.close()
                if time.monotonic() > limit:
                    raise
                time.sleep(0.05)
        self.socket.settimeout(CONNECT_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data: bytes):
        # Not sendall(), whose limit is for all of it.
        view = memoryview(data)
        while view:
            view = view[self.socket.send(view[:CHUNK]):]

    def read(self, size: int) -> bytes:
        """Exactly @size bytes, or fewer if the guest's side ends."""
        data = bytearray()
        while len(data) < size:
            part = self.socket.recv(min(CHUNK, size - len(data)))
            if not part:
                break
            data += part
        return bytes(data)

    def read_line(self) -> str:
        line = bytearray()
        while not line.endswith(b"\n"):
            part = self.socket.recv(1)
            if not part:
                break
            line += part
        return line.decode("latin-1")

    def echo(self, data: bytes) -> bytes:
        """What comes back for @data, written and read at the same time."""
        writer = threading.Thread(target=self.send, args=(data,))
        writer.start()
        try:
            return self.read(len(data))
        finally:
            writer.join()


def chardev(name: str, path) -> tuple[str, ...]:
    """QEMU's arguments for a socket that a HostPort connects to."""
    return ("-chardev", f"socket,id={name},path={path},server=on,wait=off")


def add_chardev(qmp, name: str, path):
    """The same while it runs."""
    address = {"type": "unix", "data": {"path": str(path)}}
    backend = {"type": "socket", "data": {"addr": address, "server": True,
                                          "wait": False}}
    qmp.command("chardev-add", id=name, backend=backend)
