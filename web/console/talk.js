// SPDX-License-Identifier: Apache-2.0
// Talk: a soft phone in the page. One call at a time.
import { Call } from "/patchbay.js";
import { duration, everySecond, h } from "./dom.js";
import { endOfCall, eventLog, transcript } from "./event_log.js";
import { Meter, statistics } from "./meter.js";
import { token } from "./server.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const REFRESH = 100; // ms between two looks at the meters

export function talkPage(place) {
    const phone = new SoftPhone(place);
    const press = (event) => phone.keyDown(event);
    addEventListener("keydown", press);
    return () => {
        removeEventListener("keydown", press);
        phone.leave();
    };
}

class SoftPhone {
    #call = null;
    #input = null;
    #context = null;
    #meters = [];
    #looks = null;
    #began = null;
    #dialling = false; // before there is a call
    #callsOn = false;  // the server, which has answered, calls a phone for us
    #attempt = 0;      // counts; what a page that was left or gave up still waits for is not its own
    #log = eventLog("Events of this call");
    #transcript = transcript();
    #audio = h("audio", { autoplay: true, hidden: true });
    #parts = {};

    constructor(place) {
        place.append(
            h("h1", {}, "Talk"),
            h("div", { class: "columns" },
                h("section", { class: "panel", "aria-label": "Phone" },
                    this.#form(), this.#stateLine(), this.#levels(), this.#controls(), this.#keypad(), this.#figures(), this.#audio),
                h("div", {},
                    h("section", { class: "panel", "aria-label": "In the call" }, this.#speaker(),
                        h("h2", {}, "Transcript"), this.#transcript.element),
                    h("section", { class: "panel" }, h("h2", {}, "Events"), this.#log.element))));
        this.#show("idle", "Not in a call");
    }

    leave() {
        ++this.#attempt;
        this.#call?.hangup();
        this.#over();
    }

    // Digits typed anywhere but in a field are keys of the phone.
    keyDown(event) {
        if (this.#call && KEYS.includes(event.key) && !event.target.closest("input, select, textarea") && !event.ctrlKey && !event.metaKey) {
            this.#press(event.key);
        }
    }

    #form() {
        const p = this.#parts;
        p.callee = h("input", { name: "callee", list: "destinations", value: "echo", autocomplete: "off", spellcheck: "false", required: true });
        p.vad = h("input", { type: "checkbox", name: "vad", checked: true });
        p.asr = h("input", { type: "checkbox", name: "asr" });
        p.dial = h("button", { class: "primary grow", type: "submit" }, "Call");
        p.problem = h("p", { class: "problem", role: "alert" });
        return h("form", { onsubmit: (event) => { event.preventDefault(); this.#call ? this.#call.hangup() : this.#dialling ? this.#giveUp() : this.#dial(); } },
            h("label", {}, "Who to call: a SIP address, a number, or echo, tone, demo", p.callee),
            h("datalist", { id: "destinations" }, ["echo", "tone", "demo", "sip:phone@127.0.0.1:5070"].map((value) => h("option", { value }))),
            h("div", { class: "row" }, h("label", { class: "check" }, p.vad, "Speech activity"), h("label", { class: "check" }, p.asr, "Transcript")),
            h("div", { class: "row" }, p.dial), p.problem);
    }

    #stateLine() {
        const p = this.#parts;
        p.dot = h("span", { class: "dot", "aria-hidden": "true" });
        p.state = h("span", { id: "state" });
        p.clock = h("span", { class: "clock" });
        everySecond(p.clock, () => { p.clock.textContent = this.#began ? duration(Date.now() - this.#began) : ""; });
        return h("p", { class: "state", role: "status" }, p.dot, p.state, p.clock);
    }

    #levels() {
        const p = this.#parts;
        p.you = h("meter", { min: 0, max: 1, value: 0, "aria-label": "Your level" });
        p.them = h("meter", { class: "theirs", min: 0, max: 1, value: 0, "aria-label": "Their level" });
        return h("div", { class: "meters" }, h("span", {}, "You"), p.you, h("span", {}, "They"), p.them);
    }

    #controls() {
        const p = this.#parts;
        p.mute = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.#mute() }, "Mute");
        return h("div", { class: "row" }, p.mute);
    }

    #keypad() {
        return h("div", { class: "keypad", role: "group", "aria-label": "Keys" },
            KEYS.map((key) => h("button", { type: "button", "data-key": key, onclick: () => this.#press(key) }, key)));
    }

    #figures() {
        this.#parts.figures = Object.fromEntries(["Round trip", "Jitter", "Lost", "Codec"].map((name) => [name, h("dd", {}, "–")]));
        return h("dl", { class: "figures" },
            Object.entries(this.#parts.figures).map(([name, value]) => h("div", {}, h("dt", {}, name), value)));
    }

    #speaker() {
        const p = this.#parts;
        p.text = h("input", { name: "text", autocomplete: "off", placeholder: "Good morning" });
        p.say = h("button", { type: "submit" }, "Say");
        p.stop = h("button", { type: "button", onclick: () => this.#send("interrupt", {}) }, "Interrupt");
        return h("form", { class: "row", onsubmit: (event) => { event.preventDefault(); this.#send("tts", { text: p.text.value || p.text.placeholder }); } },
            h("label", { class: "grow" }, "Have the server say", p.text), p.say, p.stop);
    }

    async #dial() {
        const p = this.#parts;
        p.problem.textContent = "";
        this.#log.clear();
        this.#transcript.clear();
        this.#show("ringing", "Calling…");
        const option = { callee: p.callee.value.trim() };
        if (p.vad.checked) { option.vad = {}; }
        if (p.asr.checked) { option.asr = {}; }
        const attempt = ++this.#attempt;
        this.#callsOn = false;
        this.#dialling = true;
        try {
            this.#context = new AudioContext();
            const input = await navigator.mediaDevices.getUserMedia({ audio: true });
            if (attempt !== this.#attempt) { // while the browser asked for the microphone
                input.getTracks().forEach((track) => track.stop());
                return;
            }
            this.#input = input;
            const call = await Call.start({ option, input: this.#input, token: token.get(), prepare: (one) => this.#adopt(one) });
            this.#watch(call);
            if (!this.#callsOn) {
                this.#answered();
            }
        } catch (failure) {
            if (attempt === this.#attempt) {
                p.problem.textContent = why(failure);
                this.#show("failed", "No call");
                this.#over();
            }
        }
    }

    #giveUp() {
        ++this.#attempt;
        this.#show("idle", "Not in a call");
        this.#over();
    }

    // The call exists, and is not answered yet.
    #adopt(call) {
        this.#call = call;
        this.#show("ringing", "Calling…");
        call.addEventListener("event", ({ detail }) => {
            this.#log.add("event", detail);
            this.#transcript.add(detail);
        });
        call.addEventListener("ringing", ({ detail }) => {
            this.#callsOn ||= Boolean(detail.refer);
            this.#show("ringing", "Ringing…");
        });
        call.addEventListener("answer", ({ detail }) => detail.refer && this.#answered());
        call.addEventListener("stream", ({ detail }) => {
            this.#audio.srcObject = detail;
            this.#meters[1] = new Meter(this.#context, detail);
        });
        call.addEventListener("ended", ({ detail }) => {
            this.#show("idle", `The call has ended: ${endOfCall(detail.reason, detail.initiator)}`);
            this.#over();
        });
    }

    #answered() {
        this.#began = Date.now();
        this.#show("answered", `In a call with ${this.#parts.callee.value.trim()}`);
    }

    #watch(call) {
        this.#meters[0] = new Meter(this.#context, this.#input);
        let looks = 0;
        this.#looks = setInterval(async () => {
            this.#parts.you.value = call.muted ? 0 : this.#meters[0]?.level() ?? 0;
            this.#parts.them.value = this.#meters[1]?.level() ?? 0;
            if (looks++ % 10 === 0 && call.state === "connected") {
                this.#showFigures(await statistics(call.connection));
            }
        }, REFRESH);
    }

    #showFigures({ roundTrip, jitter, lost, codec }) {
        const figures = this.#parts.figures;
        const milliseconds = (value) => value === null ? "–" : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
        figures["Round trip"].textContent = milliseconds(roundTrip);
        figures.Jitter.textContent = milliseconds(jitter);
        figures.Lost.textContent = lost === null ? "–" : `${lost.toFixed(1)} %`;
        figures.Codec.textContent = codec ?? "–";
    }

    #press(key) {
        if (this.#call?.state === "connected") {
            this.#call.press(key);
            this.#log.add("command", { command: "key", digit: key });
        }
    }

    #mute() {
        const muted = !this.#call.muted;
        this.#call.mute(muted);
        this.#parts.mute.setAttribute("aria-pressed", String(muted));
    }

    #send(name, fields) {
        this.#call.send(name, fields);
        this.#log.add("command", { command: name, ...fields });
    }

    #show(state, words) {
        const p = this.#parts;
        p.dot.className = `dot ${state}`;
        p.state.textContent = words;
        const busy = state === "ringing" || state === "answered";
        p.dial.textContent = busy ? "Hang up" : "Call";
        p.dial.className = `${busy ? "danger" : "primary"} grow`;
        for (const part of [p.mute, p.say, p.stop]) {
            part.disabled = state !== "answered";
        }
        for (const field of [p.callee, p.vad, p.asr]) {
            field.disabled = busy;
        }
    }

    #over() {
        this.#dialling = false;
        clearInterval(this.#looks);
        this.#meters.forEach((meter) => meter?.stop());
        this.#meters = [];
        this.#input?.getTracks().forEach((track) => track.stop());
        this.#context?.close();
        this.#input = this.#context = this.#call = this.#began = null;
        this.#parts.mute.setAttribute("aria-pressed", "false");
        this.#parts.you.value = this.#parts.them.value = 0;
    }
}

const MICROPHONE = { // the names of DOMException that getUserMedia rejects with
    NotAllowedError: "The browser gives this page no microphone. Allow it beside the address.",
    NotFoundError: "This machine has no microphone.",
    NotReadableError: "The microphone is in use by another program.",
};

function why(failure) {
    if (!navigator.mediaDevices) {
        return "Browsers give a microphone only to pages over HTTPS or from localhost.";
    }
    return MICROPHONE[failure.name] ?? failure.message;
}
