# SPDX-License-Identifier: Apache-2.0
"""The media of a called phone in Python: answers the server's RTP with silence, and presses keys (RFC 4733)."""

import random
import struct
import time

from support.background import Background, datagram_socket
from support.ports import free_rtp_port

KEYS = "0123456789*#ABCD"
PACKET_TIME = 0.020  # seconds
TIMESTAMP_STEP = 160
PCMU, TELEPHONE_EVENT = 0, 101  # as the server offers them
KEY_PACKETS = 5  # of 20 ms each
LAST_PACKET_REPEATED = 3  # RFC 4733 2.5.1.4


class MediaPeer(Background):
    """with MediaPeer() as media: ... media.port in the phone's description ...; media.press("5")"""

    def __init__(self):
        self.port = free_rtp_port()
        self._socket = datagram_socket(self.port)
        self._socket.settimeout(PACKET_TIME)
        super().__init__(self._socket)
        self._ssrc = random.randrange(1 << 32)
        self._sequence = random.randrange(1 << 16)
        self._timestamp = random.randrange(1 << 32)
        self._keys = []

    def press(self, keys):
        self._keys += keys

    def _run(self):
        server = None
        while server is None and not self._stop.is_set():
            try:
                _, server = self._socket.recvfrom(2048)
            except TimeoutError:
                pass
        due = time.monotonic()
        while not self._stop.is_set():
            if self._keys:
                due = self._press(server, self._keys.pop(0), due)
            else:
                self._send(server, PCMU, b"\xff" * TIMESTAMP_STEP)
                due = self._wait(due)

    def _press(self, server, key, due):
        start = self._timestamp
        for number in range(1, KEY_PACKETS + LAST_PACKET_REPEATED):
            is_last = number >= KEY_PACKETS
            duration = TIMESTAMP_STEP * min(number, KEY_PACKETS)
            event = struct.pack(">BBH", KEYS.index(key), (0x80 if is_last else 0) | 10, duration)
            self._send(server, TELEPHONE_EVENT, event, timestamp=start, marker=number == 1)
            due = self._wait(due)
        return due

    def _send(self, server, payload_type, payload, timestamp=None, marker=False):
        header = struct.pack(">BBHII", 0x80, payload_type | (0x80 if marker else 0), self._sequence,
                             self._timestamp if timestamp is None else timestamp, self._ssrc)
        self._socket.sendto(header + payload, server)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + TIMESTAMP_STEP) & 0xFFFFFFFF

    @staticmethod
    def _wait(due):
        due += PACKET_TIME
        time.sleep(max(0.0, due - time.monotonic()))
        return due
