# SPDX-License-Identifier: Apache-2.0
"""WhatsApp by a page in a remote Chrome: headless Chromium on loopback; baresip, SIPp and our phone as the PBX."""

import asyncio
import time
import unittest

from support.node_helper import NODE, TOKEN, Helper
from support.own_phone import Phone as OwnPhone
from support.page_side_case import PATIENCE, USER, PageSideCase
from support.ports import LOOPBACK, free_port
from support.sipp import Sipp
from support.worklet_page import ELEMENTS, WorkletPage


class HostPageTest(PageSideCase):
    """The host page, which has classic tracks: the audio by WebRTC."""

    async def test_the_page_calls_the_pbx_twice_and_both_hear_each_other(self):
        for _ in range(2):
            with self.callee() as pbx:
                self.bridge(pbx.port)
                page = await self.page()
                await page.run(f"hostPhone.farCalls('{USER}')")
                await self.until(page, "hostPhone.state === 'active'")
                await self.assert_user_hears(page)
                await asyncio.sleep(2)
                await page.run("hostPhone.end()")
                status = self.await_status(lambda status: status["activeCalls"] == 0)
                pbx.stop()
                self.assert_pbx_heard(pbx)
        self.assertEqual((status["pbx"]["answered"], status["pbx"]["failed"], status["audio"]), (2, 0, "webrtc"))

    async def test_the_pbx_calls_the_page_and_both_hear_each_other(self):
        self.bridge()
        page = await self.page()
        with self.caller() as phone:
            await self.until(page, "hostPhone.state === 'calling'")
            self.assertEqual(await page.run("hostPhone.number"), f"+{USER}")
            await page.run("hostPhone.farRings()")
            await page.run("hostPhone.farAnswers()")
            await self.assert_user_hears(page)
            await asyncio.sleep(2)
            phone.stop()
            await self.until(page, "hostPhone.state === 'idle'")
            self.assert_pbx_heard(phone)
        status = self.await_status(lambda status: status["activeCalls"] == 0)
        self.assertEqual((status["whatsapp"]["calls"], status["whatsapp"]["answered"]), (1, 1))
        self.assertEqual((status["chrome"]["reachable"], status["audio"]), (True, "webrtc"))

    async def test_keys_go_both_ways_and_call_control_hangs_up(self):
        pbx = OwnPhone("--tone", "440", "--dtmf", "12#", "--dtmf-after", "3s")
        self.addCleanup(pbx.kill)
        self.bridge(int(pbx.address.split(":")[1]))
        page = await self.page()
        await page.run(f"hostPhone.farCalls('{USER}')")
        await self.until(page, "hostPhone.state === 'active'")
        await self.until(page, "hostPhone.keys === '12#'")
        await page.run("hostPhone.farPresses('7*')")
        for key in "7*":
            self.assertEqual((await asyncio.to_thread(pbx.wait_for, "digit"))["digit"], key)
        call_id = self.client.request("GET", "/call/status")[1]["calls"][0]["callId"]
        self.assertEqual(self.client.request("DELETE", f"/call/{call_id}")[0], 200)
        await self.until(page, "hostPhone.state === 'idle'")

    async def test_who_refuses_is_a_status_and_who_calls_while_it_talks_is_busy(self):
        self.bridge()
        page = await self.page()
        for reason, status in (("rejected", 486), ("missed", 480), ("unknown_number", 404)):
            with self.pbx_phone() as phone:
                calling = asyncio.create_task(asyncio.to_thread(phone.call, f"+{USER}"))
                await self.until(page, "hostPhone.state === 'calling'")
                with self.pbx_phone() as other:
                    self.assertEqual(await asyncio.to_thread(other.call, f"+{USER}"), 486)
                await page.run(f"hostPhone.end('{reason}')")
                self.assertEqual(await calling, status)
        with self.pbx_phone() as phone:
            calling = asyncio.create_task(asyncio.to_thread(phone.call, f"+{USER}"))
            await self.until(page, "hostPhone.state === 'calling'")
            phone.cancel()
            await self.until(page, "hostPhone.state === 'idle'")
            self.assertEqual(await calling, 487)

    async def test_a_pbx_that_refuses_ends_the_call_in_the_page(self):
        with Sipp("reject.xml", values={"status": 486, "reason": "Busy Here"}) as pbx:
            self.bridge(pbx.port)
            page = await self.page()
            await page.run(f"hostPhone.farCalls('{USER}')")
            await self.until(page, "hostPhone.state === 'idle'")
        with Sipp("cancel_after_ringing.xml") as pbx:
            self.bridge(pbx.port)
            await page.run(f"hostPhone.farCalls('{USER}')")
            await asyncio.sleep(1)
            await page.run("hostPhone.end('missed')")
            await asyncio.to_thread(pbx.expect_success)


