# SPDX-License-Identifier: Apache-2.0
"""SIP ladders of the real wire, as the server's trace of a leg has them, and golden files to compare them with."""

import os
import pathlib
import re

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden" / "call_api_ladders"


def _header(text, name):
    found = re.search(rf"^{name}\s*:\s*(.*?)\r?$", text, re.IGNORECASE | re.MULTILINE)
    return found.group(1) if found else ""


def _line(text):
    head, _, body = text.partition("\r\n\r\n")
    first = head.split("\r\n", 1)[0]
    name = f"{first.split(' ', 2)[1]} {_header(head, 'CSeq').split()[-1]}" if first.startswith("SIP/2.0 ") else first.split(" ", 1)[0]
    for header in ("Refer-To", "Replaces"):
        if _header(head, header):
            name += f", {header}" + (" with Replaces" if header == "Refer-To" and "Replaces=" in head else "")
    if body.startswith("SIP/2.0 "):
        return f"{name}, says {body[8:11]}"
    if "v=0" in body:
        if "m=" not in body:
            return f"{name}, no media"
        if re.search(r"^m=audio 9 ", body, re.MULTILINE):
            return f"{name}, black hole"
        words = [one for one in ("sendonly", "recvonly", "inactive") if f"a={one}" in body]
        return f"{name}, {words[0] if words else 'sendrecv'}"
    return name


def ladder(trace):
    """One line for each message of a leg, "-> INVITE, sendrecv" being the server's. Without what a slow machine or
    network adds: repeats, and 100 Trying."""
    seen, lines = set(), []
    for message in trace["messages"]:
        text = message["text"]
        if text.startswith("SIP/2.0 100 ") or (message["sent"], text) in seen:
            continue
        seen.add((message["sent"], text))
        lines.append(f"{'->' if message['sent'] else '<-'} {_line(text)}")
    return lines


def expect_golden(case, name, legs):
    """`legs`: {"caller": lines, ...}. With PATCHBAY_APPROVE=1 the file is written instead."""
    text = "".join(f"{leg}\n" + "".join(f"    {line}\n" for line in lines) for leg, lines in legs.items())
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("PATCHBAY_APPROVE"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    case.maxDiff = None
    case.assertEqual(text, file.read_text(encoding="utf-8"))
