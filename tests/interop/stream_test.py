# SPDX-License-Identifier: Apache-2.0
"""SIP over TCP as a stream: split anywhere, half spoken, broken in mid-call; and IPv6."""

import asyncio
import socket
import time
import unittest

from support.client import Call
from support.ports import LOOPBACK
from support.server import Server
from support.server_case import ServerCase
from support.sip_stream import WAIT, Agent, Listener, Stream, header
from support.sipp import Sipp


class StreamCase(ServerCase):
    async def connect(self):
        return await Stream.open(LOOPBACK, self.server.sip_port)


class SplitTest(StreamCase):
    async def test_an_invite_split_at_every_byte_is_one_invite(self):
        connection = await self.connect()
        connection.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = len(Agent(connection).request("INVITE", self.server.uri("nobody"), "v=0\r\n"))
        for at in range(1, size):
            phone = Agent(connection)
            text = phone.request("INVITE", self.server.uri("nobody"), "v=0\r\n").encode()
            await connection.write(text[:at])
            await asyncio.sleep(0.001)
            await connection.write(text[at:])
            answer = await phone.final_response("INVITE")
            self.assertTrue(400 <= int(answer.split(" ")[1]) < 500, (at, answer))
            phone.to_tag = ";tag=" + header(answer, "To").split(";tag=")[1]
            await connection.write(phone.request("ACK", self.server.uri("nobody"), sequence=1))
        await connection.close()

    async def test_a_call_byte_by_byte(self):
        connection = await self.connect()
        connection.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        phone = Agent(connection)
        whole = connection.write

        async def trickle(data):
            for byte in data.encode():
                await whole(bytes([byte]))
        connection.write = trickle
        self.assertEqual(await phone.call(self.server.uri("echo")), 200)
        self.assertEqual(await phone.hang_up(), 200)
        await connection.close()

    async def test_many_messages_in_one_segment_are_answered_in_order(self):
        connection = await self.connect()
        phone = Agent(connection)
        await connection.write("".join(phone.request("OPTIONS", self.server.uri("x")) for _ in range(50)))
        numbers = [int(header(await phone.receive("SIP/2.0 200"), "CSeq").split(" ")[0]) for _ in range(50)]
        self.assertEqual(sorted(numbers), list(range(1, 51)))
        await connection.close()

    async def test_keep_alives_are_answered_between_messages(self):
        connection = await self.connect()
        for _ in range(3):
            await connection.write("\r\n\r\n")
            self.assertEqual(await connection.read(), "\r\n")
        self.assertIn(" 200 ", await Agent(connection).ask("OPTIONS", self.server.uri("x")))
        await connection.close()


class HalfSpokenTest(StreamCase):
    async def test_a_message_that_does_not_end_costs_its_connection_and_nobody_elses(self):
        slow, silent, good = await self.connect(), await self.connect(), await self.connect()
        self.assertIn(" 200 ", await Agent(good).ask("OPTIONS", self.server.uri("x")))
        began = time.monotonic()
        await slow.write("OPTIONS sip:x@y SIP/2.0\r\nVia: ")

        async def drip():
            try:
                while True:
                    await asyncio.sleep(1)
                    await slow.write("x")
            except OSError:
                pass
        dripping = asyncio.create_task(drip())
        for connection in (slow, silent):
            with self.assertRaises((EOFError, OSError)):
                while True:
                    await connection.read()
        self.assertLess(time.monotonic() - began, 25)
        dripping.cancel()
        self.assertIn(" 200 ", await Agent(good).ask("OPTIONS", self.server.uri("x")))
        self.assertEqual(self.server.metric("patchbay_sip_half_spoken_total"), 1)
        await good.close()


