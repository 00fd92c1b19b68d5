// SPDX-License-Identifier: Apache-2.0
// What the network does to the audio of a call, as the server hears it: of calls in progress so far, of others to their end.
import { h } from "./dom.js";

// ITU-T G.107 Annex B: what users think of a MOS. "" without one.
export function grade(quality) {
    const mos = quality?.mos;
    if (!mos) {
        return "";
    }
    return `${mos >= 4.03 ? "good" : mos >= 3.6 ? "fair" : mos >= 3.1 ? "poor" : "bad"} (${mos.toFixed(1)})`;
}

const milliseconds = (value) => value === undefined || value === null ? "–" : `${value.toFixed(1)} ms`;

const COLUMNS = {
    Codec: ({ codec }) => codec,
    Received: ({ packetsReceived }) => String(packetsReceived),
    Lost: ({ lossPercent }) => `${lossPercent.toFixed(1)} %`,
    Jitter: ({ jitterMs }) => milliseconds(jitterMs),
    "Round trip": ({ roundTripMs }) => milliseconds(roundTripMs),
    MOS: grade,
};

// `parties`: [{name, quality}], a line for each.
export function qualityTable(parties) {
    if (parties.length === 0) {
        return h("p", { class: "empty" }, "No audio is measured: the call has none here, or not yet.");
    }
    return h("table", { class: "stack", "aria-label": "Quality" },
        h("thead", {}, h("tr", {}, ["Heard from", ...Object.keys(COLUMNS)].map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, parties.map(({ name, quality }) => h("tr", {}, h("th", { scope: "row", class: "party" }, name),
            Object.entries(COLUMNS).map(([column, write]) => h("td", { class: "number", "data-label": column }, write(quality) || "–"))))));
}
