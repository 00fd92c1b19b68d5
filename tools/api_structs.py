# SPDX-License-Identifier: Apache-2.0
"""The messages of the API, read from the C++ headers that define and describe them.

A member is `Type name = default;  // what it means, unit`, or has its comment on the lines before it. What a header holds
beyond that is not understood, and a type that nobody knows is an error, so nothing is documented wrongly in silence.
"""

import dataclasses
import json
import pathlib
import re

STRUCT = re.compile(r"((?:^//[^\n]*\n)*)^struct (\w+) \{\n(.*?)^\};", re.MULTILINE | re.DOTALL)
MEMBER = re.compile(r"^    (?!static|friend|using|return|explicit|constexpr)([\w:<>, .]+?) (\w+)(?:\s*=\s*([^;]+)|\{([^}]*)\})?;(?:\s*//\s*(.*))?$")
TAG = re.compile(r'kWireTag = "(\w+)"')
SPELLING = re.compile(r"struct Spelling<(?:\w+::)*(\w+)> \{\n(.*?)^\};", re.MULTILINE | re.DOTALL)
SHARED = re.compile(r"^struct (\w*Spelling) \{\n(.*?)^\};", re.MULTILINE | re.DOTALL)
INHERITED = re.compile(r"struct Spelling<(?:\w+::)*(\w+)> : (\w+) \{\};")
PAIR = re.compile(r'(Rename|Alias)\{"([\w.]+)", "([\w.]+)"\}')
ENUM = re.compile(r"enum class (\w+)[^{]*\{([^}]*)\}")

STRING = {"type": "string"}
SIMPLE = {
    "std::string": STRING, "bool": {"type": "boolean"}, "double": {"type": "number"},
    "int": {"type": "integer"}, "std::int64_t": {"type": "integer"}, "std::uint16_t": {"type": "integer", "minimum": 0},
    "std::uint32_t": {"type": "integer", "minimum": 0}, "std::uint64_t": {"type": "integer", "minimum": 0},
    "Milliseconds": {"type": "integer", "minimum": 0, "x-unit": "ms"},
    "Seconds": {"type": "integer", "minimum": 0, "x-unit": "s"},
    "WallTime": {"type": "integer", "x-unit": "ms since 1970"},
    "DateTime": {"type": "string", "format": "date-time"},
    "JsonText": {}, "JsonObject": {"type": "object"},
    "wire::Map<std::string>": {"type": "object", "additionalProperties": {"type": "string"}},
    "TextMap": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
    "TrackId": STRING, "PlayId": STRING, "SessionId": STRING,
    "Bytes": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}},
    "InputTimeout": {"type": "number", "minimum": 0, "x-unit": "s below 1000, else ms"},
    "HandshakeTimeout": {"type": ["string", "number"], "x-unit": '"30s", "1500ms", or s'},
}
ALIASES = {"OptionalSecret": "std::optional<Secret<std::string>>"}
MAY_BE_ABSENT = ("JsonObject", "TextMap")


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def inside(kind, template):
    """T of template<T>"""
    return kind[len(template) + 1:-1].strip() if kind.startswith(template + "<") and kind.endswith(">") else None


@dataclasses.dataclass
class Member:
    kind: str
    key: str
    default: object
    text: str
    required: bool
    secret: bool
    aliases: list

    def schema(self, references, structs, enums):
        shape = dict(schema_of(self.kind, references, structs, enums))
        if self.text:
            shape["description"] = self.text
        if self.default is not None:
            shape["default"] = self.default
        if self.secret:
            shape["writeOnly"] = True
        return shape

    def words(self, structs, enums):
        shape = schema_of(self.kind, "", structs, enums)
        if "$ref" in shape:
            return f"[{shape['$ref']}](#{shape['$ref'].lower()})"
        if shape.get("type") == "array":
            items = shape["items"]
            return "list of " + (items.get("$ref") or items.get("type", "any"))
        kind = shape.get("type", "any JSON")
        kind = " or ".join(kind) if isinstance(kind, list) else kind
        if "enum" in shape:
            kind = " or ".join(f'"{word}"' for word in shape["enum"])
        return f"{kind} ({shape['x-unit']})" if "x-unit" in shape else kind


