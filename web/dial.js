// SPDX-License-Identifier: Apache-2.0
// Click-to-dial: one CallStart of the Call API, and the SIP messages of both legs as they come.
import { clock, h } from "./console/dom.js";
import { ladder } from "./console/ladder.js";
import { address, token, trace } from "./console/server.js";

const WORDS = {
    TRANSFER_ACCEPT: "The other party is being called",
    CALL_START: "The other party's phone has the call",
};
const STATES = { calling: "ringing", ringing: "ringing", answered: "answered", ended: "" };
const LOOK_EVERY = 500; // milliseconds

const element = (id) => document.getElementById(id);
const given = new URLSearchParams(location.search).get("token");
if (given) {
    token.set(given);
}

let socket = null;
let lastId = 0;
let call = null; // what CallSubscribe said of it last
let dialled = null; // the parties, while a call of this page is under way
let answers = 0;
let shown = {}; // how many messages of each leg are drawn

function tell(text) {
    element("news").append(h("li", {}, h("span", { class: "when" }, clock(Date.now())), h("span", {}, text)));
}

function show(state, text) {
    element("dot").className = `dot ${state}`;
    element("state").textContent = text;
}

function request(method, params) {
    lastId += 1;
    socket.send(JSON.stringify({ jsonrpc: "2.0", method, params, id: lastId }));
}

function finish(state, text) {
    show(state, text);
    dialled = null;
    element("call").disabled = false;
    element("end").disabled = true;
}

function fail(text) {
    element("problem").textContent = text;
    finish("failed", "There is no call");
}

// Of all calls of the server the one that this page began: by its parties first, then by its name.
function follow(news) {
    if (!dialled && !call) {
        return;
    }
    const isOurs = call ? news.legs.some((leg) => call.legs.some((known) => known.session === leg.session))
        : news.caller === dialled.caller && news.state === "calling";
    if (!isOurs) {
        return;
    }
    call = news.state === "ended" ? { ...call, state: "ended" } : news;
    if (news.state === "ended") {
        if (!element("problem").textContent) {
            finish("", "The call has ended");
        }
    } else if (dialled) {
        element("end").disabled = false;
    }
}

function handleEvent({ data, call: news }) {
    if (data === "CALL_STATE") {
        follow(news);
    } else if (data === "CALL_ANSWER") {
        answers += 1;
        tell(answers === 1 ? "The caller answered" : "The callee answered");
        show(answers === 1 ? STATES.ringing : STATES.answered, answers === 1 ? "Calling the other party" : "Connected");
    } else if (WORDS[data]) {
        tell(WORDS[data]);
    }
}

function handle({ error, method, params }) {
    if (error) {
        fail(error.message);
    } else if (method === "Error") {
        fail(params.error_msg);
    } else if (method === "Event") {
        handleEvent(params);
    }
}

function connect() {
    const url = address("/call-api");
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    return new Promise((resolve, reject) => {
        socket = new WebSocket(url);
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error("The Call API cannot be reached"));
        socket.onmessage = ({ data }) => handle(JSON.parse(data));
        socket.onclose = () => {
            socket = null;
            if (dialled) {
                fail("The connection to the server broke; the call goes on without this page");
            }
        };
    });
}

// A leg that is open stays open: messages are only ever added.
function draw(leg, { messages, truncated }) {
    if (shown[leg] === messages.length) {
        return;
    }
    shown[leg] = messages.length;
    const open = [...element(`${leg}-ladder`).querySelectorAll("details")].map((one) => one.open);
    const drawn = ladder({ messages, truncated });
    [...drawn.querySelectorAll("details")].forEach((one, i) => { one.open = open[i] ?? false; });
    element(`${leg}-ladder`).replaceChildren(drawn);
}

async function look() {
    for (const { leg, session } of call?.legs ?? []) {
        try {
            draw(leg, await trace(session));
        } catch {
            // Of a server that is gone the socket speaks.
        }
    }
    setTimeout(look, LOOK_EVERY);
}

element("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    element("news").replaceChildren();
    element("problem").textContent = "";
    element("call").disabled = true;
    [call, answers, shown] = [null, 0, {}];
    for (const leg of ["caller", "callee"]) {
        element(`${leg}-ladder`).replaceChildren(h("p", { class: "empty" }, "No SIP message yet."));
    }
    dialled = { caller: element("caller").value.trim(), callee: element("callee").value.trim() };
    show(STATES.calling, "Calling the first party");
    try {
        if (!socket) {
            await connect();
            request("CallSubscribe", {});
        }
        request("CallStart", dialled);
    } catch (problem) {
        socket = null;
        fail(problem.message);
    }
});
element("end").addEventListener("click", () => request("CallEnd", { callid: call.callid }));
look();
