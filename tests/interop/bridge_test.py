# SPDX-License-Identifier: Apache-2.0
"""Calls that hear each other: bridged, whichever shards they are on, and a callee beside a WebSocket."""

import asyncio
import unittest

from support.server import Server
from support.socket_call import RATE, SocketCall, to_bytes
from support.tones import is_tone, sine

PARTIES = 6
SHARDS = 3


async def say(call, frequency):
    """Sends three seconds of a tone at once: the server plays them out evenly, however busy the machine is."""
    await call.socket.send(to_bytes(sine(frequency, 3, RATE)))


def hears(call, frequency):
    """The tone alone, for half a second of what was heard."""
    heard = call.heard()
    return any(is_tone(heard[at:at + RATE // 2], frequency, RATE) for at in range(0, len(heard), RATE // 4))


class BridgeTest(unittest.IsolatedAsyncioTestCase):
    async def test_calls_of_any_two_shards_hear_each_other_until_they_part(self):
        with Server(shards=SHARDS) as server:
            calls = [SocketCall(server, id=f"c{i}") for i in range(PARTIES)]
            for call in calls:
                await call.__aenter__()
                await call.send("invite", option={"codec": "pcm"})
                await call.until("answer")
            first = calls[0]
            for i, other in enumerate(calls[1:], start=1):
                with self.subTest(other=i):
                    await first.send("bridge", targetSessionId=f"c{i}", requestId=f"r{i}")
                    self.assertEqual((await first.until("ack"))["requestId"], f"r{i}")
                    self.assertEqual((await other.until("other"))["extra"], {"state": "bridged", "sessionId": "c0"})
                    await say(first, 500)
                    await say(other, 500 + 200 * i)
                    await asyncio.gather(first.listen(4), other.listen(4))
                    self.assertTrue(hears(first, 500 + 200 * i))
                    self.assertTrue(hears(other, 500))
                    await (first if i % 2 else other).send("unbridge")
                    for one in (first, other):
                        while (await one.until("other"))["extra"]["state"] != "parted":
                            pass
                        one.audio.clear()
            await first.send("bridge", targetSessionId="nobody")
            self.assertEqual((await first.until("error"))["code"], 404)
            for call in calls:
                await call.__aexit__(None, None, None)

    async def test_a_callee_beside_a_websocket_is_called_and_heard(self):
        with Server(shards=1) as server:
            async with SocketCall(server, id="s") as call:
                await call.send("invite", option={"codec": "pcm", "callee": server.uri("tone")})
                while not (await call.until("answer")).get("refer"):
                    pass
                await call.listen(1.5)
                self.assertTrue(is_tone(call.heard()[-RATE // 2:], 440, RATE))
                await call.send("hangup")
                await call.until_closed()
                self.assertEqual([one["event"] for one in call.events].count("hangup"), 2)
                self.assertTrue(call.events[-2]["refer"])
                self.assertNotIn("refer", call.events[-1])


if __name__ == "__main__":
    unittest.main()
