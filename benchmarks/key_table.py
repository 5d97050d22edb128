"""How near a master's tone comes to its reference, beside how much of the reference's notes it prints on the mix.

    python benchmarks/key_table.py FOLDER [--rival PYTHON] [--only WORD]

FOLDER: recordings. The EQ alone, as fitted bands (naive: the curve), without dynamics and limiter (master_table.py
has them).
near: third octaves of the mid, 50 Hz to 16 kHz, from Welch spectra by scipy, mean of absolute differences, level taken
out, median over pairs: those of master_table.py, on which the settings were tuned, and held-out ones (each recording
with the second, fourth and sixth after it by name, tuned pairs left out). key: a recording is the reference of itself,
played some semitones higher or lower (resampled), so that what differs is notes; rms of the curve from 100 Hz to 5 kHz,
level taken out, mean over recordings that are no solo. One and two semitones; three and five are held out. halves: the
curve that brings a recording's first half to another's first half, judged on the second halves, and turned round: notes
that were printed do not help there.
Rows: do nothing, naive (differences of third octaves, straight between their centres), the former way (match_curve,
refined twice), smoothness from 0 on, planted faults (every third octave trusted alike; trusted the more, the more it
follows the notes), Matchering without its limiter.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from master_table import PAIRS, THIRDS_HZ
from smartmix.mastering.portrait import portrait_of
from smartmix.mastering.tone import LIMIT_DB, MID_BANDS, OVER_CURVE, ROUNDS, SMOOTHNESS
from smartmix.matching import thirds as weighed
from smartmix.matching.bands import fit_curve, response_at
from smartmix.matching.curve import match_curve
from smartmix.matching.grid import GRID_HZ, Floats, at_hz, existing
from smartmix.matching.thirds import thirds_curve
from smartmix.matching.tone import Tone

TUNED_SEMITONES, HELD_OUT_SEMITONES = (-2, -1, 1, 2), (-5, -3, 3, 5)
SOLOS = ("celesta", "strings", "trumpet", "speech", "edm")
MOST_NAIVE_DB = 24.0  # a band goes no further
EDGE = 2.0 ** (1.0 / 6.0)


@dataclass
class Take:
    """A recording, or some of it: what the curve is made from, and what it is judged by."""

    samples: NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        from scipy.signal import welch

        self.mid = portrait_of(iter([self.samples]), self.rate, len(self.samples)).mid
        mono = self.samples.mean(axis=0)
        self.hz, self.power = welch(mono, self.rate, nperseg=2 ** int(np.ceil(np.log2(0.3 * self.rate))))

    def thirds(self, curve_db: Floats | float = 0.0) -> Floats:
        """Third octaves behind a curve on the grid, dB."""
        gain = at_hz(np.broadcast_to(curve_db, GRID_HZ.shape), self.hz)
        below = np.concatenate(([0.0], np.cumsum(self.power * 10.0 ** (gain / 10.0))))
        at = np.concatenate((self.hz, [self.hz[-1] + self.hz[1]])) - 0.5 * self.hz[1]
        power = [
            np.diff(np.interp([f / EDGE, f * EDGE], at, below))[0] if f * EDGE < 0.48 * self.rate else np.nan
            for f in THIRDS_HZ
        ]
        return np.asarray(10.0 * np.log10(np.maximum(power, 1e-30)))


Curve = Callable[[Take, Take], Floats]


def naive(source: Take, reference: Take) -> Floats:
    """Differences of third octaves, straight between their centres."""
    apart = reference.thirds() - source.thirds()
    apart = np.clip(np.nan_to_num(apart - np.nanmean(apart)), -MOST_NAIVE_DB, MOST_NAIVE_DB)
    return np.interp(np.log2(GRID_HZ), np.log2(THIRDS_HZ), apart)


def former(source: Take, reference: Take) -> Floats:
    """The envelopes of match_curve, and what they leave once more."""
    total = np.zeros(GRID_HZ.size)
    for _ in range(2):
        now = replace(source.mid, band_power=source.mid.band_power * 10.0 ** (total / 10.0))
        total = np.clip(total + match_curve(now, reference.mid, LIMIT_DB).db, -LIMIT_DB, LIMIT_DB)
    return total


def ours(source: Take, reference: Take, smoothness: float) -> Floats:
    """Third octaves, each trusted as far as it tells no key."""
    return thirds_curve(source.mid, reference.mid, smoothness, LIMIT_DB)


def faulty(source: Take, reference: Take, spread: Callable[[Tone], Floats]) -> Floats:
    """The same with another measure of what follows the notes."""
    right, weighed.key_spread_db = weighed.key_spread_db, spread
    try:
        return ours(source, reference, SMOOTHNESS["tone"])
    finally:
        weighed.key_spread_db = right


def fitted(curve: Curve, bands: int, rounds: int, source: Take, reference: Take) -> Floats:
    """What the bands play that are fitted to a curve."""
    eq = fit_curve(curve(source, reference), source.rate, bands, rounds=rounds, over_curve=OVER_CURVE)
    return response_at(eq, GRID_HZ, source.rate) if eq.settings() else np.zeros(GRID_HZ.size)


def ways() -> dict[str, Curve]:
    """Every row."""
    right = weighed.key_spread_db
    plain: dict[str, tuple[Curve, int, int]] = {
        "former tone": (former, 14, 4),
    }
    for amount in (0.0, 0.006, 0.03, 0.06, 0.12):
        plain[f"smoothness {amount:g}"] = (
            partial(ours, smoothness=amount),
            MID_BANDS["tone"],
            ROUNDS["tone"],
        )
    for detail, amount in SMOOTHNESS.items():
        plain[f"{detail} ({amount:g})"] = (
            partial(ours, smoothness=amount),
            MID_BANDS[detail],
            ROUNDS[detail],
        )
    plain["planted: all alike"] = (
        partial(faulty, spread=lambda tone: np.full(weighed.THIRDS_HZ.size, right(tone).mean())),
        MID_BANDS["tone"],
        ROUNDS["tone"],
    )
    plain["planted: turned round"] = (
        partial(faulty, spread=lambda tone: 1.0 / (0.3 + right(tone))),
        MID_BANDS["tone"],
        ROUNDS["tone"],
    )
    found: dict[str, Curve] = {"do nothing": lambda source, reference: np.zeros(GRID_HZ.size), "naive": naive}
    return found | {name: partial(fitted, *how) for name, how in plain.items()}


def near(curve_db: Floats, source: Take, reference: Take) -> float:
    """Mean difference of third octaves behind a curve."""
    apart = source.thirds(curve_db) - reference.thirds()
    return float(np.nanmean(np.abs(apart - np.nanmean(apart))))


def printed(curve_db: Floats, rate: int) -> float:
    """Rms of a curve from 100 Hz to 5 kHz."""
    inside = (GRID_HZ >= 100.0) & (GRID_HZ <= 5000.0) & existing(rate)
    return float(np.std(curve_db[inside]))


def moved(take: Take, semitones: int) -> Take:
    """Played so much higher."""
    import soxr

    rows = soxr.resample(take.samples.T, take.rate, take.rate * 2.0 ** (-semitones / 12.0), "HQ").T
    return Take(np.ascontiguousarray(rows, np.float32), take.rate)


def held_out(names: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs nothing was tuned on."""
    count = len(names)
    found = [(names[k], names[(k + step) % count]) for step in (2, 4, 6) for k in range(count)]
    return [pair for pair in found if pair not in PAIRS]


