// SPDX-License-Identifier: Apache-2.0
// One call, live or over: its time line, SIP ladder, turns, events and recording; and what can be done to it.
import { duration, h, moment } from "./dom.js";
import { endOfCall, eventLog, transcript } from "./event_log.js";
import { ladder, redraw } from "./ladder.js";
import { qualityTable } from "./quality.js";
import { address, command, finishedCalls, follow, history, kill, liveCalls, peaks, qualities, record, trace } from "./server.js";
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
    #ladders = new Map(); // by the id of each party, where its ladder is drawn
    #stop = () => {};
    #timer = null;
    #left = false;
    #log = eventLog("Events and commands");
    #transcript = transcript();
    #audio = h("audio", { controls: true, preload: "none" });
    #parts = {};
    // The words of the time line keep their size.
    #resized = new ResizeObserver(() => this.#parts.timeline.isConnected && this.#draw());

    constructor(place, id) {
        this.#id = id;
        const p = this.#parts;
        p.facts = h("dl", { class: "figures facts" });
        p.problem = h("p", { class: "problem", role: "alert" });
        p.timeline = h("div");
        p.ladder = h("div");
        p.turns = h("div");
        p.quality = h("div", { class: "scroll", tabindex: "0" }); // stays, with the focus, when the table in it is new
        p.recording = h("section", { class: "panel", hidden: true }, h("h2", {}, "Recording"), this.#audio);
        p.actions = this.#actions();
        place.append(
            h("p", {}, h("a", { href: "#watch" }, "‹ All calls")),
            p.title = h("h1", { class: "mono" }, id), p.problem,
            h("section", { class: "panel", "aria-label": "Call" }, p.facts), p.actions,
            h("section", { class: "panel" }, h("h2", {}, "Quality"), p.quality),
            h("section", { class: "panel" }, h("h2", {}, "Time line"), p.timeline, legend()), p.recording,
            h("section", { class: "panel" }, h("h2", {}, "Turns"), p.turns),
            h("section", { class: "panel" }, h("h2", {}, "Transcript"), this.#transcript.element),
            h("section", { class: "panel" }, h("h2", {}, "SIP"), p.ladder),
            h("section", { class: "panel" }, h("h2", {}, "Events"), this.#log.element));
        this.#resized.observe(place);
    }

    async start() {
        try {
            await this.#load();
        } catch (failure) {
            this.#parts.problem.textContent = failure.status ? failure.message : "The server does not answer.";
            this.#again();
            return;
        }
        if (this.#call) {
            this.#stop = follow(this.#id, (kind, message) => this.#hear(kind, message), () => this.#again());
            this.#timer = setInterval(() => this.#refresh(), REDRAW);
        }
    }

    leave() {
        this.#left = true;
        this.#resized.disconnect();
        this.#pause();
    }

    #pause() {
        this.#stop();
        clearInterval(this.#timer);
    }

    // The call is over, and its record is written now; or the connection was lost.
    #again() {
        this.#pause();
        setTimeout(() => this.#left || this.start(), REDRAW);
    }

    #refresh() {
        this.#draw();
        this.#measure();
    }

    async #load() {
        const calls = await liveCalls();
        this.#call = calls.find((one) => one.id === this.#id) ?? null;
        const kept = this.#call ? null : await record(this.#id).catch(() => null);
        const past = await history(kept?.recordId ?? this.#id).catch(() => []);
        this.#record = kept;
        this.#entries = past;
        this.#parts.title.textContent = kept?.callId ?? this.#id;
        this.#log.clear();
        this.#transcript.clear();
        past.forEach((entry) => this.#write(entry));
        this.#parts.problem.textContent = this.#call || kept ? "" : "The server knows no such call.";
        if (!this.#call && kept?.recorder?.length) {
            this.#audio.src = address(`/api/records/${encodeURIComponent(kept.recordId)}/recording`);
            this.#parts.recording.hidden = false;
            this.#sound = await peaks(kept.recordId, PEAKS).catch(() => null);
        }
        this.#parts.actions.hidden = !this.#call;
        this.#refresh();
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
            this.#again();
        }
    }

    #write({ type, timestamp, content }) {
        if (type === "dropped") {
            this.#log.add("event", { event: "gap", error: `${content} are missing` }, timestamp);
            return;
        }
        if (type === "command" && ["hold", "unhold"].includes(content.command)) { // whoever asked for it
            this.#parts.hold.setAttribute("aria-pressed", String(content.command === "hold"));
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
        this.#parts.facts.replaceChildren(...this.#facts(start, end).map(([name, value]) => h("div", { class: name === "From" || name === "To" ? "party" : null }, h("dt", {}, name), h("dd", {}, value))));
    }

    // The recording ends with the call; where it began follows from its length.
    #placed(start) {
        return this.#sound && { ...this.#sound, start: Math.max(start, this.#times().end - this.#sound.durationMs) };
    }

    #facts(start, end) {
        const call = this.#call ?? this.#record ?? {};
        const state = this.#call ? (this.#call.answered ? "answered" : this.#call.rang ? "ringing" : "new") : "over";
        return [["State", state], ["From", call.caller || "–"], ["To", call.callee || "–"], ["Began", moment(start)], ["Lasts", duration(end - start)],
                ...(this.#record ? [["End", endOfCall(this.#record.hangupReason, this.#record.initiator) || "–"]] : [])];
    }

    // A line for this call and for each other party: so far, or to the end.
    async #measure() {
        const found = this.#call ? await qualities(this.#id).catch(() => [])
            : this.#record ? await this.#partiesOf(this.#record) : [];
        const parties = found.map((one) => ({ id: one.callId ?? one.id, quality: one.quality }));
        this.#parts.quality.replaceChildren(qualityTable(parties.filter(({ quality }) => quality)
            .map(({ id, quality }) => ({ name: this.#nameOf(id), quality }))));
        if (parties.some(({ id }) => !this.#ladders.has(id))) {
            parties.forEach(({ id }) => this.#ladders.set(id, this.#ladders.get(id) ?? h("div")));
            await this.#drawLadder();
        }
    }

    #nameOf(id) {
        return id === (this.#record?.callId ?? this.#id) ? "this call" : this.#ladders.size > 2 ? id : "the other party";
    }

    async #partiesOf(kept) {
        if (!kept.legs?.length) {
            return [kept];
        }
        const others = await finishedCalls().catch(() => []);
        return [kept, ...others.filter((one) => kept.legs.includes(one.callId))];
    }

    // One for each party that speaks SIP; where two are the ends of one dialog it is shown once.
    async #drawLadder() {
        const own = this.#record?.callId ?? this.#id;
        this.#ladders.set(own, this.#ladders.get(own) ?? h("div"));
        const dialogs = new Map();
        for (const [id, place] of this.#ladders) {
            const found = await trace(id).catch(() => ({ messages: [] }));
            if (found.messages.length > 0 && !dialogs.has(found.callId)) {
                dialogs.set(found.callId, [h("h3", {}, this.#nameOf(id)), place]);
                redraw(place, found);
            }
        }
        const shown = [...dialogs.values()];
        this.#parts.ladder.replaceChildren(...(shown.length === 0 ? [ladder({ messages: [] })] : shown.length === 1 ? [shown[0][1]] : shown.flat()));
    }

    #actions() {
        const field = (name, placeholder) => h("input", { name, placeholder, autocomplete: "off", "aria-label": placeholder });
        const one = (label, input, make) => h("form", { class: "row grow", onsubmit: (event) => { event.preventDefault(); this.#do(() => command(this.#id, make(input.value.trim()))); } },
            h("div", { class: "grow" }, input), h("button", {}, label));
        return h("section", { class: "panel", "aria-label": "Steer this call", hidden: true },
            h("div", { class: "row" },
                one("Say", field("say", "Text to say"), (text) => ({ command: "tts", text })),
                one("Play", field("play", "URL or file to play"), (url) => ({ command: "play", url })),
                one("Keys", field("keys", "Keys to press: 0-9 * #"), (digits) => ({ command: "dtmf", digits })),
                one("Transfer", field("transfer", "SIP address to transfer to"), (target) => ({ command: "transfer", callee: target })),
                h("button", { onclick: () => this.#do(() => command(this.#id, { command: "interrupt" })) }, "Interrupt"),
                this.#parts.hold = h("button", { "aria-pressed": "false", onclick: () => this.#do(() => this.#toggleHold()) }, "Hold"),
                h("button", { class: "danger", onclick: () => this.#do(() => kill(this.#id)) }, "Hang up")));
    }

    #toggleHold() {
        return command(this.#id, { command: this.#parts.hold.getAttribute("aria-pressed") === "true" ? "unhold" : "hold" });
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
