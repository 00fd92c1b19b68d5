# SPDX-License-Identifier: Apache-2.0
"""A SIP user agent on connections: TCP, TLS and WebSocket, in Python alone."""

import asyncio
import random
import re

import websockets

WAIT = 40  # seconds; a loaded machine, and the demonstration's length


def header(message, name):
    """The value of the first header of that name; None without one."""
    found = re.search(rf"^{re.escape(name)}[ \t]*:[ \t]*([^\r\n]*)", message, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else None


def body_of(message):
    return message.split("\r\n\r\n", 1)[1]


class Stream:
    """Messages on TCP or TLS, by Content-Length."""

    def __init__(self, reader, writer, transport):
        self.reader, self.writer, self.transport = reader, writer, transport
        name = writer.get_extra_info("sockname")
        if name is None:
            raise EOFError  # refused within the handshake
        self.address = name[:2]

    @classmethod
    async def open(cls, host, port, tls=None, server_name=None):
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(host, port, ssl=tls, server_hostname=server_name if tls else None), WAIT)
        return cls(reader, writer, "TLS" if tls else "TCP")

    async def write(self, data):
        self.writer.write(data if isinstance(data, bytes) else data.encode())
        await self.writer.drain()

    async def read(self):
        """One message, or a keep-alive's CRLF. EOFError at the end."""
        line = await asyncio.wait_for(self.reader.readline(), WAIT)
        if not line:
            raise EOFError
        if line == b"\r\n":
            return "\r\n"
        head = line + await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WAIT)
        length = int(header(head.decode(), "Content-Length") or header(head.decode(), "l") or 0)
        return (head + await asyncio.wait_for(self.reader.readexactly(length), WAIT)).decode()

    async def close(self):
        self.writer.close()
        try:
            await asyncio.wait_for(self.writer.wait_closed(), WAIT)
        except (OSError, asyncio.TimeoutError):
            pass


class WebSocket:
    """One message for each WebSocket message (RFC 7118)."""

    def __init__(self, socket, transport):
        self.socket, self.transport = socket, transport
        self.address = (f"{random.randrange(1 << 40):x}.invalid", None)

    @classmethod
    async def open(cls, url, tls=None, **options):
        options = {"subprotocols": ["sip"], "ping_interval": None, "open_timeout": WAIT, "close_timeout": WAIT, **options}
        if tls:
            options["ssl"] = tls
        return cls(await websockets.connect(url, **options), "WSS" if tls else "WS")

    async def write(self, data):
        await self.socket.send(data)

    async def read(self):
        try:
            data = await asyncio.wait_for(self.socket.recv(), WAIT)
        except websockets.ConnectionClosed as closed:
            raise EOFError from closed
        return data if isinstance(data, str) else data.decode()

    async def close(self):
        await self.socket.close()


class Agent:
    """One dialog on one connection. Its media is a port that nobody listens on."""

    def __init__(self, connection, user="phone", contact=None, media=("127.0.0.1", 30000)):
        self.connection = connection
        host, port = connection.address
        host = f"[{host}]" if ":" in host else host
        self.place = host if port is None else f"{host}:{port}"
        self.contact = contact or f"sip:{user}@{self.place};transport={connection.transport.lower()}"
        self.user = user
        self.call_id = f"{random.randrange(1 << 48):x}@{host.strip('[]')}"
        self.media = media
        self.sequence = 0
        self.target = None
        self.callee = None
        self.to_tag = ""
        self.pending = []  # requests that came while a response was awaited

    def request(self, method, uri, body="", sequence=None, extra=()):
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        self.callee = self.callee or uri
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/{self.connection.transport} {self.place};rport;branch=z9hG4bK{random.randrange(1 << 60):x}",
                 "Max-Forwards: 70", f"From: <sip:{self.user}@{self.place}>;tag=phone", f"To: <{self.callee}>{self.to_tag}",
                 f"Call-ID: {self.call_id}", f"CSeq: {sequence} {method}", f"Contact: <{self.contact}>", *extra]
        if body:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    def response(self, request, status, reason, body="", tag="phone"):
        lines = [f"SIP/2.0 {status} {reason}"]
        for line in request.split("\r\n\r\n")[0].split("\r\n")[1:]:
            if re.match(r"(?i)(Via|From|Call-ID|CSeq|Record-Route):", line):
                lines.append(line)
            elif re.match(r"(?i)To:", line):
                lines.append(line if ";tag=" in line else f"{line};tag={tag}")
        lines.append(f"Contact: <{self.contact}>")
        if body:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    def description(self):
        host, port = self.media
        family = "IP6" if ":" in host else "IP4"
        return "\r\n".join(["v=0", f"o=- 1 1 IN {family} {host}", "s=-", f"c=IN {family} {host}", "t=0 0",
                            f"m=audio {port} RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""])

    async def receive(self, wanted):
        """The first message whose start line begins so; requests that come meanwhile are kept."""
        for message in self.pending:
            if message.startswith(wanted):
                self.pending.remove(message)
                return message
        while True:
            message = await self.connection.read()
            if message.startswith(wanted):
                return message
            if not message.startswith("SIP/2.0") and message.strip():
                self.pending.append(message)

    async def final_response(self, method):
        while True:
            message = await self.receive("SIP/2.0")
            if header(message, "CSeq").endswith(f" {method}") and int(message.split(" ")[1]) >= 200:
                return message

    async def ask(self, method, uri, **options):
        """Sends a request outside a call and gives the final response."""
        await self.connection.write(self.request(method, uri, **options))
        return await self.final_response(method)

    async def call(self, uri):
        """The status; a 2xx is acknowledged."""
        answer = await self.ask("INVITE", uri, body=self.description())
        status = int(answer.split(" ")[1])
        tag = re.search(r";tag=([^;>]+)", header(answer, "To"))
        self.to_tag = f";tag={tag[1]}" if tag else ""
        if status < 300:
            self.target = re.search(r"<([^>]*)>", header(answer, "Contact"))[1]
            await self.connection.write(self.request("ACK", self.target, sequence=self.sequence))
        return status

    async def hang_up(self):
        return int((await self.ask("BYE", self.target)).split(" ")[1])

    async def answer(self):
        """Waits for an INVITE and answers it; gives the INVITE."""
        invite = await self.receive("INVITE ")
        await self.connection.write(self.response(invite, 180, "Ringing"))
        await self.connection.write(self.response(invite, 200, "OK", self.description()))
        await self.receive("ACK ")
        return invite

    async def await_bye(self):
        bye = await self.receive("BYE ")
        await self.connection.write(self.response(bye, 200, "OK"))
        return bye


class Listener:
    """async with Listener(tls=context) as phones: agent = await phones.next_agent()"""

    def __init__(self, host="127.0.0.1", tls=None):
        self._host, self._tls = host, tls
        self._queue = asyncio.Queue()
        self.accepted = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._accept, self._host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _accept(self, reader, writer):
        self.accepted += 1
        await self._queue.put(Stream(reader, writer, "TLS" if self._tls else "TCP"))

    async def next_agent(self, **options):
        connection = await asyncio.wait_for(self._queue.get(), WAIT)
        return Agent(connection, **options)
