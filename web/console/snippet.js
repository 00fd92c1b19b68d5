// SPDX-License-Identifier: Apache-2.0
// The same request as a program would send it. A token is never written into one: it comes from the environment.
const TOKEN = "PATCHBAY_TOKEN";

// `request`: {method, path, body?} over HTTP, or {socket, body} for the first message of a WebSocket. `withToken`: the
// server wants one.
export function snippets(request, withToken) {
    return { curl: curl(request, withToken), JavaScript: javascript(request, withToken), Go: go(request, withToken) };
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function curl({ method, path, body, socket }, withToken) {
    const bearer = withToken ? [`-H "Authorization: Bearer $${TOKEN}"`] : [];
    if (socket) { // curl speaks no WebSocket that a person would want to type
        return [`echo ${quoted(JSON.stringify(body))} |`, ["websocat", "-n", ...bearer, quoted(socket)].join(" ")].join(" \\\n     ");
    }
    const json = body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`];
    const verb = method === "GET" || (method === "POST" && body !== undefined) ? "" : `-X ${method} `;
    return [`curl ${verb}${quoted(location.origin + path)}`, ...bearer, ...json].join(" \\\n     ");
}

// A module for Node; without a token for a page as well.
function javascript({ method, path, body, socket }, withToken) {
    if (socket) {
        return [`const url = new URL(${JSON.stringify(socket)});`,
                ...(withToken ? [`url.searchParams.set("token", process.env.${TOKEN});`] : []),
                "const socket = new WebSocket(url);",
                `socket.onopen = () => socket.send(JSON.stringify(${JSON.stringify(body, null, 2)}));`,
                "socket.onmessage = ({ data }) => console.log(JSON.parse(data));"].join("\n");
    }
    const headers = [...(withToken ? [`Authorization: \`Bearer \${process.env.${TOKEN}}\``] : []),
                     ...(body === undefined ? [] : [`"Content-Type": "application/json"`])];
    const options = [...(method === "GET" ? [] : [`  method: "${method}",`]),
                     ...(headers.length ? [`  headers: { ${headers.join(", ")} },`] : []),
                     ...(body === undefined ? [] : [`  body: JSON.stringify(${JSON.stringify(body)}),`])];
    return [`const answer = await fetch(${JSON.stringify(location.origin + path)}${options.length ? ", {" : ");"}`,
            ...options, ...(options.length ? ["});"] : []), "console.log(answer.status, await answer.text());"].join("\n");
}

const raw = (text) => text.includes("`") ? JSON.stringify(text) : `\`${text}\``;
const imports = (names) => ["package main", "", "import (", ...names.map((name) => name && `\t${JSON.stringify(name)}`), ")", "", "func main() {"];
const FAIL = ["\tif err != nil {", "\t\tlog.Fatal(err)", "\t}"];

function go({ method, path, body, socket }, withToken) {
    const lines = socket ? goSocket(socket, JSON.stringify(body), withToken) : goHttp(method, path, body, withToken);
    return [...lines, "}", ""].join("\n");
}

function goSocket(socket, message, withToken) {
    const header = withToken ? ["\theader := http.Header{}", `\theader.Set("Authorization", "Bearer "+os.Getenv("${TOKEN}"))`] : [];
    return [...imports(["fmt", "log", ...(withToken ? ["net/http", "os"] : []), "", "github.com/gorilla/websocket"]), ...header,
            `\tsocket, _, err := websocket.DefaultDialer.Dial(${JSON.stringify(socket)}, ${withToken ? "header" : "nil"})`, ...FAIL,
            "\tdefer socket.Close()",
            `\tif err = socket.WriteMessage(websocket.TextMessage, []byte(${raw(message)})); err != nil {`, "\t\tlog.Fatal(err)", "\t}",
            "\tfor {", "\t\t_, text, err := socket.ReadMessage()", ...FAIL.map((line) => `\t${line}`), "\t\tfmt.Println(string(text))", "\t}"];
}

function goHttp(method, path, body, withToken) {
    const reader = body === undefined ? "nil" : `strings.NewReader(${raw(JSON.stringify(body))})`;
    return [...imports(["fmt", "io", "log", "net/http", ...(withToken ? ["os"] : []), ...(body === undefined ? [] : ["strings"])]),
            `\trequest, err := http.NewRequest(${JSON.stringify(method)}, ${JSON.stringify(location.origin + path)}, ${reader})`, ...FAIL,
            ...(withToken ? [`\trequest.Header.Set("Authorization", "Bearer "+os.Getenv("${TOKEN}"))`] : []),
            ...(body === undefined ? [] : [`\trequest.Header.Set("Content-Type", "application/json")`]),
            "\tanswer, err := http.DefaultClient.Do(request)", ...FAIL, "\tdefer answer.Body.Close()",
            "\ttext, err := io.ReadAll(answer.Body)", ...FAIL, "\tfmt.Println(answer.Status, string(text))"];
}
