# SPDX-License-Identifier: Apache-2.0
"""coturn, a TURN server that shares a secret with ours."""

import base64
import hmac
import shutil
import socket
import subprocess
import tempfile
import time

from support.background import end
from support.ports import free_port

PROGRAM = shutil.which("turnserver")
START_TIME = 20  # seconds; a loaded machine


def outer_address():
    """An address of this machine that is not loopback, where there is one: browsers do not use loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # only looks the route up
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


class Turn:
    """with Turn("secret", (certificate, key)) as turn: turn.url"""

    def __init__(self, secret, identity):
        self.address = outer_address()
        self.port = free_port((self.address,))
        self.tls_port = free_port((self.address,))
        self.stun_url = f"stun:{self.address}:{self.port}"
        self.url = f"turn:{self.address}:{self.port}?transport=udp"
        self.tcp_url = f"turn:{self.address}:{self.port}?transport=tcp"
        self.tls_url = f"turns:{self.address}:{self.tls_port}?transport=tcp"
        self._secret = secret
        self._identity = identity
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-turn-")

    def __enter__(self):
        self._log = open(f"{self._folder.name}/log", "wb")
        self._process = subprocess.Popen(
            [PROGRAM, "-n", "--no-cli", "--no-dtls", "--allow-loopback-peers", "--log-file=stdout", "--verbose",
             f"--cert={self._identity[0]}", f"--pkey={self._identity[1]}", f"--tls-listening-port={self.tls_port}",
             f"--listening-ip={self.address}", f"--relay-ip={self.address}", f"--listening-port={self.port}",
             "--use-auth-secret", f"--static-auth-secret={self._secret}", "--realm=patchbay.test",
             f"--userdb={self._folder.name}/db", f"--pidfile={self._folder.name}/pid"],
            cwd=self._folder.name, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        deadline = time.monotonic() + START_TIME
        while "listener" not in self.log().lower() and time.monotonic() < deadline and self._process.poll() is None:
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        end(self._process)
        self._log.close()
        self._folder.cleanup()

    def kill(self):
        """It is gone without a word."""
        self._process.kill()
        self._process.wait()

    def credentials(self):
        """A user name and a password that it takes for an hour (its own REST API)."""
        user = str(int(time.time()) + 3600)
        password = hmac.digest(self._secret.encode(), user.encode(), "sha1")
        return user, base64.b64encode(password).decode()

    def log(self):
        with open(f"{self._folder.name}/log", encoding="utf-8", errors="replace") as log:
            return log.read()
