# SPDX-License-Identifier: Apache-2.0
"""A UDP path that loses the first copy of every SIP message, both ways: what no retransmission repairs never arrives."""

import re
import select
import socket
import threading

from support.ports import LOOPBACK

CSEQ = re.compile(rb"^CSeq[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def name_of(message):
    """'INVITE 1 INVITE' of a request, 'SIP/2.0 200 1 INVITE' of a response"""
    start = message.split(b"\r\n", 1)[0].split(b" ")
    words = start[:2] if start[0] == b"SIP/2.0" else start[:1]
    cseq = CSEQ.search(message)
    return b" ".join([*words, cseq[1].strip() if cseq else b"?"]).decode(errors="replace")


class LossyProxy:
    """with LossyProxy() as proxy: proxy.lead_to(port); call sip:phone@127.0.0.1:{proxy.port}"""

    def __init__(self):
        self._target = None
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._front.bind((LOOPBACK, 0))
        self._back.bind((LOOPBACK, 0))
        self.port = self._front.getsockname()[1]
        self._client = None
        self.lost = []  # names, in order
        self.passed = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._front.close()
        self._back.close()

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
