# SPDX-License-Identifier: Apache-2.0
"""docs/api says what the structs say, and is what its readers take it for."""

import json
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "api"
GOLDEN = ROOT / "tests" / "golden"


def load(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def messages():
    """(kind, file, JSON) of the contract's examples and of the approved shapes"""
    for folder in ("seed", "approved"):
        for path in sorted((GOLDEN / folder).glob("*.json")):
            kind = path.name.split("_")[0]
            if kind in ("command", "event"):
                yield kind, path, json.loads(path.read_text(encoding="utf-8"))


class ApiDocsTest(unittest.TestCase):
    def test_they_are_up_to_date(self):
        run = subprocess.run([sys.executable, "-B", str(ROOT / "tools" / "gen_api_docs"), "--check", str(ROOT)],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_every_reference_leads_somewhere(self):
        for name in ("schema.json", "asyncapi.json", "openapi.json"):
            document = load(name)

            def visit(value):
                if isinstance(value, dict):
                    for key, inner in value.items():
                        if key == "$ref":
                            place = document
                            for step in inner.removeprefix("#/").split("/"):
                                self.assertIn(step, place, f"{name}: {inner}")
                                place = place[step]
                        else:
                            visit(inner)
                elif isinstance(value, list):
                    for inner in value:
                        visit(inner)

            visit(document)

    def test_every_message_of_the_contract_and_every_approved_shape_is_valid(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("jsonschema is missing (python3-jsonschema)")
        schema = load("schema.json")
        jsonschema.Draft202012Validator.check_schema(schema)
        seen = set()
        for kind, path, message in messages():
            with self.subTest(path.name):
                name = kind.capitalize() + message[kind][0].upper() + message[kind][1:]
                jsonschema.Draft202012Validator(
                    {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}).validate(message)
                seen.add(name)
        documented = {one["$ref"].rsplit("/", 1)[1] for kind in ("Command", "Event")
                      for one in schema["$defs"][kind]["oneOf"]}
        self.assertEqual(documented - seen, set())

    def test_what_no_command_is_is_not_valid(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("jsonschema is missing (python3-jsonschema)")
        schema = load("schema.json")
        validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/Command", "$defs": schema["$defs"]})
        for wrong in ({"command": "nope"}, {"command": "tts"}, {"command": "reject", "reason": 5}, {}):
            self.assertFalse(validator.is_valid(wrong), wrong)

    def test_the_openapi_document_is_one(self):
        try:
            from openapi_spec_validator import OpenAPIV31SpecValidator
        except ImportError:
            self.skipTest("openapi_spec_validator is missing (python3-openapi-spec-validator)")
        self.assertEqual([str(error) for error in OpenAPIV31SpecValidator(load("openapi.json")).iter_errors()], [])

    def test_the_asyncapi_document_has_what_version_2_asks_for(self):
        document = load("asyncapi.json")
        self.assertEqual(document["asyncapi"], "2.6.0")
        self.assertLessEqual({"title", "version"}, document["info"].keys())
        self.assertEqual(set(document["channels"]), {"/call", "/call/sip", "/call/webrtc"})
        for channel in document["channels"].values():
            self.assertTrue(channel["publish"]["message"]["oneOf"])
            self.assertTrue(channel["subscribe"]["message"]["oneOf"])
        for message in document["components"]["messages"].values():
            self.assertIn("payload", message)
            self.assertTrue(message["examples"])


if __name__ == "__main__":
    unittest.main()
