// SPDX-License-Identifier: Apache-2.0
// What the API's JSON Schema says about a message, for help beside the editor.

const LISTED_DEPTH = 4;

export class Schema {
    #definitions;

    // By name; a $ref ends in one.
    constructor(definitions) {
        this.#definitions = definitions;
    }

    // ["invite", "accept", ...]
    commands() {
        return Object.values(this.#definitions).filter((one) => one.properties?.command?.const).map((one) => one.properties.command.const);
    }

    command(name) {
        return Object.values(this.#definitions).find((one) => one.properties?.command?.const === name);
    }

    // Of a body or message: {name, type, required, help, initial, members} in the schema's order. What can only be one
    // value is not listed. `value` says which of several shapes it is.
    members(schema, value, depth = 0) {
        const { properties = {}, required = [] } = this.#resolve(schema, value);
        return Object.entries(properties).filter(([, member]) => member.const === undefined).map(([name, member]) => ({
            name, type: this.#type(member), required: required.includes(name), help: this.#help(member),
            initial: this.#initial(member),
            members: depth < LISTED_DEPTH && this.#resolve(member).properties ? this.members(member, undefined, depth + 1) : [],
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
        const { properties, required = [], type, const: only, enum: words } = this.#resolve(schema, value);
        const name = where || "it";
        if (only !== undefined || words) {
            return value === null || (words ?? [only]).includes(value) ? [] : [`${name} should be ${(words ?? [only]).map((one) => JSON.stringify(one)).join(" or ")}`];
        }
        if (!properties) {
            return type && !matches(type, value) ? [`${name} should be ${[type].flat().join(" or ")}`] : [];
        }
        if (!matches("object", value)) {
            return [`${name} should be an object`];
        }
        const path = (member) => where ? `${where}.${member}` : member;
        return [
            ...required.filter((member) => !(member in value)).map((member) => `${path(member)} is required`),
            ...Object.keys(value).flatMap((member) => properties[member] ? this.problems(properties[member], value[member], path(member))
                : [`${path(member)} is not known and will be ignored`]),
        ];
    }

    // Of several shapes the one whose constants the value has; the first one without such.
    #resolve(schema, value) {
        const name = schema?.$ref?.split("/").at(-1);
        const { oneOf, ...rest } = name ? { ...this.#definitions[name], ...schema } : schema ?? {};
        if (!oneOf) {
            return rest;
        }
        const shapes = oneOf.map((one) => this.#resolve(one));
        const fits = ({ properties = {} }) => Object.entries(properties).every(([key, member]) => member.const === undefined || member.const === value?.[key]);
        return { ...(shapes.find(fits) ?? shapes[0]), ...rest };
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
        return properties ? this.skeleton(member) : { string: "", boolean: true, integer: 0, number: 0, array: [], object: {} }[[type].flat()[0]] ?? null;
    }
}

function matches(type, value) {
    const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    return [type].flat().some((one) => one === kind || (one === "integer" && Number.isInteger(value)) || value === null);
}
