# SPDX-License-Identifier: Apache-2.0
"""baresip 1.0.0 as a phone without sound hardware: plays a file, dumps what it hears and sends as WAV."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from support.background import end
from support.ports import LOOPBACK, free_port, free_rtp_port, is_free
from support.tones import read_wav, write_wav

MODULES = "/usr/lib/baresip/modules"
START_TIME = 10  # seconds
STOP_TIME = 5
RATES = {"pcmu": 8000, "pcma": 8000, "G722": 16000, "opus": 48000}
CHANNELS = {"opus": 2}  # baresip has no other Opus

# net_interface wants the address; with "lo" media goes to the outward interface.
CONFIG = """\
poll_method epoll
sip_listen {address}:{port}
net_interface {address}
rtp_ports {rtp}-{rtp_last}
call_max_calls {most_calls}
audio_source aufile,{folder}/source.wav
audio_player aubridge,nil
audio_alert aubridge,nil
snd_path {folder}/sound
module_path {modules}
module stdio.so
module g711.so
module g722.so
module opus.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


class Baresip:
    """with Baresip("pcmu", samples) as phone: ... ; phone.heard() after the call

    Answers every call at once; with `dial` it places one when it starts. `encryption`: "srtp" offers and takes SDES,
    "srtp-mand" insists on it.
    """

    def __init__(self, codec, samples, dial=None, lifetime=30, most_calls=4, encryption=None, account=None):
        if shutil.which("baresip") is None:
            raise unittest.SkipTest("baresip is not installed (tools/packages install interop)")
        self.rate = RATES[codec]
        self.channels = CHANNELS.get(codec, 1)
        self._encryption = f";mediaenc={encryption}" if encryption else ""
        self.port = free_port(count=2)  # it takes the next one for TLS
        self._folder = tempfile.TemporaryDirectory(prefix="patchbay-baresip-")
        self.folder = pathlib.Path(self._folder.name)
        self._codec = codec
        self._samples = samples
        self._dial = dial
        self._account = account  # a line of its own, such as one that registers
        self._lifetime = lifetime
        self._most_calls = most_calls  # at once; 0: no limit
        self.process = None

    def __enter__(self):
        (self.folder / "sound").mkdir()
        write_wav(self.folder / "source.wav", self._samples, self.rate, self.channels)
        rtp = free_rtp_port()
        (self.folder / "config").write_text(CONFIG.format(address=LOOPBACK, port=self.port, rtp=rtp, rtp_last=rtp + 2 * (self._most_calls or 100) + 2,
                                                          most_calls=self._most_calls,
                                                          folder=self.folder, modules=MODULES))
        (self.folder / "accounts").write_text(self._account or
                                              f"<sip:phone@{LOOPBACK}:{self.port}>;regint=0;answermode=auto;"
                                              f"audio_codecs={self._codec}/{self.rate}/{self.channels}{self._encryption}\n")
        (self.folder / "contacts").write_text("")
        command = ["baresip", "-f", self.folder, "-t", str(self._lifetime)]
        if self._dial:
            command += ["-e", f"/dial {self._dial}"]
        with open(self.folder / "output", "wb") as output:
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output)
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline and self.process.poll() is None:
            if not is_free(self.port, LOOPBACK, socket.SOCK_DGRAM):
                return self
            time.sleep(0.02)
        output = self.output()
        self.__exit__()
        raise RuntimeError(f"baresip did not start:\n{output}")

    def __exit__(self, *_):
        self.stop()
        self._folder.cleanup()

    def stop(self):
        """Ends calls and programme; the dumps are complete then."""
        end(self.process, STOP_TIME)

    def uri(self):
        return f"sip:phone@{LOOPBACK}:{self.port}"

    def output(self):
        return (self.folder / "output").read_text(errors="replace")

    def heard(self):
        """(rate, samples) of what came from the network"""
        files = list((self.folder / "sound").glob("*-dec.wav"))
        if len(files) != 1:
            raise AssertionError(f"{len(files)} dumps instead of one:\n{self.output()}")
        rate, channels = read_wav(files[0])
        return rate, channels[0]
