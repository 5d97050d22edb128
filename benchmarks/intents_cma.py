"""A whole chain of plugins fitted to three intents, head to head with CMA-ES over the same knobs.

    python benchmarks/intents_cma.py DATA [--seeds 2] [--times 4]

ZamEQ2 -> ZaMultiCompX2 -> ZaMaximX2 on a mix: a curve of two bands, 3 dB of reduction on the peaks of each of three
bands, as loud as it came in, no peak over -1 dBTP, no drive. The score is the largest of the errors, each in parts of
its tolerance (0.5 dB of the curve, 1 dB of reduction, 0.1 dB of true peak, 0.5 dB of drive, 0.5 LU): under 1 all are
met. CMA-ES (pycma) is given the root of the sum of their squares, which is smoother. An evaluation is one hearing: for
CMA-ES the whole chain with every measurement, for the fitter one setting of one plugin, which costs it less; so it is
CMA-ES that is favoured. Rows at as many evaluations as the fitter took, and at some times as many.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix.analysis import measure_loudness
from smartmix.rack import load_vst3
from smartmix.rack.intents import (
    CeilingIntent,
    CompressionIntent,
    EQBand,
    EQIntent,
    fit_ceiling,
    fit_compression,
    fit_eq,
)
from smartmix.rack.intents.ceiling_fit import SOFT_DB
from smartmix.rack.intents.compressor_survey import survey_compressor
from smartmix.rack.intents.probe import curves_db, noise_gain_db, points_hz, twin
from smartmix.rack.intents.reduction import on_peaks_db, powers
from smartmix.rack.intents.survey import place, position, survey_eq
from smartmix.rack.vst3 import Vst3Device

RATE = 48_000
EQ = EQIntent((EQBand("bell", 300, -2.0, 0.8), EQBand("high_shelf", 8000, 2.0)))
HELD = CompressionIntent(3.0, ratio=3.0, attack_ms=10.0, release_ms=120.0)
TOP = CeilingIntent(-1.0)
PARTS = ("curve", "reduction", "loudness", "true peak", "drive")

Values = dict[str, dict[str, float]]
Place = NDArray[np.float64]


class Chain:
    """The three plugins, the knobs that are searched, and how far a setting is from the intents."""

    def __init__(self, audio: NDArray[np.float32]) -> None:
        self.audio = audio
        self.plugins = {name: load_vst3(name) for name in ("ZamEQ2", "ZaMultiCompX2", "ZaMaximX2")}
        self.bands = survey_compressor(self.plugins["ZaMultiCompX2"], RATE, 2)
        sections = survey_eq(self.plugins["ZamEQ2"], RATE).sections
        self.fixed: Values = {name: {} for name in self.plugins}
        for band in self.bands.bands:
            self.fixed["ZaMultiCompX2"] |= {band.ratio: 3.0, band.attack: 10.0, band.release: 120.0}
        self.fixed["ZaMultiCompX2"] |= dict.fromkeys(self.bands.switches, 1.0)
        self.knobs = [("ZamEQ2", k) for s in sections for k in (s.gain, s.freq, s.width) if k]
        self.knobs += [("ZaMultiCompX2", k) for b in self.bands.bands for k in (b.threshold, b.makeup)]
        self.knobs += [("ZaMaximX2", k) for k in ("output_ceiling_db", "threshold_db")]
        self.wanted = EQ.curve_db(points_hz(RATE), RATE)
        self.loudness = measure_loudness(audio, RATE).integrated_lufs

    def settings(self, at: Sequence[float]) -> Values:
        values = {name: dict(own) for name, own in self.fixed.items()}
        for (plugin, knob), p in zip(self.knobs, at, strict=True):
            values[plugin][knob] = position(self.plugins[plugin].info(knob), min(max(float(p), 0.0), 1.0))
        return values

    def places(self, values: Values) -> Place:
        return np.array(
            [
                place(self.plugins[p].info(k), values[p].get(k, float(self.plugins[p].get(k))))
                for p, k in self.knobs
            ]
        )

    def set(self, plugin: str, values: dict[str, float]) -> Vst3Device:
        device = twin(self.plugins[plugin])
        for name, value in values.items():
            device.set(name, bool(value) if device.info(name).scale == "toggle" else value)
        return device  # type: ignore[return-value]

    def parts(self, values: Values) -> NDArray[np.float64]:
        """Errors in parts of their tolerance."""
        curve = curves_db(self.plugins["ZamEQ2"], [values["ZamEQ2"]], RATE)[0] - self.wanted
        eq = self.set("ZamEQ2", values["ZamEQ2"])(self.audio, RATE)
        held_values = values["ZaMultiCompX2"]
        opened = {**held_values, **{b.threshold: 0.0 for b in self.bands.bands}}
        made = [self.set("ZaMultiCompX2", v)(eq, RATE) for v in (held_values, opened)]
        depths = [on_peaks_db(*(powers(m, RATE, b.from_hz, b.to_hz) for m in made)) for b in self.bands.bands]
        limiter = self.set("ZaMaximX2", values["ZaMaximX2"])
        loud = measure_loudness(made[0], RATE)
        out = measure_loudness(limiter(made[0], RATE), RATE).true_peak_dbtp
        drive = noise_gain_db(limiter, RATE, SOFT_DB)
        level = measure_loudness(eq, RATE).integrated_lufs
        off = (
            float(np.sqrt(np.mean(curve**2))) / 0.5,
            max(abs(d - HELD.reduction_db) for d in depths) / 1.0,
            abs(loud.integrated_lufs - level) / 0.5,
            abs(out - min(TOP.dbtp, loud.true_peak_dbtp)) / 0.1,
            abs(drive) / 0.5,
        )
        return np.nan_to_num(np.array(off), nan=100.0, posinf=100.0)

    def score(self, at: Sequence[float]) -> float:
        """What CMA-ES makes small: all errors together, which is smoother for it than the largest; outside the knobs'
        ranges it costs what it is outside.
        """
        outside = float(np.sum(np.square(np.maximum(np.abs(np.asarray(at) - 0.5) - 0.5, 0.0))))
        return float(np.linalg.norm(self.parts(self.settings(at)))) + 100.0 * outside


def fitted(chain: Chain) -> tuple[Values, int]:
    """Settings by intents, and how many hearings they took."""
    eq = fit_eq(chain.plugins["ZamEQ2"], EQ, RATE)
    audio = chain.set("ZamEQ2", dict(eq.values))(chain.audio, RATE)
    held = fit_compression(chain.plugins["ZaMultiCompX2"], HELD, audio, RATE)
    audio = chain.set("ZaMultiCompX2", dict(held.values))(audio, RATE)
    top = fit_ceiling(chain.plugins["ZaMaximX2"], TOP, audio, RATE)
    values = {"ZamEQ2": dict(eq.values), "ZaMultiCompX2": dict(held.values), "ZaMaximX2": dict(top.values)}
    return values, eq.renders + held.renders + top.renders


def searched(chain: Chain, start: Place, sigma: float, seed: int, marks: Sequence[int]) -> list[Place]:
    """The best places CMA-ES has seen after each number of evaluations."""
    import cma

    options = {"seed": seed, "verbose": -9, "maxfevals": marks[-1]}
    search = cma.CMAEvolutionStrategy(start, sigma, options)
    best: tuple[float, Place] = (np.inf, start)
    found: list[Place] = []
    count = 0
    while len(found) < len(marks):
        asked = search.ask()
        scores = []
        for at in asked:
            scores.append(chain.score(at))
            count += 1
            if scores[-1] < best[0]:
                best = (scores[-1], np.clip(at, 0.0, 1.0))
            while len(found) < len(marks) and count >= marks[len(found)]:
                found.append(best[1])
            if len(found) == len(marks):
                return found
        search.tell(asked, scores)
    return found


def row(name: str, chain: Chain, values: Values, count: int, seconds: float) -> None:
    parts = chain.parts(values)
    cells = " | ".join(f"{p:.2f}" for p in parts)
    print(f"| {name} | {count} | {parts.max():.2f} | {cells} | {seconds:.0f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    audio = soundfile.read(
        chosen.data / "dev" / "eif_caesium" / "_mix.flac", dtype="float32", always_2d=True
    )[0].T
    first = audio.shape[1] // 2
    part = audio[:, first : first + round(chosen.seconds * RATE)]
    chain = Chain(np.ascontiguousarray(part * np.float32(0.9 / np.abs(part).max())))
    print("| | hearings | score | " + " | ".join(PARTS) + " | s |\n" + "|---" * (4 + len(PARTS)) + "|")
    row("do nothing", chain, {name: dict(own) for name, own in chain.fixed.items()}, 0, 0.0)
    began = time.perf_counter()
    values, count = fitted(chain)
    row("intents, fitted", chain, values, count, time.perf_counter() - began)
    marks = [count, chosen.times * count]
    plain = chain.places({name: dict(own) for name, own in chain.fixed.items()})
    for label, start, sigma in (
        ("the middle", np.full(len(plain), 0.5), 0.25),
        ("the plugins' defaults", plain, 0.15),
    ):
        for seed in range(1, chosen.seeds + 1):
            began = time.perf_counter()
            for mark, at in zip(marks, searched(chain, start, sigma, seed, marks), strict=True):
                took = time.perf_counter() - began
                row(f"CMA-ES from {label}, seed {seed}", chain, chain.settings(at), mark, took)
    wrong = {**values, "ZamEQ2": {k: -v if k.startswith("boost") else v for k, v in values["ZamEQ2"].items()}}
    row("planted fault: gains of the EQ turned round", chain, wrong, count, 0.0)


if __name__ == "__main__":
    main()
