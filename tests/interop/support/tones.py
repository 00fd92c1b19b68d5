# SPDX-License-Identifier: Apache-2.0
"""Tones: made as mu-law, found again in samples. No code of the server's."""

import math
import struct
import wave

FULL_SCALE = 32768.0


def sine(frequency, seconds, rate=8000, level=-12.0):
    """16-bit samples of a tone; `level` in dB below a full-scale sine."""
    peak = 32767 * 10 ** (level / 20)
    step = 2 * math.pi * frequency / rate
    return [round(peak * math.sin(step * n)) for n in range(round(seconds * rate))]


def write_wav(path, samples, rate=8000, channels=1):
    """The same samples in each channel"""
    samples = [sample for sample in samples for _ in range(channels)]
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, len(samples) // channels, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def read_wav(path):
    """(rate, one list of samples for each channel)"""
    with wave.open(str(path), "rb") as file:
        data = struct.unpack(f"<{file.getnframes() * file.getnchannels()}h", file.readframes(file.getnframes()))
        return file.getframerate(), [data[channel::file.getnchannels()] for channel in range(file.getnchannels())]


def mulaw_byte(sample):
    """ITU-T G.711, encoding."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 15) & 0xFF


def mulaw_sample(byte):
    """ITU-T G.711, decoding."""
    byte = ~byte & 0xFF
    magnitude = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -magnitude if byte & 0x80 else magnitude


MULAW = [mulaw_sample(byte) for byte in range(256)]


def level(samples):
    """dB below a full-scale sine"""
    power = sum(sample * sample for sample in samples) / max(1, len(samples))
    return 10 * math.log10(max(power, 1e-9) / (FULL_SCALE * FULL_SCALE / 2))


def tone_level(samples, frequency, rate):
    """Level of one frequency (Goertzel), in dB below a full-scale sine."""
    omega = 2 * math.pi * frequency / rate
    factor = 2 * math.cos(omega)
    before, last = 0.0, 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = before * before + last * last - factor * before * last
    amplitude = 2 * math.sqrt(max(power, 1e-9)) / max(1, len(samples))
    return 20 * math.log10(max(amplitude, 1e-9) / FULL_SCALE)


def is_tone(samples, frequency, rate, margin=3.0):
    """Whether the tone carries all but `margin` dB of the sound."""
    return level(samples) > -50 and level(samples) - tone_level(samples, frequency, rate) < margin


def frequency_of(samples, rate):
    """By counting rising zero crossings: right within a few Hz for a clean tone of some tenths of a second."""
    rises = [n for n in range(1, len(samples)) if samples[n - 1] < 0 <= samples[n]]
    if len(rises) < 2:
        return 0.0
    return (len(rises) - 1) * rate / (rises[-1] - rises[0])
