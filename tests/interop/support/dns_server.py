# SPDX-License-Identifier: Apache-2.0
"""A small authoritative name server on loopback: A, AAAA, SRV, NAPTR; NXDOMAIN for all else."""

import ipaddress
import struct

from support.background import DatagramPeer

A, AAAA, SRV, NAPTR = 1, 28, 33, 35


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def text(value):
    return bytes([len(value)]) + value.encode()


class DnsServer(DatagramPeer):
    """with DnsServer() as dns: dns.srv("_sip._udp.example.com", 5070, "pbx.example.com"); dns.address(...)"""

    def __init__(self):
        self._zone = {}
        self.asked = []  # (type, name)
        super().__init__()

    def address(self, host, address, ttl=60):
        ip = ipaddress.ip_address(address)
        self._add(host, A if ip.version == 4 else AAAA, ttl, ip.packed)

    def srv(self, service, port, host, priority=0, weight=0, ttl=60):
        self._add(service, SRV, ttl, struct.pack(">HHH", priority, weight, port) + name(host))

    def naptr(self, domain, service, replacement, order=10, preference=10, ttl=60):
        self._add(domain, NAPTR, ttl, struct.pack(">HH", order, preference) + text("s") + text(service) + text("") +
                  name(replacement))

    def count(self, kind, host):
        return self.asked.count((kind, host))

    def _add(self, owner, kind, ttl, data):
        self._zone.setdefault((owner, kind), []).append((ttl, data))

    def _answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        kind, = struct.unpack_from(">H", query, at + 1)
        question = query[12:at + 5]
        owner = ".".join(labels)
        self.asked.append((kind, owner))
        records = self._zone.get((owner, kind), [])
        known = any(key[0] == owner or key[0].endswith("." + owner) for key in self._zone)
        head = query[:2] + struct.pack(">HHHHH", 0x8580 | (0 if known else 3), 1, len(records), 0, 0)
        return head + question + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data
                                          for ttl, data in records)
