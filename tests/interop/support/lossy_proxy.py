# SPDX-License-Identifier: Apache-2.0
"""A UDP path that loses the first copy of every SIP message, both ways: what no retransmission repairs never arrives."""

import re
import select

from support.background import Background, datagram_socket
from support.ports import LOOPBACK

CSEQ = re.compile(rb"^CSeq[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def name_of(message):
    """'INVITE 1 INVITE' of a request, 'SIP/2.0 200 1 INVITE' of a response"""
    start = message.split(b"\r\n", 1)[0].split(b" ")
    words = start[:2] if start[0] == b"SIP/2.0" else start[:1]
    cseq = CSEQ.search(message)
    return b" ".join([*words, cseq[1].strip() if cseq else b"?"]).decode(errors="replace")


class LossyProxy(Background):
    """with LossyProxy() as proxy: proxy.lead_to(port); call sip:phone@127.0.0.1:{proxy.port}"""

    def __init__(self):
        self._target = None
        self._front, self._back = datagram_socket(), datagram_socket()
        self.port = self._front.getsockname()[1]
        self._client = None
        self.lost = []  # names, in order
        self.passed = []
        super().__init__(self._front, self._back)

    def lead_to(self, port):
        self._target = (LOOPBACK, port)

    def _run(self):
        while not self._stop.is_set():
            for one in select.select([self._front, self._back], [], [], 0.05)[0]:
                message, source = one.recvfrom(65536)
                if one is self._front:
                    self._client = source
                if self._survives(message):
                    if one is self._front:
                        self._back.sendto(message, self._target)
                    else:
                        self._front.sendto(message, self._client)

    def _survives(self, message):
        name = name_of(message)
        if name not in self.lost:
            self.lost.append(name)
            return False
        self.passed.append(name)
        return True
