# SPDX-License-Identifier: BSD-2-Clause
"""The other end of a guest's network cable: frames, made and looked at here."""

import os
import random
import socket
import struct
import tempfile
import threading
import time

from net_peer import ARP, IPV4, checksum

HOST_MAC = b"\x02\x00\x00\x00\x00\xfe"
BROADCAST = b"\xff" * 6
ICMP_REPLY, ICMP_REQUEST = 0, 8
FRAME_MAX = 1 << 16


def address(text: str) -> bytes:
    return socket.inet_aton(text)


def arp(operation: int, sender: tuple, target: tuple, to: bytes) -> bytes:
    """@sender and @target are a MAC and an IPv4 address each."""
    body = struct.pack("!HHBBH", 1, IPV4, 6, 4, operation)
    body += sender[0] + sender[1] + target[0] + target[1]
    return to + sender[0] + struct.pack("!H", ARP) + body


def ip(source: bytes, target: bytes, protocol: int, body: bytes) -> bytes:
    def header(check):
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0x4000,
                           64, protocol, check, source, target)

    return header(checksum(header(0))) + body


def echo(kind: int, number: int, data: bytes) -> bytes:
    head = struct.pack("!HH", 0x7A7A, number)
    check = checksum(struct.pack("!BBH", kind, 0, 0) + head + data)
    return struct.pack("!BBH", kind, 0, check) + head + data


class Cable:
    """One device's. It answers for every address but @guest's."""

    def __init__(self, number: int):
        self.number = number
        self.host = address(f"10.9.{number}.1")
        self.guest = address(f"10.9.{number}.2")
        self.guest_mac: bytes | None = None
        self.frames: list[bytes] = []
        self._changed = threading.Condition()
        self._directory = tempfile.TemporaryDirectory(prefix="cable")
        self.ours = os.path.join(self._directory.name, "host")
        self.theirs = os.path.join(self._directory.name, "guest")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(self.ours)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def netdev(self) -> str:
        """QEMU's -netdev for it."""
        return (f"dgram,id=n{self.number},"
                f"local.type=unix,local.path={self.theirs},"
                f"remote.type=unix,remote.path={self.ours}")

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        self._directory.cleanup()

    def _read(self):
        while True:
            try:
                frame = self._socket.recv(FRAME_MAX)
            except OSError:
                return
            if not frame:
                return
            self._answer(frame)
            with self._changed:
                self.frames.append(frame)
                self._changed.notify_all()

    def _answer(self, frame: bytes):
        if len(frame) < 42 or frame[12:14] != struct.pack("!H", ARP):
            return
        operation, mac, sender, target = (frame[20:22], frame[22:28],
                                          frame[28:32], frame[38:42])
        if sender == self.guest:
            self.guest_mac = mac
        if operation == b"\0\1" and target not in (self.guest, sender):
            # A guest that does not receive must not keep us from reading.
            self.send(arp(2, (HOST_MAC, target), (mac, sender), mac),
                      socket.MSG_DONTWAIT)

    def send(self, frame: bytes, flags: int = 0):
        """Whatever it is. Waits for QEMU to take it, or drops it."""
        try:
            self._socket.sendto(frame, flags, self.theirs)
        except (BlockingIOError, ConnectionRefusedError, FileNotFoundError):
            pass  # it is full, or the machine is not there

    def wait(self, seen, timeout: float = 5.0):
        """The first frame of which seen(frame) holds, from now on or before.

        What came before it is forgotten. None: none came.
        """
        limit = time.monotonic() + timeout
        with self._changed:
            while True:
                for n, frame in enumerate(self.frames):
                    if seen(frame):
                        del self.frames[:n + 1]
                        return frame
                left = limit - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)

    def find_guest(self) -> bytes:
        """Ask for the guest's MAC address."""
        host = (HOST_MAC, self.host)
        self.send(arp(1, host, (bytes(6), self.guest), BROADCAST))
        reply = self.wait(lambda f: f[12:14] == b"\x08\x06"
                          and f[20:22] == b"\0\2" and f[28:32] == self.guest)
        assert reply, f"nobody has 10.9.{self.number}.2"
        self.guest_mac = reply[22:28]
        return self.guest_mac

    def request(self, number: int, data: bytes, tag: bytes = b"") -> bytes:
        """A frame that asks for an echo."""
        packet = ip(self.host, self.guest, 1, echo(ICMP_REQUEST, number, data))
        kind = tag + struct.pack("!H", IPV4)
        return self.guest_mac + HOST_MAC + kind + packet

    def is_reply(self, frame: bytes, number: int, data: bytes) -> bool:
        return (frame[12:14] == b"\x08\0" and frame[23] == 1
                and frame[26:34] == self.guest + self.host
                and frame[34:42 + len(data)] == echo(ICMP_REPLY, number, data))

    def ping(self, number: int, size: int, timeout: float = 5.0) -> bool:
        """True if @size bytes come back as they were sent."""
        data = random.Random(size).randbytes(size)
        self.send(self.request(number, data))
        return self.wait(lambda f: self.is_reply(f, number, data),
                         timeout) is not None
