# SPDX-License-Identifier: Apache-2.0
"""What test peers are made of: a thread that works until the `with` block ends, and a process that has to end."""

import socket
import subprocess
import threading

from support.ports import LOOPBACK

STOP_TIME = 10  # seconds that a process gets to end by itself


class Background:
    """Runs `_run`, which looks at `self._stop`, in a thread of its own; the sockets are closed behind it."""

    def __init__(self, *sockets):
        self._sockets = sockets
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for one in self._sockets:
            one.close()

    def _run(self):
        raise NotImplementedError


class DatagramPeer(Background):
    """One UDP socket on loopback, `self.port`; answers what `_answer` says, where it says anything."""

    def __init__(self):
        self._socket = datagram_socket()
        self._socket.settimeout(0.1)
        self.port = self._socket.getsockname()[1]
        super().__init__(self._socket)

    def _run(self):
        while not self._stop.is_set():
            try:
                data, source = self._socket.recvfrom(65536)
            except TimeoutError:
                continue
            if answer := self._answer(data):
                self._socket.sendto(answer, source)

    def _answer(self, data):
        raise NotImplementedError


def datagram_socket(port=0):
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind((LOOPBACK, port))
    return bound


def end(process, patience=STOP_TIME):
    """Asks a process to end, and makes it when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
