// SPDX-License-Identifier: Apache-2.0
// Every request that a client can make of the server, out of the documents of its three APIs.
import { Schema } from "./schema.js";
import { json } from "./server.js";

const COMMANDS = "Commands to a call";
const HTTP = "HTTP";
const CALL_API = "Call API (JSON-RPC)";

// {schema, choices}: by name {group, help, schema of the body?, beginning?} and for HTTP {method, path, query}, for the Call API {procedure}.
export async function readRequests() {
    const [schema, http, calls] = await Promise.all(["schema", "openapi", "call-api"].map((name) => json(`/console/${name}.json`)));
    const all = new Schema({ ...schema.$defs, ...http.components.schemas, ...calls.components.schemas });
    const choices = new Map([...commands(all), ...routes(http), ...procedures(calls)]);
    for (const [name, fields] of Object.entries(BEGINNINGS)) {
        choices.get(name).beginning = fields;
    }
    return { schema: all, choices };
}

// What a first try may begin with, where the schema asks for less.
const BEGINNINGS = { invite: { option: { callee: "echo" } }, tts: { text: "Good morning" }, CallStart: { params: { caller: "echo", callee: "tone" } } };

const commands = (all) => all.commands().map((name) => [name, { group: COMMANDS, schema: all.command(name), help: all.command(name).description }]);

function routes({ paths }) {
    return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, about]) => [
        `${method.toUpperCase()} ${path}`, {
            group: HTTP, method: method.toUpperCase(), path, help: about.summary,
            query: (about.parameters ?? []).filter((one) => one.in === "query"),
            schema: about.requestBody?.content["application/json"].schema,
        }]));
}

const procedures = ({ methods }) => methods.map(({ name, summary, params }) => [name, {
    group: CALL_API, procedure: name, help: summary,
    schema: {
        properties: {
            jsonrpc: { const: "2.0" }, method: { const: name },
            params: {
                properties: Object.fromEntries(params.map((one) => [one.name, { description: one.description, ...one.schema }])),
                required: params.filter((one) => one.required).map((one) => one.name),
            },
            id: { type: "integer", default: 1 },
        },
        required: ["jsonrpc", "method", "params", "id"],
    },
}]);
