# SPDX-License-Identifier: Apache-2.0
"""A running `patchbay serve` with ports and a data folder of its own."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from support.ports import LOOPBACK, free_port, rtp_span

PROGRAM = os.environ.get("PATCHBAY", "build/test/patchbay")
START_TIME = 15  # seconds; a loaded machine
STOP_TIME = 10
RTP_PORTS = 1000
# A machine that is busy with other tests makes every clock late; calls are to be taken all the same.
ANY_LAG = """
[protection]
max_lag_ms = 0
"""


class Server:
    """with Server(shards=3) as server: ...

    `http` may be None where `configuration`, the text of a TOML file with {http_port} in it, says it.
    """

    def __init__(self, *arguments, shards=2, http=LOOPBACK, sip=LOOPBACK, configuration=None, data=None):
        self.http_port = free_port()
        self.sip_port = free_port((LOOPBACK, sip))
        sip = f"[{sip}]" if ":" in sip else sip
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-interop-")
        self.data = pathlib.Path(data or self._folder.name)
        first = rtp_span(RTP_PORTS)
        self._command = [PROGRAM, "serve", "--data", self.data, "--sip", f"{sip}:{self.sip_port}", "--rtp-ports",
                         f"{first}-{first + RTP_PORTS - 1}", "--shards", str(shards), *arguments]
        if http is not None:
            self._command += ["--http", f"{http}:{self.http_port}"]
        text = (configuration or "").format(http_port=self.http_port)
        if "[protection]" not in text:
            text += ANY_LAG
        if "[call_api]" not in text:  # its usual port is one of the machine
            text += f'\n[call_api]\nlisten = "{LOOPBACK}:{free_port()}"\n'
        file = self.data / "patchbay.toml"
        file.write_text(text, encoding="utf-8")
        self._command += ["--conf", file]
        self.process = None

    def __enter__(self):
        with open(self.data / "log", "wb") as log:
            self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._await_start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.is_alive():
            # Twice: the second one does not wait for calls.
            self.process.terminate()
            time.sleep(0.05)
            self.process.terminate()
            try:
                self.process.wait(STOP_TIME)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self._folder.cleanup()

    def _await_start(self):
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline:
            if not self.is_alive():
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log()}")
            try:
                self.get("/health")
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the server did not listen within {START_TIME} s:\n{self.log()}")

    def is_alive(self):
        return self.process.poll() is None

    def log(self):
        return (self.data / "log").read_text(errors="replace")

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def kill(self):
        """As a crash would: nothing is flushed, nobody is told."""
        self.process.kill()
        self.process.wait()

    def uri(self, user):
        return f"sip:{user}@{LOOPBACK}:{self.sip_port}"

    def request(self, method, path, headers=None, address=LOOPBACK):
        """(status, body as text)"""
        connection = http.client.HTTPConnection(address, self.http_port, timeout=10)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post_json(self, path, value):
        """(status, body as text)"""
        connection = http.client.HTTPConnection(LOOPBACK, self.http_port, timeout=10)
        try:
            connection.request("POST", path, body=json.dumps(value), headers={"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get_json(self, path):
        status, body = self.get(path)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status} {body}")
        return json.loads(body)

    def resident_kilobytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise RuntimeError("no VmRSS")

    def metric(self, name):
        """The sum of the samples of one name, whatever their labels."""
        _, text = self.get("/metrics")
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.split("{")[0].split(" ")[0] == name)
