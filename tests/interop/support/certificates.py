# SPDX-License-Identifier: Apache-2.0
"""A certificate authority of our own, by the openssl program."""

import pathlib
import shutil
import ssl
import subprocess
import tempfile
import unittest


class Certificates:
    """with Certificates() as authority: cert, key = authority.issue("DNS:pbx.example.com,IP:127.0.0.1")"""

    def __init__(self):
        if shutil.which("openssl") is None:
            raise unittest.SkipTest("openssl is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-tls-")
        self._path = pathlib.Path(self._folder.name)
        self._count = 0
        self.authority = self._path / "authority.pem"
        self._authority_key = self._path / "authority.key"
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                  "/CN=Test Authority", "-keyout", self._authority_key, "-out", self.authority)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def path(self, name):
        return self._path / name

    def issue(self, alternative_names, common_name="server"):
        """Paths of certificate and key."""
        self._count += 1
        key, request, certificate, extensions = (self._path / f"{self._count}.{end}" for end in ("key", "csr", "pem", "ext"))
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={common_name}",
                  "-keyout", key, "-out", request)
        extensions.write_text(f"subjectAltName={alternative_names}\n")
        self._run("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self._authority_key, "-CAcreateserial",
                  "-days", "2", "-extfile", extensions, "-out", certificate)
        return certificate, key

    def client_context(self, identity=None):
        context = ssl.create_default_context(cafile=self.authority)
        if identity:
            context.load_cert_chain(*identity)
        return context

    @staticmethod
    def server_context(identity):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*identity)
        return context

    @staticmethod
    def _run(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
