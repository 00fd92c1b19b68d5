// SPDX-License-Identifier: Apache-2.0
// Try: any request of the API, with the schema's help, on a live call or a new one.
import { h } from "./dom.js";
import { eventLog } from "./event_log.js";
import { Schema } from "./schema.js";
import { address, follow, json, liveCalls, request } from "./server.js";
import { snippets } from "./snippet.js";

const NEW_CALL = "";
const REFRESH = 2000; // ms

export function tryPage(place) {
    const page = new TryPage(place);
    page.start();
    return () => page.leave();
}

class TryPage {
    #schema = null;
    #choices = new Map(); // by name: {schema, group, path?, method?}
    #socket = null;       // of the call that this page began
    #ownCall = null;
    #stop = () => {};
    #timer = null;
    #log = eventLog("Events of the chosen call");
    #parts = {};

    constructor(place) {
        const p = this.#parts;
        p.choice = h("select", { onchange: () => this.#choose() });
        p.call = h("select", { onchange: () => this.#follow() });
        p.body = h("textarea", { spellcheck: "false", oninput: () => this.#check() });
        p.path = h("input", { oninput: () => this.#check(), spellcheck: "false" });
        p.pathLabel = h("label", { hidden: true }, "Path", p.path);
        p.callLabel = h("label", {}, "Call", p.call);
        p.bodyLabel = h("label", {}, "JSON", p.body);
        p.problems = h("p", { class: "problem", role: "status" });
        p.send = h("button", { class: "primary", onclick: () => this.#send() }, "Send");
        p.answer = h("pre", { "aria-live": "polite", tabindex: "0" }, "Nothing sent yet.");
        p.members = h("div", { class: "members" });
        p.copy = h("div", { class: "row" }, ["curl", "JavaScript", "Go"].map((name) =>
            h("button", { class: "small", "data-copy": name, onclick: ({ target }) => this.#copy(name, target) }, `Copy as ${name}`)));
        place.append(h("h1", {}, "Try"), h("div", { class: "columns" },
            h("div", {},
                h("section", { class: "panel", "aria-label": "Request" }, h("label", {}, "Request", p.choice), p.callLabel, p.pathLabel, p.bodyLabel,
                    p.problems, h("div", { class: "row" }, p.send, p.copy)),
                h("section", { class: "panel" }, h("h2", {}, "Members"), p.members)),
            h("div", {},
                h("section", { class: "panel" }, h("h2", {}, "Answer"), p.answer),
                h("section", { class: "panel" }, h("h2", {}, "Events"), this.#log.element))));
    }

    async start() {
        const [schema, rest] = await Promise.all([json("/console/schema.json"), json("/console/openapi.json")]);
        this.#schema = new Schema({ $defs: { ...schema.$defs, ...rest.components?.schemas } });
        for (const name of this.#schema.commands()) {
            this.#choices.set(name, { group: "Commands to a call", schema: this.#schema.command(name) });
        }
        for (const [path, methods] of Object.entries(rest.paths)) {
            for (const [method, about] of Object.entries(methods).filter(([, one]) => one.responses)) {
                const body = about.requestBody?.content?.["application/json"]?.schema;
                this.#choices.set(`${method.toUpperCase()} ${path}`, { group: "HTTP", method: method.toUpperCase(), path, schema: body, help: about.summary });
            }
        }
        const groups = Map.groupBy ? Map.groupBy(this.#choices, ([, one]) => one.group) : groupBy(this.#choices);
        this.#parts.choice.replaceChildren(...[...groups].map(([label, list]) => h("optgroup", { label }, list.map(([name]) => h("option", {}, name)))));
        await this.#listCalls();
        this.#timer = setInterval(() => this.#listCalls().catch(() => {}), REFRESH);
        this.#choose();
    }

    leave() {
        clearInterval(this.#timer);
        this.#stop();
        this.#socket?.close();
    }

    get #chosen() {
        return this.#choices.get(this.#parts.choice.value);
    }

    #choose() {
        const p = this.#parts;
        const { schema, path, method } = this.#chosen;
        p.pathLabel.hidden = !path;
        p.callLabel.hidden = Boolean(path);
        p.bodyLabel.hidden = Boolean(path) && !schema;
        p.path.value = path ? path.replace("{id}", p.call.value || "ID") : "";
        p.body.value = schema ? JSON.stringify(path ? this.#schema.skeleton(schema) : { command: p.choice.value, ...this.#schema.skeleton(schema) }, null, 2) : "";
        p.members.replaceChildren(schema ? this.#list(this.#schema.members(schema), []) : h("p", { class: "quiet" }, `${method} without a body.`));
        this.#check();
    }

    // Each member is a button that writes it into the JSON.
    #list(members, trail) {
        return h("ul", {}, members.map((member) => h("li", {},
            h("button", { class: "small", onclick: () => this.#insert([...trail, member.name], member.initial) }, member.name), " ",
            h("span", { class: "type" }, member.type), member.required ? " (required)" : "", member.help ? h("div", { class: "quiet" }, member.help) : null,
            member.members.length ? this.#list(member.members, [...trail, member.name]) : null)));
    }

    #insert(trail, initial) {
        const value = this.#parse() ?? {};
        let at = value;
        for (const name of trail.slice(0, -1)) {
            at = at[name] ??= {};
        }
        at[trail.at(-1)] ??= initial;
        this.#parts.body.value = JSON.stringify(value, null, 2);
        this.#check();
    }

    #parse() {
        try {
            return JSON.parse(this.#parts.body.value);
        } catch {
            return undefined;
        }
    }

    #check() {
        const { schema } = this.#chosen;
        const value = schema ? this.#parse() : {};
        const problems = value === undefined ? ["This is not JSON yet."] : schema ? this.#schema.problems(schema, value) : [];
        this.#parts.problems.textContent = problems.join(". ");
        this.#parts.send.disabled = value === undefined;
    }

    // What will be sent, to whom.
    #request() {
        const p = this.#parts;
        const { path, method, schema } = this.#chosen;
        const body = schema ? this.#parse() : undefined;
        if (path) {
            return { method, path: p.path.value, body };
        }
        if (p.call.value === NEW_CALL) {
            const socket = new URL("/call/sip", location.href);
            socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
            return { socket: socket.href, body };
        }
        return { method: "POST", path: `/command/${encodeURIComponent(p.call.value)}`, body };
    }

    async #send() {
        const wanted = this.#request();
        this.#parts.answer.textContent = "…";
        try {
            if (wanted.socket || this.#parts.call.value === this.#ownCall) {
                await this.#sendOnSocket(wanted);
            } else {
                const answer = await request(wanted.path, { method: wanted.method, body: wanted.body === undefined ? undefined : JSON.stringify(wanted.body) });
                this.#parts.answer.textContent = `${answer.status}\n${pretty(await answer.text())}`;
            }
        } catch (failure) {
            this.#parts.answer.textContent = `${failure.status ?? ""} ${failure.message}`.trim();
        }
    }

    // The page is the application of a call of its own: the call ends with the page.
    async #sendOnSocket({ body }) {
        if (!this.#socket) {
            this.#ownCall = `try-${crypto.randomUUID().slice(0, 8)}`;
            const url = address(`/call/sip?id=${this.#ownCall}`);
            url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
            this.#socket = new WebSocket(url);
            this.#stop();
            this.#log.clear();
            this.#socket.onmessage = ({ data }) => this.#hear(JSON.parse(data));
            this.#socket.onclose = () => { this.#socket = this.#ownCall = null; };
            await new Promise((resolve, reject) => { this.#socket.onopen = resolve; this.#socket.onerror = () => reject(new Error("no connection")); });
        }
        this.#socket.send(JSON.stringify(body));
        this.#log.add("command", body);
        this.#parts.answer.textContent = "Sent. The answer is among the events.";
        await this.#listCalls();
        this.#parts.call.value = this.#ownCall;
    }

    #hear(event) {
        this.#log.add("event", event);
        this.#parts.answer.textContent = JSON.stringify(event, null, 2);
    }

    async #listCalls() {
        const calls = await liveCalls();
        const before = this.#parts.call.value;
        const names = [[NEW_CALL, "A new call by this page (invite)"], ...calls.map((one) => [one.id, `${one.id} ${one.callee}`.trim()])];
        if (this.#ownCall && !calls.some((one) => one.id === this.#ownCall)) {
            names.push([this.#ownCall, `${this.#ownCall} (this page)`]);
        }
        this.#parts.call.replaceChildren(...names.map(([value, text]) => h("option", { value }, text)));
        this.#parts.call.value = names.some(([value]) => value === before) ? before : NEW_CALL;
    }

    #follow() {
        this.#stop();
        this.#stop = () => {};
        const id = this.#parts.call.value;
        this.#log.clear();
        if (id !== NEW_CALL && id !== this.#ownCall) {
            this.#stop = follow(id, (kind, message) => this.#log.add(kind, message));
        }
    }

    async #copy(name, button) {
        await navigator.clipboard.writeText(snippets(this.#request())[name]);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = `Copy as ${name}`; }, 1200);
    }
}

function groupBy(choices) {
    const groups = new Map();
    for (const entry of choices) {
        groups.set(entry[1].group, [...groups.get(entry[1].group) ?? [], entry]);
    }
    return groups;
}

function pretty(text) {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}
