// SPDX-License-Identifier: Apache-2.0
// All that the console asks of the server. It uses no route that other clients could not use.

const TOKEN = "patchbay.token";

// Kept for this tab only.
export const token = {
    get: () => sessionStorage.getItem(TOKEN) ?? undefined,
    set: (value) => sessionStorage.setItem(TOKEN, value),
};

export class Refused extends Error {
    constructor(status, text) {
        super(text);
        this.status = status;
    }
}

let askForToken = async () => { throw new Refused(401, "a token is needed"); };

// `ask` resolves when the person has given another token, and rejects when there will be none.
export function onTokenNeeded(ask) {
    askForToken = ask;
}

function headers() {
    return token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
}

// The Response; asks for a token when one is needed. Rejects with Refused on 400 and above.
export async function request(path, { method = "GET", body } = {}) {
    for (;;) {
        const answer = await fetch(path, {
            method, body, headers: { ...headers(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
        });
        if (answer.status === 401) {
            await askForToken(token.get() ? "That token is not known." : "");
            continue;
        }
        if (!answer.ok) {
            throw new Refused(answer.status, await reason(answer));
        }
        return answer;
    }
}

async function reason(answer) {
    const text = await answer.text();
    try {
        return JSON.parse(text).error ?? text;
    } catch {
        return text || answer.statusText;
    }
}

export const json = async (path, options) => (await request(path, options)).json();

export const health = () => json("/health");
// By the record's own id, or the latest of the call's id: an id may serve again when its call is over.
export async function record(id) {
    try {
        return await json(`/api/records/${encodeURIComponent(id)}`);
    } catch {
        return (await finishedCalls()).find((one) => one.callId === id) ?? null;
    }
}
// Of every party of the calls in progress, or of one call: [{id, partner?, mainCallId?, quality}].
export const qualities = async (id) => (await json(id === undefined ? "/call/quality" : `/call/quality/${encodeURIComponent(id)}`)).calls;
export const trace = (id) => json(`/call/trace/${encodeURIComponent(id)}`);
export const kill = (id) => request(`/call/kill/${encodeURIComponent(id)}`, { method: "POST" });

export const command = (id, message) =>
    json(`/command/${encodeURIComponent(id)}`, { method: "POST", body: JSON.stringify(message) });

// Both lists know different things of a call: the type and birth, and when it rang and was answered.
export async function liveCalls() {
    const [{ calls }, { active_calls: active }] = await Promise.all([json("/call/lists"), json("/list")]);
    const times = new Map(active.map((one) => [one.id, one]));
    return calls.map((call) => ({
        id: call.id, type: call.call_type ?? call.callType, born: Date.parse(call.created_at ?? call.createdAt),
        caller: call.option?.caller ?? "", callee: call.option?.callee ?? "",
        rang: time(times.get(call.id)?.ringTime), answered: time(times.get(call.id)?.startTime),
    }));
}

const time = (text) => text ? Date.parse(text) : null;

export async function finishedCalls(limit = 100) {
    const { records } = await json(`/api/records?limit=${limit}`);
    return records.filter((one) => one.endTime);
}

// The events of a call that is over, and the commands to it, oldest first: [{type, timestamp, content}].
export async function history(id) {
    const text = await (await request(`/api/records/${encodeURIComponent(id)}/events`)).text();
    return text.split("\n").filter(Boolean).map((line) => {
        const { type, timestamp, content } = JSON.parse(line);
        return { type, timestamp, content: type === "dropped" ? content : JSON.parse(content) };
    });
}

// The loudest sample of each piece of a recording, both sides: {duration, left: [0..1], right: [0..1]}.
export const peaks = (id, count) => json(`/api/records/${encodeURIComponent(id)}/peaks?count=${count}`);

// Addresses that a page opens by itself carry the token in the query.
export function address(path) {
    const url = new URL(path, location.href);
    if (token.get()) {
        url.searchParams.set("token", token.get());
    }
    return url;
}

// Follows a live call; returns how to stop. `hear` gets ("event" | "command", object). `lost`: the connection is gone, or
// the call.
export function follow(id, hear, lost = () => {}) {
    const source = new EventSource(address(`/events/${encodeURIComponent(id)}`));
    for (const kind of ["event", "command"]) {
        source.addEventListener(kind, ({ data }) => hear(kind, JSON.parse(data)));
    }
    source.onerror = () => {
        source.close();
        lost();
    };
    return () => source.close();
}
