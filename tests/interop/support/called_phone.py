# SPDX-License-Identifier: Apache-2.0
"""A phone that is called: SIP and RTP over sockets of its own, no code of the server's.

It answers at once, sings one tone, and keeps what it hears, which keys it gets, and what it is asked to do.
"""

import re
import struct
import threading
import time

from support.background import Background, datagram_socket
from support.media_peer import KEYS, PACKET_TIME, PCMU, TELEPHONE_EVENT, TIMESTAMP_STEP
from support.ports import LOOPBACK, free_rtp_port
from support.tones import MULAW, is_tone, level, mulaw_byte, sine

RATE = 8000
KEPT = 10 * RATE  # samples; the latest
SILENCE = -99.0  # dB
DIRECTIONS = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


class CalledPhone(Background):
    """with CalledPhone() as phone: ... phone.uri ...; phone.level(1.0); phone.keys; phone.requests"""

    def __init__(self, tone=620.0):
        self._sip = datagram_socket()
        self._sip.settimeout(0.1)
        self._rtp_port = free_rtp_port()
        self._rtp = datagram_socket(self._rtp_port)
        self._rtp.settimeout(PACKET_TIME / 2)
        super().__init__(self._sip, self._rtp)
        self._media = threading.Thread(target=self._speak_and_hear)
        self.uri = f"sip:desk@{LOOPBACK}:{self._sip.getsockname()[1]}"
        self._tone = [mulaw_byte(sample) for sample in sine(tone, 1.0)]  # whole periods
        self._far = None  # (address, port) of the server's RTP
        self._heard = []  # (arrival, sample)
        self._lock = threading.Lock()  # of _heard
        self.requests = []  # (method, message) in their order, ACK and retransmissions apart
        self.keys = ""
        self._key = None  # RTP timestamp of the last one

    def __enter__(self):
        self._media.start()
        return super().__enter__()

    def __exit__(self, *error):
        self._stop.set()
        self._media.join()
        super().__exit__(*error)

    # --- What happened

    def heard(self, seconds):
        """The samples that came within the last `seconds`"""
        since = time.monotonic() - seconds
        with self._lock:
            return [sample for arrival, sample in self._heard if arrival >= since]

    def level(self, seconds):
        """In dB; silence where nothing came"""
        samples = self.heard(seconds)
        return level(samples) if samples else SILENCE

    def hears_tone(self, frequency, seconds=0.6):
        samples = self.heard(seconds)
        return len(samples) > seconds * RATE / 2 and is_tone(samples, frequency, RATE)

    def methods(self):
        return [method for method, _ in self.requests]

    def direction(self):
        """Of the last description that came"""
        for method, message in reversed(self.requests):
            if method == "INVITE" and "m=audio" in message:
                found = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)", message, re.MULTILINE)
                return found[1] if found else "sendrecv"
        return None

    # --- SIP

    def _run(self):
        while not self._stop.is_set():
            try:
                data, source = self._sip.recvfrom(65536)
            except TimeoutError:
                continue
            message = data.decode(errors="replace")
            method = message.split(" ")[0]
            if method not in ("ACK", "SIP/2.0"):
                self._take(method, message, source)

    def _take(self, method, message, source):
        if (method, message) not in self.requests:
            self.requests.append((method, message))
        if method == "INVITE":
            self._reply(message, source, "180 Ringing")
            self._reply(message, source, "200 OK", self._description(message))
        else:
            self._reply(message, source, "202 Accepted" if method == "REFER" else "200 OK")

    def _reply(self, message, source, status, body=""):
        lines = [f"SIP/2.0 {status}"]
        for line in message.split("\r\n\r\n")[0].split("\r\n")[1:]:
            if re.match(r"(?i)(Via|From|Call-ID|CSeq|Record-Route):", line):
                lines.append(line)
            elif line.lower().startswith("to:"):
                lines.append(line if ";tag=" in line else f"{line};tag=desk")
        lines.append(f"Contact: <{self.uri}>")
        lines.append("Allow: INVITE, ACK, BYE, CANCEL, REFER, OPTIONS")
        if body:
            lines.append("Content-Type: application/sdp")
        self._sip.sendto("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode(), source)

    def _description(self, invite):
        self._far = (LOOPBACK, int(re.search(r"^m=audio (\d+)", invite, re.MULTILINE)[1]))
        return "\r\n".join(["v=0", f"o=- 1 {len(self.requests)} IN IP4 {LOOPBACK}", "s=-", f"c=IN IP4 {LOOPBACK}", "t=0 0",
                            f"m=audio {self._rtp_port} RTP/AVP {PCMU} {TELEPHONE_EVENT}", "a=rtpmap:0 PCMU/8000",
                            f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000", f"a=fmtp:{TELEPHONE_EVENT} 0-15",
                            f"a={DIRECTIONS[self.direction()]}", ""])

    # --- RTP

    def _speak_and_hear(self):
        due, count = time.monotonic(), 0
        while not self._stop.is_set():
            if self._far and time.monotonic() >= due:
                at = count * TIMESTAMP_STEP % len(self._tone)
                header = struct.pack(">BBHII", 0x80, PCMU, count & 0xFFFF, count * TIMESTAMP_STEP & 0xFFFFFFFF, 0x5eed)
                self._rtp.sendto(header + bytes(self._tone[at:at + TIMESTAMP_STEP]), self._far)
                count += 1
                due = max(due + PACKET_TIME, time.monotonic() - 1)  # after a stall no more than a second is made up for
            try:
                self._hear(self._rtp.recv(2048))
            except TimeoutError:
                pass

    def _hear(self, packet):
        kind, timestamp = packet[1] & 0x7F, struct.unpack_from(">I", packet, 4)[0]
        if kind == PCMU:
            now = time.monotonic()
            with self._lock:
                self._heard += [(now, MULAW[byte]) for byte in packet[12:]]
                del self._heard[:-KEPT]
        elif kind == TELEPHONE_EVENT and timestamp != self._key:
            self._key = timestamp
            self.keys += KEYS[packet[12]]
