// SPDX-License-Identifier: Apache-2.0
// One call, live or over: its time line, SIP ladder, turns, events and recording; and what can be done to it.
import { duration, h, moment } from "./dom.js";
import { eventLog, transcript } from "./event_log.js";
import { ladder } from "./ladder.js";
import { address, command, follow, history, kill, liveCalls, peaks, record, trace } from "./server.js";
import { readHistory, timeline } from "./timeline.js";
import { readTurns, turnBars } from "./turns.js";

const REDRAW = 1000; // ms
const PEAKS = 800;

export function callPage(place, id) {
    const page = new CallPage(place, id);
    page.start();
    return () => page.leave();
}

class CallPage {
    #id;
    #entries = [];
    #call = null;   // as the list of live calls has it
    #record = null; // as the records have it
    #sound = null;
    #stop = () => {};
    #timer = null;
    #log = eventLog("Events and commands");
    #transcript = transcript();
    #audio = h("audio", { controls: true, preload: "none" });
    #parts = {};

    constructor(place, id) {
        this.#id = id;
        const p = this.#parts;
        p.facts = h("dl", { class: "figures" });
        p.problem = h("p", { class: "problem", role: "alert" });
        p.timeline = h("div");
        p.ladder = h("div");
        p.turns = h("div");
        p.recording = h("section", { class: "panel", hidden: true }, h("h2", {}, "Recording"), this.#audio);
        p.actions = this.#actions();
        place.append(
            h("p", {}, h("a", { href: "#watch" }, "‹ All calls")),
            p.title = h("h1", { class: "mono" }, id), p.problem,
            h("section", { class: "panel", "aria-label": "Call" }, p.facts), p.actions,
            h("section", { class: "panel" }, h("h2", {}, "Time line"), p.timeline, legend()), p.recording,
            h("section", { class: "panel" }, h("h2", {}, "Turns"), p.turns),
            h("section", { class: "panel" }, h("h2", {}, "Transcript"), this.#transcript.element),
            h("section", { class: "panel" }, h("h2", {}, "SIP"), p.ladder),
            h("section", { class: "panel" }, h("h2", {}, "Events"), this.#log.element));
    }

    async start() {
        await this.#load();
        if (this.#call) {
            this.#stop = follow(this.#id, (kind, message) => this.#hear(kind, message));
            this.#timer = setInterval(() => this.#draw(), REDRAW);
        }
    }

    leave() {
        this.#stop();
        clearInterval(this.#timer);
    }

    async #load() {
        const calls = await liveCalls().catch(() => []);
        this.#call = calls.find((one) => one.id === this.#id) ?? null;
        const kept = this.#call ? null : await record(this.#id).catch(() => null);
        const past = await history(kept?.recordId ?? this.#id).catch(() => []);
        this.#record = kept;
        this.#entries = past;
        this.#parts.title.textContent = kept?.callId ?? this.#id;
        this.#log.clear();
        past.forEach((entry) => this.#write(entry));
        if (!this.#call && !kept) {
            this.#parts.problem.textContent = "The server knows no such call.";
        }
        if (!this.#call && kept?.recorder?.length) {
            this.#audio.src = address(`/api/records/${encodeURIComponent(kept.recordId)}/recording`);
            this.#parts.recording.hidden = false;
            this.#sound = await peaks(kept.recordId, PEAKS).catch(() => null);
        }
        this.#parts.actions.hidden = !this.#call;
        this.#draw();
        this.#drawLadder();
    }

    #hear(kind, message) {
        const entry = { type: kind, timestamp: message.timestamp ?? Date.now(), content: message };
        this.#entries.push(entry);
        this.#write(entry);
        if (kind === "event" && ["ringing", "answer", "reject", "hold"].includes(message.event)) {
            this.#drawLadder();
        }
        if (kind === "event" && message.event === "hangup" && !message.refer) {
            this.leave();
            setTimeout(() => this.#load(), REDRAW); // the record is written now
        }
    }

    #write({ type, timestamp, content }) {
        if (type === "dropped") {
            this.#log.add("event", { event: "gap", error: `${content} are missing` }, timestamp);
            return;
        }
        this.#log.add(type, content, timestamp);
        this.#transcript.add(content);
    }

    #times() {
        const start = this.#call?.born ?? Date.parse(this.#record?.startTime ?? "") ?? this.#entries[0]?.timestamp;
        const end = this.#record?.endTime ? Date.parse(this.#record.endTime) : Date.now();
        return { start: Number.isFinite(start) ? start : end, end };
    }

    #draw() {
        const { start, end } = this.#times();
        const drawn = timeline({ start, end, width: this.#parts.timeline.clientWidth || 600, ...readHistory(this.#entries, this.#record?.callId ?? this.#id), sound: this.#placed(start),
                                 seek: (time) => { this.#audio.currentTime = Math.max(0, (time - (this.#placed(start)?.start ?? start)) / 1000); } });
        this.#parts.timeline.replaceChildren(drawn.element);
        this.#audio.ontimeupdate = () => drawn.moveCursor((this.#placed(start)?.start ?? start) + this.#audio.currentTime * 1000);
        this.#parts.turns.replaceChildren(turnBars(readTurns(this.#entries, this.#record?.callId ?? this.#id), start));
        this.#parts.facts.replaceChildren(...this.#facts(start, end).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    }

    // The recording ends with the call; where it began follows from its length.
    #placed(start) {
        return this.#sound && { ...this.#sound, start: Math.max(start, this.#times().end - this.#sound.durationMs) };
    }

    #facts(start, end) {
        const call = this.#call ?? this.#record ?? {};
        const quality = this.#record?.quality;
        const state = this.#call ? (this.#call.answered ? "answered" : this.#call.rang ? "ringing" : "new") : "over";
        return [["State", state], ["From", call.caller || "–"], ["To", call.callee || "–"], ["Began", moment(start)], ["Lasts", duration(end - start)],
                ["Codec", quality?.codec ?? "–"], ["Lost", quality ? `${quality.lossPercent.toFixed(1)} %` : "–"],
                ["Jitter", quality ? `${quality.jitterMs.toFixed(1)} ms` : "–"], ["MOS", quality?.mos ? quality.mos.toFixed(2) : "–"],
                ["End", [this.#record?.hangupReason, this.#record?.initiator && `by ${this.#record.initiator}`].filter(Boolean).join(", ") || "–"]];
    }

    async #drawLadder() {
        const found = await trace(this.#record?.callId ?? this.#id).catch(() => ({ messages: [] }));
        this.#parts.ladder.replaceChildren(ladder(found));
    }

    #actions() {
        const field = (name, placeholder) => h("input", { name, placeholder, autocomplete: "off", "aria-label": placeholder });
        const one = (label, input, make) => h("form", { class: "row grow", onsubmit: (event) => { event.preventDefault(); this.#do(() => command(this.#id, make(input.value.trim()))); } },
            h("div", { class: "grow" }, input), h("button", {}, label));
        return h("section", { class: "panel", "aria-label": "Steer this call", hidden: true },
            h("div", { class: "row" },
                one("Say", field("say", "Text to say"), (text) => ({ command: "tts", text })),
                one("Play", field("play", "URL or file to play"), (url) => ({ command: "play", url })),
                one("Transfer", field("transfer", "SIP address to transfer to"), (target) => ({ command: "transfer", callee: target })),
                h("button", { onclick: () => this.#do(() => command(this.#id, { command: "interrupt" })) }, "Interrupt"),
                h("button", { class: "danger", onclick: () => this.#do(() => kill(this.#id)) }, "Hang up")));
    }

    async #do(action) {
        this.#parts.problem.textContent = "";
        try {
            await action();
        } catch (failure) {
            this.#parts.problem.textContent = failure.message;
        }
    }
}

const legend = () => h("p", { class: "legend" },
    [["caller", "the caller"], ["ours", "what we send"]].map(([name, words]) => h("span", {}, h("i", { style: `background:var(--${name})` }), words)),
    h("span", {}, "bands: speech above, playback below; a click moves the recording there"));
