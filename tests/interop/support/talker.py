# SPDX-License-Identifier: Apache-2.0
"""The media of a called phone in Python that talks when it is told to, and dates what it hears by the kernel."""

import itertools
import math
import random
import socket
import struct
import time

from support.background import Background, datagram_socket
from support.phone import RTP_HEADER, SO_TIMESTAMPNS, Packet
from support.ports import free_rtp_port
from support.tones import MULAW, mulaw_byte

RATE = 8000
PACKET_TIME = 0.020  # seconds
STEP = 160
SILENCE = b"\xff" * STEP
VOWELS = ((700, 1200, 2500), (300, 2300, 3000), (450, 800, 2600), (550, 1800, 2500))  # formants in hertz


def resonator(samples, frequency, bandwidth):
    radius = math.exp(-math.pi * bandwidth / RATE)
    first, second = 2 * radius * math.cos(2 * math.pi * frequency / RATE), -radius * radius
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + first * last + second * before
        yield last


def voice(seconds, peak=12000):
    """Something like "aiouaiou...": pulses of a gliding pitch through the formants of vowels, four in a second"""
    out = []
    for number in range(round(seconds * 4)):
        phase, pulses = 0.0, []
        for n in range(RATE // 4):
            phase += (120 + 20 * math.sin(6 * n / RATE) + 5 * (number % 3)) / RATE
            pulses.append(1.0 if phase >= 1 else 0.0)
            phase %= 1
        for frequency in VOWELS[number % len(VOWELS)]:
            pulses = list(resonator(pulses, frequency, 80))
        most = max(map(abs, pulses))
        out += [peak * sample / most * math.sin(math.pi * n / len(pulses)) ** 0.5 for n, sample in enumerate(pulses)]
    return [round(sample) for sample in out]


class Talker(Background):
    """with Talker() as media: ... media.port in the phone's description ...; media.say(voice(2)); media.packets"""

    def __init__(self):
        self.port = free_rtp_port()
        self.packets = []
        self._socket = datagram_socket(self.port)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.setblocking(False)
        super().__init__(self._socket)
        self._server = None
        self._speech = []

    def say(self, samples):
        encoded = bytes(mulaw_byte(sample) for sample in samples)
        self._speech += [encoded[at:at + STEP] for at in range(0, len(encoded) - STEP + 1, STEP)]

    def _run(self):
        ssrc, first = random.randrange(1 << 32), random.randrange(1 << 15)
        due = time.monotonic()
        for number in itertools.count():
            if self._stop.is_set():
                return
            self._read()
            if self._server:
                payload = self._speech.pop(0) if self._speech else SILENCE
                head = struct.pack(">BBHII", 0x80, 0, first + number & 0xFFFF, STEP * number & 0xFFFFFFFF, ssrc)
                self._socket.sendto(head + payload, self._server)
            due += PACKET_TIME
            time.sleep(max(0.0, due - time.monotonic()))

    def _read(self):
        while True:
            try:
                data, ancillary, _, self._server = self._socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            if len(data) <= RTP_HEADER or data[1] & 0x7F != 0:
                continue
            for _, kind, value in ancillary:
                if kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("qq", value)
                    self.packets.append(Packet(seconds + nanoseconds / 1e9, data))


def sounds(packet, least=50):
    return max(abs(MULAW[byte]) for byte in packet.payload) > least


def sent_at(packets):
    """When each packet left by the packet clock: every 20 ms, in step with the one that was delayed least. What the
    machine did to a single one is not in it."""
    steps = list(itertools.accumulate(
        ((later.sequence - before.sequence & 0xFFFF) for before, later in zip(packets, packets[1:])), initial=0))
    origin = min(packet.arrival - step * PACKET_TIME for packet, step in zip(packets, steps))
    return [origin + step * PACKET_TIME for step in steps]
