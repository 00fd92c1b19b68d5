// SPDX-License-Identifier: Apache-2.0
// The SIP messages of a call between the far end (left) and us (right). Each opens to its full text, SDP included.
import { h } from "./dom.js";

export function ladder({ messages, truncated }) {
    if (messages.length === 0) {
        return h("p", { class: "empty" }, "No SIP message belongs to this call.");
    }
    const start = messages[0].timestamp;
    return h("div", {},
        h("ol", { class: "ladder" }, messages.map((message) => rung(message, start))),
        truncated ? h("p", { class: "quiet" }, "Later messages were not kept.") : null);
}

// Draws it into `place`, anew: a message that is open stays open, since they are only ever added.
export function redraw(place, trace) {
    const open = [...place.querySelectorAll("details")].map((one) => one.open);
    const drawn = ladder(trace);
    [...drawn.querySelectorAll("details")].forEach((one, index) => { one.open = open[index] ?? false; });
    place.replaceChildren(drawn);
}

function rung(message, start) {
    return h("li", { class: message.sent ? "sent" : "received" }, h("details", {},
        h("summary", {},
            h("span", { class: "far" }, `+${((message.timestamp - start) / 1000).toFixed(3)}`),
            h("span", { class: "arrow" }, title(message.text)),
            h("span", { class: "far" }, `${message.transport} ${message.remote}`)),
        h("pre", {}, message.text)));
}

// "INVITE", "180 Ringing (INVITE)", with a mark when a session description is inside.
function title(text) {
    const [first] = text.split("\r\n", 1);
    const method = /^CSeq\s*:\s*\d+\s+(\S+)/im.exec(text)?.[1];
    const name = first.startsWith("SIP/2.0 ") ? `${first.slice(8)}${method ? ` (${method})` : ""}` : first.split(" ", 1)[0];
    return /^v=0/m.test(text) ? `${name} · SDP` : name;
}
