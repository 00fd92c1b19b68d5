# SPDX-License-Identifier: Apache-2.0
"""A server with a bridge whose WhatsApp side is the double of Graph."""

import asyncio
import types
import unittest

from support.bridge import CONFIGURATION, BridgeClient
from support.fake_graph import FakeGraph
from support.phone import Phone
from support.ports import LOOPBACK, free_port
from support.server import Server

USER = "5511987654321"
# An offer of a user whose media never comes: enough for what happens before somebody talks.
SILENT_OFFER = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-", "t=0 0", "a=group:BUNDLE audio", "a=ice-lite",
    "m=audio 3480 UDP/TLS/RTP/SAVPF 111 126", "c=IN IP4 192.0.2.7", "a=rtcp:9 IN IP4 0.0.0.0",
    "a=candidate:1 1 udp 2122260223 192.0.2.7 3480 typ host", "a=ice-ufrag:meta", "a=ice-pwd:metametametametametameta",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "a=mid:audio", "a=sendrecv", "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2", "a=fmtp:111 maxaveragebitrate=20000;maxplaybackrate=16000;minptime=20;useinbandfec=1",
    "a=rtpmap:126 telephone-event/8000", "a=maxptime:20", "a=ptime:20", ""])


class GraphCase(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.graph = self.enterContext(FakeGraph())
        self.server = self.enterContext(Server("--log-level", "trace", shards=2, configuration=CONFIGURATION))
        self.client = BridgeClient(self.server)
        self.port = free_port()

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")
        self.assertEqual(self.graph.broken, [])

    def bridge(self, pbx_port=9, **changes):
        status, body = self.client.configure(**{
            "enabled": True, "sipServer": f"{LOOPBACK}:{pbx_port}", "sipListenPort": self.port, "sipExtension": "phone",
            "meta": self.graph.meta(), **changes})
        self.assertEqual(status, 200, body)
        self.await_status(lambda status: status["whatsapp"].get("reachable"))

    def await_status(self, condition):
        return self.client.await_status(condition)

    async def next(self, action):
        return await asyncio.to_thread(self.graph.next, action)

    def pbx_phone(self):
        return Phone(types.SimpleNamespace(sip_port=self.port))
