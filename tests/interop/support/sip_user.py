# SPDX-License-Identifier: Apache-2.0
"""A user agent that registers: SIP and digest (RFC 7616) of its own, no code of the server's."""

import hashlib
import random
import re
import socket

from support.ports import LOOPBACK

HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
SIP_TIME = 10  # seconds


def headers(message, name):
    """The values of a header, one for each line."""
    return re.findall(rf"^{name}: *(.*?)\r?$", message, re.MULTILINE | re.IGNORECASE)


def challenges(message):
    """{algorithm: parameters} of a 401"""
    found = {}
    for value in headers(message, "WWW-Authenticate"):
        parameters = {name.lower(): quoted or plain
                      for name, quoted, plain in re.findall(r'(\w[\w-]*)=(?:"([^"]*)"|([^,\s]*))', value)}
        found[parameters.get("algorithm", "MD5")] = parameters
    return found


class SipUser:
    """with SipUser(server, "alice", "secret") as user: status, message = user.register()"""

    def __init__(self, server, user, password, user_agent="test"):
        self._server = (LOOPBACK, server.sip_port)
        self.user = user
        self._password = password
        self._user_agent = user_agent
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.settimeout(SIP_TIME)
        self._call_id = f"{random.randrange(1 << 48):x}"
        self._sequence = 0
        self.address = "{}:{}".format(*self._socket.getsockname())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def domain(self):
        return f"{self._server[0]}:{self._server[1]}"

    def request(self, method, headers=(), timeout=SIP_TIME):
        """(status, message) of the final answer; (None, "") for silence."""
        self._sequence += 1
        uri = f"sip:{self.domain()}"
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/UDP {self.address};rport;branch=z9hG4bK{random.randrange(1 << 48):x}",
                 f"From: <sip:{self.user}@{self.domain()}>;tag=1", f"To: <sip:{self.user}@{self.domain()}>",
                 f"Call-ID: {self._call_id}", f"CSeq: {self._sequence} {method}", "Max-Forwards: 70",
                 f"User-Agent: {self._user_agent}", *headers, "Content-Length: 0", "", ""]
        self._socket.sendto("\r\n".join(lines).encode(), self._server)
        self._socket.settimeout(timeout)
        try:
            while True:
                message = self._socket.recv(65536).decode()
                status = int(message.split(" ")[1])
                if status >= 200 and re.search(rf"^CSeq: *{self._sequence} ", message, re.MULTILINE):
                    return status, message
        except (TimeoutError, BlockingIOError):
            return None, ""

    def authorization(self, method, challenge, count=1):
        """The header that answers a challenge."""
        def digest(text):
            return hashlib.new(HASHES[challenge.get("algorithm", "MD5")], text.encode()).hexdigest()
        uri = f"sip:{self.domain()}"
        secret = digest(f"{self.user}:{challenge['realm']}:{self._password}")
        nc = f"{count:08x}"
        response = digest(f"{secret}:{challenge['nonce']}:{nc}:c0ffee:auth:{digest(f'{method}:{uri}')}")
        return (f'Authorization: Digest username="{self.user}", realm="{challenge["realm"]}", '
                f'nonce="{challenge["nonce"]}", uri="{uri}", response="{response}", '
                f'algorithm={challenge.get("algorithm", "MD5")}, cnonce="c0ffee", qop=auth, nc={nc}')

    def register(self, algorithm="SHA-256", contact=None, expires=600, extra=()):
        """(status, message) after one challenge."""
        contact = f"Contact: {contact or f'<sip:{self.user}@{self.address}>'}"
        headers = [contact, f"Expires: {expires}", *extra]
        status, message = self.request("REGISTER", headers)
        if status != 401:
            return status, message
        answer = self.authorization("REGISTER", challenges(message)[algorithm])
        return self.request("REGISTER", [*headers, answer])
