// SPDX-License-Identifier: Apache-2.0
// Watch: the calls in progress and those that are over.
import { duration, h, moment } from "./dom.js";
import { finishedCalls, kill, liveCalls } from "./server.js";

const REFRESH = 1000; // ms
const FINISHED_EVERY = 5; // refreshes

export function watchPage(place) {
    const live = h("tbody");
    const finished = h("tbody");
    const noneLive = h("p", { class: "empty" }, "No call is in progress.");
    const noneFinished = h("p", { class: "empty" }, "No call has ended yet.");
    const problem = h("p", { class: "problem", role: "alert" });
    place.append(h("h1", {}, "Watch"), problem,
        section("In progress", ["State", "From", "To", "Type", "For", ""], live, noneLive),
        section("Over", ["Ended", "Way", "From", "To", "Lasted", "Quality", "End", ""], finished, noneFinished));
    let rounds = 0;
    const refresh = async () => {
        try {
            fill(live, noneLive, (await liveCalls()).map(liveRow));
            if (rounds++ % FINISHED_EVERY === 0) {
                fill(finished, noneFinished, (await finishedCalls()).map(finishedRow));
            }
            problem.textContent = "";
        } catch (failure) {
            problem.textContent = failure.message;
        }
    };
    refresh();
    const timer = setInterval(refresh, REFRESH);
    return () => clearInterval(timer);
}

function section(title, heads, body, none) {
    return h("section", { class: "panel" }, h("h2", {}, title),
        h("div", { class: "scroll" }, h("table", { class: "stack", "aria-label": title },
            h("thead", {}, h("tr", {}, heads.map((head) => head ? h("th", { scope: "col" }, head)
                : h("th", { scope: "col" }, h("span", { class: "hidden" }, "Actions"))))), body)), none);
}

// Rows keep their elements while their call lives, so that focus and clicks survive a refresh.
function fill(body, none, rows) {
    const before = new Map([...body.children].map((row) => [row.dataset.id, row]));
    const wanted = rows.map((row) => {
        const old = before.get(row.dataset.id);
        if (old && old.dataset.state === row.dataset.state) {
            old.querySelector(".age")?.replaceChildren(...row.querySelector(".age").childNodes);
            return old;
        }
        return row;
    });
    if (wanted.length !== body.children.length || wanted.some((row, index) => row !== body.children[index])) {
        body.replaceChildren(...wanted);
    }
    none.hidden = rows.length > 0;
    body.closest("table").hidden = rows.length === 0;
}

function liveRow(call) {
    const state = call.answered ? "answered" : call.rang ? "ringing" : "new";
    const since = call.answered ?? call.rang ?? call.born;
    return h("tr", { "data-id": call.id, "data-state": state },
        h("td", {}, h("span", { class: "row" }, h("span", { class: `dot ${state}`, "aria-hidden": "true" }), state)),
        party("From", call.caller), party("To", call.callee),
        h("td", {}, call.type), h("td", { class: "number age" }, duration(Date.now() - since)),
        h("td", {}, h("span", { class: "row end" }, open(call.id),
            h("button", { class: "small", onclick: ({ target }) => { target.disabled = true; kill(call.id).catch(() => {}); } }, "Hang up"))));
}

function finishedRow(record) {
    const end = Date.parse(record.endTime);
    const lasted = record.answerTime ? duration(end - Date.parse(record.answerTime)) : "not answered";
    const mos = record.quality?.mos;
    return h("tr", { "data-id": record.recordId, "data-state": "over" },
        h("td", {}, moment(end)), h("td", {}, record.direction), party("From", record.caller), party("To", record.callee),
        h("td", { class: "number" }, lasted), h("td", {}, mos ? `${grade(mos)} (${mos.toFixed(1)})` : "–"),
        h("td", {}, [record.hangupReason, record.initiator && `by ${record.initiator}`].filter(Boolean).join(", ") || "–"),
        h("td", {}, h("span", { class: "row end" }, open(record.recordId))));
}

const party = (label, uri) => h("td", { class: "party", "data-label": label }, uri || "–");
const open = (id) => h("a", { class: "button small", href: `#watch/${encodeURIComponent(id)}` }, "Open");

// ITU-T G.107 Annex B: what users think of a MOS.
function grade(mos) {
    return mos >= 4.03 ? "good" : mos >= 3.6 ? "fair" : mos >= 3.1 ? "poor" : "bad";
}
