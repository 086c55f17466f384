# SPDX-License-Identifier: BSD-2-Clause
"""A name server that knows what the peer knows: name_server.py ADDRESS."""

import socket
import sys

from net_peer import DNS_PORT, dns_answer

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind((sys.argv[1], DNS_PORT))
    while True:
        data, sender = server.recvfrom(65536)
        server.sendto(dns_answer(data), sender)
