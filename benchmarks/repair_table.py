"""Declick, declip and plosive control on real recordings with damage that is known: how much of it is left.

    python benchmarks/repair_table.py DATA [--seconds 8]

DATA is a folder with references/. Clicks: ten a second, bursts of 1 to 40 frames that die away, at -20 dBFS; clipping:
3 and 6 dB under the peak of the excerpt, error counted on the clipped frames; pops: fifteen bursts of 30 to 70 Hz at
-6 dBFS into speech. Beside us: doing nothing (0 dB); a naive repair (a straight line over whatever third differences
find, bumps on whatever is at the peak); ffmpeg's adeclick and adeclip where there is an ffmpeg; and ours with a planted
fault (the repair played a frame late). Gains are dB of signal to error, against doing nothing; last in a cell is what
is done to the recording without damage (frames changed in a million, and their power under the recording's).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from smartmix.processors import Declick, Declip, DeEsser, PlosiveControl, Processor

Samples = NDArray[np.float32]
Repair = Callable[[Samples, int], Samples]
MUSIC = (
    "celesta_sugar_plum",
    "folk_vocal_lets_go_fishin",
    "jazz_vibe_ace",
    "metal_muldjord_mutilated_mime",
    "orchestral_combat",
    "pop_vocal_slow_motion_dream",
    "solo_trumpet",
    "strings_hungarian_dance_5",
)
SPEECH = ("speech_librispeech_barnett", "speech_librispeech_comira", "speech_librispeech_lankford")


def nothing(sound: Samples, rate: int) -> Samples:
    return sound.copy()


def bridged(sound: Samples, bad: NDArray[np.bool_]) -> Samples:
    """Straight lines over the bad frames."""
    out, at = sound.copy(), np.arange(sound.shape[1])
    for row, wrong in zip(out, bad, strict=True):
        if wrong.any() and not wrong.all():
            row[wrong] = np.interp(at[wrong], at[~wrong], row[~wrong])
    return out


def naive_declick(sound: Samples, rate: int) -> Samples:
    """Third differences over twelve times their median, and two frames on either side."""
    jumps = np.abs(np.diff(sound, n=3, axis=1, prepend=sound[:, :1], append=sound[:, -2:]))[
        :, : sound.shape[1]
    ]
    bad = jumps > 12.0 * np.median(jumps, axis=1, keepdims=True) + 1e-6
    wide = np.stack([np.convolve(row, np.ones(5), "same") > 0 for row in bad])
    return bridged(sound, wide)


def naive_declip(sound: Samples, rate: int) -> Samples:
    """A parabola's worth: the peak level plus a tenth of the length of the run."""
    bad = np.abs(sound) >= np.abs(sound).max() * (1.0 - 1e-4)
    out = sound.copy()
    for row, wrong in zip(out, bad, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], wrong.astype(int), [0]))))
        for first, end in edges.reshape(-1, 2):
            bump = np.sin(np.pi * (np.arange(end - first) + 0.5) / (end - first))
            row[first:end] *= (1.0 + 0.02 * (end - first) * bump).astype(np.float32)
    return out


def late(effect: Processor) -> Repair:
    """The planted fault."""

    def run(sound: Samples, rate: int) -> Samples:
        return np.asarray(sound + np.roll(effect(sound, rate) - sound, 1, axis=1))

    return run


def ffmpeg(name: str) -> Repair:
    def run(sound: Samples, rate: int) -> Samples:
        with tempfile.TemporaryDirectory() as folder:
            given, made = Path(folder) / "in.wav", Path(folder) / "out.wav"
            soundfile.write(given, sound.T, rate, subtype="FLOAT")
            subprocess.run(
                ["ffmpeg", "-v", "error", "-y", "-i", given, "-af", name, "-c:a", "pcm_f32le", made],
                check=True,
            )
            back = soundfile.read(made, dtype="float32", always_2d=True)[0].T
        out = np.zeros_like(sound)
        frames = min(out.shape[1], back.shape[1])
        out[:, :frames] = back[:, :frames]
        return out

    return run


def contestants(ours: Processor, naive: Repair, rival: str) -> dict[str, Repair]:
    found: dict[str, Repair] = {
        "do nothing": nothing,
        "naive": naive,
        "smartmix": ours,
        "planted fault": late(ours),
    }
    if shutil.which("ffmpeg"):
        found[f"ffmpeg {rival}"] = ffmpeg(rival)
    return found


def error_db(out: Samples, clean: Samples, where: NDArray[np.bool_] | slice = slice(None)) -> float:
    left = np.square((out - clean).astype(np.float64))[:, where]
    return float(10.0 * np.log10(left.sum() + 1e-12))


