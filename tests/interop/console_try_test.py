# SPDX-License-Identifier: Apache-2.0
"""Try, the console's page of requests: everything that the APIs have, the schema's help, and programs to copy that run."""

import asyncio
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support.client import Call
from support.console_case import ConsoleCase, logged

DOCUMENTS = pathlib.Path(os.environ.get("PATCHBAY_SOURCE", ".")) / "docs" / "api"
GO = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin")
RUN_TIME = 240  # seconds; the Go compiler, on a busy machine
TEXT = "document.querySelector('textarea').value"
PROBLEM = "document.querySelector('#page .problem').textContent"
ANSWER = "document.querySelector('pre').textContent"
# Stands in for the program of that name: sends what comes on its input, shows what comes back until the input has ended.
WEBSOCAT = """#!/usr/bin/python3
import asyncio, sys, websockets
async def main():
    assert sys.argv[1] == "-n", sys.argv
    headers = dict([sys.argv[3].split(": ", 1)]) if sys.argv[2] == "-H" else {}
    async with websockets.connect(sys.argv[-1], extra_headers=headers) as socket:
        for line in sys.stdin:
            await socket.send(line)
        for _ in range(3):
            print(await asyncio.wait_for(socket.recv(), 15))
asyncio.run(main())
"""


def load(name):
    return json.loads((DOCUMENTS / name).read_text(encoding="utf-8"))


