"""Intents carried out by real plugins: how near they come on real tracks, beside doing nothing and copying the numbers.

    python benchmarks/intents_table.py DATA [--only eq|moves|compression]

DATA is a folder with dev/ (real tracks). Needs Debian's zam-plugins. Nothing here was tuned on these tracks.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix.automation.lane import FrameLane
from smartmix.processors import ParametricEQ
from smartmix.rack import load_vst3
from smartmix.rack.intents import (
    CompressionIntent,
    EQBand,
    EQIntent,
    MovingBand,
    fit_compression,
    fit_eq,
    fit_moves,
)
from smartmix.rack.intents.probe import curves_db, points_hz, twin
from smartmix.rack.intents.reduction import on_peaks_db, powers
from smartmix.rack.intents.search import off_db
from smartmix.rack.vst3 import Vst3Device

RATE = 48_000
SECONDS = 12.0
MOVES = {
    "2.1-3.4 kHz -2.5 dB": (EQBand.between(2100, 3400, -2.5),),
    "310 Hz -2.5 dB Q 1.2": (EQBand("bell", 310, -2.5, 1.2),),
    "presence: 3 bands": (
        EQBand("bell", 260, -2.0, 1.0),
        EQBand("bell", 3200, 1.5, 0.8),
        EQBand("high_shelf", 9000, 1.5),
    ),
    "tone: 4 bands": (
        EQBand("low_shelf", 120, -3.0),
        EQBand("bell", 400, -2.0, 0.7),
        EQBand("bell", 2500, 2.0, 1.0),
        EQBand("high_shelf", 8000, 2.0),
    ),
    "resonance: -6 dB Q 10": (EQBand("bell", 2500, -6.0, 10.0),),
    "high-pass 80 Hz": (EQBand("high_pass", 80),),
}
TRACKS = {
    "vocal, lithium": "eif_lithium/vox_lead.flac",
    "vocal, potassium": "eif_potassium/vox_lead.flac",
    "guitar, funk": "audiokit_funk_loop/guitar.flac",
    "drums, funk": "audiokit_funk_loop/drums.flac",
}
NAIVE_EQ = {
    "bell": (("boost_cut_1_db", "frequency_1_hz"), ("boost_cut_2_db", "frequency_2_hz")),
    "low_shelf": (("boost_cut_l_db", "frequency_l_hz"),),
    "high_shelf": (("boost_cut_h_db", "frequency_h_hz"),),
}

Audio = NDArray[np.float32]


def loudest(path: Path, seconds: float = SECONDS) -> Audio:
    """The loudest stretch of a track, one channel."""
    audio = soundfile.read(path, dtype="float32", always_2d=True)[0].T[:1]
    frames = round(seconds * RATE)
    sums = np.concatenate([[0.0], np.cumsum(np.square(audio[0], dtype=np.float64))])
    starts = np.arange(0, max(audio.shape[1] - frames, 0) + 1, RATE // 2)
    first = int(starts[np.argmax(sums[np.minimum(starts + frames, audio.shape[1])] - sums[starts])])
    return np.ascontiguousarray(audio[:, first : first + frames])


def show(title: str, columns: list[str], rows: dict[str, list[str]]) -> None:
    print(f"\n{title}\n\n| | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def third_octaves_db(audio: Audio) -> NDArray[np.float64]:
    power = np.square(np.abs(np.fft.rfft(audio.astype(np.float64), axis=1))).sum(axis=0)
    hz = np.fft.rfftfreq(audio.shape[1], 1.0 / RATE)
    edges = 40.0 * 2.0 ** (np.arange(28) / 3.0)
    return 10.0 * np.log10(np.add.reduceat(power, np.searchsorted(hz, edges))[:-1] + 1e-12)


def own_eq(bands: tuple[EQBand, ...]) -> ParametricEQ:
    eq = ParametricEQ()
    for n, band in enumerate(bands, start=1):
        for name in ("shape", "freq_hz", "gain_db", "q", "slope_db_oct"):
            eq.set(f"band{n}.{name}", getattr(band, name))
    return eq


def naive_eq(bands: tuple[EQBand, ...]) -> dict[str, float]:
    """What a script does that trusts names: gain and frequency copied, width left as it is."""
    values: dict[str, float] = {}
    for shape, knobs in NAIVE_EQ.items():
        for band, (gain, freq) in zip([b for b in bands if b.shape == shape], knobs, strict=False):
            values |= {gain: band.gain_db, freq: band.freq_hz}
    return values


def eq_cells(
    device: Vst3Device, values: Mapping[str, float], bands: tuple[EQBand, ...], tracks: Mapping[str, Audio]
) -> list[str]:
    hz = points_hz(RATE)
    wanted = EQIntent(bands).curve_db(hz, RATE)
    off = curves_db(device, [values], RATE)[0] - wanted
    cells = [f"{off_db(off, wanted):.2f}", f"{np.sqrt(np.mean(off**2)):.2f}", f"{np.abs(off).max():.1f}"]
    other = twin(device)
    for name, value in values.items():
        other.set(name, value)
    for audio in tracks.values():
        there, meant = (
            third_octaves_db(other.process(audio, RATE)),
            third_octaves_db(own_eq(bands)(audio, RATE)),
        )
        here = third_octaves_db(audio)
        heard = here > here.max() - 60.0  # bands the track has anything in
        cells.append(f"{np.sqrt(np.mean((there - meant)[heard] ** 2)):.2f}")
    return cells


def eq_table(data: Path) -> None:
    tracks = {name: loudest(data / "dev" / file) for name, file in list(TRACKS.items())[:3]}
    plugins = {name: load_vst3(name) for name in ("ZamEQ2", "ZamGEQ31")}
    for title, bands in MOVES.items():
        rows = {"do nothing": eq_cells(plugins["ZamEQ2"], {}, bands, tracks)}
        rows["ZamEQ2, numbers copied"] = eq_cells(plugins["ZamEQ2"], naive_eq(bands), bands, tracks)
        for name, device in plugins.items():
            fit = fit_eq(device, EQIntent(bands), RATE)
            rows[f"{name}, fitted"] = [
                *eq_cells(device, fit.values, bands, tracks),
                fit.stated_limit or "carried",
            ]
        turned = tuple(EQBand(b.shape, b.freq_hz, -b.gain_db, b.q, b.slope_db_oct) for b in bands)
        wrong = fit_eq(plugins["ZamEQ2"], EQIntent(turned), RATE)
        rows["planted fault: gains turned round"] = eq_cells(plugins["ZamEQ2"], wrong.values, bands, tracks)
        show(f"{title}: dB rms off", ["where it acts", "20 Hz-20 kHz", "worst", *tracks, "said"], rows)


def moves_table() -> None:
    """A span with edges, a slow ride and a sweep, at every point of the lanes and between."""

    def bell(name: str, gain: FrameLane, freq: FrameLane, q: float) -> MovingBand:
        return MovingBand(name, "bell", gain, freq, FrameLane.constant(q))

    span = FrameLane.constant(-2.5).limited((RATE, 3 * RATE), 960, rest=0.0)
    ride = FrameLane.from_points([(0, 0.0), (4 * RATE, -3.0), (6 * RATE, 1.0)])
    still = FrameLane.constant
    cases = {
        "a span": [bell("a", span, still(2672.0), 2.0)],
        "a span and a ride": [bell("a", span, still(2672.0), 2.0), bell("b", ride, still(310.0), 1.2)],
        "300 Hz to 3 kHz": [
            bell("a", still(-4.0), FrameLane.from_points([(0, 300.0), (4 * RATE, 3000.0)]), 2.0)
        ],
    }
    rows = {}
    for title, bands in cases.items():
        for name in ("ZamEQ2", "ZamGEQ31"):
            carried = fit_moves(load_vst3(name), bands, RATE)
            worst = max(p.worst_db for p in carried.points)
            rows[f"{title}, {name}"] = [f"{carried.error_db:.2f}", f"{worst:.1f}", str(len(carried.points))]
    show("Moves over time: largest error at any time", ["dB rms", "dB worst", "points"], rows)


def compression_table(data: Path) -> None:
    rows: dict[str, list[str]] = {}
    wanted = (1.5, 3.0, 6.0)
    columns = [f"{name}: {db:g} dB" for name in (*list(TRACKS)[:1], *list(TRACKS)[3:]) for db in wanted]
    tracks = [loudest(data / "dev" / TRACKS[name]) for name in (*list(TRACKS)[:1], *list(TRACKS)[3:])]
    rows["do nothing"] = ["0.00"] * len(columns)
    rows["ZamComp, by thumb"] = []
    for audio in tracks:
        rows["ZamComp, by thumb"] += [f"{by_thumb(audio, db):.2f}" for db in wanted]
    for name in ("ZamComp", "ZamCompX2", "ZaMultiCompX2"):
        cells = []
        for audio in tracks:
            for db in wanted:
                fit = fit_compression(load_vst3(name), CompressionIntent(db, 3.0, 10.0, 120.0), audio, RATE)
                depths = [v for k, v in fit.told.items() if k.startswith("reduction")]
                cells.append("/".join(f"{d:.2f}" for d in depths) + ("" if fit.reached else " not reached"))
        rows[f"{name}, fitted"] = cells
    rows["planted fault: fitted at half the level"] = []
    for audio in tracks:
        for db in wanted:
            fit = fit_compression(
                load_vst3("ZamComp"), CompressionIntent(db, 3.0, 10.0, 120.0), audio / 2, RATE
            )
            rows["planted fault: fitted at half the level"].append(f"{depth(audio, fit.values):.2f}")
    show("Reduction on peaks, dB", columns, rows)


def depth(audio: Audio, values: Mapping[str, float]) -> float:
    made = []
    for settings in (values, {**values, "threshold_db": 0.0}):
        device = load_vst3("ZamComp")
        for name, value in settings.items():
            device.set(name, value)
        made.append(powers(device.process(audio, RATE), RATE))
    return on_peaks_db(*made)


def by_thumb(audio: Audio, wanted_db: float) -> float:
    """The threshold as it follows from the peak level and the ratio: no listening."""
    level = 20.0 * np.log10(np.abs(audio).max())
    threshold = max(level - wanted_db * 3.0 / (3.0 - 1.0), -80.0)
    return depth(audio, {"threshold_db": threshold, "ratio": 3.0, "attack_ms": 10.0, "release_ms": 120.0})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=("eq", "moves", "compression"))
    chosen = parser.parse_args()
    if chosen.only in (None, "eq"):
        eq_table(chosen.data)
    if chosen.only in (None, "moves"):
        moves_table()
    if chosen.only in (None, "compression"):
        compression_table(chosen.data)


if __name__ == "__main__":
    main()
