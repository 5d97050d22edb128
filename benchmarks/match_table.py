"""EQ match on pairs of real recordings: does it do what it intends, how near does it come, does it take over notes?

    PYTHONPATH=src:benchmarks python benchmarks/match_table.py REFERENCES [--matchering]

REFERENCES is a folder of masters; all figures are measured on the audio that comes out, by scipy's Welch spectra and
not by the analysis that made the curve. Matchering (pip install matchering, in an environment of its own) without its
limiter. Nothing here was tuned on these pairs; widths and thresholds of the recipe were looked at on the single files.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from smartmix.audio import Audio
from smartmix.audio.io import read
from smartmix.audio.wav import write_wav
from smartmix.matching import GRID_HZ, EQMatch, match_tones, measure_tone

PAIRS = (
    ("folk_vocal_lets_go_fishin", "pop_vocal_slow_motion_dream"),
    ("jazz_vibe_ace", "folk_vocal_lets_go_fishin"),
    ("strings_hungarian_dance_5", "orchestral_combat"),
    ("orchestral_combat", "electro_lava"),
    ("dance_garden", "pop_vocal_slow_motion_dream"),
    ("metal_muldjord_mutilated_mime", "electro_lava"),
    ("electronic_coherence", "dance_garden"),
    ("celesta_sugar_plum", "strings_hungarian_dance_5"),
)
TRANSPOSED = ("strings_hungarian_dance_5", "celesta_sugar_plum", "solo_trumpet", "jazz_vibe_ace")
SEMITONES = 3
RATE = 44_100
EXCERPT_S = 15.0
FROM_HZ, TO_HZ = 50.0, 15_000.0
Samples = NDArray[np.float32]
Curve = NDArray[np.float64]
Changed = Callable[[Samples, Samples], Samples]


def ltas_db(audio: Samples, octaves: float, size: int = 16_384) -> Curve:
    """Mean level of Welch's spectrum within ``octaves`` around each frequency of the grid."""
    hz, power = signal.welch(audio.astype(np.float64), RATE, "hann", size, axis=-1)
    total = np.concatenate([[0.0], np.cumsum(power.mean(axis=0))])
    step = hz[1]
    edges = [
        np.interp(GRID_HZ * 2.0**by / step + 0.5, np.arange(total.size), total)
        for by in (-octaves / 2, octaves / 2)
    ]
    return np.asarray(10.0 * np.log10(np.maximum(edges[1] - edges[0], 1e-20)))


def level_free(curve: Curve) -> Curve:
    inside = (GRID_HZ >= FROM_HZ) & (GRID_HZ <= TO_HZ)
    return np.asarray(curve - curve[inside].mean())


def filtered(audio: Samples, curve_db: Curve) -> Samples:
    hz = np.fft.rfftfreq(16_384, 1.0 / RATE)
    db = np.interp(np.log2(np.maximum(hz, 1.0)), np.log2(GRID_HZ), curve_db)
    taps = np.roll(np.fft.irfft(10.0 ** (db / 20.0)), 8192) * np.hanning(16_384)
    return np.asarray(
        signal.oaconvolve(audio, taps[np.newaxis], axes=-1)[:, 8192 : 8192 + audio.shape[1]], np.float32
    )


def matched(source: Samples, reference: Samples, limit_db: float = 6.0) -> EQMatch:
    return match_tones(measure_tone(source, RATE), measure_tone(reference, RATE), limit_db=limit_db)


def naive(source: Samples, reference: Samples) -> Samples:
    """The difference of two spectra in thirds of an octave, as it is."""
    return filtered(source, level_free(ltas_db(reference, 1 / 3) - ltas_db(source, 1 / 3)))


def matchering(source: Samples, reference: Samples) -> Samples:
    import matchering as mg

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, samples in (("source", source), ("reference", reference)):
            both = np.ascontiguousarray(np.broadcast_to(samples, (2, samples.shape[1])))
            write_wav(folder / f"{part}.wav", Audio(both, RATE), bits="32f")
        out = folder / "out.wav"
        result = mg.Result(str(out), subtype="FLOAT", use_limiter=False, normalize=False)
        mg.process(str(folder / "source.wav"), str(folder / "reference.wav"), results=[result])
        return np.asarray(read(out).samples)


def contestants(with_matchering: bool) -> dict[str, Changed]:
    found: dict[str, Changed] = {
        "nothing": lambda s, r: s,
        "thirds of an octave, no limit (naive)": naive,
        "smartmix, filter, 6 dB": lambda s, r: matched(s, r).filtered(s),
        "smartmix, 10 bands, 6 dB": lambda s, r: matched(s, r).eq(s, RATE),
        "smartmix, filter, 12 dB": lambda s, r: matched(s, r, 12.0).filtered(s),
        "planted fault: source and reference swapped": lambda s, r: matched(r, s).filtered(s),
    }
    return found | ({"Matchering, no limiter": matchering} if with_matchering else {})