def schema_of(kind, references, structs, enums):
    if (item := inside(kind, "std::vector")) is not None:
        return {"type": "array", "items": schema_of(item, references, structs, enums)}
    if (item := inside(kind, "wire::Nullable")) is not None:
        shape = dict(schema_of(item, references, structs, enums))
        return {**shape, "type": [shape["type"], "null"]}
    if kind in enums:
        return {"type": "string", "enum": enums[kind]}
    if kind in structs:
        return {"$ref": references + kind}
    if kind not in SIMPLE:
        raise ValueError(f"the type {kind} is not known to tools/api_structs.py")
    return SIMPLE[kind]


@dataclasses.dataclass
class Struct:
    name: str
    text: str
    tag: str
    tag_key: str  # "command", "event" or ""
    members: list
    api: object = None
    examples: list = dataclasses.field(default_factory=list)

    @property
    def schema_name(self):
        return f"{self.tag_key.capitalize()}{self.name}" if self.tag else self.name

    @property
    def summary(self):
        return self.text.split(". ")[0].rstrip(".") if self.text else self.tag

    def schema(self, references):
        shape = {"type": "object"}
        if self.text:
            shape["description"] = self.text
        required = []
        properties = {}
        choices = []
        if self.tag:
            properties[self.tag_key] = {"const": self.tag}
            required.append(self.tag_key)
        for member in self.members:
            properties[member.key] = member.schema(references, self.api.structs, self.api.enums)
            if member.required and member.aliases and self.tag_key == "command":
                choices.append({"anyOf": [{"required": [key]} for key in (member.key, *member.aliases)]})
            elif member.required:
                required.append(member.key)
        if self.tag_key == "command":
            properties["requestId"] = {"type": "string", "description": "comes back in an `ack` or `error`"}
        shape["properties"] = properties
        if required:
            shape["required"] = required
        if choices:
            shape["allOf"] = choices
        return shape

    def page(self):
        title = f"`{self.tag}`" if self.tag else self.name
        lines = [f"### {title}", ""]
        if self.text:
            lines += [self.text, ""]
        if self.members:
            lines += ["| member | type | default | meaning |", "|---|---|---|---|"]
            for member in self.members:
                default = "required" if member.required else json.dumps(member.default) if member.default is not None else ""
                text = member.text
                if member.aliases:
                    text += ("; " if text else "") + "also spelt " + ", ".join(f"`{alias}`" for alias in member.aliases)
                if member.secret:
                    text += ("; " if text else "") + "secret: never shown"
                lines.append(f"| `{member.key}` | {member.words(self.api.structs, self.api.enums)} | {default} | "
                             f"{text.replace('|', chr(92) + '|')} |")
            lines.append("")
        for example in self.examples[:1]:
            lines += ["```json", json.dumps(example, ensure_ascii=False), "```", ""]
        return lines


@dataclasses.dataclass
class Api:
    commands: list
    events: list
    options: list
    bodies: list
    structs: set
    enums: dict

    def all(self):
        return (*self.commands, *self.events, *self.options, *self.bodies)


def default_of(kind, given, enums):
    if given is None:
        return None
    given = given.strip()
    if kind in enums:
        return camel_enum(given.rsplit("::", 1)[-1])
    if given in ("true", "false"):
        return given == "true"
    if re.fullmatch(r'"[^"]*"', given):
        return given[1:-1]
    if re.fullmatch(r"-?\d+[uU]?", given):
        return int(given.rstrip("uU"))
    if re.fullmatch(r"-?\d+\.\d+", given):
        return float(given)
    return None


def camel_enum(word):
    return word[0].lower() + word[1:]


def member_of(match, text, spelling, enums, is_input):
    kind, name, given, _, trailing = match.groups()
    kind = ALIASES.get(kind, kind)
    text = trailing or text
    required = True
    default = None
    if (inner := inside(kind, "Defaulted")) is not None:
        kind, value = (part.strip() for part in inner.rsplit(",", 1))
        default, required = default_of(kind, value, enums), False
    elif (inner := inside(kind, "std::optional") or inside(kind, "Boxed")) is not None:
        kind, required = inner, False
    elif is_input and given is not None:
        default = default_of(kind, given, enums)
    if kind in MAY_BE_ABSENT or kind.startswith(("std::vector", "wire::Nullable")):
        required = False
    secret = inside(kind, "Secret")
    rename = {source: target for what, source, target in spelling if what == "Rename"}
    aliases = [alias for what, alias, target in spelling if what == "Alias" and target == name]
    return Member(secret or kind, rename.get(name, camel(name)), default, text.strip(), required, secret is not None,
                  aliases)


