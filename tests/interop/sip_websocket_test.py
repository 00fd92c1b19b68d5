# SPDX-License-Identifier: Apache-2.0
"""SIP over WebSocket (RFC 7118), as a browser speaks it."""

import asyncio
import unittest

import websockets

from support.ports import LOOPBACK, free_port
from support.server import Server
from support.sip_stream import Agent, WebSocket, header

SERVED = "sip:echo@pbx.example.com"


class WebSocketCase(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.ws_port = free_port()
        cls.server = cls.enterClassContext(Server(shards=3, configuration=f'ws_addr = "{LOOPBACK}:{cls.ws_port}"'))
        cls.urls = (f"ws://{LOOPBACK}:{cls.server.http_port}/ws", f"ws://{LOOPBACK}:{cls.ws_port}/",
                    f"ws://{LOOPBACK}:{cls.ws_port}/anything")

    def tearDown(self):
        self.assertTrue(self.server.is_alive(), "the server has ended")


class HandshakeTest(WebSocketCase):
    async def test_the_subprotocol_is_sip(self):
        for url in self.urls:
            connection = await WebSocket.open(url)
            self.assertEqual(connection.socket.subprotocol, "sip")
            await connection.close()
            with self.assertRaises(websockets.InvalidStatusCode) as refused:
                await WebSocket.open(url, subprotocols=["chat"])
            self.assertEqual(refused.exception.status_code, 400)

    async def test_a_page_of_another_host_is_refused(self):
        for url in self.urls:
            with self.assertRaises(websockets.InvalidStatusCode) as refused:
                await WebSocket.open(url, origin="https://evil.example")
            self.assertEqual(refused.exception.status_code, 403)


class CallTest(WebSocketCase):
    async def test_a_browser_calls_and_hangs_up(self):
        for url in self.urls:
            phone = Agent(await WebSocket.open(url))
            self.assertEqual(await phone.call(SERVED), 200)
            self.assertIn(";transport=ws", phone.target)
            self.assertEqual(await phone.hang_up(), 200)
            await phone.connection.close()

    async def test_the_server_hangs_up_on_the_flow_of_a_contact_that_nobody_can_resolve(self):
        phone = Agent(await WebSocket.open(self.urls[0]))
        self.assertTrue(phone.connection.address[0].endswith(".invalid"))
        self.assertEqual(await phone.call("sip:demo@pbx.example.com"), 200)
        bye = await phone.await_bye()
        self.assertTrue(bye.startswith(f"BYE {phone.contact} SIP/2.0"))
        self.assertIn("SIP/2.0/WS ", header(bye, "Via"))
        await phone.connection.close()

    async def test_a_browser_that_comes_back_gets_the_bye_on_its_new_socket(self):
        phone = Agent(await WebSocket.open(self.urls[0]))
        self.assertEqual(await phone.call("sip:demo@pbx.example.com"), 200)
        await phone.connection.close()
        old, phone.connection = phone.connection, await WebSocket.open(self.urls[0])
        phone.connection.address = old.address
        self.assertIn(" 200 ", await phone.ask("OPTIONS", phone.target))  # any request in the dialog
        await phone.await_bye()
        await phone.connection.close()

    async def test_many_browsers_on_all_shards(self):
        async def one():
            phone = Agent(await WebSocket.open(self.urls[0]))
            status = await phone.call(SERVED)
            await asyncio.sleep(0.2)
            ended = await phone.hang_up()
            await phone.connection.close()
            return status, ended
        self.assertEqual(await asyncio.gather(*(one() for _ in range(30))), [(200, 200)] * 30)


class FramingTest(WebSocketCase):
    async def test_one_message_is_one_websocket_message_text_or_binary(self):
        connection = await WebSocket.open(self.urls[0])
        phone = Agent(connection)
        options = phone.request("OPTIONS", SERVED)
        await connection.write(options)
        self.assertTrue((await connection.read()).startswith("SIP/2.0 200"))
        await connection.write(phone.request("OPTIONS", SERVED).encode())
        self.assertTrue((await connection.read()).startswith("SIP/2.0 200"))
        # RFC 7118 5.2: Content-Length may be left out.
        await connection.write(phone.request("OPTIONS", SERVED).replace("Content-Length: 0\r\n", ""))
        self.assertTrue((await connection.read()).startswith("SIP/2.0 200"))
        await connection.close()

    async def test_a_message_in_fragments_is_one_message(self):
        connection = await WebSocket.open(self.urls[0])
        phone = Agent(connection)
        text = phone.request("OPTIONS", SERVED)
        await connection.write([text[at:at + 7] for at in range(0, len(text), 7)])
        self.assertTrue((await connection.read()).startswith("SIP/2.0 200"))
        await connection.close()

    async def test_keep_alives_are_answered(self):
        connection = await WebSocket.open(self.urls[0])
        await connection.write("\r\n\r\n")
        self.assertEqual(await connection.read(), "\r\n")
        await asyncio.wait_for(await connection.socket.ping(), 10)
        await connection.close()

    async def test_garbage_and_oversized_messages_end_nothing_but_their_socket(self):
        connection = await WebSocket.open(self.urls[0])
        await connection.write("this is no SIP")
        await connection.write(b"\x00" * 1000)
        self.assertIn(" 200 ", await Agent(connection).ask("OPTIONS", SERVED))
        await connection.write("x" * 70_000)
        with self.assertRaises(EOFError):
            await connection.read()
        self.assertEqual(connection.socket.close_code, 1009)


if __name__ == "__main__":
    unittest.main()