class RecoveryTest(PageSideCase):
    async def test_a_chrome_that_dies_in_a_call_ends_it_in_words_and_another_is_found_by_itself(self):
        with self.callee() as pbx:
            self.bridge(pbx.port)
            page = await self.page()
            first = self.chrome.browser_url()
            await page.run(f"hostPhone.farCalls('{USER}')")
            await self.until(page, "hostPhone.state === 'active'")
            self.chrome.kill()
            status = self.await_status(lambda status: status["activeCalls"] == 0)
            self.assertFalse(status["whatsapp"]["reachable"])
            self.assertIn("Chrome", status["whatsapp"]["lastError"])
            self.assertFalse(status["chrome"]["reachable"])
            with self.pbx_phone() as phone:
                self.assertEqual(await asyncio.to_thread(phone.call, f"+{USER}"), 503)
            self.chrome.start()
            self.assertNotEqual(self.chrome.browser_url(), first)
            self.await_ready()

    async def test_a_tab_that_crashes_or_is_loaded_anew_loses_its_call_only(self):
        with self.callee() as pbx:
            self.bridge(pbx.port)
            for loss in ("crash", "reload"):
                page = await self.page()
                await self.until(page, "window.patchbay && hostPhone.state === 'idle'")
                await page.run(f"hostPhone.farCalls('{USER}')")
                await self.until(page, "hostPhone.state === 'active'")
                with self.assertRaises(Exception) if loss == "crash" else self.subTest(loss):
                    await page.command("Page.crash" if loss == "crash" else "Page.reload", 3)
                self.await_status(lambda status: status["activeCalls"] == 0)
                self.await_ready()

    async def test_a_chrome_that_is_not_there_is_said_in_words_until_it_is(self):
        self.chrome.kill()
        self.bridge(ready=False)
        status = self.await_status(lambda status: "lastError" in status["whatsapp"])
        self.assertIn("Chrome cannot be reached", status["whatsapp"]["lastError"])
        self.bridge(ready=False, nodeRemoteHelper=f"http://{LOOPBACK}:{free_port()}")
        status = self.await_status(lambda status: "lastError" in status["nodeHelper"])
        self.assertIn("the Node helper cannot be reached", status["nodeHelper"]["lastError"])
        self.chrome.start()
        self.await_ready()
        self.client.configure(enabled=False)
        deadline = time.monotonic() + PATIENCE
        while self.is_page_there():
            self.assertLess(time.monotonic(), deadline, "the tab stays open")
            await asyncio.sleep(0.1)


@unittest.skipUnless(NODE, "node is not installed (tools/packages install interop)")
class HelperTest(PageSideCase):
    async def test_the_helper_starts_chrome_and_is_told_what_the_page_says(self):
        self.chrome.kill()
        with Helper() as helper:
            self.chrome.port = helper.chrome_port
            changes = {"nodeRemoteHelper": helper.url, "chromeRemoteURL": ""}
            self.bridge(ready=False, **changes)
            status = self.await_status(lambda status: "lastError" in status["nodeHelper"])
            self.assertIn("answers 401", status["nodeHelper"]["lastError"])
            self.bridge(ready=False, page={"helperToken": TOKEN}, **changes)
            status = self.await_status(lambda status: status["whatsapp"].get("reachable"))
            self.assertNotIn("lastError", status["nodeHelper"])
            self.assertNotIn(TOKEN, str(self.client.settings()) + self.server.log())
            self.assertTrue(helper.request("GET", "/health")[1]["browser"]["running"])
            await asyncio.to_thread(helper.until_told, "ready")


