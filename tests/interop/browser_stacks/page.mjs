// SPDX-License-Identifier: Apache-2.0
// What both pages share: a record of what goes over the WebSocket, and media without substance, as only signalling is
// looked at.

export const DESCRIPTION = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
                            "m=audio 9 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""].join("\r\n");

// "> INVITE", "< 200 INVITE": every SIP message of the page, in order.
window.wire = [];

function note(direction, data) {
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    const [, first, second] = /^(\S+) (\S+)/.exec(text) || [];
    if (first) {
        const method = /^CSeq:\s*\d+\s+(\S+)/im.exec(text);
        wire.push(`${direction} ${first === "SIP/2.0" ? `${second} ${method && method[1]}` : first}`);
    }
}

window.WebSocket = class extends WebSocket {
    constructor(...parameters) {
        super(...parameters);
        this.addEventListener("message", ({ data }) => note("<", data));
    }
    send(data) {
        note(">", data);
        super.send(data);
    }
};

// The messages since the last time that belong to `method`, or all.
window.takeWire = (method = "") => {
    const taken = wire.filter((line) => line.endsWith(method));
    wire = wire.filter((line) => !line.endsWith(method));
    return taken;
};

// Something that others wait for and that comes once: `until` gives the promise of it, however early it came.
const happenings = new Map();

function happening(name) {
    if (!happenings.has(name)) {
        let happen;
        const promise = new Promise((resolve) => { happen = resolve; });
        happenings.set(name, { promise, happen });
    }
    return happenings.get(name);
}

export function happened(name, value = true) {
    happening(name).happen(value);
}

window.until = async (name) => {
    const value = await happening(name).promise;
    happenings.delete(name);
    return value;
};
