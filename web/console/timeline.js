// SPDX-License-Identifier: Apache-2.0
// A call over time: the caller's side above the axis, ours below; speech and playback as bands, the rest as marks.
import { duration, svg } from "./dom.js";

const LANE = 62; // height of each side
const AXIS = LANE + 18;
const LETTER = 6; // width of one at most
const HEIGHT = 2 * LANE + 36;
const MARKED = { answer: "answer", dtmf: "key", interruption: "interrupted", error: "error", hangup: "hangup", reject: "reject", hold: "hold" };

// Bands and marks out of the history [{type, timestamp, content}] of the call with this id; times in ms since 1970.
export function readHistory(entries, call) {
    const events = entries.filter((one) => one.type === "event").map((one) => one.content);
    return { speech: speechBands(events), playback: playbackBands(events, call), marks: marksOf(events) };
}

// `silence` says when the speech before it began and how long the pause is by now.
function speechBands(events) {
    const bands = [];
    for (const event of events) {
        const open = bands.at(-1)?.end === null ? bands.at(-1) : null;
        if (event.event === "speaking" && !open) {
            bands.push({ start: event.startTime, end: null });
        } else if (event.event === "silence" && open) {
            open.end = Math.max(open.start, event.startTime);
        } else if (event.event === "hangup" && open) {
            open.end = event.timestamp;
        }
    }
    return bands;
}

function playbackBands(events, call) {
    // A party has a track of its own, which is no playback.
    const parties = new Set([call, ...events.filter((event) => ["ringing", "answer"].includes(event.event)).map((event) => event.trackId)]);
    const open = new Map();
    const bands = [];
    for (const event of events) {
        const key = `${event.trackId} ${event.playId}`;
        if (event.event === "trackStart" && !parties.has(event.trackId)) {
            open.set(key, { start: event.timestamp, end: null, label: event.playId ?? "playback" });
            bands.push(open.get(key));
        } else if (event.event === "trackEnd" && open.has(key)) {
            open.get(key).end = event.timestamp;
            open.delete(key);
        }
    }
    return bands;
}

const marksOf = (events) => events.filter((event) => MARKED[event.event])
    .map((event) => ({ time: event.timestamp, label: event.event === "dtmf" ? event.digit : MARKED[event.event], strong: event.event === "error" }));

// `start`, `end`: ms since 1970. `width` in CSS pixels, so that the words keep their size on a narrow screen. `sound`:
// {start, durationMs, left, right} or null. `seek` gets ms since 1970 on a click.
export function timeline({ start, end, width, speech, playback, marks, sound, seek }) {
    const span = Math.max(1000, end - start);
    const x = (time) => Math.min(width, Math.max(0, (time - start) / span * width));
    const cursor = svg("line", { class: "cursor", y1: 0, y2: HEIGHT - 16, x1: -5, x2: -5 });
    const picture = svg("svg", { class: "timeline", viewBox: `0 0 ${width} ${HEIGHT}`, role: "img",
                                 "aria-label": `${duration(span)} of call: ${speech.length} stretches of speech, ${playback.length} of playback` },
        bands(speech, "speech", 0, x, end), bands(playback, "playback", AXIS, x, end),
        wave(sound, "left", "wave-caller", LANE / 2, x), wave(sound, "right", "wave-ours", AXIS + LANE / 2, x),
        axis(span, width), drawMarks(marks, x, width), cursor);
    picture.addEventListener("click", (event) => {
        const box = picture.getBoundingClientRect();
        seek?.(start + (event.clientX - box.left) / box.width * span);
    });
    return { element: picture, moveCursor: (time) => { cursor.setAttribute("x1", x(time)); cursor.setAttribute("x2", x(time)); } };
}

function bands(list, name, top, x, end) {
    return list.map((band) => svg("rect", { class: name, x: x(band.start), y: top, height: LANE, width: Math.max(2, x(band.end ?? end) - x(band.start)) },
        svg("title", {}, band.label ?? "speech")));
}

// Nothing for a side that was not recorded, or for no time.
function wave(sound, side, name, middle, x) {
    const heights = sound?.[side] ?? [];
    if (heights.length === 0) {
        return [];
    }
    const step = sound.durationMs / heights.length;
    const at = (index) => x(sound.start + index * step).toFixed(1);
    const edge = (height, sign) => (middle - sign * Math.max(.5, height * LANE / 2)).toFixed(1);
    const above = heights.map((height, index) => `${at(index)},${edge(height, 1)}`);
    const below = heights.map((height, index) => `${at(index)},${edge(height, -1)}`).reverse();
    return svg("polygon", { class: name, points: [...above, ...below].join(" ") });
}

function axis(span, width) {
    const most = Math.max(2, width / 110);
    const seconds = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600].find((step) => span / 1000 / step <= most) ?? 7200;
    const ticks = [];
    for (let at = 0; at * 1000 <= span; at += seconds) {
        ticks.push(svg("text", { x: Math.min(width - 26, at * 1000 / span * width + 2), y: LANE + 13 }, duration(at * 1000)));
    }
    return [svg("line", { class: "axis", x1: 0, x2: width, y1: LANE + .5, y2: LANE + .5 }),
            svg("line", { class: "axis", x1: 0, x2: width, y1: AXIS - .5, y2: AXIS - .5 }), ...ticks];
}

// A word that would run into the one before it is left to the pointer.
function drawMarks(marks, x, width) {
    let free = 0;
    return marks.map(({ time, label, strong }) => {
        const anchor = x(time) > width - 70 ? "end" : "start";
        const left = anchor === "end" ? x(time) - 3 - label.length * LETTER : x(time) + 3;
        const fits = left >= free;
        free = fits ? left + label.length * LETTER + 4 : free;
        return svg("g", {}, svg("title", {}, label),
            svg("line", { class: strong ? "mark-strong" : "mark", x1: x(time), x2: x(time), y1: 0, y2: HEIGHT - 14 }),
            fits ? [svg("text", { x: x(time) + (anchor === "end" ? -3 : 3), y: HEIGHT - 3, "text-anchor": anchor }, label)] : []);
    });
}