class WorkletPageTest(PageSideCase):
    """A page without tracks, by the generic adapter."""

    def setUp(self):
        super().setUp()
        self.site = self.enterContext(WorkletPage())

    def page_url(self):
        return self.site.url

    async def test_the_page_calls_the_pbx_twice(self):
        for _ in range(2):
            with self.callee() as pbx:
                self.bridge(pbx.port, page={"url": self.site.url, "elements": ELEMENTS})
                page = await self.page()
                self.assertFalse(await page.run("window.frameHasBridge"))
                await page.run(f"phone.farCalls('+{USER}')")
                await self.until(page, "phone.state === 'active'")
                await self.assert_user_hears(page, "phone.hear()")
                await asyncio.sleep(2)
                await page.run("phone.end()")
                self.await_status(lambda status: status["activeCalls"] == 0)
                pbx.stop()
                self.assert_pbx_heard(pbx)

    async def test_the_pbx_calls_the_page_and_presses_a_key(self):
        self.bridge(page={"url": self.site.url, "elements": ELEMENTS})
        page = await self.page()
        with self.caller() as phone:
            await self.until(page, "phone.state === 'calling'")
            self.assertEqual(await page.run("document.querySelector('#number').value"), f"+{USER}")
            await page.run("phone.answer()")
            await self.assert_user_hears(page, "phone.hear()")
            calls = self.client.request("GET", "/call/status")[1]["calls"]
            self.client.request("POST", f"/call/{calls[0]['callId']}/dtmf", '{"digits": "55"}')
            await self.until(page, "phone.keys === '55'")
            await asyncio.sleep(1)
            phone.stop()
            await self.until(page, "phone.state === 'idle'")
            self.assert_pbx_heard(phone)


class FramesTest(PageSideCase):
    """Where packets do not pass: the page's Chrome sends no UDP."""

    chrome_flags = ("--webrtc-ip-handling-policy=disable_non_proxied_udp",
                    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp")

    def setUp(self):
        super().setUp()
        self.site = self.enterContext(WorkletPage())
        self.page_settings = {"url": self.site.url, "elements": ELEMENTS}

    def page_url(self):
        return self.site.url

    async def test_a_call_whose_audio_does_not_connect_goes_on_by_frames(self):
        pbx = OwnPhone("--tone", "440", "--dtmf", "55", "--dtmf-after", "9s")
        self.addCleanup(pbx.kill)
        self.bridge(int(pbx.address.split(":")[1]))
        page = await self.page()
        await page.run(f"phone.farCalls('+{USER}')")
        await self.until(page, "phone.state === 'active'")
        self.assertEqual(self.client.status()["audio"], "webrtc")
        self.await_status(lambda status: status["audio"] == "frames")
        await self.assert_user_hears(page, "phone.hear()")
        await self.until(page, "phone.keys === '55'")
        await page.run("phone.end()")
        note = await asyncio.to_thread(pbx.wait_for, "ended")
        self.assertEqual(self.client.status()["pbx"]["answered"], 1, note)

    async def test_the_next_one_begins_by_frames_and_without_a_web_socket_they_go_by_devtools(self):
        self.bridge(page={**self.page_settings, "audio": "frames"}, wasmServerIP="192.0.2.1")
        page = await self.page()
        for _ in range(2):
            with self.caller() as phone:
                await self.until(page, "phone.state === 'calling'")
                await page.run("phone.answer()")
                await self.assert_user_hears(page, "phone.hear()")
                await asyncio.sleep(2)
                phone.stop()
                await self.until(page, "phone.state === 'idle'")
                self.assert_pbx_heard(phone)


if __name__ == "__main__":
    unittest.main()
