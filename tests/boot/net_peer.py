# SPDX-License-Identifier: BSD-2-Clause
"""A machine at the other end of the cable, which does what a test wants.

QEMU's `-netdev dgram` sends each frame as a datagram to a port of this host.
"""

import random
import socket
import struct
import threading

PEER_MAC = bytes.fromhex("020000000001")
GUEST_MAC = bytes.fromhex("525400123456")
PEER = "10.7.0.1"
GUEST = "10.7.0.2"

ARP, IPV4 = 0x0806, 0x0800
ICMP, UDP = 1, 17
ECHO_PORT, DNS_PORT = 7, 53
NAMES = {"zirvium.example": "192.0.2.77"}


def checksum(data: bytes) -> int:
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ethernet(kind: int, payload: bytes, to: bytes = GUEST_MAC) -> bytes:
    return to + PEER_MAC + struct.pack("!H", kind) + payload


def ip_packet(protocol: int, payload: bytes, source=PEER, to=GUEST,
              number=1, fragment=0) -> bytes:
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number,
                       fragment, 64, protocol, 0, socket.inet_aton(source),
                       socket.inet_aton(to))
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return ethernet(IPV4, head + payload)


def udp(data: bytes, port: int, source: int = ECHO_PORT) -> bytes:
    return struct.pack("!HHHH", source, port, 8 + len(data), 0) + data


def name_at(message: bytes, at: int) -> str:
    labels = []
    while message[at]:
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels)


def dns_answer(question: bytes) -> bytes:
    """What one who knows NAMES says to it."""
    address = NAMES.get(name_at(question, 12))
    flags = 0x8180 if address else 0x8183
    answer = question[:2] + struct.pack("!HHHHH", flags, 1,
                                        1 if address else 0, 0, 0)
    answer += question[12:]
    if address:
        answer += b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4)
        answer += socket.inet_aton(address)
    return answer


class Peer:
    """Answers ARP, echoes, UDP's echo port and DNS, with faults on request.

    @loss and @repeat are parts of 1, of what it sends; with @swap each second
    frame is sent before the one before it.
    """

    def __init__(self, loss=0.0, repeat=0.0, swap=False, seed=1):
        self.loss, self.repeat, self.swap = loss, repeat, swap
        self.dice = random.Random(seed)
        self.held = None
        self.frames = []  # that the guest has sent
        self.fragments = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))
            self.guest = other.getsockname()
        self.closed = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def netdev(self, name="n0") -> str:
        """QEMU's option."""
        port = self.socket.getsockname()[1]
        return (f"dgram,id={name},local.type=inet,local.host=127.0.0.1,"
                f"local.port={self.guest[1]},remote.type=inet,"
                f"remote.host=127.0.0.1,remote.port={port}")

    def close(self):
        self.closed = True
        # Whoever waits for a datagram gets one.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def put(self, frame: bytes):
        """Send @frame as it is."""
        try:
            self.socket.sendto(frame, self.guest)
        except OSError:
            pass  # the machine is not there yet, or not any more

    def send(self, frame: bytes):
        """Send @frame, with the faults."""
        if self.dice.random() < self.loss:
            return
        if self.swap and self.held is None:
            self.held = frame
            return
        self.put(frame)
        if self.dice.random() < self.repeat:
            self.put(frame)
        if self.held is not None:
            self.put(self.held)
            self.held = None

    def _serve(self):
        while not self.closed:
            try:
                frame = self.socket.recv(70000)
            except OSError:
                continue  # nobody was at the guest's port
            if len(frame) < 14:
                continue
            self.frames.append(frame)
            kind = struct.unpack("!H", frame[12:14])[0]
            if kind == ARP:
                self._arp(frame[14:])
            elif kind == IPV4:
                self._ip(frame[14:])

    def _arp(self, message: bytes):
        operation = struct.unpack("!H", message[6:8])[0]
        target = message[24:28]
        if operation == 1 and target == socket.inet_aton(PEER):
            answer = struct.pack("!HHBBH", 1, 0x800, 6, 4, 2)
            answer += PEER_MAC + target + message[8:18]
            self.send(ethernet(ARP, answer))

    def _ip(self, packet: bytes):
        length, number, field = struct.unpack("!HHH", packet[2:8])
        payload = packet[20:length]
        if checksum(packet[:20]):
            return  # it must not have come so
        if field & 0x3FFF:
            payload = self._fragment(number, field, payload)
            if payload is None:
                return
        if packet[9] == ICMP and payload[0] == 8 and not checksum(payload):
            answer = b"\0\0\0\0" + payload[4:]
            answer = b"\0\0" + struct.pack("!H", checksum(answer)) + answer[4:]
            self._send_ip(ICMP, answer)
        elif packet[9] == UDP:
            self._udp(packet, payload)

    def _fragment(self, number: int, field: int, payload: bytes):
        parts = self.fragments.setdefault(number, {})
        parts[(field & 0x1FFF) * 8] = (payload, bool(field & 0x2000))
        whole = b""
        while len(whole) in parts:
            part, more = parts[len(whole)]
            whole += part
            if not more:
                del self.fragments[number]
                return whole
        return None

    def _send_ip(self, protocol: int, payload: bytes):
        """In fragments of 1480 bytes, if need be."""
        number = self.dice.randrange(65536)
        for at in range(0, max(len(payload), 1), 1480):
            more = 0x2000 if at + 1480 < len(payload) else 0
            self.send(ip_packet(protocol, payload[at : at + 1480],
                                number=number, fragment=more | at // 8))

    def _udp(self, packet: bytes, datagram: bytes):
        source, port, length, seal = struct.unpack("!HHHH", datagram[:8])
        pseudo = packet[12:20] + struct.pack("!HH", UDP, length)
        if seal and checksum(pseudo + datagram):
            return  # it must not have come so
        data = datagram[8:]
        if port == ECHO_PORT:
            self._send_ip(UDP, udp(data, source, port))
        elif port == DNS_PORT:
            self._send_ip(UDP, udp(dns_answer(data), source, port))
