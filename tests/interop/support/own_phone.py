# SPDX-License-Identifier: Apache-2.0
"""`patchbay phone` as a process."""

import json
import os
import subprocess

PATCHBAY = os.environ.get("PATCHBAY", "build/test/patchbay")
PATIENCE = 30  # seconds


class Phone:
    """A phone process whose notes are read as they come."""

    def __init__(self, *arguments, listen="127.0.0.1:0"):
        self.process = subprocess.Popen(
            [PATCHBAY, "phone", "--json", "--listen", listen, *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.notes = []
        self.uri = self.wait_for("listening")["uri"]
        self.address = self.uri.split("@")[1]

    def wait_for(self, event):
        for line in self.process.stdout:
            note = json.loads(line)
            self.notes.append(note)
            if note["event"] == event:
                return note
        raise AssertionError(f"the phone ended without {event}: {self.notes}")

    def finish(self):
        """The exit code, after the phone has ended by itself."""
        self.notes += [json.loads(line) for line in self.process.stdout]
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def events(self):
        return [note["event"] for note in self.notes]
