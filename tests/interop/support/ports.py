# SPDX-License-Identifier: Apache-2.0
"""Ports of our own on loopback, so that several runs may go on at once."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below 32768, where Linux begins to give ports to everyone: one of those could be taken between its choice here and its use.
# Above the defaults of the programs involved.
FIRST_PORT, LAST_PORT = 14000, 20000
FIRST_RTP_PORT, LAST_RTP_PORT = 20000, 31000


def is_free(port, address, kind):
    with socket.socket(family_of(address), kind) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def free_port(addresses=(LOOPBACK,), count=1):
    """The first of `count` ports that are free as UDP and TCP on each of the addresses."""
    while True:
        port = random.randrange(FIRST_PORT, LAST_PORT - count)
        if all(is_free(port + offset, address, kind) for offset in range(count) for address in addresses
               for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
            return port


def rtp_span(count):
    """The first of `count` consecutive ports; other runs may take some of them, which the server copes with."""
    return 2 * random.randrange(FIRST_RTP_PORT // 2, (LAST_RTP_PORT - count) // 2)


def free_rtp_port():
    """An even port that is free together with the next one, as RTP and RTCP want it."""
    while True:
        port = rtp_span(2)
        if is_free(port, LOOPBACK, socket.SOCK_DGRAM) and is_free(port + 1, LOOPBACK, socket.SOCK_DGRAM):
            return port
