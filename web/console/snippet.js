// SPDX-License-Identifier: Apache-2.0
// The same request as a program would send it.

// `request`: {method, path, body} over HTTP, or {socket, body} for the first message of a WebSocket.
export function snippets(request) {
    return { curl: curl(request), JavaScript: javascript(request), Go: go(request) };
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function curl({ method, path, body, socket }) {
    if (socket) { // curl speaks no JSON over WebSockets that a person would want to type
        return `printf '%s\\n' ${quoted(JSON.stringify(body))} | websocat -n ${quoted(socket)}`;
    }
    const lines = [`curl -X ${method} ${quoted(location.origin + path)}`];
    if (body !== undefined) {
        lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`);
    }
    return lines.join(" \\\n     ");
}

function javascript({ method, path, body, socket }) {
    if (socket) {
        return [`const socket = new WebSocket(${JSON.stringify(socket)});`,
                `socket.onopen = () => socket.send(JSON.stringify(${JSON.stringify(body, null, 2)}));`,
                "socket.onmessage = ({ data }) => console.log(JSON.parse(data));"].join("\n");
    }
    const options = body === undefined ? `{ method: "${method}" }`
        : `{\n  method: "${method}", headers: { "Content-Type": "application/json" },\n  body: JSON.stringify(${JSON.stringify(body)}),\n}`;
    return `const answer = await fetch(${JSON.stringify(location.origin + path)}, ${options});\nconsole.log(await answer.json());`;
}

function go({ method, path, body, socket }) {
    const raw = (text) => text.includes("`") ? JSON.stringify(text) : `\`${text}\``;
    if (socket) { // github.com/gorilla/websocket
        return [`conn, _, err := websocket.DefaultDialer.Dial(${JSON.stringify(socket)}, nil)`, "if err != nil {\n\tlog.Fatal(err)\n}",
                `err = conn.WriteMessage(websocket.TextMessage, []byte(${raw(JSON.stringify(body))}))`].join("\n");
    }
    const reader = body === undefined ? "nil" : `strings.NewReader(${raw(JSON.stringify(body))})`;
    return [`request, err := http.NewRequest(${JSON.stringify(method)}, ${JSON.stringify(location.origin + path)}, ${reader})`,
            "if err != nil {\n\tlog.Fatal(err)\n}", ...(body === undefined ? [] : [`request.Header.Set("Content-Type", "application/json")`]),
            "answer, err := http.DefaultClient.Do(request)"].join("\n");
}
