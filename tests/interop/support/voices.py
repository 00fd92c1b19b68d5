# SPDX-License-Identifier: Apache-2.0
"""Providers of speech as small servers, as strict as the real ones about who asks and how. Each speaks a second of a
tone in pieces of odd sizes, and misbehaves as the text that it is to speak says."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import http
import json
import struct
import urllib.parse

import websockets

from .ports import LOOPBACK
from .tones import sine

APP_ID, SECRET_ID, SECRET_KEY = "1250000000", "planted-id", "planted-key"
# In the text: "refuse" by HTTP, "fail" in the provider's own words, "cut" in the middle, "mute"; "slow" and "garbage"
# harm nobody.
FAULTS = ("refuse", "fail", "cut", "mute", "slow", "garbage")
RATE = 16000
PIECE = 3333  # bytes
STALL = 13  # seconds; the server gives up after ten
AUDIO = struct.pack(f"<{RATE}h", *(int(sample) for sample in sine(700, 1, RATE)))


async def speak(send, text, audio=AUDIO):
    """The audio, as the text says; False: the connection is to break."""
    if "mute" in text:
        await asyncio.sleep(STALL)
        return False
    for at in range(0, len(audio), PIECE):
        if "cut" in text and at > len(audio) // 2:
            return False
        if "slow" in text:
            await asyncio.sleep(0.15)
        await send(audio[at:at + PIECE])
    return True


class SocketVoice:
    """What the two providers that speak by WebSocket share."""

    def __init__(self):
        self.complaints = []  # about what the client did wrong

    async def __aenter__(self):
        self._server = await websockets.serve(self._serve, LOOPBACK, 0, process_request=self._admit)
        self._authority = f"{LOOPBACK}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    @property
    def option(self):
        return {"provider": self.name, "endpoint": f"ws://{self._authority}{self.path}", "appId": APP_ID,
                "secretId": SECRET_ID, "secretKey": SECRET_KEY}

    async def _serve(self, socket):
        with contextlib.suppress(websockets.ConnectionClosed):
            if not await self.serve(socket):
                socket.transport.abort()


class Tencent(SocketVoice):
    name, path = "tencent", "/stream_ws"

    def _admit(self, path, _headers):
        target = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(target.query))
        signature = query.pop("Signature", "")
        plain = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
        signed = hmac.new(SECRET_KEY.encode(), f"GET{self._authority}{target.path}?{plain}".encode(), hashlib.sha1)
        if signature != base64.b64encode(signed.digest()).decode():
            self.complaints.append(f"the signature is wrong: {path}")
        if "refuse" in query.get("Text", ""):
            return http.HTTPStatus.TOO_MANY_REQUESTS, [], b"too many"
        return None

    async def serve(self, socket):
        text = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(socket.path).query))["Text"]
        if "garbage" in text:
            await socket.send("}{")
        await socket.send(json.dumps({"code": 0, "message": "success", "heartbeat": 1}))
        if "fail" in text:
            await socket.send(json.dumps({"code": 10002, "message": "no resource pack"}))
            await socket.wait_closed()
            return True
        if not await speak(socket.send, text):
            return False
        await socket.send(json.dumps({"code": 0, "message": "success", "final": 1}))
        return True


class Aliyun(SocketVoice):
    name, path = "aliyun", "/api-ws/v1/inference"

    def _admit(self, _path, headers):
        if headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            self.complaints.append("no Authorization")
        return None

    async def serve(self, socket):
        task = None

        async def ask(action):
            message = json.loads(await socket.recv())
            header = message["header"]
            if header["action"] != action or (task or header["task_id"]) != header["task_id"]:
                self.complaints.append(f"{message} in the place of {action}")
            return header["task_id"], message["payload"]

        async def tell(event, **more):
            await socket.send(json.dumps({"header": {"event": event, "task_id": task, **more}, "payload": {}}))

        task, _ = await ask("run-task")
        await tell("task-started")
        text = (await ask("continue-task"))[1]["input"]["text"]
        await ask("finish-task")
        if "garbage" in text:
            await socket.send("}{")
        if "refuse" in text or "fail" in text:
            code = "Throttling.RateQuota" if "refuse" in text else "InvalidParameter"
            await tell("task-failed", error_code=code, error_message="no resource pack")
            return True
        if not await speak(socket.send, text):
            return False
        await tell("task-finished")
        return True


class HttpVoice:
    """What those that speak by HTTP share: a POST for each text, on a connection that stays open. In the garbage half a
    sample is left over at the end."""

    rate = RATE

    def __init__(self):
        self.complaints = []
        self.connections = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, LOOPBACK, 0)
        port = self._server.sockets[0].getsockname()[1]
        self.option = {"provider": self.name, "endpoint": f"http://{LOOPBACK}:{port}{self.path}",
                       "secretKey": SECRET_KEY}
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = {name.lower(): value for name, _, value in
                          (line.partition(": ") for line in head.split("\r\n")[1:])}
                body = json.loads(await reader.readexactly(int(fields["content-length"])))
                if not self.is_right(head.split(" ")[1], fields.get("authorization"), body):
                    self.complaints.append((head, body))
                if not await self.answer(writer, body.get("text") or body["input"]):
                    break
        writer.transport.abort()

    async def answer(self, writer, text):
        def head(status, length):
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n".encode())

        async def send(piece):
            writer.write(piece)
            await writer.drain()

        if "refuse" in text or "fail" in text:
            words = json.dumps(self.refusal).encode()
            head(429 if "refuse" in text else 500, len(words))
            await send(words)
            return True
        rest = b"\x07" if "garbage" in text else b""
        audio = AUDIO * (self.rate // RATE) + AUDIO[:(self.rate % RATE) * 2]
        head(200, len(audio) + len(rest))
        if not await speak(send, text, audio):
            return False
        await send(rest)
        return True


class Deepgram(HttpVoice):
    name, path = "deepgram", "/v1/speak"
    refusal = {"err_code": "TOO_MANY", "err_msg": "no resource pack"}

    @staticmethod
    def is_right(target, authorization, body):
        return authorization == f"Token {SECRET_KEY}" and "encoding=linear16" in target and list(body) == ["text"]


class OpenAi(HttpVoice):
    name, path, rate = "openai", "/v1/audio/speech", 24000
    refusal = {"error": {"message": "no resource pack", "type": "server_error"}}

    @staticmethod
    def is_right(_target, authorization, body):
        return (authorization == f"Bearer {SECRET_KEY}" and body["response_format"] == "pcm"
                and {"model", "input", "voice"} <= body.keys())


class VoiceApi(HttpVoice):
    """As docs/speech.md has it."""

    name, path = "voiceapi", "/speak"
    refusal = {"error": "no resource pack"}

    @staticmethod
    def is_right(_target, authorization, body):
        return authorization == f"Bearer {SECRET_KEY}" and (body["encoding"], body["sampleRate"]) == ("s16le", RATE)
