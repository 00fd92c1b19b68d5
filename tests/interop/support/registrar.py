# SPDX-License-Identifier: Apache-2.0
"""A registrar of somebody else's: SIP and digest of its own, no code of the server's."""

import hashlib
import re

from support.background import DatagramPeer
from support.sip_user import headers

REALM = "carrier.example"


class Registrar(DatagramPeer):
    """Wants a digest by MD5 and grants what is asked for; refuses everybody while `broken`."""

    def __init__(self, user, password):
        self._user, self._password = user, password
        self.contacts = []  # as they were registered, with their time
        self.requests = []  # their first lines
        self.routes = []
        self.broken = False
        super().__init__()

    def _answer(self, data):
        message = data.decode()
        self.requests.append(message.split("\r\n")[0])
        self.routes += headers(message, "Route")
        return self._reply(message).encode() if message.startswith("REGISTER ") else None

    def _reply(self, message):
        status, more = "200 OK", []
        if self.broken:
            status = "503 Service Unavailable"
        elif not self._proved(message):
            status = "401 Unauthorized"
            more = [f'WWW-Authenticate: Digest realm="{REALM}", nonce="n1", algorithm=MD5, qop="auth"']
        else:
            expires = headers(message, "Expires")[0]
            self.contacts.append((headers(message, "Contact")[0], int(expires)))
            more = [f"Contact: {headers(message, 'Contact')[0]};expires={expires}"]
        kept = [f"{name}: {value}" for name in ("Via", "From", "To", "Call-ID", "CSeq")
                for value in headers(message, name)]
        return "\r\n".join([f"SIP/2.0 {status}", *kept, *more, "Content-Length: 0", "", ""])

    def _proved(self, message):
        given = dict((name, quoted or plain) for value in headers(message, "Authorization")
                     for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]*))', value))
        if not given:
            return False

        def digest(text):
            return hashlib.md5(text.encode()).hexdigest()
        secret = digest(f"{self._user}:{REALM}:{self._password}")
        expected = digest(f"{secret}:n1:{given['nc']}:{given['cnonce']}:auth:{digest('REGISTER:' + given['uri'])}")
        return given["username"] == self._user and given["response"] == expected
