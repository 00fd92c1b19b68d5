// SPDX-License-Identifier: Apache-2.0
// The WebSockets of the pages: a call of their own, and the Call API.
import { address } from "./server.js";

// As a program would write it: without the page's token.
export function socketAddress(path) {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    return url;
}

// {socket, opened}; `hear` gets each message as an object.
export function openSocket(path, hear) {
    const socket = new WebSocket(socketAddress(address(path)));
    socket.onmessage = ({ data }) => hear(JSON.parse(data));
    const opened = new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error("The server takes no connection."));
    });
    return { socket, opened };
}

// A call whose application the page is: it ends with the page.
export class OwnCall {
    id = `try-${Math.random().toString(36).slice(2, 10)}`; // crypto.randomUUID() is for HTTPS and localhost only
    #socket;

    constructor(hear) {
        ({ socket: this.#socket, opened: this.opened } = openSocket(`/call/sip?id=${this.id}`, hear));
    }

    get isOpen() {
        return this.#socket.readyState <= WebSocket.OPEN;
    }

    send(command) {
        this.#socket.send(JSON.stringify(command));
    }

    close() {
        this.#socket.close();
    }
}

// JSON-RPC 2.0; opened by the first request. `hear` gets all that comes, the notifications of commands as well.
export class CallApi {
    #hear;
    #broke;
    #connection = null;
    #asked = new Map(); // by id
    #lastId = 0;

    // `broke` is told that the connection was lost, which close() is not.
    constructor(hear, broke = () => {}) {
        [this.#hear, this.#broke] = [hear, broke];
    }

    // The response to this request.
    async ask(request) {
        if (!this.#connection || this.#connection.socket.readyState > WebSocket.OPEN) {
            this.#connection = openSocket("/call-api", (message) => this.#receive(message));
            this.#connection.socket.onclose = () => {
                this.#asked.forEach((_, id) => this.#settle(id, "The connection was closed."));
                this.#broke();
            };
        }
        await this.#connection.opened;
        const answer = new Promise((resolve) => this.#asked.set(JSON.stringify(request.id ?? null), resolve));
        this.#connection.socket.send(JSON.stringify(request));
        return answer;
    }

    // The same, made of a method and its parameters.
    request(method, params) {
        return this.ask({ jsonrpc: "2.0", method, params, id: ++this.#lastId });
    }

    close() {
        this.#broke = () => {};
        this.#connection?.socket.close();
    }

    #receive(message) {
        this.#hear(message);
        if (!message.method) {
            this.#settle(JSON.stringify(message.id ?? null), message);
        }
    }

    #settle(id, answer) {
        this.#asked.get(id)?.(answer);
        this.#asked.delete(id);
    }
}
