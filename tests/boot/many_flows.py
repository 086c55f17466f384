# SPDX-License-Identifier: BSD-2-Clause
"""Ask for echoes from many addresses: many_flows.py FILE TARGET SOURCE...

A line is added to FILE for each source that TARGET has answered.
"""

import socket
import struct
import sys

TRIES, TIMEOUT_S = 100, 0.3


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def answered(target: str, source: str) -> bool:
    body = struct.pack("!HH", 0x7A7A, 1) + bytes(56)
    check = checksum(struct.pack("!BBH", 8, 0, 0) + body)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_ICMP) as wire:
        wire.bind((source, 0))
        wire.settimeout(TIMEOUT_S)
        wire.sendto(struct.pack("!BBH", 8, 0, check) + body, (target, 0))
        try:
            return wire.recv(2048)[20] == 0
        except TimeoutError:
            return False


def main(path: str, target: str, *sources: str):
    for source in sources:
        if not any(answered(target, source) for _ in range(TRIES)):
            return
        with open(path, "a", encoding="ascii") as file:
            file.write(f"{target} {source}\n")


main(*sys.argv[1:])