class ReconnectTest(StreamCase):
    async def test_a_dialog_whose_connection_broke_goes_on_by_a_new_one_to_the_contact(self):  # RFC 5923
        async with Listener() as home:
            connection = await self.connect()
            phone = Agent(connection, contact=f"sip:phone@{LOOPBACK}:{home.port};transport=tcp")
            self.assertEqual(await phone.call(self.server.uri("demo")), 200)
            await connection.close()
            again = await home.next_agent()
            bye = await again.await_bye()
            self.assertEqual(header(bye, "Call-ID"), phone.call_id)
            await again.connection.close()

    async def test_an_outgoing_call_whose_connection_broke_is_hung_up_by_a_new_one(self):
        async with Listener() as phones, Call(self.server) as call:
            await call.invite(f"sip:bob@{LOOPBACK}:{phones.port};transport=tcp")
            phone = await phones.next_agent()
            phone.contact = f"sip:bob@{LOOPBACK}:{phones.port};transport=tcp"
            await phone.answer()
            await call.until("answer")
            await phone.connection.close()
            await asyncio.sleep(0.3)
            await call.send("hangup")
            again = await phones.next_agent()
            await again.await_bye()
            await again.connection.close()

    async def test_requests_in_a_dialog_share_its_connection(self):
        async with Listener() as phones, Call(self.server) as call:
            await call.invite(f"sip:bob@{LOOPBACK}:{phones.port};transport=tcp")
            phone = await phones.next_agent()
            await phone.answer()
            await call.until("answer")
            await call.send("hangup")
            await phone.await_bye()
            self.assertEqual(phones.accepted, 1)
            await phone.connection.close()

    async def test_the_transport_of_a_contact_is_honoured(self):
        async with Listener() as home:
            received = asyncio.Queue()

            class Protocol(asyncio.DatagramProtocol):
                def datagram_received(self, data, _):
                    received.put_nowait(data.decode())
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Protocol, local_addr=(LOOPBACK, 0))

            class Datagrams:
                address = transport.get_extra_info("sockname")
                write = staticmethod(lambda text: self._send(transport, text))
                read = staticmethod(lambda: asyncio.wait_for(received.get(), WAIT))
            Datagrams.transport = "UDP"
            phone = Agent(Datagrams, contact=f"sip:phone@{LOOPBACK}:{home.port};transport=tcp")
            self.assertEqual(await phone.call(self.server.uri("demo")), 200)
            again = await home.next_agent()
            bye = await again.await_bye()
            self.assertIn("SIP/2.0/TCP", header(bye, "Via"))
            transport.close()
            await again.connection.close()

    async def _send(self, transport, text):
        transport.sendto(text.encode(), (LOOPBACK, self.server.sip_port))


class Ipv6Test(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        try:
            with socket.socket(socket.AF_INET6) as probe:
                probe.bind(("::1", 0))
        except OSError:
            raise unittest.SkipTest("this machine has no IPv6") from None
        cls.server = Server(shards=2, sip="::1")
        cls.port = cls.server.sip_port
        cls.enterClassContext(cls.server)

    async def test_a_phone_calls_over_tcp(self):
        phone = Agent(await Stream.open("::1", self.port), media=("::1", 30000))
        self.assertEqual(await phone.call(f"sip:echo@[::1]:{self.port}"), 200)
        self.assertIn("@[::1]:", phone.target)
        self.assertEqual(await phone.hang_up(), 200)
        await phone.connection.close()

    async def test_the_server_calls_over_tcp(self):
        async with Listener(host="::1") as phones, Call(self.server) as call:
            await call.invite(f"sip:bob@[::1]:{phones.port};transport=tcp")
            phone = await phones.next_agent(media=("::1", 30000))
            invite = await phone.answer()
            answer = await call.until("answer")
            await call.send("hangup")
            await phone.await_bye()
            self.assertIn("c=IN IP6 ::1", invite)
            self.assertIn("SIP/2.0/TCP [::1]:", header(invite, "Via"))
            self.assertIn("IP6", answer["sdp"])
            await phone.connection.close()

    async def test_sipp_is_called_and_calls(self):
        for transport, suffix in (("u1", ""), ("t1", ";transport=tcp")):
            with self.subTest(transport), Sipp("answer.xml", transport=transport, address="::1") as phone:
                async with Call(self.server) as call:
                    await call.invite(phone.uri() + suffix)
                    await call.until("answer")
                    await call.send("hangup")
                    await call.until_closed()
                await asyncio.to_thread(phone.expect_success)
        for transport in ("u1", "t1"):
            with self.subTest(transport), Sipp("call.xml", "-s", "echo", target=f"[::1]:{self.port}",
                                               transport=transport, address="::1") as phone:
                await asyncio.to_thread(phone.expect_success)


if __name__ == "__main__":
    unittest.main()
