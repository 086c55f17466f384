# SPDX-License-Identifier: BSD-2-Clause
"""Send every datagram back: udp_echo.py ADDRESS PORT."""

import socket
import sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind((sys.argv[1], int(sys.argv[2])))
    while True:
        data, sender = server.recvfrom(65536)
        server.sendto(data, sender)
