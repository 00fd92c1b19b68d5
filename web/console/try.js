// SPDX-License-Identifier: Apache-2.0
// Try: any request of the APIs, with the schema's help, on a live call or a new one.
import { Answer } from "./answer.js";
import { h } from "./dom.js";
import { eventLog } from "./event_log.js";
import { readRequests } from "./requests.js";
import { finishedCalls, follow, liveCalls, token } from "./server.js";
import { snippets } from "./snippet.js";
import { CallApi, OwnCall, socketAddress } from "./sockets.js";

const NEW_CALL = "";
const REFRESH = 2000; // ms

export function tryPage(place) {
    const page = new TryPage(place);
    page.start();
    return () => page.leave();
}

class TryPage {
    #schema = null;
    #choices = new Map(); // requests.js
    #own = null;          // the call that this page began
    #callApi = new CallApi((message) => this.#hearCallApi(message));
    #latestRecord = null;
    #stop = () => {};
    #timer = null;
    #log = eventLog("Events");
    #answer = new Answer();
    #parts = {};

    constructor(place) {
        const p = this.#parts;
        p.choice = h("select", { name: "request", onchange: () => this.#choose() });
        p.help = h("p", { class: "quiet" });
        p.call = h("select", { name: "call", onchange: () => this.#follow() });
        p.body = h("textarea", { spellcheck: "false", oninput: () => this.#check() });
        p.path = h("input", { name: "path", oninput: () => this.#check(), spellcheck: "false", autocomplete: "off" });
        p.pathLabel = h("label", { hidden: true }, "Path", p.path);
        p.callLabel = h("label", {}, "Call", p.call);
        p.bodyLabel = h("label", {}, "JSON", p.body);
        p.problems = h("p", { class: "problem", role: "status" });
        p.send = h("button", { class: "primary", disabled: true, onclick: () => this.#send() }, "Send");
        p.members = h("div", { class: "members", tabindex: "0", role: "group", "aria-label": "Members" });
        p.copy = h("div", { class: "row" }, ["curl", "JavaScript", "Go"].map((name) =>
            h("button", { class: "small", "data-copy": name, onclick: ({ target }) => this.#copy(name, target) }, `Copy as ${name}`)));
        place.append(h("h1", {}, "Try"), h("div", { class: "columns even" },
            h("div", {},
                h("section", { class: "panel", "aria-label": "Request" }, h("label", {}, "Request", p.choice), p.help, p.callLabel, p.pathLabel, p.bodyLabel,
                    p.problems, h("div", { class: "row" }, p.send, p.copy)),
                h("section", { class: "panel" }, h("h2", {}, "Members"), p.members)),
            h("div", {},
                h("section", { class: "panel" }, h("h2", {}, "Answer"), this.#answer.element),
                h("section", { class: "panel" }, h("h2", {}, "Events"), this.#log.element))));
    }

    async start() {
        try {
            const { schema, choices } = await readRequests();
            this.#schema = schema;
            this.#choices = choices;
            const groups = new Map();
            choices.forEach(({ group }, name) => groups.set(group, [...groups.get(group) ?? [], name]));
            this.#parts.choice.replaceChildren(...[...groups].map(([label, names]) => h("optgroup", { label }, names.map((name) => h("option", {}, name)))));
            await this.#listCalls();
        } catch (failure) {
            this.#parts.problems.textContent = failure.message;
        }
        this.#timer = setInterval(() => this.#listCalls().catch(() => {}), REFRESH);
        this.#choose();
    }

    leave() {
        clearInterval(this.#timer);
        this.#stop();
        this.#answer.stop();
        this.#own?.close();
        this.#callApi.close();
    }

    get #chosen() {
        return this.#choices.get(this.#parts.choice.value) ?? {};
    }

    #choose() {
        const p = this.#parts;
        const { schema, path, procedure, help, beginning } = this.#chosen;
        p.help.textContent = help ?? "";
        p.pathLabel.hidden = !path;
        p.callLabel.hidden = Boolean(procedure) || Boolean(path) && !ofLiveCall(path);
        p.bodyLabel.hidden = Boolean(path) && !schema;
        this.#writePath();
        p.body.value = schema ? JSON.stringify({ ...this.#schema.skeleton(schema), ...beginning }, null, 2) : "";
        this.#check();
        this.#help();
    }

    // The id of the chosen call, or of the latest record, stands where the path has one.
    #writePath() {
        const { path } = this.#chosen;
        const id = path && (ofLiveCall(path) ? this.#parts.call.value : this.#latestRecord);
        this.#parts.path.value = path?.replace("{id}", encodeURIComponent(id || "ID")) ?? "";
    }

    // Each member is a button that writes it into the JSON, or into the query.
    #help() {
        const { schema, query = [] } = this.#chosen;
        const lists = [];
        if (query.length) {
            lists.push(h("ul", {}, query.map(({ name, schema: { type, default: initial } }) => h("li", {},
                h("button", { class: "small", onclick: () => this.#ask(name, initial) }, name), " ", h("span", { class: "type" }, `${type}, in the path`)))));
        }
        if (schema) {
            lists.push(this.#list(this.#schema.members(schema, this.#parse()), []));
        }
        this.#parts.members.replaceChildren(...(lists.length ? lists : [h("p", { class: "quiet" }, "It has none.")]));
    }

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

    #ask(name, initial) {
        const [path, query] = this.#parts.path.value.split("?");
        const parameters = new URLSearchParams(query);
        parameters.set(name, initial);
        this.#parts.path.value = `${path}?${parameters}`;
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
        const { path, method, procedure, schema } = this.#chosen;
        const call = this.#parts.call.value;
        const body = schema ? this.#parse() : undefined;
        if (path) {
            return { method, path: this.#parts.path.value, body };
        }
        if (procedure || call === NEW_CALL) {
            return { socket: socketAddress(procedure ? "/call-api" : "/call/sip").href, body };
        }
        return { method: "POST", path: `/command/${encodeURIComponent(call)}`, body };
    }

    async #send() {
        try {
            if (this.#chosen.procedure) {
                this.#log.note(`› ${this.#parse().method}`, JSON.stringify(this.#parse().params ?? {}), "command");
                this.#answer.show(await this.#callApi.ask(this.#parse()));
            } else if (!this.#chosen.path && [NEW_CALL, this.#own?.id].includes(this.#parts.call.value)) {
                await this.#sendOnSocket();
            } else {
                await this.#answer.fetch(this.#request());
            }
        } catch (failure) {
            this.#answer.show(`${failure.status ?? ""} ${failure.message}`.trim());
        }
    }

    // The page is the application of a call of its own: the call ends with the page.
    async #sendOnSocket() {
        const body = this.#parse();
        if (!this.#own?.isOpen) {
            this.#stop();
            this.#log.clear();
            this.#own = new OwnCall((event) => {
                this.#log.add("event", event);
                this.#answer.show(event);
            });
            await this.#own.opened;
        }
        this.#own.send(body);
        this.#log.add("command", body);
        this.#answer.show("Sent. The answer is among the events.");
        await this.#listCalls();
        this.#parts.call.value = this.#own.id;
    }

    #hearCallApi({ method, params, id, error }) {
        if (method) {
            this.#log.note([method, params?.data ?? params?.event].filter((word) => typeof word === "string").join(" "), JSON.stringify(params));
        } else {
            this.#log.note(error ? "error" : "result", `of request ${id}`);
        }
    }

    async #listCalls() {
        const p = this.#parts;
        const calls = await liveCalls();
        this.#latestRecord ??= (await finishedCalls(1).catch(() => []))[0]?.recordId ?? null;
        const before = p.call.value;
        const names = [[NEW_CALL, "A new call by this page (invite)"], ...calls.map((one) => [one.id, `${one.id} ${one.callee}`.trim()])];
        if (this.#own?.isOpen && !calls.some((one) => one.id === this.#own.id)) {
            names.push([this.#own.id, `${this.#own.id} (this page)`]);
        }
        if (p.call.options.length !== names.length || names.some(([value], index) => p.call.options[index].value !== value)) {
            p.call.replaceChildren(...names.map(([value, text]) => h("option", { value }, text)));
            p.call.value = names.some(([value]) => value === before) ? before : NEW_CALL;
        }
    }

    #follow() {
        this.#stop();
        this.#stop = () => {};
        const id = this.#parts.call.value;
        this.#writePath();
        this.#log.clear();
        if (id !== NEW_CALL && id !== this.#own?.id) {
            this.#stop = follow(id, (kind, message) => this.#log.add(kind, message));
        }
    }

    async #copy(name, button) {
        const text = snippets(this.#request(), Boolean(token.get()))[name];
        try {
            await navigator.clipboard.writeText(text);
            button.textContent = "Copied";
        } catch { // a page over plain http, or one that may not
            this.#answer.show(text);
            button.textContent = "Copy it from the answer";
        }
        setTimeout(() => { button.textContent = `Copy as ${name}`; }, 1200);
    }
}

// Whether the {id} of a path, where it has one, is that of a call in progress.
const ofLiveCall = (path) => path.includes("{id}") && !path.startsWith("/api/records");
