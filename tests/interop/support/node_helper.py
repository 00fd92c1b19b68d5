# SPDX-License-Identifier: Apache-2.0
"""The reference helper, helper/helper.mjs, as a process."""

import contextlib
import http.client
import json
import os
import shutil
import subprocess

from support.browser import PROGRAM
from support.ports import LOOPBACK, free_port

SOURCE = os.environ.get("PATCHBAY_SOURCE", ".")
TOKEN = "planted-helper-token"
START_TIME = 60  # seconds; a loaded machine
NODE = shutil.which("node")


class Helper:
    """with Helper() as helper: helper.request("GET", "/health")"""

    def __init__(self, token=TOKEN, chrome=PROGRAM):
        self.port, self.chrome_port = free_port(), free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._token = token
        self._chrome = chrome

    def __enter__(self):
        self._process = subprocess.Popen(
            [NODE, f"{SOURCE}/helper/helper.mjs", "--listen", f"{LOOPBACK}:{self.port}", "--chrome", self._chrome,
             "--port", str(self.chrome_port), "--token", self._token, "--", "--no-sandbox",
             "--allow-loopback-in-peer-connection"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        line = self._process.stdout.readline()
        if b"http://" not in line:
            raise RuntimeError(line)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(START_TIME)
        self._process.stdout.close()

    def until_told(self, event):
        """Until it says that a page said so."""
        while f'"event":"{event}"' not in (line := self._process.stdout.readline().decode()):
            if not line:
                raise AssertionError("the helper has ended")

    def request(self, method, path, body=None, token=TOKEN, **headers):
        """(status, JSON)"""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=START_TIME)
        with contextlib.closing(connection):
            if token:
                headers["Authorization"] = f"Bearer {token}"
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
