// SPDX-License-Identifier: Apache-2.0
// A list of events and commands as they come, and the transcript of what was understood.
import { clock, duration, h } from "./dom.js";

const KEPT = 500; // lines; the oldest leave the page

// "by caller", "rejected, by callee": of the `hangup` event and of records. "" where nothing is known.
export function endOfCall(reason, initiator) {
    const by = initiator && `by ${initiator}`;
    const says = reason?.toLowerCase() !== by?.replace(" ", "").toLowerCase() && reason;
    return [says, by].filter(Boolean).join(", ");
}

// What an event says besides its name, in a few words.
export function summary(event) {
    const words = {
        answer: () => "the audio is agreed",
        ringing: () => event.earlyMedia ? "with early media" : "",
        reject: () => [event.code, event.reason].filter(Boolean).join(" "),
        hangup: () => endOfCall(event.reason, event.initiator),
        dtmf: () => event.digit,
        asrFinal: () => event.text,
        asrDelta: () => event.text,
        trackStart: () => event.playId ?? "",
        trackEnd: () => [event.playId, event.duration !== undefined && duration(event.duration)].filter(Boolean).join(", "),
        interruption: () => [event.playId, event.position !== undefined && `at character ${event.position}`].filter(Boolean).join(", "),
        metrics: () => `${event.key}: ${event.duration} ms`,
        error: () => [event.error, event.sender && `(${event.sender})`].filter(Boolean).join(" "),
        other: () => JSON.stringify(event.extra ?? {}),
        incoming: () => `${event.caller} → ${event.callee}`,
    };
    return words[event.event]?.() ?? "";
}

export function commandSummary({ command, ...fields }) {
    return Object.entries(fields).filter(([key]) => key !== "option")
        .map(([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`).join(", ");
}

// add("event" | "command", message) at the end, note() for what is neither; `element` is the list.
export function eventLog(label) {
    const element = h("ol", { class: "log", "aria-label": label, tabindex: "0" });
    return {
        element,
        clear: () => element.replaceChildren(),
        add(kind, message, when = message.timestamp ?? Date.now()) {
            const name = kind === "event" ? message.event : message.command;
            const detail = kind === "event" ? summary(message) : commandSummary(message);
            this.note(kind === "event" ? name : `› ${name}`, detail, `${kind} ${kind}-${name}`, when);
        },
        note(name, detail, kind = "event", when = Date.now()) {
            const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 8;
            element.append(h("li", { class: kind },
                h("span", { class: "when" }, clock(when)),
                h("span", { class: "what" }, name),
                h("span", { class: "detail" }, detail)));
            while (element.childElementCount > KEPT) {
                element.firstElementChild.remove();
            }
            if (atEnd) {
                element.scrollTop = element.scrollHeight;
            }
        },
    };
}

// Sentences as they are understood: the one that may still change is grey.
export function transcript() {
    const element = h("div", { class: "transcript", "aria-live": "polite", role: "log", "aria-label": "Transcript" });
    let partial = null;
    return {
        element,
        clear() {
            element.replaceChildren();
            partial = null;
        },
        add(event) {
            if (event.event !== "asrDelta" && event.event !== "asrFinal") {
                return;
            }
            if (!partial) {
                partial = h("p", { class: "partial" });
                element.append(partial);
            }
            partial.textContent = event.text;
            if (event.event === "asrFinal") {
                partial.className = "";
                partial = null;
            }
        },
    };
}
