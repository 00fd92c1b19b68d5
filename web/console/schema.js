// SPDX-License-Identifier: Apache-2.0
// What the API's JSON Schema says about a message, for help beside the editor.

const LISTED_DEPTH = 4;

export class Schema {
    #definitions;

    constructor(document) {
        this.#definitions = document.$defs;
    }

    // ["invite", "accept", ...]
    commands() {
        return Object.values(this.#definitions).filter((one) => one.properties?.command?.const).map((one) => one.properties.command.const);
    }

    command(name) {
        return Object.values(this.#definitions).find((one) => one.properties?.command?.const === name);
    }

    // Of a body or message: {name, type, required, help, members} in the schema's order.
    members(schema, depth = 0) {
        const { properties = {}, required = [] } = this.#resolve(schema);
        return Object.entries(properties).filter(([name]) => name !== "command").map(([name, member]) => ({
            name, type: this.#type(member), required: required.includes(name), help: this.#help(member),
            initial: this.#initial(member),
            members: depth < LISTED_DEPTH && this.#resolve(member).properties ? this.members(member, depth + 1) : [],
        }));
    }

    // A message with all that is required.
    skeleton(schema) {
        const { properties = {}, required = [], examples } = this.#resolve(schema);
        if (examples?.length) {
            return examples[0];
        }
        return Object.fromEntries(required.filter((name) => properties[name]).map((name) => [name, properties[name].const ?? this.#initial(properties[name])]));
    }

    // What is wrong with a message, in sentences.
    problems(schema, value, where = "") {
        const { properties, required = [], type } = this.#resolve(schema);
        if (!properties) {
            return type && !matches(type, value) ? [`${where || "it"} should be ${[type].flat().join(" or ")}`] : [];
        }
        if (!matches("object", value)) {
            return [`${where || "it"} should be an object`];
        }
        const path = (name) => where ? `${where}.${name}` : name;
        return [
            ...required.filter((name) => !(name in value)).map((name) => `${path(name)} is required`),
            ...Object.keys(value).flatMap((name) => properties[name] ? this.problems(properties[name], value[name], path(name))
                : [`${path(name)} is not known and will be ignored`]),
        ];
    }

    #resolve(schema) {
        const name = schema?.$ref?.split("/").at(-1);
        return name ? { ...this.#definitions[name], ...schema } : schema ?? {};
    }

    #type(member) {
        const { type, enum: words, properties } = this.#resolve(member);
        return words ? words.map((word) => JSON.stringify(word)).join(" | ") : properties ? "object" : [type ?? "any"].flat().join(" | ");
    }

    #help(member) {
        const { description, default: standard, "x-unit": unit } = this.#resolve(member);
        return [description, unit && `unit: ${unit}`, standard !== undefined && `default: ${JSON.stringify(standard)}`].filter(Boolean).join("; ");
    }

    #initial(member) {
        const { type, default: standard, enum: words, properties } = this.#resolve(member);
        if (standard !== undefined || words) {
            return standard ?? words[0];
        }
        return properties ? {} : { string: "", boolean: true, integer: 0, number: 0, array: [], object: {} }[[type].flat()[0]] ?? null;
    }
}

function matches(type, value) {
    const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    return [type].flat().some((one) => one === kind || (one === "integer" && Number.isInteger(value)) || value === null);
}
