// SPDX-License-Identifier: Apache-2.0
// What came back of a request: JSON made legible, a stream as it comes, of other files only how large they are.
import { h } from "./dom.js";
import { request } from "./server.js";

const SHOWN = 100_000; // characters

export class Answer {
    element = h("pre", { "aria-live": "polite", tabindex: "0", "aria-label": "Answer" }, "Nothing sent yet.");
    #reader = null;

    // An object, or words.
    show(content) {
        this.stop();
        this.#write(typeof content === "string" ? content : JSON.stringify(content, null, 2));
    }

    // {method, path, body?} to the server, and what it says.
    async fetch({ method, path, body }) {
        this.show("…");
        const answer = await request(path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
        const type = answer.headers.get("Content-Type") ?? "";
        if (type.startsWith("text/event-stream")) {
            await this.#follow(answer);
        } else if (/json|text/.test(type)) {
            this.#write(`${answer.status}\n${pretty(await answer.text())}`);
        } else {
            this.#write(`${answer.status}\n${type}, ${(await answer.blob()).size} bytes`);
        }
    }

    stop() {
        this.#reader?.cancel();
        this.#reader = null;
    }

    async #follow(answer) {
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        this.#reader = reader;
        this.#write(`${answer.status}\n`);
        for (let piece = await reader.read(); !piece.done && this.#reader === reader; piece = await reader.read()) {
            this.#write(this.element.textContent + piece.value);
        }
    }

    #write(text) {
        this.element.textContent = text.length > SHOWN ? `${text.slice(0, SHOWN)}\n… ${text.length - SHOWN} more characters` : text;
    }
}

function pretty(text) {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}
