# SPDX-License-Identifier: Apache-2.0
"""A page as web phones with a codec of their own are: no tracks, a voice out of an AudioWorklet, a strict policy, an iframe."""

import http.server

from support.background import Background
from support.ports import LOOPBACK

# No inline script, no blob, no connection to anybody else.
POLICY = "default-src 'self'; connect-src 'self'; script-src 'self'; frame-src 'self'; style-src 'none'"
PAGE = """<!doctype html><title>worklet phone</title><p id="state">idle</p>
<input id="number"><button id="call">call</button><button id="accept" hidden>accept</button>
<button id="reject" hidden>reject</button><button id="hang">hang up</button><span id="caller"></span>
<b id="active" hidden>talking</b><button id="key5">5</button>
<iframe src="/frame.html"></iframe><script src="/phone.js"></script>"""
FRAME = """<!doctype html><script src="/frame.js"></script>"""
FRAME_SCRIPT = "parent.frameHasBridge = 'patchbay' in window;"
# The worklet is both: a tone for what its codec would give, and an ear for the microphone that it would encode.
WORKLET = """
registerProcessor("voice", class extends AudioWorkletProcessor {
    constructor() { super(); this.phase = 0; this.heard = []; }
    process([[input]], [output]) {
        for (let i = 0; i < output[0].length; ++i) {
            output.forEach((channel) => { channel[i] = 0.5 * Math.sin(this.phase); });
            this.phase += 2 * Math.PI * 1000 / sampleRate;
        }
        if (input) {
            this.heard.push(...input);
            if (this.heard.length >= 4800) {
                this.port.postMessage(this.heard);
                this.heard = [];
            }
        }
        return true;
    }
});"""
PHONE = """
"use strict";
const $ = (id) => document.getElementById(id);
const show = (id, shown) => { $(id).hidden = !shown; };
window.phone = {
    keys: "", state: "idle", wave: [],
    set(state) {
        this.state = $("state").textContent = state;
        show("accept", state === "called");
        show("reject", state === "called");
        show("hang", state !== "idle" && state !== "called");
        show("active", state === "active");
    },
    farCalls(number) { $("caller").textContent = number; this.set("called"); },
    async answer() {
        this.microphone = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false } });
        this.context = new AudioContext();
        await this.context.audioWorklet.addModule("/worklet.js");
        const voice = new AudioWorkletNode(this.context, "voice");
        voice.port.onmessage = ({ data }) => { this.wave = [...this.wave, ...data].slice(-48000); };
        this.context.createMediaStreamSource(this.microphone).connect(voice).connect(this.context.destination);
        this.channel = new RTCPeerConnection().createDataChannel("relay");
        this.set("active");
    },
    end() {
        this.microphone?.getTracks().forEach((track) => track.stop());
        this.context?.close();
        this.microphone = this.context = undefined;
        this.set("idle");
    },
    // By its zero crossings, and the RMS.
    hear() {
        const wave = this.wave.slice(-24000);
        if (wave.length < 24000 || !this.context) return { frequency: 0, level: 0 };
        let crossings = 0;
        for (let i = 1; i < wave.length; ++i) crossings += wave[i - 1] < 0 && wave[i] >= 0 ? 1 : 0;
        const level = Math.sqrt(wave.reduce((sum, one) => sum + one * one, 0) / wave.length);
        return { frequency: crossings * this.context.sampleRate / wave.length, level };
    },
};
$("call").onclick = () => phone.set("calling");
$("accept").onclick = () => phone.answer();
$("reject").onclick = () => phone.end();
$("hang").onclick = () => phone.end();
$("key5").onclick = () => { phone.keys += "5"; };
phone.set("idle");"""
FILES = {"/": ("text/html", PAGE), "/frame.html": ("text/html", FRAME), "/frame.js": ("text/javascript", FRAME_SCRIPT),
         "/phone.js": ("text/javascript", PHONE), "/worklet.js": ("text/javascript", WORKLET)}
ELEMENTS = {"number": "#number", "call": "#call", "accept": "#accept", "reject": "#reject", "hangUp": "#hang",
            "active": "#active", "caller": "#caller", "keys": "#key{key}"}


class WorkletPage(Background):
    """with WorkletPage() as page: page.url"""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                kind, text = FILES.get(self.path, (None, None))
                self.send_response(200 if text else 404)
                self.send_header("Content-Security-Policy", POLICY)
                self.send_header("Content-Type", kind or "text/plain")
                self.end_headers()
                self.wfile.write((text or "").encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{LOOPBACK}:{self._server.server_port}/"
        super().__init__(self._server.socket)

    def _run(self):
        self._server.serve_forever(poll_interval=0.1)

    def __exit__(self, *details):
        self._server.shutdown()
        return super().__exit__(*details)
