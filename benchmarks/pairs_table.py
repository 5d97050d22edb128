"""Bass under the kick on made scenes: how much room the hits get, and what it costs the bass between them.

    python benchmarks/pairs_table.py [SCENES]

Each scene has a kick of its own pitch and tempo and a bass line that is 2 to 9 dB over it at 40 to 120 Hz. Rows:
nothing; the fader of the bass down by the same; the move as suggested; planted faults: the band listens to itself,
to a hi-hat, or to the kick with its threshold 20 dB too high. "In hits" and "between" are changes of the bass at 40
to 120 Hz in the 10 ms in which the kick is within 12 dB of its peak, and in which it is 30 dB under it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from smartmix.analysis import analyze
from smartmix.analysis.loudness import measure_loudness
from smartmix.plan import MixPlan, Move
from smartmix.plan.edits import person_move
from smartmix.rendering import stream_track
from smartmix.session import Session
from smartmix.suggesters.pairs import KnownPairs
from smartmix.suggesters.suggester import Context

RATE, SECONDS = 48_000, 16.0
T = np.arange(int(RATE * SECONDS)) / RATE
REGION = signal.butter(2, (40.0, 120.0), "band", fs=RATE, output="sos")
SCENES = 8
Sound = NDArray[np.float64]


def scene(folder: Path, seed: int) -> Session:
    """Kick, bass and hi-hat as files."""
    rng = np.random.default_rng(seed)
    every_s = 60.0 / rng.uniform(90.0, 140.0)
    at = T % every_s
    kick = np.exp(-at / rng.uniform(0.04, 0.07)) * np.sin(
        2 * np.pi * (rng.uniform(50.0, 70.0) * at + 0.5 * (1.0 - np.exp(-at / 0.015)))
    )
    notes = np.repeat(41.2 * 2.0 ** (rng.integers(0, 12, 40) / 12.0), int(2 * every_s * RATE))[: T.size]
    phase = 2 * np.pi * np.cumsum(notes) / RATE
    bass = sum(np.sin(k * phase) / k**1.3 for k in range(1, 8)) * np.minimum(1.0, at / 0.005)
    hat = rng.standard_normal(T.size) * np.exp(-(T % (every_s / 2)) / 0.02)
    loud = _loud(kick)
    bass *= loud / _loud(bass) * 10.0 ** (rng.uniform(2.0, 9.0) / 20.0)
    for name, sound in (("Kick", 0.3 * kick), ("Bass", 0.3 * bass), ("Hi-Hat", 0.03 * hat)):
        soundfile.write(folder / f"{name}.wav", sound.astype(np.float32), RATE, subtype="FLOAT")
    return replace(Session.open(folder), material="multitrack")


def _loud(x: Sound) -> float:
    """RMS at 40 to 120 Hz of the loudest tenth."""
    return float(np.sqrt(np.percentile(np.square(signal.sosfilt(REGION, x)), 90.0)))


def plans(session: Session, move: Move) -> Iterator[tuple[str, MixPlan]]:
    """The rows of a scene."""
    empty = MixPlan(session.name)
    size = next(s.suggested for s in move.sets if s.ref.parameter.endswith("range_db"))
    yield "do nothing", empty
    yield "fader down (naive)", empty.add(person_move(empty, "bass/fader/gain_db", size))
    yield "as suggested", empty.add(move)
    for fault, name, value in (
        ("planted: no key", ".key", ""),
        ("planted: key is the hi-hat", ".key", "hi-hat"),
        ("planted: threshold 20 dB up", ".threshold_db", 20.0),
    ):
        yield fault, empty.add(_changed(move, name, value))


def _changed(move: Move, name: str, value: float | str) -> Move:
    def new(old: float | str) -> float | str:
        return min(0.0, old + value) if isinstance(old, float) and isinstance(value, float) else value

    sets = tuple(
        replace(s, suggested=new(s.suggested)) if s.ref.parameter.endswith(name) else s for s in move.sets
    )  # type: ignore[arg-type]
    return replace(move, sets=sets)


def levels(session: Session, plan: MixPlan, track: str) -> tuple[Sound, float]:
    """Power at 40 to 120 Hz per 10 ms, and loudness, of a track in the mix."""
    sound = np.concatenate(list(stream_track(session, plan, track)), axis=1)
    low = np.square(signal.sosfilt(REGION, sound[0].astype(np.float64)))
    hops = low[: low.size // 480 * 480].reshape(-1, 480).mean(axis=1)
    return hops, measure_loudness(sound, RATE).integrated_lufs


def main() -> None:
    rows: dict[str, list[tuple[float, float, float]]] = {}
    silent = 0
    for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else SCENES):
        with tempfile.TemporaryDirectory() as folder:
            session = scene(Path(folder), seed)
            facts = replace(analyze(session), material="multitrack")
            moves = KnownPairs().suggest(Context(session, facts))
            if not moves:
                silent += 1
                continue
            kick = 10.0 * np.log10(levels(session, MixPlan("x"), "kick")[0] + 1e-15)
            hits, between = kick > kick.max() - 12.0, kick < kick.max() - 30.0
            before, before_lufs = levels(session, MixPlan("x"), "bass")
            for name, plan in plans(session, moves[0]):
                after, lufs = levels(session, plan, "bass")
                change = [10.0 * np.log10(after[w].sum() / before[w].sum()) for w in (hits, between)]
                rows.setdefault(name, []).append((change[0], change[1], lufs - before_lufs))
    print("| bass | in hits, dB | between, dB | loudness, LU |\n|---|---|---|---|")
    for name, values in rows.items():
        print(
            f"| {name} | "
            + " | ".join(f"{statistics.mean(column):+.2f}" for column in zip(*values, strict=True))
            + " |"
        )
    print(f"\n{len(next(iter(rows.values()), []))} scenes with a move, {silent} without")


if __name__ == "__main__":
    main()
