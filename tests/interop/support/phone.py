# SPDX-License-Identifier: Apache-2.0
"""A phone that calls and listens: SIP and RTP over sockets of its own, no code of the server's.

What it hears is dated by the kernel, so a busy test does not look like a gap.
"""

import random
import re
import socket
import struct
import threading

from support.ports import LOOPBACK, free_rtp_port
from support.tones import MULAW

SIP_TIME = 10  # seconds
SO_TIMESTAMPNS = 35  # Linux, asm-generic/socket.h
RTP_HEADER = 12
SAMPLE_RATE = 8000


class Packet:
    def __init__(self, arrival, data):
        self.arrival = arrival  # seconds
        self.sequence, = struct.unpack_from(">H", data, 2)
        self.payload = data[RTP_HEADER:]


class Phone:
    """with Phone(server) as phone: phone.call("tone"); ...; phone.hang_up(); phone.heard()"""

    def __init__(self, server):
        self._server = (LOOPBACK, server.sip_port)
        self._sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sip.bind((LOOPBACK, 0))
        self._sip.settimeout(SIP_TIME)
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.bind((LOOPBACK, free_rtp_port()))
        self._rtp.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._rtp.settimeout(0.1)
        self._call_id = f"{random.randrange(1 << 48):x}@phone"
        self._to_tag = ""
        self._target = None
        self._callee = None
        self.packets = []
        self.statuses = []  # of every response, in their order
        self._stop = threading.Event()
        self._listener = threading.Thread(target=self._listen)

    def __enter__(self):
        self._listener.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._listener.join()
        self._sip.close()
        self._rtp.close()

    # --- SIP

    def call(self, user):
        """The final status; 2xx is acknowledged."""
        self._callee = f"sip:{user}@{self._server[0]}:{self._server[1]}"
        self._to_tag = ""
        self.send("INVITE", 1, self._callee, self._description())
        status, message = self.final_answer("INVITE")
        tag = re.search(r"^To:.*;tag=([^\r\n;]*)", message, re.MULTILINE)
        self._to_tag = f";tag={tag[1]}" if tag else ""
        if status < 300:
            self._target = re.search(r"^Contact:[^<]*<([^>]*)>", message, re.MULTILINE)[1]
            self.send("ACK", 1, self._target, branch="ack")
        else:
            self.send("ACK", 1, self._callee)
        return status

    def cancel(self):
        self.send("CANCEL", 1, self._callee)

    def hang_up(self):
        self.send("BYE", 2, self._target)
        return self.final_answer("BYE")[0]

    def await_bye(self):
        while True:
            message, source = self._sip.recvfrom(65536)
            if message.startswith(b"BYE "):
                head = message.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
                kept = [line for line in head if re.match(rb"(?i)(Via|From|To|Call-ID|CSeq):", line)]
                self._sip.sendto(b"\r\n".join([b"SIP/2.0 200 OK", *kept, b"Content-Length: 0", b"", b""]), source)
                return

    def send(self, method, number, uri, body="", branch=None):
        address = "{}:{}".format(*self._sip.getsockname())
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/UDP {address};rport;branch=z9hG4bK{self._call_id[:12]}{branch or number}",
                 f"From: <sip:phone@{address}>;tag=phone", f"To: <{self._callee}>{self._to_tag}", f"Call-ID: {self._call_id}",
                 f"CSeq: {number} {method}", f"Contact: <sip:phone@{address}>", "Max-Forwards: 70"]
        if body:
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body)}", "", body]
        self._sip.sendto("\r\n".join(lines).encode(), self._server)

    def final_answer(self, method):
        """(status, message) of the first final response to that method"""
        while True:
            message = self._sip.recv(65536).decode()
            if message.startswith("SIP/2.0 ") and re.search(rf"^CSeq: *\d+ {method}\r", message, re.MULTILINE):
                status = int(message.split(" ")[1])
                self.statuses.append(status)
                if status >= 200:
                    return status, message

    def _description(self):
        return "\r\n".join(["v=0", f"o=- 1 1 IN IP4 {LOOPBACK}", "s=-", f"c=IN IP4 {LOOPBACK}", "t=0 0",
                            f"m=audio {self._rtp.getsockname()[1]} RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""])

    # --- RTP

    def _listen(self):
        while not self._stop.is_set():
            try:
                data, ancillary, _, _ = self._rtp.recvmsg(2048, 64)
            except TimeoutError:
                continue
            if len(data) <= RTP_HEADER or data[1] & 0x7F != 0:
                continue  # only PCMU was offered
            for _, kind, value in ancillary:
                if kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("qq", value)
                    self.packets.append(Packet(seconds + nanoseconds / 1e9, data))

    def heard(self):
        """Samples at 8 kHz, in the order of the packets."""
        return [MULAW[byte] for packet in self.packets for byte in packet.payload]

    def lost(self):
        """Packets that the sequence numbers miss."""
        steps = (later.sequence - before.sequence & 0xFFFF for before, later in zip(self.packets, self.packets[1:]))
        return sum(step - 1 for step in steps)

    def longest_gap(self):
        """Seconds between two packets"""
        return max(later.arrival - before.arrival for before, later in zip(self.packets, self.packets[1:]))