class TryTest(ConsoleCase):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        await self.go("try")
        await self.page.until(f"{TEXT}.includes('invite')")
        await self.browser.allow("clipboard-read", "clipboard-write")

    async def choose(self, name, body=None):
        await self.select("[name=request]", name)
        if body is not None:
            await self.fill("textarea", body if isinstance(body, str) else json.dumps(body))

    async def send(self, name, body=None, begins="200"):
        await self.choose(name, body)
        await self.press("Send")
        return await self.page.until(f"{ANSWER}.startsWith({json.dumps(begins)}) && {ANSWER}")

    async def copied(self, language):
        await self.page.run("navigator.clipboard.writeText('')")
        await self.press(f"Copy as {language}")
        return await self.page.until("navigator.clipboard.readText()")

    async def test_every_request_of_every_api_can_be_chosen_and_begins_as_its_schema_wants_it(self):
        schema, http, calls = load("schema.json"), load("openapi.json"), load("call-api.openrpc.json")
        wanted = {one["properties"]["command"]["const"] for one in schema["$defs"].values() if "const" in one.get("properties", {}).get("command", {})}
        wanted |= {f"{method.upper()} {path}" for path, methods in http["paths"].items() for method in methods}
        wanted |= {one["name"] for one in calls["methods"]}
        self.assertLess({"invite", "GET /call/quality", "POST /call/bridge/config", "CallBlindTransfer"}, wanted)
        self.assertEqual(set(await self.page.run("[...document.querySelector('[name=request]').options].map((one) => one.value)")), wanted)
        for name in sorted(wanted):
            await self.choose(name)
            self.assertNotIn("should be", await self.page.run(PROBLEM), name)
            self.assertNotIn("is not known", await self.page.run(PROBLEM), name)

    async def test_every_member_of_a_command_is_a_button_that_writes_it(self):
        await self.choose("tts")
        names = await self.page.run("[...document.querySelectorAll('.members > ul > li > button')].map((one) => one.textContent)")
        self.assertIn("speaker", names)
        for name in names:
            await self.press(name)
        self.assertLessEqual(set(names), set(json.loads(await self.page.run(TEXT))))
        await self.choose("GET /api/records")
        await self.press("limit")
        self.assertEqual(await self.page.run("document.querySelector('[name=path]').value"), "/api/records?limit=100")

    async def test_what_is_wrong_is_said_before_it_is_sent(self):
        for body, words in (('{"command": "tts"}', "text is required"), ('{"command": "tts", "text": 5}', "text should be string"),
                            ('{"command": "tts", "text": "a", "voice": 1}', "voice is not known"), ("{", "This is not JSON yet")):
            await self.choose("tts", body)
            self.assertIn(words, await self.page.run(PROBLEM))
        self.assertTrue(await self.page.run("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Send').disabled"))

    async def test_a_call_of_the_page_is_made_steered_and_ended(self):
        await self.choose("invite", {"command": "invite", "option": {"callee": self.server.uri("echo")}})
        await self.press("Send")
        await self.page.until(logged("answer"))
        await self.choose("tts", {"command": "tts", "text": "Hello"})
        await self.press("Send")
        await self.page.until("document.querySelectorAll('.log .event-trackStart').length >= 2")
        await self.choose("hangup")
        await self.press("Send")
        await self.page.until(logged("hangup"))

    async def test_http_requests_are_answered_and_refusals_are_shown(self):
        await self.send("GET /iceservers")
        self.assertIn('"status": "ok"', await self.send("GET /health"))
        self.assertIn("patchbay_calls", await self.send("GET /metrics"))
        await self.send("POST /call/kill/{id}", begins="404")
        async with Call(self.server, id="streamed") as call:
            await call.invite("sip:nobody@127.0.0.1:9")
            await self.page.until("[...document.querySelector('[name=call]').options].some((one) => one.value === 'streamed')")
            await self.select("[name=call]", "streamed")
            await self.send("GET /events/{id}")
            await call.send("hangup")
            await self.page.until(f"{ANSWER}.includes('hangup')")  # of the stream, as it came

    async def test_the_call_api_is_spoken(self):
        body = json.loads(await self.page.run("(() => { const one = document.querySelector('[name=request]'); one.value = 'Echo';"
                                              f" one.dispatchEvent(new Event('change')); return {TEXT}; }})()"))
        self.assertEqual((body["jsonrpc"], body["method"]), ("2.0", "Echo"))
        self.assertIn('"result"', await self.send("Echo", {**body, "params": {"hello": "there"}}, begins="{"))
        await self.send("CallList", begins="{")
        await self.page.until(f"{ANSWER}.includes('\"calls\"')")  # the answer before it began with a brace too
        await self.page.until("document.querySelector('.log').textContent.includes('Ended')")  # of Echo

    async def test_a_bridge_is_configured_with_the_token_that_is_asked_for(self):
        settings = {"sipUser": "2000", "sipPass": "secret", "sipDomain": "127.0.0.1", "whatsappNumber": "5511999999999"}
        await self.choose("POST /call/bridge/config", settings)
        await self.press("Send")
        await self.page.until("document.querySelector('#login').open")
        await self.press("Not now")
        await self.page.until(f"{ANSWER} === '401 A token is needed.'")
        await self.go("talk")
        await self.go("try")
        await self.page.until(f"{TEXT}.includes('invite')")
        await self.choose("POST /call/bridge/config", settings)
        await self.press("Send")
        await self.page.until("document.querySelector('#login').open")
        await self.sign_in("wrong")
        await self.page.until("document.querySelector('#login .problem').textContent === 'That token is not known.'")
        await self.sign_in((self.server.data / "token").read_text().strip())
        await self.page.until("!document.querySelector('#login').open")
        await self.page.until(f"/^[24]00/.test({ANSWER})")
        answer = await self.send("GET /call/bridge/status")
        self.assertIn("{", answer)
        curl = await self.copied("curl")
        self.assertIn("$PATCHBAY_TOKEN", curl)
        self.assertNotIn((self.server.data / "token").read_text().strip(), curl, "the token itself is not copied")
        self.assertEqual(json.loads(self.run_program(["bash", "-c", curl.replace("curl ", "curl -sS ", 1)])),
                         json.loads(answer.split("\n", 1)[1]))

    async def sign_in(self, word):
        await self.fill("#login input", word)
        await self.press("Sign in")

    # --- Programs

    def run_program(self, command, more_path="", text=None, folder=None):
        environment = {**os.environ, "PATH": more_path + os.environ["PATH"], "PATCHBAY_TOKEN": (self.server.data / "token").read_text().strip()}
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_TIME, env=environment, input=text, cwd=folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    async def chosen_requests(self):
        """(name, what the answer has) of a request of each kind, chosen one after the other"""
        await self.choose("GET /call/lists")
        yield "GET", '"calls"'
        await self.page.until("[...document.querySelector('[name=call]').options].some((one) => one.value === 'copied')")
        await self.choose("custom", {"command": "custom", "name": "it's", "data": {"quote": '"', "tick": "`", "backslash": "\\"}})
        await self.select("[name=call]", "copied")
        yield "command", '"sent"'

    async def test_the_copied_curl_runs(self):
        async with Call(self.server, id="copied") as call:
            await call.invite(self.server.uri("echo"))
            await call.until("answer")
            async for name, answer in self.chosen_requests():
                with self.subTest(name):
                    self.assertIn(answer, await asyncio.to_thread(self.run_program, ["bash", "-c", await self.copied("curl")]))

    async def test_the_copied_javascript_runs(self):
        if shutil.which("node") is None:
            self.skipTest("node is not installed")
        async with Call(self.server, id="copied") as call:
            await call.invite(self.server.uri("echo"))
            await call.until("answer")
            async for name, answer in self.chosen_requests():
                with self.subTest(name):
                    self.assertIn(answer, await asyncio.to_thread(self.run_program, ["node", "--input-type=module"], text=await self.copied("JavaScript")))

    async def test_the_copied_go_runs(self):
        if GO is None:
            self.skipTest("go is not installed")
        async with Call(self.server, id="copied") as call:
            await call.invite(self.server.uri("echo"))
            await call.until("answer")
            with tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / "go.mod").write_text("module copied\n", encoding="utf-8")
                answers = {}
                async for name, answer in self.chosen_requests():
                    answers[name] = answer
                    (root / name).mkdir()
                    (root / name / "main.go").write_text(await self.copied("Go"), encoding="utf-8")
                self.assertEqual(await self.go_says(folder, "gofmt", "-d", "."), "")
                await self.go_says(folder, "go", "vet", "./...")
                for name, answer in answers.items():
                    self.assertIn(answer, await self.go_says(folder, "go", "run", f"./{name}"))

    async def go_says(self, folder, program, *arguments):
        try:
            return await asyncio.to_thread(self.run_program, [str(pathlib.Path(GO).parent / program), *arguments], folder=folder)
        except subprocess.TimeoutExpired:  # it compiles its own library the first time
            self.skipTest(f"{program} {arguments[0]} was not done within {RUN_TIME} s: the machine is busy")

    async def test_the_copied_programs_for_a_socket_run(self):
        await self.choose("CallSubscribe")
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "websocat"
            program.write_text(WEBSOCAT, encoding="utf-8")
            program.chmod(0o755)
            await self.choose("Echo", '{"jsonrpc": "2.0", "method": "Echo", "params": {"text": "it\'s"}, "id": 1}')
            self.assertIn("Ended", await asyncio.to_thread(self.run_program, ["bash", "-c", await self.copied("curl")], f"{folder}:"))
            if GO:
                (pathlib.Path(folder) / "main.go").write_text(await self.copied("Go"), encoding="utf-8")
                self.assertEqual(await self.go_says(folder, "gofmt", "-d", "."), "")
        javascript = (await self.copied("JavaScript")).replace("console.log(JSON.parse(data))", "(window.got ??= []).push(data)")
        await self.page.run(f"(() => {{ {javascript} }})()")
        await self.page.until("window.got?.some((one) => one.includes('Ended'))")


if __name__ == "__main__":
    unittest.main()