def rival_curves(python: str, jobs: Sequence[tuple[Take, Take]]) -> list[Floats]:
    """What Matchering did to the mid of each source, dB on the grid."""
    import soundfile

    with tempfile.TemporaryDirectory() as room:
        listed, done = [], []
        for number, pair in enumerate(jobs):
            files = [str(Path(room) / f"{number}{part}.wav") for part in "sro"]
            for file, take in zip(files, pair, strict=False):
                soundfile.write(file, at_44100(take).T, 44_100, subtype="FLOAT")
            listed.append(files)
        (Path(room) / "jobs.json").write_text(json.dumps(listed), encoding="ascii")
        script = Path(__file__).with_name("master_rival.py")
        subprocess.run(
            [python, str(script), "--many", str(Path(room) / "jobs.json")], check=True, capture_output=True
        )
        for source, _, out in listed:
            powers = []
            for file in (source, out):
                rows, rate = soundfile.read(file, always_2d=True, dtype="float32")
                powers.append(portrait_of(iter([np.ascontiguousarray(rows.T)]), rate, 2).mid.band_power)
            done.append(10.0 * np.log10(np.maximum(powers[1], 1e-20) / np.maximum(powers[0], 1e-20)))
    return done


def at_44100(take: Take) -> NDArray[np.float32]:
    """As Matchering works."""
    import soxr

    rows = take.samples if len(take.samples) == 2 else np.repeat(take.samples, 2, axis=0)
    if take.rate == 44_100:
        return rows
    return np.asarray(soxr.resample(rows.T, take.rate, 44_100, "VHQ").T, np.float32)