def intended_table(pairs: dict[str, tuple[Samples, Samples]]) -> None:
    print("\nIntended against re-measured, mean dB where both recordings tell (confidence > 0.5)\n")
    print(
        "| pair | filter | 10 bands | bands, most | nothing | planted fault: half of it |\n|---|---|---|---|---|---|"
    )
    sums = []
    for name, (source, reference) in pairs.items():
        match = matched(source, reference)
        before, sure = ltas_db(source, 1 / 6), match.confidence > 0.5
        changes = [ltas_db(made, 1 / 6) - before for made in (match.filtered(source), match.eq(source, RATE))]
        off = [np.abs(change - match.intended_db)[sure] for change in changes]
        figures = [off[0].mean(), off[1].mean(), off[1].max(), np.abs(match.intended_db[sure]).mean()]
        figures.append(np.abs(0.5 * changes[0] - match.intended_db)[sure].mean())
        sums.append(figures)
        print(f"| {name} | " + " | ".join(f"{x:.2f}" for x in figures) + " |", flush=True)
    print("| **mean** | " + " | ".join(f"{x:.2f}" for x in np.mean(sums, axis=0)) + " |")


def residual_table(pairs: dict[str, tuple[Samples, Samples]], everyone: dict[str, Changed]) -> None:
    print(f"\nWhat is left to the reference: mean dB, level-free, {FROM_HZ:g} Hz to {TO_HZ / 1000:g} kHz\n")
    print(
        "| | "
        + " | ".join(f"{w} octave" for w in ("1/3", "1"))
        + " | largest change, 1/6 octave |\n|---|---|---|---|"
    )
    inside = (GRID_HZ >= FROM_HZ) & (GRID_HZ <= TO_HZ)
    for name, change in everyone.items():
        rows = []
        for source, reference in pairs.values():
            made = change(source, reference)
            left = [
                np.abs(level_free(ltas_db(made, w) - ltas_db(reference, w)))[inside].mean()
                for w in (1 / 3, 1.0)
            ]
            moved = level_free(ltas_db(made, 1 / 6) - ltas_db(source[:, : made.shape[1]], 1 / 6))
            rows.append([*left, np.abs(moved[inside]).max()])
        print(f"| {name} | " + " | ".join(f"{x:.2f}" for x in np.mean(rows, axis=0)) + " |", flush=True)


def transposed_table(recordings: dict[str, Samples], everyone: dict[str, Changed]) -> None:
    """The same recording three semitones up: what the curve has that is narrower than an octave is notes."""
    names = list(recordings)
    print(
        f"\nA recording to itself {SEMITONES} semitones up: change finer than an octave, 100 Hz to 4 kHz, rms dB\n"
    )
    print("| | " + " | ".join(names) + " |\n" + "|---" * (len(names) + 1) + "|")
    inside = (GRID_HZ >= 100.0) & (GRID_HZ <= 4000.0)
    ratio = 2.0 ** (SEMITONES / 12.0)
    for name, change in everyone.items():
        cells = []
        for source in recordings.values():
            count = int(source.shape[1] / ratio)
            up = np.asarray(signal.resample(source, count, axis=-1), np.float32)
            made = change(source, up)
            moved = ltas_db(made, 1 / 24) - ltas_db(source[:, : made.shape[1]], 1 / 24)
            smooth = np.convolve(
                np.pad(moved, 24, mode="edge"), np.hanning(49) / np.hanning(49).sum(), mode="valid"
            )
            cells.append(np.sqrt(np.mean((moved - smooth)[inside] ** 2)))
        print(f"| {name} | " + " | ".join(f"{x:.2f}" for x in cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("references", type=Path)
    parser.add_argument("--matchering", action="store_true")
    options = parser.parse_args()

    def excerpt(name: str) -> Samples:
        samples = read(options.references / f"{name}.flac", RATE).samples
        return np.ascontiguousarray(samples[:, : int(EXCERPT_S * RATE)])

    pairs = {f"{s.split('_')[0]} to {r.split('_')[0]}": (excerpt(s), excerpt(r)) for s, r in PAIRS}
    everyone = contestants(options.matchering)
    intended_table(pairs)
    residual_table(pairs, everyone)
    transposed_table({name: excerpt(name) for name in TRANSPOSED}, everyone)


if __name__ == "__main__":
    main()
