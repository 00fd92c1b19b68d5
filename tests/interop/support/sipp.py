# SPDX-License-Identifier: Apache-2.0
"""SIPp 3.6.1 with a scenario of tests/interop/sipp."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from support.ports import LOOPBACK, free_port, free_rtp_port, is_free

SCENARIOS = pathlib.Path(__file__).resolve().parent.parent / "sipp"
START_TIME = 10  # seconds; a loaded machine


class Sipp:
    """with Sipp("answer.xml") as phone: ... phone.expect_success()

    Waits for calls, or places them when `target` ("host:port") is given. SIPp ends with an error when a message
    differs from what its scenario expects, so a call that succeeds has seen every message in its order. `values`
    stand for [NAME] in the scenario, also where SIPp's own keys cannot.
    """

    def __init__(self, scenario, *arguments, target=None, calls=1, timeout=30, transport="u1", values=None,
                 address=LOOPBACK):
        if shutil.which("sipp") is None:
            raise unittest.SkipTest("SIPp is not installed (tools/packages install interop)")
        self._address = address
        self.port = free_port((LOOPBACK, address))
        self.media_port = free_rtp_port()
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-sipp-")
        self._scenario = SCENARIOS / scenario
        self._values = {"contact_port": self.port, **(values or {})}
        self._command = ["sipp", "-sf", "scenario.xml", "-i", address, "-mi", address, "-p", str(self.port), "-mp",
                         str(self.media_port), "-m", str(calls), "-t", transport, "-nostdin", "-timeout", str(timeout),
                         "-timeout_error", "-trace_err", "-error_file", "errors", "-trace_msg", "-message_file",
                         "messages", "-cp", str(free_port())]
        self._command += [*map(str, arguments), *([target] if target else [])]
        self._timeout = timeout
        stream = transport.startswith("t")
        self._kind = None if target and stream else socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
        self.process = None

    def __enter__(self):
        text = self._scenario.read_text(encoding="utf-8")
        for name, value in self._values.items():
            text = text.replace(f"[{name}]", str(value))
        pathlib.Path(self._folder.name, "scenario.xml").write_text(text, encoding="utf-8")
        with open(pathlib.Path(self._folder.name, "output"), "wb") as output:
            self.process = subprocess.Popen(self._command, cwd=self._folder.name, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output)
        if self._kind is not None:
            self._await_start()
        return self

    def _await_start(self):
        deadline = time.monotonic() + START_TIME
        while is_free(self.port, self._address, self._kind) and self.process.poll() is None:
            if time.monotonic() > deadline:
                raise RuntimeError("SIPp does not listen")
            time.sleep(0.01)
        if self.process.poll() not in (None, 0):
            raise RuntimeError(f"SIPp did not start:\n{self._read('output')[-2000:]}\n{self._read('errors')}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._folder.cleanup()

    def uri(self, user="phone"):
        host = f"[{self._address}]" if ":" in self._address else self._address
        return f"sip:{user}@{host}:{self.port}"

    def messages(self):
        return self._read("messages")

    def errors(self):
        return self._read("errors")

    def expect_success(self):
        """Waits for the end of its calls; fails with what SIPp did not like."""
        try:
            code = self.process.wait(self._timeout + 10)
        except subprocess.TimeoutExpired:
            code = "no end"
        if code != 0:
            raise AssertionError(f"SIPp: {code}\n{self._read('errors')}\n{self._read('messages')[-6000:]}")

    def _read(self, name):
        path = pathlib.Path(self._folder.name, name)
        return path.read_text(errors="replace") if path.exists() else ""
