# SPDX-License-Identifier: Apache-2.0
"""How long this machine keeps a thread waiting that does nothing but wake up: what no server can do better."""

import subprocess
import sys

BEAT = 0.005  # seconds

SCRIPT = f"""
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs without it
worst, due = 0.0, time.monotonic()
print("started", flush=True)
try:
    while True:
        due += {BEAT}
        time.sleep(max(0.0, due - time.monotonic()))
        late = time.monotonic() - due
        worst = max(worst, late)
        due = max(due, time.monotonic())
except KeyboardInterrupt:
    print(worst, flush=True)
"""


class Metronome:
    """with Metronome() as metronome: ...; metronome.worst_lateness()"""

    def __enter__(self):
        self._process = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def worst_lateness(self):
        """Ends the measurement; seconds."""
        self._process.send_signal(2)
        return float(self._process.stdout.readline())
