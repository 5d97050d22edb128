"""A session as it arrives on a bad day: every trap of intake in one folder, made by code."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE = 48_000
BEAT_S = 0.5
BEATS = 24
LENGTH_S = BEATS * BEAT_S
FRAMES = round(LENGTH_S * RATE)
SOLO_AT_S = 6.25
MORNING_S = 10 * 3600.0 + 12.5
"""The recorder's clock when the song was recorded."""


def rng_of(name: str) -> np.random.Generator:
    return np.random.default_rng(list(name.encode()))


def hits(name: str, beats: list[float], make, *, late_s: float = 0.0) -> np.ndarray:
    """One sound, a little different each time, at these beats (mono)."""
    rng, out = rng_of(name), np.zeros(FRAMES)
    for beat in beats:
        sound = make(rng) * rng.uniform(0.7, 1.0)
        at = round((beat * BEAT_S + late_s + rng.uniform(0.0, 0.004)) * RATE)
        end = min(FRAMES, at + sound.size)
        out[at:end] += sound[: max(0, end - at)]
    return out


def decay(seconds: float, length_s: float = 0.4) -> np.ndarray:
    return np.exp(-np.arange(round(length_s * RATE)) / (seconds * RATE))


def thump(rng: np.random.Generator) -> np.ndarray:
    envelope = decay(0.07)
    t = np.arange(envelope.size) / RATE
    return envelope * np.sin(2 * np.pi * (52 + rng.uniform(-1, 1)) * t + 25 * np.exp(-t / 0.01)) * 0.6


def crack(rng: np.random.Generator) -> np.ndarray:
    envelope = decay(0.06)
    t = np.arange(envelope.size) / RATE
    return envelope * (0.3 * rng.standard_normal(t.size) + 0.3 * np.sin(2 * np.pi * 190 * t))


def tick(rng: np.random.Generator) -> np.ndarray:
    envelope = decay(0.02, 0.1)
    return envelope * np.diff(rng.standard_normal(envelope.size + 1)) * 0.15


def notes(
    name: str, part: str, low_hz: float, *, take: str = "", beats: float = 1.0, harmonics: int = 8
) -> np.ndarray:
    """A line of notes (mono): the same ``part`` gives the same notes, each ``take`` its own timing and phases."""
    score, player = rng_of(part), rng_of(name + take)
    out = np.zeros(FRAMES)
    for index in range(round(BEATS / beats)):
        degree, rest, level = int(score.integers(0, 12)), score.uniform(), score.uniform(0.4, 1.0)
        tone = score.uniform(0.8, 2.2)
        if rest < 0.2:
            continue
        start = round((index * beats * BEAT_S + player.uniform(0.0, 0.02)) * RATE)
        count = min(round(beats * BEAT_S * 0.95 * RATE), FRAMES - start)
        t = np.arange(count) / RATE
        hz = low_hz * 2.0 ** (degree / 12) * (1.0 + player.normal(0.0, 0.002))
        vibrato = 0.15 * np.sin(2 * np.pi * player.uniform(4.5, 6.0) * t + player.uniform(0, 6))
        wave = sum(
            np.sin(k * (2 * np.pi * hz * t + vibrato) + player.uniform(0, 6.28)) / k**tone
            for k in range(1, harmonics + 1)
        )
        edge = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.02)
        out[start : start + count] += 0.15 * level * player.uniform(0.85, 1.15) * edge * wave
    return out


def room(signal: np.ndarray, name: str, seconds: float = 0.25) -> np.ndarray:
    """The reverberation of a signal, without the signal (2, frames)."""
    rng = rng_of(name)
    tail = decay(seconds, 1.0) * rng.standard_normal((2, RATE)) * 0.03
    tail[:, : round(0.012 * RATE)] = 0.0
    size = 1 << 21
    wet = np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(tail, size), size, axis=1)
    return wet[:, : signal.size]


def seen_by(sources: list[np.ndarray], name: str) -> tuple[np.ndarray, np.ndarray]:
    """A pair of microphones over some sources: other levels and arrival times left and right."""
    rng = rng_of(name)
    sides = [np.zeros(FRAMES), np.zeros(FRAMES)]
    for source in sources:
        for side in sides:
            delay = int(rng.integers(60, 160))
            side[delay:] += rng.uniform(0.3, 1.0) * source[: FRAMES - delay]
    return sides[0], sides[1]


