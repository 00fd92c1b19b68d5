# SPDX-License-Identifier: Apache-2.0
"""`patchbay fake-meta` as a process, and a bridge with the side `meta-sip` or `meta-graph` in front of it."""

import contextlib
import json
import os
import pathlib
import queue
import socket
import subprocess
import tempfile
import threading
import time

from support.background import end
from support.bridge import CONFIGURATION, BridgeClient
from support.ports import LOOPBACK, free_port, is_free
from support.server import Server

PATCHBAY = os.environ.get("PATCHBAY", "build/test/patchbay")
PATIENCE = 40  # seconds; a loaded machine
BUSINESS = "+15550001111"
PASSWORD = "made-by-meta"
DOMAIN = "patchbay.localhost"
NUMBER_ID = "436666719526789"
TOKEN, APP_SECRET, VERIFY_TOKEN = "EAA-access-token", "app-secret", "verify-token"


class FakeMeta:
    """with FakeMeta("--srtp", "SDES") as meta: meta.command("call +5511987654321"); meta.wait_for("answered")

    `webhook`: it is the Graph API, and this is where its webhooks go.
    """

    def __init__(self, *arguments, webhook=None):
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-fake-meta-")
        self.folder = pathlib.Path(self._folder.name)
        self.server_port = free_port()
        self._command = [PATCHBAY, "fake-meta", "--listen", f"{LOOPBACK}:{free_port()}", "--number", BUSINESS, *arguments]
        if webhook:
            self._command += ["--graph", "--webhook", webhook, "--number-id", NUMBER_ID, "--token", TOKEN, "--app-secret",
                              APP_SECRET, "--verify-token", VERIFY_TOKEN]
        else:
            self._command += ["--folder", self.folder, "--password", PASSWORD, "--domain", DOMAIN, "--server",
                              f"{LOOPBACK}:{self.server_port}"]
        self.notes = []
        self._queue = queue.Queue()

    def __enter__(self):
        self.process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.listening = self.wait_for("listening")
        except BaseException:
            self.__exit__()
            raise
        self.server = self.listening["server"].split(";")[0]
        if not self.server.startswith("http"):
            self.port = int(self.server.split(":")[1])
        return self

    def __exit__(self, *_):
        end(self.process)
        self.process.stdin.close()
        self._folder.cleanup()

    def _read(self):
        for line in self.process.stdout:
            self._queue.put(json.loads(line))
        self._queue.put(None)
        self.process.stdout.close()

    def command(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def wait_for(self, event, condition=lambda note: True):
        """The next note of that kind, of those that nobody has waited for yet."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                note = self._queue.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                note = None
            if note is None:
                raise AssertionError(f"no {event}: {self.notes}")
            self.notes.append(note)
            if note["event"] == event and condition(note):
                return note

    def wait_for_tone(self, frequency, level=None, tolerance=2.5):
        """A user hears it; the first look may have caught its beginning, so a level is waited for as well."""
        return self.wait_for("heard", lambda note: abs(note.get("frequency", 0) - frequency) < 3 and
                             (level is None or abs(note["level"] - level) < tolerance))

    def events(self):
        """The kinds of all notes until now."""
        while not self._queue.empty():
            note = self._queue.get()
            if note is not None:
                self.notes.append(note)
        return [note["event"] for note in self.notes]


def server_of(meta, shards=2, more=""):
    """A server with the certificate that the double trusts, and trust in the double's; `more` of its configuration."""
    files = meta.listening
    return Server(shards=shards, configuration=f"""
tls_port = {meta.server_port}
tls_cert_file = "{files["certificate"]}"
tls_key_file = "{files["key"]}"
""" + CONFIGURATION + f"""
[tls]
ca_file = "{files["authority"]}"
""" + more)


class Bridge:
    """What a bridge is configured with, and what it says, whatever its WhatsApp side: `open` starts `server` and `meta`."""

    def __init__(self):
        self.port = free_port()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.open(stack)
            self._opened = stack.pop_all()
        self.client = BridgeClient(self.server)
        return self

    def __exit__(self, *_):
        self._opened.close()

    def configure(self, pbx="", meta=None, **changes):
        status, body = self.client.configure(**{"enabled": True, "sipServer": pbx, "sipListenPort": self.port,
                                                "meta": self.settings() | (meta or {}), **changes})
        if status != 200:
            raise AssertionError(body)
        # The shards open their sockets a moment later, and a phone that sends an INVITE once would lose it.
        deadline = time.monotonic() + PATIENCE
        while is_free(self.port, LOOPBACK, socket.SOCK_DGRAM):
            if time.monotonic() > deadline:
                raise AssertionError("the bridge does not listen")
            time.sleep(0.01)

    def await_status(self, condition):
        return self.client.await_status(condition)

    def number(self, user):
        """What the PBX calls to reach a user."""
        return f"sip:{user}@{LOOPBACK}:{self.port}"


class MetaBridge(Bridge):
    """The double of the SIP service, a server and its bridge; the PBX is whoever is named in `configure`."""

    def __init__(self, *arguments, srtp="SDES", shards=2, more=""):
        super().__init__()
        self.meta = FakeMeta("--srtp", srtp, *arguments)
        self._srtp = srtp
        self._shards = shards
        self._more = more

    def open(self, stack):
        stack.enter_context(self.meta)  # makes the certificates
        self.server = stack.enter_context(server_of(self.meta, self._shards, self._more))

    def settings(self):
        return {"phoneNumber": BUSINESS, "sipDomain": DOMAIN, "sipPassword": PASSWORD, "sipServer": self.meta.server,
                "srtp": self._srtp, "sources": [LOOPBACK]}


class GraphBridge(Bridge):
    """The same with the double of the Graph API."""

    def __init__(self, *arguments, shards=2, more=""):
        super().__init__()
        self.server = Server(shards=shards, configuration=CONFIGURATION + more)
        self.meta = FakeMeta(*arguments, webhook=f"http://{LOOPBACK}:{self.server.http_port}/call/bridge/webhook")

    def open(self, stack):
        stack.enter_context(self.server)
        stack.enter_context(self.meta)

    def settings(self):
        return {"phoneNumber": BUSINESS, "phoneNumberId": NUMBER_ID, "accessToken": TOKEN, "appSecret": APP_SECRET,
                "verifyToken": VERIFY_TOKEN, "graphUrl": self.meta.server}
