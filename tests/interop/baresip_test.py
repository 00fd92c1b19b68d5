# SPDX-License-Identifier: Apache-2.0
"""baresip calls and is called, in every codec that it has: the right tone, at the right level, on the right side."""

import asyncio
import unittest

from support.baresip import RATES, Baresip
from support.client import Call
from support.server import Server
from support.tones import frequency_of, is_tone, level, read_wav, sine, write_wav

PHONE_TONE = 620  # Hz
SERVER_TONE = 440
LEVEL = -15.0  # dB below a full-scale sine
TOLERANCE = 1.5  # dB: codecs, resamplers
HEARD = 1.0  # seconds that are looked at
CONFIGURATION = """\
codecs = ["pcmu", "pcma", "g722", "opus"]
[media]
srtp = "optional"
"""


def middle(samples, rate):
    """One second out of the middle: neither the beginning of the media nor the end of the call."""
    start = (len(samples) - int(HEARD * rate)) // 2
    return samples[max(0, start):start + int(HEARD * rate)]


class BaresipTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server(shards=2, configuration=CONFIGURATION))
        (cls.server.data / "media").mkdir(exist_ok=True)
        write_wav(cls.server.data / "media" / "tone.wav", sine(SERVER_TONE, 4, 16000, LEVEL), 16000)

    def assert_tone(self, samples, rate, frequency, what):
        part = middle(samples, rate)
        self.assertGreaterEqual(len(part), HEARD * rate * 0.9, f"{what}: too short")
        found = f"{what}: {frequency_of(part, rate):.0f} Hz at {level(part):.1f} dB"
        self.assertTrue(is_tone(part, frequency, rate), found)
        self.assertAlmostEqual(frequency_of(part, rate), frequency, delta=2, msg=what)
        self.assertAlmostEqual(level(part), LEVEL, delta=TOLERANCE, msg=what)

    async def test_the_server_calls_and_both_sides_are_recorded(self):
        for codec, rate in RATES.items():
            with self.subTest(codec), Baresip(codec, sine(PHONE_TONE, 10, rate, LEVEL)) as phone:
                async with Call(self.server, id=codec) as call:
                    await call.invite(phone.uri(), recorder={"recorderFile": f"{codec}.wav"})
                    await call.until("answer")
                    await call.send("play", url="tone.wav")
                    await asyncio.sleep(2.5)
                    await call.send("hangup")
                    self.assertEqual(await call.until_closed(), 1000)
                phone.stop()
                self.assertIn(codec.lower(), call.first("answer")["sdp"].lower())
                heard_rate, heard = phone.heard()
                self.assert_tone(heard, heard_rate, SERVER_TONE, "what the phone heard")
                recorded_rate, (left, right) = read_wav(self.server.data / "recordings" / f"{codec}.wav")
                self.assert_tone(left, recorded_rate, PHONE_TONE, "the left channel, the phone")
                self.assert_tone(right, recorded_rate, SERVER_TONE, "the right channel, the server")

    async def test_baresip_calls_the_echo_and_hears_itself(self):
        for codec, rate in RATES.items():
            tone = sine(PHONE_TONE, 10, rate, LEVEL)
            with self.subTest(codec), Baresip(codec, tone, dial=self.server.uri("echo")) as phone:
                await asyncio.sleep(2.5)
                phone.stop()
                heard_rate, heard = phone.heard()
                self.assert_tone(heard, heard_rate, PHONE_TONE, "the echo")

    async def test_keys_in_the_description_encrypt_both_ways(self):
        """SDES with AES_CM_128_HMAC_SHA1_80, offered by us and insisted on by baresip"""
        tone = sine(PHONE_TONE, 10, 8000, LEVEL)
        with Baresip("pcmu", tone, encryption="srtp-mand") as phone:
            async with Call(self.server, id="sdes") as call:
                await call.invite(phone.uri(), recorder={"recorderFile": "sdes.wav"}, sip={"enableSrtp": True})
                await call.until("answer")
                await call.send("play", url="tone.wav")
                await asyncio.sleep(2.5)
                await call.send("hangup")
                self.assertEqual(await call.until_closed(), 1000)
            phone.stop()
            self.assertIn("a=crypto:", call.first("answer")["sdp"])
            rate, heard = phone.heard()
            self.assert_tone(heard, rate, SERVER_TONE, "what the phone decrypted")
            rate, (left, _) = read_wav(self.server.data / "recordings" / "sdes.wav")
            self.assert_tone(left, rate, PHONE_TONE, "what the server decrypted")

    async def test_an_encrypted_call_to_the_echo(self):
        tone = sine(PHONE_TONE, 10, 8000, LEVEL)
        with Baresip("pcmu", tone, dial=self.server.uri("echo"), encryption="srtp-mand") as phone:
            await asyncio.sleep(2.5)
            phone.stop()
            rate, heard = phone.heard()
            self.assert_tone(heard, rate, PHONE_TONE, "the echo")

    async def test_encrypted_opus_to_the_echo(self):
        tone = sine(PHONE_TONE, 10, 48000, LEVEL)
        with Baresip("opus", tone, dial=self.server.uri("echo"), encryption="srtp") as phone:
            await asyncio.sleep(2.5)
            phone.stop()
            rate, heard = phone.heard()
            self.assert_tone(heard, rate, PHONE_TONE, "the echo")

    async def test_baresip_hangs_up(self):
        with Baresip("pcmu", sine(PHONE_TONE, 10, 8000, LEVEL)) as phone:
            async with Call(self.server) as call:
                await call.invite(phone.uri())
                await call.until("answer")
                phone.stop()
                hangup = await call.until("hangup")
                self.assertEqual(await call.until_closed(), 1000)
            self.assertEqual((hangup["reason"], hangup["initiator"]), ("byCallee", "callee"))


if __name__ == "__main__":
    unittest.main()
