#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run a program in a lab's machine as if it ran here: its streams, its status.

usage: remote.py PORTS LIMIT PROGRAM [ARGUMENT...]

PORTS is the directory with the sockets of the machine's serial ports, LIMIT
the seconds after which the program is killed there. It is killed too when this
process ends. A "fd=NUMBER" in an argument that begins with "socket," is a file
descriptor of ours: what goes through it is carried as well (QEMU's QMP). See
agent.py for what is spoken through a port.
"""

import fcntl
import json
import os
import re
import selectors
import socket
import sys
from pathlib import Path

READ_SIZE = 65536
STATUS_GONE = 255
PENDING_MAX = 1 << 18  # bytes not sent yet; then nothing more is read
OUTPUTS = {"out": 1, "err": 2}


def free_port(directory: Path) -> tuple[socket.socket, object]:
    """A connection to a port that nobody uses, and the lock that says so."""
    for path in sorted(directory.glob("*.port")):
        lock = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(os.path.relpath(path))  # the address is short
        return connection, lock
    raise OSError("all ports of the lab's machine are in use")


def take_control(arguments: list[str]) -> int | None:
    """Our end of QMP; in @arguments its place is marked for the agent."""
    for i, argument in enumerate(arguments):
        match = re.fullmatch(r"(socket,.*\bfd=)(\d+)", argument)
        if match:
            arguments[i] = match[1] + "{QMP}"
            return int(match[2])
    return None


def write_all(fd: int, data: bytes):
    while data:
        data = data[os.write(fd, data) :]


class Remote:
    """One program in the machine."""

    def __init__(self, connection: socket.socket, control: int | None):
        self.connection = connection
        self.control = control
        self.number = int.from_bytes(os.urandom(4), "little")
        self.partial = b""
        self.pending = b""
        self.status: int | None = None
        self.selector = selectors.DefaultSelector()
        self.selector.register(connection, selectors.EVENT_READ)
        self.sources = {0: "in"}
        if control is not None:
            self.sources[control] = "qmp"

    def send(self, **message):
        data = json.dumps({"job": self.number, **message}).encode()
        # The first newline ends what a process before us left unfinished.
        self.pending += b"\n" + data + b"\n"

    def start(self, arguments: list[str], limit: float):
        self.connection.setblocking(False)
        self.send(run=arguments, limit=limit)

    def listen(self):
        """Ask for what can be carried now: neither side may wait in a write."""
        room = len(self.pending) < PENDING_MAX
        for fd in list(self.sources):
            registered = fd in self.selector.get_map()
            if registered and not room:
                self.selector.unregister(fd)
            elif room and not registered:
                self.listen_to(fd)
        wanted = selectors.EVENT_READ
        if self.pending:
            wanted |= selectors.EVENT_WRITE
        self.selector.modify(self.connection, wanted)

    def listen_to(self, fd: int):
        try:
            self.selector.register(fd, selectors.EVENT_READ)
        except PermissionError:
            # A file, which always can be read: there is nothing to wait for.
            self.forward(fd)

    def carry(self):
        """Carry text until the program has ended; its exit status."""
        while self.status is None:
            self.listen()
            for key, events in self.selector.select():
                if key.fileobj is not self.connection:
                    self.forward(key.fd)
                    continue
                if events & selectors.EVENT_WRITE:
                    sent = self.connection.send(self.pending)
                    self.pending = self.pending[sent:]
                if events & selectors.EVENT_READ:
                    self.receive()
        return self.status

    def forward(self, fd: int):
        data = os.read(fd, READ_SIZE)
        text = data.decode("latin-1") if data else None
        self.send(**{self.sources[fd]: text})
        if not data:
            del self.sources[fd]
            if fd in self.selector.get_map():
                self.selector.unregister(fd)

    def receive(self):
        data = self.connection.recv(READ_SIZE)
        if not data:
            raise ConnectionResetError("the lab's machine has ended")
        *lines, self.partial = (self.partial + data).split(b"\n")
        for line in lines:
            self.take(line)

    def take(self, line: bytes):
        try:
            message = json.loads(line)
        except ValueError:
            return  # the rest of what an earlier program said
        if not isinstance(message, dict) or message.get("job") != self.number:
            return
        for name, fd in OUTPUTS.items():
            if name in message:
                write_all(fd, message[name].encode("latin-1"))
        if "qmp" in message and self.control is not None:
            write_all(self.control, message["qmp"].encode("latin-1"))
        self.status = message.get("exit", self.status)


def main():
    directory, limit, *arguments = sys.argv[1:]
    try:
        connection, _lock = free_port(Path(directory))
        remote = Remote(connection, take_control(arguments))
        remote.start(arguments, float(limit))
        status = remote.carry()
    except OSError as error:
        print(f"lab: {error}", file=sys.stderr)
        status = STATUS_GONE
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main()
