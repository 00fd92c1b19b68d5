// SPDX-License-Identifier: Apache-2.0
// Dial: one CallStart of the Call API, and the SIP messages of both legs as they come.
import { h } from "./dom.js";
import { eventLog } from "./event_log.js";
import { redraw } from "./ladder.js";
import { trace } from "./server.js";
import { CallApi } from "./sockets.js";

const WORDS = {
    TRANSFER_ACCEPT: "The other party is being called",
    CALL_START: "The other party's phone has the call",
};
const LEGS = ["caller", "callee"];
const LOOK_EVERY = 500; // milliseconds

export function dialPage(place) {
    const page = new DialPage(place);
    return () => page.leave();
}

class DialPage {
    #api = new CallApi((message) => this.#handle(message), () => this.#lose());
    #subscribed = false;
    #call = null;    // what CallSubscribe said of it last
    #dialled = null; // the parties, while a call of this page is under way
    #answers = 0;
    #shown = {};     // how many messages of each leg are drawn
    #timer = setInterval(() => this.#look(), LOOK_EVERY);
    #log = eventLog("What happened");
    #parts = {};

    constructor(place) {
        const p = this.#parts;
        const field = (name, placeholder) => p[name] = h("input", { id: name, name, placeholder, required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
        p.call = h("button", { id: "call", class: "primary" }, "Call");
        p.end = h("button", { id: "end", type: "button", class: "danger", disabled: true, onclick: () => this.#api.request("CallEnd", { callid: this.#call.callid }) }, "Hang up");
        p.dot = h("span", { class: "dot", "aria-hidden": "true" });
        p.state = h("span", { id: "state", role: "status" }, "No call yet");
        p.problem = h("p", { class: "problem", id: "problem", role: "alert" });
        p.ladders = Object.fromEntries(LEGS.map((leg) => [leg, h("div", { id: `${leg}-ladder` })]));
        place.append(h("h1", {}, "Click to dial"),
            h("section", { class: "panel", "aria-label": "Call" },
                h("form", { class: "dial", onsubmit: (event) => { event.preventDefault(); this.#dial(); } },
                    h("label", {}, "Call first", field("caller", "sip:alice@localhost")), h("label", {}, "and connect to", field("callee", "sip:bob@localhost")),
                    h("div", { class: "row" }, p.call, p.end)),
                h("p", { class: "state" }, p.dot, p.state), p.problem, this.#log.element),
            h("div", { class: "legs" }, [["Caller", "caller"], ["Callee", "callee"]].map(([title, leg]) =>
                h("section", { class: "panel" }, h("h2", {}, title), p.ladders[leg]))));
        this.#forget();
        p.caller.focus();
    }

    // The call goes on without the page.
    leave() {
        clearInterval(this.#timer);
        this.#dialled = null;
        this.#api.close();
    }

    #forget() {
        this.#log.clear();
        this.#parts.problem.textContent = "";
        [this.#call, this.#answers, this.#shown] = [null, 0, {}];
        LEGS.forEach((leg) => this.#parts.ladders[leg].replaceChildren(h("p", { class: "empty" }, "No SIP message yet.")));
    }

    async #dial() {
        const p = this.#parts;
        this.#forget();
        p.call.disabled = true;
        this.#dialled = { caller: p.caller.value.trim(), callee: p.callee.value.trim() };
        this.#show("ringing", "Calling the first party");
        try {
            const subscribing = this.#subscribed || this.#api.request("CallSubscribe", {});
            this.#subscribed = true;
            await Promise.all([subscribing, this.#api.request("CallStart", this.#dialled)]);
        } catch {
            this.#subscribed = false;
            this.#fail("The Call API cannot be reached");
        }
    }

    #lose() {
        this.#subscribed = false;
        if (this.#dialled) {
            this.#fail("The connection to the server broke; the call goes on without this page");
        }
    }

    #handle({ error, method, params }) {
        if (error) {
            this.#fail(error.message);
        } else if (method === "Error") {
            this.#fail(params.error_msg);
        } else if (method === "Event") {
            this.#handleEvent(params);
        }
    }

    #handleEvent({ data, call: news }) {
        if (data === "CALL_STATE") {
            this.#follow(news);
        } else if (data === "CALL_ANSWER") {
            this.#answers += 1;
            const both = this.#answers > 1;
            this.#log.note(both ? "The callee answered" : "The caller answered", "");
            this.#show(both ? "answered" : "ringing", both ? "Connected" : "Calling the other party");
        } else if (WORDS[data]) {
            this.#log.note(WORDS[data], "");
        }
    }

    // Of all calls of the server the one that this page began: by its parties first, then by its name.
    #follow(news) {
        if (!this.#dialled && !this.#call) {
            return;
        }
        const isOurs = this.#call ? news.legs.some((leg) => this.#call.legs.some((known) => known.session === leg.session))
            : news.caller === this.#dialled.caller && news.state === "calling";
        if (!isOurs) {
            return;
        }
        this.#call = news.state === "ended" ? { ...this.#call, state: "ended" } : news;
        if (news.state === "ended") {
            if (!this.#parts.problem.textContent) {
                this.#finish("", "The call has ended");
            }
        } else if (this.#dialled) {
            this.#parts.end.disabled = false;
        }
    }

    #show(state, words) {
        this.#parts.dot.className = `dot ${state}`;
        this.#parts.state.textContent = words;
    }

    #finish(state, words) {
        this.#show(state, words);
        this.#dialled = null;
        this.#parts.call.disabled = false;
        this.#parts.end.disabled = true;
    }

    #fail(words) {
        this.#parts.problem.textContent = words;
        this.#finish("failed", "There is no call");
    }

    async #look() {
        for (const { leg, session } of this.#call?.legs ?? []) {
            try {
                this.#draw(leg, await trace(session));
            } catch {
                // Of a server that is gone the socket speaks.
            }
        }
    }

    #draw(leg, found) {
        if (this.#shown[leg] !== found.messages.length) {
            this.#shown[leg] = found.messages.length;
            redraw(this.#parts.ladders[leg], found);
        }
    }
}
