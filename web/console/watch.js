// SPDX-License-Identifier: Apache-2.0
// Watch: the calls in progress and those that are over.
import { duration, h, moment } from "./dom.js";
import { endOfCall } from "./event_log.js";
import { grade } from "./quality.js";
import { finishedCalls, kill, liveCalls, qualities } from "./server.js";

const REFRESH = 1000; // ms
const FINISHED_EVERY = 5; // refreshes
const PAGE = 50; // finished calls that are shown, and as many more each time

export function watchPage(place) {
    const live = h("tbody");
    const finished = h("tbody");
    const noneLive = h("p", { class: "empty" }, "No call is in progress.");
    const noneFinished = h("p", { class: "empty" }, "No call has ended yet.");
    const problem = h("p", { class: "problem", role: "alert" });
    const hangUp = async (id, button) => {
        button.disabled = true;
        try {
            await kill(id);
        } catch (failure) {
            problem.textContent = failure.message;
            button.disabled = false;
        }
    };
    let shown = PAGE;
    let rounds = 0;
    const more = h("button", { class: "small", hidden: true, onclick: () => { shown += PAGE; rounds = 0; refresh(); } }, "Show more");
    place.append(h("h1", {}, "Watch"), problem,
        section("In progress", ["State", "From", "To", "Type", "For", "Quality", ""], live, noneLive),
        section("Over", ["Ended", "Way", "From", "To", "Lasted", "Quality", "End", ""], finished, noneFinished, more));
    const refresh = async () => {
        try {
            const [calls, heard] = await Promise.all([liveCalls(), qualities().catch(() => [])]);
            const measured = new Map(heard.map((one) => [one.id, one.quality]));
            fill(live, noneLive, calls.map((call) => liveRow(call, measured.get(call.id), hangUp)));
            if (rounds++ % FINISHED_EVERY === 0) {
                const over = await finishedCalls(shown);
                fill(finished, noneFinished, over.map(finishedRow));
                more.hidden = over.length < shown;
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

function section(title, heads, body, ...below) {
    return h("section", { class: "panel" }, h("h2", {}, title),
        h("div", { class: "scroll" }, h("table", { class: "stack", "aria-label": title },
            h("thead", {}, h("tr", {}, heads.map((head) => head ? h("th", { scope: "col" }, head)
                : h("th", { scope: "col" }, h("span", { class: "hidden" }, "Actions"))))), body)), below);
}

// Rows keep their elements while their call lives, so that focus and clicks survive a refresh.
function fill(body, none, rows) {
    const before = new Map([...body.children].map((row) => [row.dataset.id, row]));
    const wanted = rows.map((row) => {
        const old = before.get(row.dataset.id);
        if (old && old.dataset.state === row.dataset.state) {
            const fresh = row.querySelectorAll(".fresh");
            old.querySelectorAll(".fresh").forEach((cell, index) => cell.replaceChildren(...fresh[index].childNodes));
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

function liveRow(call, quality, hangUp) {
    const state = call.answered ? "answered" : call.rang ? "ringing" : "new";
    const since = call.answered ?? call.rang ?? call.born;
    return h("tr", { "data-id": call.id, "data-state": state },
        h("td", {}, h("span", { class: "row" }, h("span", { class: `dot ${state}`, "aria-hidden": "true" }), state)),
        party("From", call.caller), party("To", call.callee),
        h("td", {}, call.type), h("td", { class: "number fresh" }, duration(Date.now() - since)),
        h("td", { class: "fresh", "data-label": "Quality" }, grade(quality) || "–"),
        h("td", {}, h("span", { class: "row end" }, open(call.id),
            h("button", { class: "small", onclick: ({ target }) => hangUp(call.id, target) }, "Hang up"))));
}

function finishedRow(record) {
    const end = Date.parse(record.endTime);
    const lasted = record.answerTime ? duration(end - Date.parse(record.answerTime)) : "not answered";
    return h("tr", { "data-id": record.recordId, "data-state": "over" },
        h("td", {}, moment(end)), h("td", {}, record.direction), party("From", record.caller), party("To", record.callee),
        h("td", { class: "number" }, lasted), h("td", { "data-label": "Quality" }, grade(record.quality) || "–"),
        h("td", {}, endOfCall(record.hangupReason, record.initiator) || "–"),
        h("td", {}, h("span", { class: "row end" }, open(record.recordId))));
}

const party = (label, uri) => h("td", { class: "party", "data-label": label }, uri || "–");
const open = (id) => h("a", { class: "button small", href: `#watch/${encodeURIComponent(id)}` }, "Open");