def main() -> None:
    """Print the table."""
    import soundfile

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rival", default="")
    parser.add_argument("--only", default="", help="rows with this word in their name")
    given = parser.parse_args()
    files = sorted(file for file in given.folder.glob("*.flac") if "speech" not in file.stem)
    takes: dict[str, Take] = {}
    halves: dict[str, tuple[Take, Take]] = {}
    for file in files:
        rows, rate = soundfile.read(file, always_2d=True, dtype="float32")
        whole = np.ascontiguousarray(rows.T)
        takes[file.stem] = Take(whole, rate)
        parts = np.array_split(whole, 2, axis=1)
        halves[file.stem] = (
            Take(np.ascontiguousarray(parts[0]), rate),
            Take(np.ascontiguousarray(parts[1]), rate),
        )
    songs = [name for name in takes if not name.startswith(SOLOS) and "trumpet" not in name]
    work = {
        "tuned": [(takes[a], takes[b]) for a, b in PAIRS],
        "held out": [(takes[a], takes[b]) for a, b in held_out([n for n in takes if "trumpet" not in n])],
        "1, 2": [(takes[n], moved(takes[n], k)) for n in songs for k in TUNED_SEMITONES],
        "3, 5": [(takes[n], moved(takes[n], k)) for n in songs for k in HELD_OUT_SEMITONES],
    }
    crossed = [(halves[a], halves[b]) for a, b in PAIRS]
    print("| | near, tuned pairs | near, held out | key, 1 and 2 semitones | 3 and 5 | halves |")
    print("|---|---|---|---|---|---|")
    for name, way in ways().items():
        if given.only in name:
            curves = {what: [way(*pair) for pair in pairs] for what, pairs in work.items()}
            over = [
                near(way(a[first], b[first]), a[1 - first], b[1 - first])
                for a, b in crossed
                for first in (0, 1)
            ]
            print_row(name, work, curves, over)
    if given.rival:
        print_row(
            "Matchering", work, {what: rival_curves(given.rival, pairs) for what, pairs in work.items()}, []
        )


def print_row(
    name: str,
    work: dict[str, list[tuple[Take, Take]]],
    curves: dict[str, list[Floats]],
    over: Sequence[float],
) -> None:
    """One row."""
    cells = []
    for what, pairs in work.items():
        if what[0].isdigit():
            cells.append(
                np.mean(
                    [printed(c, min(a.rate, b.rate)) for c, (a, b) in zip(curves[what], pairs, strict=True)]
                )
            )
        else:
            cells.append(np.median([near(c, *pair) for c, pair in zip(curves[what], pairs, strict=True)]))
    last = f"{np.mean(over):.2f}" if over else "-"
    print(f"| {name} | " + " | ".join(f"{cell:.2f}" for cell in cells) + f" | {last} |", flush=True)


if __name__ == "__main__":
    main()