def clicked(clean: Samples, rate: int, rng: np.random.Generator) -> Samples:
    damaged = clean.copy()
    for at in rng.integers(3000, clean.shape[1] - 3000, 10 * clean.shape[1] // rate):
        frames = int(rng.integers(1, 40))
        burst = rng.standard_normal(frames) * np.exp(-3.0 * np.arange(frames) / frames)
        damaged[:, at : at + frames] += (0.1 * burst / np.abs(burst).max()).astype(np.float32)
    return damaged


def row(name: str, cells: list[str]) -> None:
    print(f"| {name} | {' | '.join(cells)} |")


def head(title: str, columns: list[str]) -> None:
    print(f"\n{title}\n")
    row("", columns)
    print("|" + "---|" * (len(columns) + 1))


def clean_cell(out: Samples, clean: Samples) -> str:
    changed = 1e6 * np.count_nonzero(out != clean) / clean.size
    return (
        f"{changed:.0f} ppm, {error_db(out, clean) - error_db(0 * clean, clean):.0f} dB"
        if changed
        else "null"
    )


def repairs(excerpts: dict[str, tuple[Samples, int]], kind: str) -> None:
    ours: Processor = Declick(amount=1.0) if kind == "declick" else Declip(amount=1.0, longest_ms=4.0)
    everyone = contestants(ours, naive_declick if kind == "declick" else naive_declip, f"a{kind}")
    damages = ["clicks"] if kind == "declick" else ["3 dB clipped", "6 dB clipped"]
    head(f"{kind}: gain in dB, then what is done to the clean recording", [*everyone][1:])
    for name, (clean, rate) in excerpts.items():
        cells: dict[str, list[str]] = {one: [] for one in everyone}
        for damage in damages:
            where: NDArray[np.bool_] | slice = slice(None)
            if kind == "declick":
                damaged = clicked(clean, rate, np.random.default_rng(5))
            else:
                limit = np.abs(clean).max() * 10.0 ** (-float(damage[0]) / 20.0)
                damaged, where = np.clip(clean, -limit, limit), np.abs(clean[0]) >= limit
            for one, repair in everyone.items():
                gain = error_db(damaged, clean, where) - error_db(repair(damaged, rate), clean, where)
                cells[one].append(f"{gain:+.1f}")
        for one, repair in everyone.items():
            cells[one].append(clean_cell(repair(clean, rate), clean))
        row(name, [" / ".join(cells[one]) for one in everyone if one != "do nothing"])


def pops(excerpts: dict[str, tuple[Samples, int]]) -> None:
    """The whole error, and what happens to speech without added pops (these readers pop a little themselves)."""
    columns = ["plosive_control", "naive: high-pass 110 Hz for good", "planted fault: no listening", "clean"]
    head("plosive control: gain in dB of signal to error", columns)
    for name, (clean, rate) in excerpts.items():
        rng, damaged = np.random.default_rng(1), clean.astype(np.float64)
        t = np.arange(round(0.09 * rate)) / rate
        for at in rng.integers(rate, clean.shape[1] - rate, 15):
            blow = np.sin(2.0 * np.pi * rng.uniform(30.0, 70.0) * t + rng.uniform(0.0, 6.0)) * np.exp(
                -t / 0.04
            )
            damaged[0, at : at + t.size] += 0.5 * blow * np.minimum(1.0, t / 0.005)
        sound = damaged.astype(np.float32)
        control = PlosiveControl(range_db=18.0)
        high_pass = signal.butter(2, 110.0, "highpass", fs=rate, output="sos")
        before = error_db(sound, clean)
        deaf = PlosiveControl(range_db=18.0, rise_db=30.0, freq_hz=60.0, attack_ms=20.0)
        outs = [control(sound, rate), signal.sosfilt(high_pass, sound).astype(np.float32), deaf(sound, rate)]
        row(
            name,
            [*(f"{before - error_db(o, clean):+.1f}" for o in outs), clean_cell(control(clean, rate), clean)],
        )


def esses(excerpts: dict[str, tuple[Samples, int]]) -> None:
    """The de-esser with its preset's settings, the threshold 12 dB under the loudest ess: what goes down, and where."""
    columns = ["frames of esses", "ess band there", "ess band in vowels", "deepest"]
    head("de_esser on speech: mean change in dB", columns)
    for name, (clean, rate) in excerpts.items():
        band = signal.butter(4, [4500.0, min(10_000.0, 0.47 * rate)], "bandpass", fs=rate, output="sos")
        body = signal.butter(4, [150.0, 4000.0], "bandpass", fs=rate, output="sos")
        ess, low = (_levels(clean, sos, rate) for sos in (band, body))
        is_ess = (ess > low) & (ess > ess.max() - 20.0)
        is_vowel = (low > ess + 10.0) & (low > low.max() - 25.0)
        if not is_ess.any():
            row(name, ["0", "-", "-", "-"])
            continue
        threshold_db = float(ess[is_ess].max()) - 12.0
        effect = DeEsser(freq_hz=6000.0, q=1.0, threshold_db=threshold_db, ratio=4.0, range_db=6.0)
        change = _levels(effect(clean, rate), band, rate) - ess
        cells = [
            f"{change[is_ess].mean():+.1f}",
            f"{change[is_vowel].mean():+.2f}",
            f"{effect.max_reduction_db:.1f}",
        ]
        row(name, [str(int(is_ess.sum())), *cells])


def _levels(sound: Samples, sos: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Of frames of 20 ms, dBFS."""
    frame = rate // 50
    x = signal.sosfiltfilt(sos, sound[0].astype(np.float64))
    x = x[: x.size // frame * frame].reshape(-1, frame)
    return np.asarray(10.0 * np.log10(np.mean(x**2, axis=1) + 1e-12))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seconds", type=float, default=8.0)
    asked = parser.parse_args()

    def read(name: str) -> tuple[Samples, int]:
        path = asked.data / "references" / f"{name}.flac"
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        return np.ascontiguousarray(sound[: round(asked.seconds * rate), :1].T), rate

    music, speech = ({name: read(name) for name in names} for names in (MUSIC, SPEECH))
    repairs({**music, **speech}, "declick")
    repairs({**music, **speech}, "declip")
    pops(speech)
    esses(speech)


if __name__ == "__main__":
    main()
