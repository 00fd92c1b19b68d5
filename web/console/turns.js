// SPDX-License-Identifier: Apache-2.0
// Where the time went between the end of what the caller said and the first sound of the answer.
import { h } from "./dom.js";

export const STAGES = ["end of speech found", "recognised", "application", "voice"];

// Turns out of the history [{type, timestamp, content}] of the call with this id: each has `spoken` (ms since 1970, end of speech) and the
// milliseconds of each stage, 0 where a stage took no part.
export function readTurns(entries, call) {
    const turns = [];
    let turn = null;
    for (const { type, timestamp, content } of entries) {
        if (type === "event" && content.event === "silence" && !turn?.said) {
            turn ??= { spoken: content.startTime, found: content.timestamp, understood: null, said: null };
        } else if (type === "event" && content.event === "asrFinal" && turn) {
            turn.understood = content.timestamp;
        } else if (type === "command" && (content.command === "tts" || content.command === "play") && turn) {
            turn.said ??= timestamp;
        } else if (type === "event" && content.event === "trackStart" && content.trackId !== call && turn?.said) {
            turns.push(stagesOf(turn, content.timestamp));
            turn = null;
        } else if (type === "event" && content.event === "speaking" && turn && !turn.said) {
            turn = null; // the caller went on
        }
    }
    return turns;
}

function stagesOf({ spoken, found, understood, said }, heard) {
    const recognised = Math.max(found, understood ?? found);
    const stages = [found - spoken, recognised - found, said - recognised, heard - said].map((one) => Math.max(0, one));
    return { spoken, stages, total: stages.reduce((sum, one) => sum + one, 0) };
}

export function turnBars(turns, callStart) {
    if (turns.length === 0) {
        return h("p", { class: "empty" }, "No turn yet: speech activity is needed, and an answer by tts or play.");
    }
    const longest = Math.max(...turns.map((turn) => turn.total), 1);
    return h("div", {}, turns.map((turn) => h("div", { class: "turn" },
        h("span", { class: "mono" }, `+${((turn.spoken - callStart) / 1000).toFixed(1)} s`),
        h("div", { class: "bars", role: "img", "aria-label": turn.stages.map((one, index) => `${STAGES[index]} ${one} ms`).join(", ") },
            turn.stages.map((one, index) => h("i", { class: `stage-${index}`, style: `width:${100 * one / longest}%`, title: `${STAGES[index]}: ${one} ms` }))),
        h("span", { class: "mono" }, `${turn.total} ms`))),
        h("p", { class: "legend" }, STAGES.map((name, index) => h("span", {}, h("i", { class: `stage-${index}` }), name))));
}
