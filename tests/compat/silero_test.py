# SPDX-License-Identifier: Apache-2.0
"""Our voice probabilities against those of the original model, run by onnxruntime, over an hour of speech and noise.

The weights and onnxruntime come from PyPI; without it the test says so and is skipped.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["PATCHBAY_SOURCE"])
BUILD = pathlib.Path(os.environ["PATCHBAY_BUILD"])
LIBRARIES = BUILD / "compat" / "python"
SECONDS = 3600
WINDOW, CONTEXT, RATE = 512, 64, 16000


def fetch_weights():
    """The model file, or None and why not."""
    run = subprocess.run([SOURCE / "tools" / "models"], capture_output=True, text=True, check=False)
    file = SOURCE / "data" / "models" / "silero_vad_16k_op15.onnx"
    return (file, "") if run.returncode == 0 else (None, run.stderr.strip())


def fetch_libraries():
    """Why onnxruntime cannot be imported, or an empty text."""
    if not (LIBRARIES / "onnxruntime").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1",
                   "--timeout", "10", "--only-binary", ":all:", "--target", LIBRARIES, "onnxruntime", "numpy"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return "onnxruntime cannot be fetched from PyPI within 120 s"
        if run.returncode != 0:
            return f"onnxruntime cannot be fetched from PyPI: {run.stderr.strip().splitlines()[-1]}"
    sys.path.insert(0, str(LIBRARIES))
    return ""


def original_probabilities(model, audio):
    import numpy
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    samples = numpy.concatenate([numpy.zeros(CONTEXT, numpy.float32), audio.astype(numpy.float32) / 32768])
    state = numpy.zeros((2, 1, 128), numpy.float32)
    rate = numpy.array(RATE, numpy.int64)
    out = []
    for at in range(0, len(audio) - WINDOW + 1, WINDOW):
        window = samples[None, at:at + WINDOW + CONTEXT]
        probability, state = session.run(None, {"input": window, "state": state, "sr": rate})
        out.append(probability[0, 0])
    return numpy.array(out)


class Silero(unittest.TestCase):
    def test_probabilities_equal_the_originals_within_a_thousandth(self):
        model, reason = fetch_weights()
        reason = reason or fetch_libraries()
        if reason:
            self.skipTest(reason)
        import numpy
        with tempfile.TemporaryDirectory() as folder:
            audio, ours = pathlib.Path(folder, "audio"), pathlib.Path(folder, "ours")
            subprocess.run([BUILD / "tests" / "compat" / "voice_probabilities", model, str(SECONDS), audio, ours],
                           check=True)
            found = numpy.loadtxt(ours, ndmin=2)
            expected = original_probabilities(model, numpy.fromfile(audio, "<i2"))
        self.assertEqual(len(expected), SECONDS * RATE // WINDOW)
        # Only audio with speech and without can tell: neither may be rare.
        self.assertGreater(numpy.mean(expected > 0.9), 0.1)
        self.assertGreater(numpy.mean(expected < 0.1), 0.1)
        for column in found.T:
            self.assertLess(numpy.max(numpy.abs(column - expected)), 1e-3)


if __name__ == "__main__":
    unittest.main()