def comment_text(block):
    return " ".join(line.lstrip("/ ").strip() for line in block.splitlines()).strip()


def structs_in(path, spellings, enums, is_input, case=camel):
    for comment, name, body in STRUCT.findall(path.read_text(encoding="utf-8")):
        tag = TAG.search(body)
        members, pending = [], []
        for line in body.splitlines():
            stripped = line.strip()
            if stripped.startswith("//"):
                pending.append(stripped)
                continue
            if match := MEMBER.match(line):
                members.append(member_of(match, comment_text("\n".join(pending)), spellings.get(name, ()), enums, is_input))
            pending = []
        yield Struct(name, comment_text(comment), tag[1] if tag else "", "", members)


def examples_of(root, kind, tag):
    """The contract's own first, then the approved one."""
    found = []
    snake = re.sub(r"([A-Z])", r"_\1", tag).lower()
    for path in (f"seed/{kind}_{tag}", f"seed/{kind}_{snake}", f"approved/{kind}_{tag}"):
        file = root / "tests" / "golden" / f"{path}.json"
        if file.exists():
            value = json.loads(file.read_text(encoding="utf-8"))
            if value not in found:
                found.append(value)
    return found


def read_api(root):
    call = root / "src" / "call"
    messages = root / "src" / "api" / "messages"
    headers = [call / name for name in ("command.hpp", "options.hpp", "event.hpp", "signalling_event.hpp",
                                        "media_event.hpp")]
    body_headers = [messages / name for name in ("rest.hpp", "call_quality.hpp", "call_record.hpp", "recording_peaks.hpp", "trace.hpp",
                                             "incoming_notice.hpp")]
    bridge = root / "src" / "api" / "bridge"
    body_headers += [root / "src" / "bridge" / "settings.hpp",
                     *(bridge / name for name in ("shapes.hpp", "whatsapp_calls.hpp", "call_shapes.hpp"))]
    spellings = {}
    for path in (*messages.glob("*_description.hpp"), *messages.glob("*.cpp"), bridge / "shapes.cpp", bridge / "call_shapes.cpp"):
        text = path.read_text(encoding="utf-8")
        for name, body in SPELLING.findall(text):
            spellings.setdefault(name, PAIR.findall(body))
        shared = dict(SHARED.findall(text))
        for name, base in INHERITED.findall(text):
            spellings.setdefault(name, PAIR.findall(shared.get(base, "")))
    enums = {name: [camel_enum(word.strip()) for word in words.split(",") if word.strip()]
             for path in headers for name, words in ENUM.findall(path.read_text(encoding="utf-8"))}
    read = {path: list(structs_in(path, spellings, enums, path.name in ("command.hpp", "options.hpp")))
            for path in (*headers, *body_headers)}
    for one in read[root / "src" / "bridge" / "settings.hpp"]:  # their namespace tells them apart in C++
        one.name = f"Bridge{one.name}"
        for member in one.members:
            member.kind = re.sub(r"^(Meta|Page)", r"Bridge\1", member.kind)
    commands = [one for one in read[headers[0]] if one.tag]
    options = [one for one in read[headers[1]] if one.members]
    events = [one for path in headers[2:] for one in read[path] if one.tag]
    options += [one for path in headers[2:] for one in read[path] if not one.tag and one.members]
    bodies = [one for path in body_headers for one in read[path] if one.members]
    for snake_body in ("ListedCall", "CallList", "ActiveCallList"):
        for one in bodies:
            if one.name == snake_body:
                for member in one.members:
                    member.key = re.sub(r"([A-Z])", r"_\1", member.key).lower()
    bodies.append(Struct("CallRecords", "GET /api/records", "", "",
                         [Member("std::vector<CallRecord>", "records", None, "the newest first", True, False, [])]))
    api = Api(commands, events, options, bodies, set(), enums)
    for kind, structs in (("command", commands), ("event", events)):
        for one in structs:
            one.tag_key = kind
            one.examples = examples_of(root, kind, one.tag)
    for one in api.all():
        one.api = api
        if not one.tag:
            api.structs.add(one.name)
    return api