def write(path: Path, samples: np.ndarray, rate: int = RATE, subtype: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.atleast_2d(samples).T
    floor = 2e-5 * rng_of(path.name).standard_normal(samples.shape)
    kind = "AIFF" if path.suffix == ".aif" else None
    soundfile.write(path, samples + floor, rate, subtype=subtype, format=kind)
    return path


def stamp(path: Path, start_s: float, rate: int = RATE) -> None:
    """Give a WAV file a ``bext`` chunk with this time reference, in front of its other chunks."""
    data = path.read_bytes()
    body = bytes(338) + struct.pack("<Q", round(start_s * rate)) + bytes(256)
    chunk = b"bext" + struct.pack("<I", len(body)) + body
    size = struct.unpack("<I", data[4:8])[0] + len(chunk)
    path.write_bytes(data[:4] + struct.pack("<I", size) + data[8:12] + chunk + data[12:])


def to_rate(samples: np.ndarray, rate: int) -> np.ndarray:
    return soxr.resample(np.atleast_2d(samples).T, RATE, rate).T


def build(folder: Path) -> Path:
    """Write the session into a folder; the rest of this module knows what is in it."""
    every_other = [b + 1.0 for b in range(0, BEATS - 1, 2)]
    kick = hits(
        "kick", [float(b) for b in range(0, BEATS, 2)] + [b + 1.5 for b in range(0, BEATS - 2, 4)], thump
    )
    snare = hits("snare", every_other, crack)
    hat = hits("hat", [b / 2 for b in range(BEATS * 2)], tick)
    shaker = hits("shaker", [b / 4 for b in range(BEATS * 4)], tick)
    drums = _drums(folder / "Drums", kick, snare, hat)
    band = _band(folder)
    voices = _voices(folder)
    write(folder / "alt_shaker.wav", shaker, subtype="PCM_24")
    tambourine = hits("tamb", every_other, tick, late_s=0.01) * 2.0
    write(folder / "Tambourine.wav", tambourine, subtype="FLOAT")
    copied, rate = soundfile.read(folder / "Tambourine.wav", dtype="float32")
    soundfile.write(folder / "Tambourine copy.wav", copied * np.float32(0.5), rate, subtype="FLOAT")
    total = drums + band + voices + shaker + tambourine
    write(folder / "Morning Light.wav", np.tanh(1.5 * total) / 1.5, subtype="PCM_24")
    _innocent(folder)
    _silent_ones(folder)
    _rubbish(folder, voices)
    return folder


def _drums(folder: Path, kick: np.ndarray, snare: np.ndarray, hat: np.ndarray) -> np.ndarray:
    inside = kick
    outside = np.convolve(kick, np.hanning(60) / 30, "same")
    left, right = seen_by([kick, snare, hat], "overheads")
    write(folder / "Kick in.wav", inside, subtype="PCM_24")
    write(folder / "Kick out.wav", outside, subtype="PCM_24")
    write(folder / "SN T.w64", snare, subtype="PCM_24")
    write(folder / "HH.aif", hat, subtype="PCM_24")
    write(folder / "OH.L.wav", left, subtype="PCM_24")
    write(folder / "OH.R.wav", right, subtype="PCM_24")
    centre = 0.9 * inside + 0.5 * outside + snare + 0.8 * hat
    bus = np.stack((centre + 0.7 * left, centre + 0.7 * right))
    write(folder / "DRUM BUS.wav", np.tanh(1.2 * bus) / 1.2, subtype="PCM_24")
    return np.stack((inside + outside + snare + hat + left, inside + outside + snare + hat + right))


def _band(folder: Path) -> np.ndarray:
    bass = notes("bass", "bass line", 55.0, beats=0.5)
    guitars = [notes("guitar", "riff", 110.0, take=side, beats=0.5, harmonics=12) for side in "LR"]
    upper, lower = notes("keys up", "keys", 220.0), notes("keys down", "keys low", 147.0)
    keys = np.stack((upper + 0.4 * lower, 0.4 * upper + lower))
    pad = notes("pad", "pad", 165.0, beats=4.0)
    wet = room(pad, "plate")
    strings = notes("strings", "strings", 330.0, beats=2.0)
    organ = notes("organ", "organ", 131.0, beats=0.5)
    synth = notes("synth", "synth", 262.0, beats=0.5)
    solo = notes("solo", "solo", 440.0, beats=0.5)[: round(4.0 * RATE)]
    write(folder / "Bass DI.caf", bass, subtype="PCM_24")
    for side, guitar in zip("LR", guitars, strict=True):
        write(folder / f"Gtr {side}.wav", guitar, subtype="PCM_24")
    for side, samples in zip("LR", keys, strict=True):
        write(folder / f"Keys_{side}.wav", samples, subtype="PCM_16")
    write(folder / "Pad dry.wav", pad, subtype="PCM_24")
    write(folder / "Pad wet.wav", wet, subtype="PCM_24")
    write(folder / "Strings.flac", to_rate(strings, 44_100), 44_100)
    # Recorded at 44.1 kHz, labelled 48 kHz.
    write(folder / "Organ.wav", to_rate(organ, 44_100), RATE, subtype="PCM_24")
    twice = np.stack((synth, synth)) + 2e-5 * rng_of("synth noise").standard_normal(FRAMES)
    soundfile.write(folder / "Synth.wav", twice.T, RATE, subtype="PCM_24")
    write(folder / "Solo Gtr.wav", solo, subtype="PCM_24")
    stamp(folder / "Solo Gtr.wav", MORNING_S + SOLO_AT_S)
    for name in ("Gtr L", "Gtr R", "Pad dry"):
        stamp(folder / f"{name}.wav", MORNING_S)
    write(folder / "Riser FX.wav", shaped_noise(), subtype="PCM_24")
    stamp(folder / "Riser FX.wav", 3.0)
    placed = np.zeros(FRAMES)
    placed[round(SOLO_AT_S * RATE) :][: solo.size] = solo
    middle = bass + sum(guitars) + pad + strings + organ + synth + placed + shaped_noise()
    return np.stack((middle + keys[0] + wet[0], middle + keys[1] + wet[1]))


def shaped_noise() -> np.ndarray:
    swell = np.interp(np.arange(FRAMES) / RATE, [0, 4, 6, 6.05, LENGTH_S], [0, 0, 1, 0, 0])
    return 0.1 * swell * rng_of("riser").standard_normal(FRAMES)


def _voices(folder: Path) -> np.ndarray:
    takes = [notes("singer", "melody", 247.0, take=take) for take in "123"]
    for name, take in zip(("Lead Vox_v1", "Lead Vox_v2", "Lead Vox FINAL(2)"), takes, strict=True):
        write(folder / f"{name}.wav", take, subtype="PCM_24")
    backing = notes("harmony", "harmony", 330.0, beats=2.0)
    write(folder / "BGV.ogg", backing)
    write(folder / "BGV alt.ogg", notes("harmony", "harmony", 330.0, take="alt", beats=2.0))
    write(folder / "Guide Vox.mp3", notes("guide", "melody", 247.0))
    return takes[2] + backing


def _innocent(folder: Path) -> None:
    """Names and lengths that only look like a trap: nothing of this may be muted, moved or corrected."""
    for take, half in ((1, slice(0, FRAMES // 2)), (2, slice(FRAMES // 2, FRAMES))):
        part = np.zeros(FRAMES)
        part[half] = notes("bells", "bells", 660.0, beats=0.5)[half]
        write(folder / f"Bells take {take}.wav", part, subtype="PCM_24")
    write(
        folder / "Conga Bus.wav",
        hits("conga", [b / 2 + 0.25 for b in range(BEATS * 2)], crack),
        subtype="PCM_24",
    )
    # Honest, and by chance as long as a file with the wrong rate would be.
    short = round(FRAMES * 44_100 / 48_000)
    write(folder / "Marimba.wav", notes("marimba", "marimba", 220.0, beats=0.5)[:short], subtype="PCM_24")


def _silent_ones(folder: Path) -> None:
    click = hits("click", [float(b) for b in range(BEATS)], tick)
    write(folder / "Klick.wav", click, subtype="PCM_16")
    write(folder / "Talkback.wav", notes("producer", "talk", 120.0), subtype="PCM_16")
    soundfile.write(folder / "Tom 2.wav", np.zeros(FRAMES), RATE, subtype="PCM_24")
    hiss = 1e-4 * rng_of("hiss").standard_normal(FRAMES)
    soundfile.write(folder / "Floor Tom.wav", hiss, RATE, subtype="PCM_24")


def _rubbish(folder: Path, voices: np.ndarray) -> None:
    write(folder / "Old" / "Lead Vox.wav", voices)
    write(folder / "__MACOSX" / "Klick.wav", voices)
    write(folder / ".hidden.wav", voices)
    (folder / "._Klick.wav").write_bytes(b"\x00\x05\x16\x07")
    (folder / "Drums" / "._HH.aif").write_bytes(b"\x00\x05\x16\x07")
    (folder / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    (folder / "notes.txt").write_text("vocal up, kick muddy")
    (folder / "broken.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff")
    write(folder / "surround.wav", np.zeros((6, 100)))
    soundfile.write(folder / "empty.wav", np.zeros(0), RATE)
    (folder / "Voice memo.m4a").write_bytes(b"\x00\x00\x00\x20ftypM4A " + bytes(64))
    write(folder / "Bounces" / "idea 3.wav", voices)
    outside = write(folder.parent / "elsewhere" / "loop.wav", voices)
    (folder / "loop.wav").symlink_to(outside)
    (folder / "Drums" / "again").symlink_to(folder, target_is_directory=True)
    odd = "Ride \u202e\u0007\n🥁.wav"
    write(folder / odd, hits("ride", [float(b) for b in range(BEATS)], tick), subtype="PCM_24")
