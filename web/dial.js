// SPDX-License-Identifier: Apache-2.0
// The page of click-to-dial: one CallStart of the Call API, and the SIP messages of both legs as they come.

const WORDS = {
    CALL_ANSWER: 'answered',
    TRANSFER_ACCEPT: 'the other party is being called',
    CALL_START: 'the other party rings',
};
const LOOK_EVERY = 500;  // milliseconds

const element = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get('token');
const withToken = (path) => (token ? `${path}?token=${encodeURIComponent(token)}` : path);

let socket = null;
let lastId = 0;
let callId = null;
const legs = {};  // the session of "caller" and of "callee"

function tell(text, bad = false) {
    const line = document.createElement('li');
    line.textContent = text;
    line.className = bad ? 'bad' : '';
    element('news').append(line);
}

function request(method, params) {
    lastId += 1;
    socket.send(JSON.stringify({ jsonrpc: '2.0', method, params, id: lastId }));
}

function follow(call) {
    const isOurs = callId === null ? call.caller === element('caller').value && call.state === 'calling'
        : call.legs.some((leg) => leg.session === callId);
    if (!isOurs) {
        return;
    }
    callId = call.callid;
    for (const leg of call.legs) {
        legs[leg.leg] = leg.session;
    }
    element('end').disabled = call.state === 'ended';
    if (call.state === 'ended') {
        tell(`the call has ended (${call.reason ?? 'no reason given'})`);
        element('call').disabled = false;
    }
}

function handle(message) {
    if (message.error) {
        tell(message.error.message, true);
        element('call').disabled = false;
        return;
    }
    const params = message.params ?? {};
    if (message.method === 'Error') {
        tell(params.error_msg, true);
        element('call').disabled = false;
    } else if (params.data === 'CALL_STATE') {
        follow(params.call);
    } else if (message.method === 'Event') {
        tell(WORDS[params.data] ?? params.data);
    }
}

function connect() {
    return new Promise((resolve, reject) => {
        const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
        socket = new WebSocket(`${scheme}//${location.host}${withToken('/call-api')}`);
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error('the Call API cannot be reached'));
        socket.onmessage = (message) => handle(JSON.parse(message.data));
        socket.onclose = () => { socket = null; };
    });
}

function draw(table, trace) {
    table.replaceChildren(...trace.messages.map((message) => {
        const row = document.createElement('tr');
        const first = message.text.split('\r\n', 1)[0].replace(/ SIP\/2\.0$/, '').replace(/^SIP\/2\.0 /, '');
        const time = new Date(message.timestamp).toISOString().slice(11, 23);
        for (const text of [time, message.sent ? '→' : '←', first]) {
            row.insertCell().textContent = text;
        }
        return row;
    }));
}

async function look() {
    for (const [leg, session] of Object.entries(legs)) {
        try {
            const answer = await fetch(withToken(`/call/trace/${encodeURIComponent(session)}`));
            if (answer.ok) {
                draw(element(`${leg}-ladder`), await answer.json());
            }
        } catch {
            // The server is gone; the socket says so.
        }
    }
}

element('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    element('news').replaceChildren();
    element('call').disabled = true;
    callId = null;
    for (const leg of Object.keys(legs)) {
        delete legs[leg];
        element(`${leg}-ladder`).replaceChildren();
    }
    try {
        if (!socket) {
            await connect();
            request('CallSubscribe', {});
        }
        request('CallStart', { caller: element('caller').value, callee: element('callee').value });
    } catch (problem) {
        tell(problem.message, true);
        element('call').disabled = false;
    }
});
element('end').addEventListener('click', () => request('CallEnd', { callid: callId }));
setInterval(look, LOOK_EVERY);
